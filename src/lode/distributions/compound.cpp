// SPDX-License-Identifier: Apache-2.0
//
// Mixture with shares w_i:   S(a) = Σ_i w_i S_i(a); f and losses alike; mean m = Σ_i w_i m_i;
//   variance Σ_i w_i (s_i² + (m_i − m)²)
// Empirical, ages a_0 = 0 < … < a_n with shares 1 = S_0 ≥ … ≥ S_n:  S linear between; with S_n = 0
//   mean Σ_j ½ (S_j + S_(j+1)) (a_(j+1) − a_j), variance as of the mixture of uniform lifetimes that the
//   pieces are
// Sum of two independent delays X and Y:
//   S(a) = ∫ f_X(x) S_Y(a − x) dx + P(X beyond the range);  f and losses alike
//   mean m_X + m_Y;  variance s_X² + s_Y²
// A chain is a mixture of sums, one for each choice of parts from stages that are mixtures; fixed delays are
// taken out of the sums and shift them.
#include "lode/distributions/compound.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "lode/distributions/bisect.hpp"
#include "lode/distributions/family.hpp"
#include "lode/distributions/quadrature.hpp"
#include "lode/distributions/stated_moments.hpp"

namespace lode {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Empirical final : public Lifetime {
 public:
  Empirical(std::vector<double> ages, std::vector<double> shares)
      : ages_(std::move(ages)), shares_(std::move(shares)) {}

  double survival(double age) const override {
    if (!(age > 0)) return 1;
    if (age >= ages_.back()) return shares_.back();
    const std::size_t j = piece(age);
    const double way = (age - ages_[j]) / (ages_[j + 1] - ages_[j]);
    return shares_[j] + way * (shares_[j + 1] - shares_[j]);
  }
  double density(double age) const override {
    if (age < 0 || age >= ages_.back()) return 0;
    const std::size_t j = piece(age);
    return (shares_[j] - shares_[j + 1]) / (ages_[j + 1] - ages_[j]);
  }
  double hazard(double age) const override {
    const double remaining = survival(age);
    return remaining > 0 ? density(age) / remaining : infinity;
  }
  double loss(double from, double to) const override {
    double sum = 0;
    const double begin = std::max(from, 0.0);
    const double end = std::min(to, ages_.back());
    if (!(end > begin)) return 0;
    for (std::size_t j = piece(begin); j + 1 < ages_.size() && ages_[j] < end; ++j) {
      const double way = std::min(end, ages_[j + 1]) - std::max(begin, ages_[j]);
      sum += (shares_[j] - shares_[j + 1]) * (way / (ages_[j + 1] - ages_[j]));
    }
    return sum;
  }
  double mean() const override {
    if (shares_.back() > 0) return infinity;
    double sum = 0;
    for (std::size_t j = 0; j + 1 < ages_.size(); ++j)
      sum += 0.5 * (shares_[j] + shares_[j + 1]) * (ages_[j + 1] - ages_[j]);
    return sum;
  }
  // About the mean: each piece is a uniform lifetime.
  double deviation() const override {
    if (shares_.back() > 0) return infinity;
    const double centre = mean();
    double sum = 0;
    for (std::size_t j = 0; j + 1 < ages_.size(); ++j) {
      const double way = ages_[j + 1] - ages_[j];
      const double off = 0.5 * (ages_[j] + ages_[j + 1]) - centre;
      sum += (shares_[j] - shares_[j + 1]) * (off * off + way * way / 12);
    }
    return std::sqrt(sum);
  }
  double quantile(double probability) const override {
    const double share = 1 - probability;
    if (share >= 1) return 0;
    if (share < shares_.back()) return infinity;
    const auto found =
        std::find_if(shares_.begin() + 1, shares_.end(), [&](double each) { return each <= share; });
    if (found == shares_.end()) return infinity;
    const auto j = static_cast<std::size_t>(found - shares_.begin()) - 1;
    return ages_[j] + (shares_[j] - share) / (shares_[j] - shares_[j + 1]) * (ages_[j + 1] - ages_[j]);
  }
  void bends(std::vector<double>& ages) const override {
    ages.insert(ages.end(), ages_.begin(), ages_.end());
  }

 private:
  // The piece that holds an age below the last.
  std::size_t piece(double age) const {
    const auto after = std::upper_bound(ages_.begin(), ages_.end(), age);
    return static_cast<std::size_t>(after - ages_.begin()) - 1;
  }

  std::vector<double> ages_;
  std::vector<double> shares_;
};

class Shifted final : public Lifetime {
 public:
  Shifted(LifetimePtr inner, double shift) : inner_(std::move(inner)), shift_(shift) {}

  double survival(double age) const override { return inner_->survival(age - shift_); }
  double density(double age) const override { return inner_->density(age - shift_); }
  double hazard(double age) const override { return inner_->hazard(age - shift_); }
  double loss(double from, double to) const override { return inner_->loss(from - shift_, to - shift_); }
  double mean() const override { return inner_->mean() + shift_; }
  double deviation() const override { return inner_->deviation(); }
  double quantile(double probability) const override { return inner_->quantile(probability) + shift_; }
  bool has_density() const override { return inner_->has_density(); }
  void bends(std::vector<double>& ages) const override {
    const std::size_t first = ages.size();
    inner_->bends(ages);
    for (std::size_t i = first; i < ages.size(); ++i) ages[i] += shift_;
    ages.push_back(shift_);
  }

 private:
  LifetimePtr inner_;
  double shift_;
};

class Mixture final : public Lifetime {
 public:
  Mixture(std::vector<double> shares, std::vector<LifetimePtr> parts)
      : shares_(std::move(shares)), parts_(std::move(parts)) {}

  double survival(double age) const override {
    return std::min(1.0, sum([&](const Lifetime& part) { return part.survival(age); }));
  }
  double density(double age) const override {
    return sum([&](const Lifetime& part) { return part.density(age); });
  }
  // Where the survivals underflow only the smallest hazard counts.
  double hazard(double age) const override {
    const double remaining = survival(age);
    if (remaining > 1e-280) return density(age) / remaining;
    double least = infinity;
    for (const LifetimePtr& part : parts_) least = std::min(least, part->hazard(age));
    return least;
  }
  double loss(double from, double to) const override {
    return sum([&](const Lifetime& part) { return part.loss(from, to); });
  }
  double mean() const override {
    return sum([](const Lifetime& part) { return part.mean(); });
  }
  double deviation() const override {
    const double centre = mean();
    if (std::isinf(centre)) return infinity;
    return std::sqrt(sum([&](const Lifetime& part) {
      const double off = part.mean() - centre;
      const double spread = part.deviation();
      return spread * spread + off * off;
    }));
  }
  // Between the least and the largest of the parts' quantiles.
  double quantile(double probability) const override {
    double low = infinity;
    double high = -infinity;
    for (const LifetimePtr& part : parts_) {
      const double age = part->quantile(probability);
      low = std::min(low, age);
      high = std::max(high, age);
    }
    if (!(low < high)) return low;
    const auto gone = [&](double age) {
      return probability < 0.5 ? loss(-infinity, age) >= probability : survival(age) <= 1 - probability;
    };
    return gone(low) ? low : first_where(gone, low, high);
  }
  bool has_density() const override {
    return std::all_of(parts_.begin(), parts_.end(),
                       [](const LifetimePtr& part) { return part->has_density(); });
  }
  void bends(std::vector<double>& ages) const override {
    for (const LifetimePtr& part : parts_) part->bends(ages);
  }

  const std::vector<double>& shares() const { return shares_; }
  const std::vector<LifetimePtr>& parts() const { return parts_; }

 private:
  template <typename Function>
  double sum(const Function& function) const {
    double total = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) total += shares_[i] * function(*parts_[i]);
    return total;
  }

  std::vector<double> shares_;
  std::vector<LifetimePtr> parts_;
};

// Where a distribution changes its character: quantiles from one tail to the other, closer where little is
// left, and the bends.
std::vector<double> landmarks(const Lifetime& lifetime) {
  constexpr std::array<double, 15> probabilities = {1e-14, 1e-10,    1e-7,     1e-4,      0.01,
                                                    0.1,   0.3,      0.5,      0.7,       0.9,
                                                    0.99,  1 - 1e-4, 1 - 1e-7, 1 - 1e-10, 1 - 1e-14};
  std::vector<double> ages;
  lifetime.bends(ages);
  for (const double probability : probabilities) ages.push_back(lifetime.quantile(probability));
  ages.erase(std::remove_if(ages.begin(), ages.end(), [](double age) { return !std::isfinite(age); }),
             ages.end());
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  return ages;
}

// X gives the density, Y the survival. X must have a density without infinite values but at age 0.
class Sum final : public Lifetime {
 public:
  Sum(LifetimePtr x, LifetimePtr y)
      : x_(std::move(x)), y_(std::move(y)), x_marks_(landmarks(*x_)), y_marks_(landmarks(*y_)) {}

  double survival(double age) const override {
    if (std::isinf(age) && age > 0) {  // what stays for good
      const double kept = x_->survival(age);
      return kept + (1 - kept) * y_->survival(age);
    }
    const double end = std::min(x_marks_.back(), age - y_marks_.front());
    // Beyond `end` either X or all of Y's survival is 1.
    double share = x_->survival(end);
    if (end > x_marks_.front()) {
      share += over(*x_, x_marks_, y_marks_, end, {age}, [&](double x) { return y_->survival(age - x); });
      share += x_->loss(-infinity, x_marks_.front()) * y_->survival(age - x_marks_.front());
    } else {
      share = 1;
    }
    return std::clamp(share, 0.0, 1.0);
  }
  double density(double age) const override {
    // Either half counts from where its own density may be infinite.
    const double way = 0.5 * (age - x_marks_.front() - y_marks_.front());
    if (!(way > 0) || std::isinf(way)) return 0;
    return over(*x_, x_marks_, y_marks_, x_marks_.front() + way, {age},
                [&](double x) { return y_->density(age - x); }) +
           over(*y_, y_marks_, x_marks_, y_marks_.front() + way, {age},
                [&](double y) { return x_->density(age - y); });
  }
  double hazard(double age) const override {
    const double remaining = survival(age);
    // Below, integration leaves no digits; the part that leaves more slowly decides there.
    if (remaining > 1e-9) return density(age) / remaining;
    return std::min(x_->hazard(age), y_->hazard(age));
  }
  double loss(double from, double to) const override {
    if (!(to > from)) return 0;
    const double end = std::min(x_marks_.back(), to - y_marks_.front());
    if (!(end > x_marks_.front())) return 0;
    const double share =
        over(*x_, x_marks_, y_marks_, end, {from, to}, [&](double x) { return y_->loss(from - x, to - x); }) +
        x_->loss(-infinity, x_marks_.front()) * y_->loss(from - x_marks_.front(), to - x_marks_.front());
    return std::clamp(share, 0.0, 1.0);
  }
  double mean() const override { return x_->mean() + y_->mean(); }
  double deviation() const override { return std::hypot(x_->deviation(), y_->deviation()); }
  double quantile(double probability) const override {
    const double low = x_->quantile(0) + y_->quantile(0);
    const double high = x_->quantile(1) + y_->quantile(1);
    if (probability <= 0) return low;
    if (probability >= 1) return high;
    const auto gone = [&](double age) {
      return probability < 0.5 ? loss(-infinity, age) >= probability : survival(age) <= 1 - probability;
    };
    return first_where(gone, std::max(low, -1e300), std::min(high, 1e300));
  }
  void bends(std::vector<double>& ages) const override {
    std::vector<double> of_x;
    std::vector<double> of_y;
    x_->bends(of_x);
    y_->bends(of_y);
    of_x.push_back(0);
    of_y.push_back(0);
    if (of_x.size() * of_y.size() > 64) return;  // smooth enough, and found by halving
    for (const double x : of_x)
      for (const double y : of_y) ages.push_back(x + y);
  }

 private:
  // ∫ f(x) g(x) dx up to `end`, in panels between the landmarks of f and the others' seen from the ages.
  template <typename Function>
  static double over(const Lifetime& lifetime, const std::vector<double>& own,
                     const std::vector<double>& others, double end, std::initializer_list<double> ages,
                     const Function& g) {
    const double begin = own.front();
    std::vector<double> marks;
    for (const double mark : own)
      if (mark > begin && mark < end) marks.push_back(mark);
    for (const double age : ages)
      for (const double mark : others)
        if (age - mark > begin && age - mark < end) marks.push_back(age - mark);
    marks.push_back(std::min(end, own.back()));
    std::sort(marks.begin(), marks.end());
    double sum = 0;
    double from = begin;
    for (const double to : marks) {
      if (to > own.back()) break;
      if (to > from)
        sum += integrate([&](double x) { return lifetime.density(x) * g(x); }, from, to, 1e-13, 30);
      from = to;
    }
    return sum;
  }

  LifetimePtr x_;
  LifetimePtr y_;
  std::vector<double> x_marks_;
  std::vector<double> y_marks_;
};

// The survival of another lifetime by Chebyshev polynomials on panels that are halved until they fit.
class Tabulated final : public Lifetime {
 public:
  Tabulated(const Lifetime& exact, std::vector<double> marks)
      : mean_(exact.mean()), deviation_(exact.deviation()) {
    std::sort(marks.begin(), marks.end());
    begin_ = marks.front();
    for (std::size_t i = 0; i + 1 < marks.size(); ++i)
      if (marks[i + 1] > marks[i]) add(exact, marks[i], marks[i + 1], 24);
    last_ = panels_.empty() ? 1 : at(panels_.back(), panels_.back().to);
  }

  double survival(double age) const override {
    if (!(age > begin_)) return 1;
    const Panel* panel = find(age);
    return panel == nullptr ? last_ : std::clamp(at(*panel, age), 0.0, 1.0);
  }
  // The slope of the polynomial, by central differences within the panel.
  double density(double age) const override {
    const Panel* panel = age > begin_ ? find(age) : nullptr;
    if (panel == nullptr) return 0;
    const double width = panel->to - panel->from;
    const double low = std::max(panel->from, age - 1e-4 * width);
    const double high = std::min(panel->to, age + 1e-4 * width);
    return std::max(0.0, (at(*panel, low) - at(*panel, high)) / (high - low));
  }
  double hazard(double age) const override {
    const double remaining = survival(age);
    return remaining > 0 ? density(age) / remaining : infinity;
  }
  double loss(double from, double to) const override {
    return to > from ? std::max(0.0, survival(from) - survival(to)) : 0;
  }
  double mean() const override { return mean_; }
  double deviation() const override { return deviation_; }
  double quantile(double probability) const override {
    if (probability <= 0) return begin_;
    if (1 - probability < last_) return std::isinf(mean_) ? infinity : panels_.back().to;
    return first_where([&](double age) { return survival(age) <= 1 - probability; }, begin_,
                       panels_.back().to);
  }
  void bends(std::vector<double>& ages) const override {
    for (const Panel& panel : panels_) ages.push_back(panel.from);
  }

 private:
  static constexpr std::size_t order = 16;
  struct Panel {
    double from = 0;
    double to = 0;
    std::array<double, order> coefficients{};
  };

  static double angle(std::size_t i) { return std::numbers::pi * (static_cast<double>(i) + 0.5) / order; }

  void add(const Lifetime& exact, double from, double to, int depth) {
    Panel panel{from, to, {}};
    std::array<double, order> values{};
    const double half = 0.5 * (to - from);
    const double centre = 0.5 * (from + to);
    for (std::size_t i = 0; i < order; ++i) values[i] = exact.survival(centre + half * std::cos(angle(i)));
    for (std::size_t k = 0; k < order; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < order; ++i) sum += values[i] * std::cos(static_cast<double>(k) * angle(i));
      panel.coefficients[k] = 2 * sum / order;
    }
    const double rest = std::abs(panel.coefficients[order - 1]) + std::abs(panel.coefficients[order - 2]);
    if (rest > 1e-12 && depth > 0 && centre > from && centre < to) {
      add(exact, from, centre, depth - 1);
      add(exact, centre, to, depth - 1);
      return;
    }
    panels_.push_back(panel);
  }

  const Panel* find(double age) const {
    const auto found = std::lower_bound(panels_.begin(), panels_.end(), age,
                                        [](const Panel& panel, double value) { return panel.to < value; });
    return found == panels_.end() ? nullptr : &*found;
  }

  // Clenshaw's rule.
  static double at(const Panel& panel, double age) {
    const double x = (2 * age - panel.from - panel.to) / (panel.to - panel.from);
    double next = 0;
    double after = 0;
    for (std::size_t k = order - 1; k >= 1; --k) {
      const double now = 2 * x * next - after + panel.coefficients[k];
      after = next;
      next = now;
    }
    return x * next - after + 0.5 * panel.coefficients[0];
  }

  double mean_;
  double deviation_;
  double begin_ = 0;
  double last_ = 1;
  std::vector<Panel> panels_;
};

// One choice of parts in a chain: fixed delays and others.
struct Way {
  double share = 1;
  double shift = 0;
  std::vector<LifetimePtr> delays;
};

LifetimePtr sum_of(std::vector<LifetimePtr> delays) {
  LifetimePtr sum = delays.front();
  for (std::size_t i = 1; i < delays.size(); ++i) {
    const std::vector<double> marks = landmarks(*delays[i]);
    auto next = std::make_shared<Sum>(delays[i], sum);
    if (i + 1 == delays.size()) return next;
    // Breaks of the table: where either part changes its character, and the ends of both together.
    std::vector<double> breaks = landmarks(*sum);
    const double low = breaks.front() + marks.front();
    const double high = breaks.back() + marks.back();
    std::vector<double> inner;
    next->bends(inner);
    for (const double mark : marks) inner.push_back(mark + sum->quantile(0.5));
    for (const double mark : breaks) inner.push_back(mark + delays[i]->quantile(0.5));
    breaks = {low, high};
    for (const double mark : inner)
      if (mark > low && mark < high) breaks.push_back(mark);
    sum = std::make_shared<Tabulated>(*next, std::move(breaks));
  }
  return sum;
}

std::vector<Way> ways_of(const LifetimePtr& stage) {
  if (const auto* mixture = dynamic_cast<const Mixture*>(stage.get())) {
    std::vector<Way> ways;
    for (std::size_t i = 0; i < mixture->parts().size(); ++i)
      for (Way way : ways_of(mixture->parts()[i])) {
        way.share *= mixture->shares()[i];
        ways.push_back(std::move(way));
      }
    return ways;
  }
  Way way;
  if (stage->has_density())
    way.delays.push_back(stage);
  else
    way.shift = stage->mean();  // fixed
  return {way};
}

LifetimePtr take(const LifetimeSpec& spec, std::span<const double>& values, std::string& problem,
                 std::vector<std::string>& remarks) {
  const auto next = [&](std::size_t count) {
    const auto taken = values.first(count);
    values = values.subspan(count);
    return taken;
  };
  const auto of_part = [](const LifetimeSpec& part, const std::string& text) {
    return part.name.empty() ? text : fmt::format("{}: {}", part.name, text);
  };
  LifetimePtr lifetime;
  std::span<const double> own;
  switch (spec.kind) {
    case LifetimeSpec::Kind::family:
      own = next(find_lifetime_family(spec.family)->forms[spec.form].size());
      lifetime = make_lifetime(spec.family, spec.form, own, problem);
      break;
    case LifetimeSpec::Kind::empirical: {
      std::string remark;
      lifetime = make_empirical(spec.ages, next(spec.ages.size()), remark);
      if (!lifetime)
        problem = remark;
      else if (!remark.empty())
        remarks.push_back(remark);
      break;
    }
    case LifetimeSpec::Kind::mixture:
    case LifetimeSpec::Kind::chain: {
      const bool is_mixture = spec.kind == LifetimeSpec::Kind::mixture;
      std::vector<double> shares;
      std::vector<LifetimePtr> parts;
      for (const LifetimeSpec& part : spec.parts) {
        if (is_mixture) shares.push_back(next(1)[0]);
        const std::size_t known = remarks.size();
        LifetimePtr made = take(part, values, problem, remarks);
        for (std::size_t i = known; i < remarks.size(); ++i) remarks[i] = of_part(part, remarks[i]);
        if (!made) {
          problem = of_part(part, problem);
          return nullptr;
        }
        parts.push_back(std::move(made));
      }
      lifetime = is_mixture ? make_mixture(shares, std::move(parts), problem) : make_chain(parts, problem);
      break;
    }
  }
  if (!lifetime) return nullptr;
  StatedMoments stated;
  if (spec.states_mean) stated.mean = next(1)[0];
  if (spec.states_deviation) stated.deviation = next(1)[0];
  const std::string remark = spec.kind == LifetimeSpec::Kind::family
                                 ? stated_moments_problem(spec.family, spec.form, own, stated)
                                 : stated_moments_problem(*lifetime, stated);
  if (!remark.empty()) remarks.push_back(remark);
  return lifetime;
}

}  // namespace

LifetimePtr make_lifetime(const LifetimeSpec& spec, std::span<const double> values, std::string& problem,
                          std::vector<std::string>& remarks) {
  return take(spec, values, problem, remarks);
}

LifetimePtr make_empirical(std::span<const double> ages, std::span<const double> shares,
                           std::string& problem) {
  if (ages.empty() || ages.size() != shares.size()) {
    problem = fmt::format("{} ages and {} shares do not pair up", ages.size(), shares.size());
    return nullptr;
  }
  std::vector<double> all_ages;
  std::vector<double> all_shares;
  if (ages.front() != 0) {
    all_ages.push_back(0);
    all_shares.push_back(1);
  }
  for (std::size_t i = 0; i < ages.size(); ++i) {
    if (!check_not_negative("an age", ages[i], problem)) return nullptr;
    if (!all_ages.empty() && !(ages[i] > all_ages.back())) {
      problem = fmt::format("ages must ascend ({} follows {})", ages[i], all_ages.back());
      return nullptr;
    }
    if (!check_not_negative(fmt::format("the share at age {}", ages[i]), shares[i], problem)) return nullptr;
    if (shares[i] > 1 || (all_shares.empty() && shares[i] != 1)) {
      problem = fmt::format("the share in use at age {} must be {}1 (is {})", ages[i],
                            all_shares.empty() ? "" : "at most ", shares[i]);
      return nullptr;
    }
    if (!all_shares.empty() && shares[i] > all_shares.back()) {
      problem = fmt::format("the share in use must not rise with age (at age {}: {} follows {})", ages[i],
                            shares[i], all_shares.back());
      return nullptr;
    }
    all_ages.push_back(ages[i]);
    all_shares.push_back(shares[i]);
  }
  if (all_ages.size() < 2) {
    problem = "survival needs an age above 0";
    return nullptr;
  }
  if (all_shares.back() > 0)
    problem = fmt::format("{:.4g} % is still in use at the last age {} and stays for good",
                          100 * all_shares.back(), all_ages.back());
  return std::make_shared<Empirical>(std::move(all_ages), std::move(all_shares));
}

LifetimePtr make_mixture(std::span<const double> shares, std::vector<LifetimePtr> parts,
                         std::string& problem) {
  if (parts.empty() || shares.size() != parts.size()) {
    problem = fmt::format("{} shares and {} parts do not pair up", shares.size(), parts.size());
    return nullptr;
  }
  double sum = 0;
  for (const double share : shares) {
    if (!check_not_negative("share", share, problem)) return nullptr;
    sum += share;
  }
  if (!(std::abs(sum - 1) <= 1e-6)) {
    problem = fmt::format("the shares must sum to 1 (sum to {:.6g})", sum);
    return nullptr;
  }
  // A part of share 0 would spoil moments and quantiles where it has infinite ones.
  std::vector<double> kept_shares;
  std::vector<LifetimePtr> kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (shares[i] == 0) continue;
    kept_shares.push_back(shares[i] / sum);
    kept.push_back(std::move(parts[i]));
  }
  return std::make_shared<Mixture>(std::move(kept_shares), std::move(kept));
}

LifetimePtr make_chain(const std::vector<LifetimePtr>& stages, std::string& problem) {
  if (stages.empty()) {
    problem = "a chain needs at least one stage";
    return nullptr;
  }
  std::vector<Way> ways = {Way()};
  for (const LifetimePtr& stage : stages) {
    std::vector<Way> longer;
    for (const Way& before : ways)
      for (const Way& next : ways_of(stage)) {
        Way way = before;
        way.share *= next.share;
        way.shift += next.shift;
        way.delays.insert(way.delays.end(), next.delays.begin(), next.delays.end());
        longer.push_back(std::move(way));
      }
    ways = std::move(longer);
    if (ways.size() > 256) {
      problem = "a chain of mixtures goes more than 256 ways";
      return nullptr;
    }
  }
  std::vector<double> shares;
  std::vector<LifetimePtr> parts;
  for (Way& way : ways) {
    LifetimePtr part;
    if (way.delays.empty()) {
      part = make_lifetime("fixed", 0, std::array{way.shift}, problem);
      if (!part) return nullptr;
    } else {
      part = sum_of(std::move(way.delays));
      if (way.shift > 0) part = std::make_shared<Shifted>(std::move(part), way.shift);
    }
    shares.push_back(way.share);
    parts.push_back(std::move(part));
  }
  if (parts.size() == 1) return parts.front();
  return std::make_shared<Mixture>(std::move(shares), std::move(parts));
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "lode/distributions/standard_normal.hpp"
#include "lode/sampling/input_distribution.hpp"

namespace lode {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double half_width = 1.959963984540054;  // of 95 %, in deviations
constexpr double alike = 0.2;                     // of two arms: their difference as a share of their mean

bool symmetric(double down, double up) {
  return std::abs(up - down) <= alike * 0.5 * (up + down);
}

}  // namespace

/// Makes one distribution; the first problem met is kept.
class InputMaker {
 public:
  InputMaker(const InputSpread& spread, double nominal, QuantileTables& tables)
      : spread_(spread), x_(nominal), tables_(tables) {}

  std::optional<InputDistribution> make() {
    check_parameters();
    if (problem_.empty()) make_family();
    if (!problem_.empty()) return std::nullopt;
    return std::move(result_);
  }

  const std::string& problem() const { return problem_; }

  static InputDistribution linear(double a, double b) {
    InputDistribution result(a);
    result.formula_.b = b;
    return result;
  }
  static InputDistribution split(double a, double down, double up) {
    InputDistribution result(a);
    result.formula_.form = InputForm::split;
    result.formula_.b = down;
    result.formula_.c = up;
    return result;
  }
  /// Median `median` of either sign, deviation s of the logarithm.
  static InputDistribution exponential(double median, double s) {
    InputDistribution result(median);
    if (s == 0) return result;
    InputFormula& f = result.formula_;
    f.form = InputForm::exponential;
    f.a = std::log(std::abs(median));
    f.c = median < 0 ? -1 : 1;
    f.b = f.c * s;
    return result;
  }

 private:
  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  bool has(std::string_view name) const { return spread_.numbers.find(name) != spread_.numbers.end(); }
  double number(std::string_view name) const {
    const auto found = spread_.numbers.find(name);
    return found == spread_.numbers.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  }

  void check_parameters();
  void make_family();
  void one_of(std::initializer_list<std::string_view> names);
  double width();
  double log_width();
  std::array<double, 2> bounds();
  void make_normal();
  void make_truncated(double deviation);
  void make_lognormal();
  void make_between();
  void make_beta();
  void make_gamma();
  void make_scaled_beta(double low, double high, double alpha, double beta);
  void make_discrete();
  void make_empirical();

  const InputSpread& spread_;
  double x_;
  QuantileTables& tables_;
  InputDistribution result_;
  std::string problem_;
};

void InputMaker::check_parameters() {
  const auto& families = input_families();
  const auto family = std::find_if(families.begin(), families.end(),
                                   [&](const InputFamily& each) { return each.name == spread_.family; });
  if (family == families.end()) return fail(fmt::format("there is no distribution `{}`", spread_.family));
  const auto takes = [&](std::string_view name) {
    return std::find(family->parameters.begin(), family->parameters.end(), name) != family->parameters.end();
  };
  const auto refuse = [&](std::string_view name) {
    fail(fmt::format(
        "{} takes {}, not {}", family->name,
        family->parameters.empty() ? "nothing" : fmt::format("{}", fmt::join(family->parameters, ", ")),
        name));
  };
  for (const auto& [name, value] : spread_.numbers) {
    if (!takes(name)) return refuse(name);
    if (!std::isfinite(value)) return fail(fmt::format("{} must be a finite number", name));
  }
  const std::pair<std::string_view, const std::vector<double>*> lists[] = {
      {"values", &spread_.values}, {"weights", &spread_.weights}, {"probabilities", &spread_.probabilities}};
  for (const auto& [name, list] : lists) {
    if (!list->empty() && !takes(name)) return refuse(name);
    for (const double value : *list)
      if (!std::isfinite(value)) return fail(fmt::format("{} must be finite numbers", name));
  }
  if (!std::isfinite(x_)) fail("the value must be a finite number");
}

void InputMaker::make_family() {
  const std::string& family = spread_.family;
  if (family == "fixed") {
    result_ = InputDistribution(x_);
  } else if (family == "normal") {
    make_normal();
  } else if (family == "lognormal") {
    make_lognormal();
  } else if (family == "beta") {
    make_beta();
  } else if (family == "gamma") {
    make_gamma();
  } else if (family == "discrete") {
    make_discrete();
  } else if (family == "empirical") {
    make_empirical();
  } else {
    make_between();
  }
}

/// Exactly one of several parameters.
void InputMaker::one_of(std::initializer_list<std::string_view> names) {
  const auto given = std::count_if(names.begin(), names.end(), [&](auto name) { return has(name); });
  if (given == 0) fail(fmt::format("{} needs {}", spread_.family, fmt::join(names, " or ")));
  if (given > 1) fail(fmt::format("{} takes only one of {}", spread_.family, fmt::join(names, ", ")));
}

/// The deviation from cv or sd.
double InputMaker::width() {
  one_of({"cv", "sd"});
  const std::string_view name = has("cv") ? "cv" : "sd";
  if (number(name) < 0) fail(fmt::format("{} must not be below 0", name));
  return has("cv") ? number("cv") * std::abs(x_) : number("sd");
}

/// low and high, which must hold x; infinite where not given.
std::array<double, 2> InputMaker::bounds() {
  const double low = has("low") ? number("low") : -infinity;
  const double high = has("high") ? number("high") : infinity;
  if (low > high) {
    fail(fmt::format("low {:g} lies above high {:g}", low, high));
  } else if (x_ < low) {
    fail(fmt::format("the value {:g} lies below low {:g}", x_, low));
  } else if (x_ > high) {
    fail(fmt::format("the value {:g} lies above high {:g}", x_, high));
  }
  return {low, high};
}

void InputMaker::make_normal() {
  if (!has("cv") && !has("sd") && has("low") && has("high")) {
    const auto [low, high] = bounds();
    const double down = (x_ - low) / half_width;
    const double up = (high - x_) / half_width;
    result_ = symmetric(down, up) ? linear(x_, 0.5 * (down + up)) : split(x_, down, up);
    return;
  }
  const double deviation = width();
  if (has("low") || has("high")) return make_truncated(deviation);
  result_ = linear(x_, deviation);
}

void InputMaker::make_truncated(double deviation) {
  const auto [low, high] = bounds();
  if (deviation == 0 || low == high) {
    result_ = InputDistribution(x_);
    return;
  }
  InputFormula& f = result_.formula_;
  f.form = InputForm::truncated;
  f.a = x_;
  f.b = deviation;
  f.low = low;
  f.high = high;
  const double ends[2] = {(low - x_) / deviation, (high - x_) / deviation};
  for (std::size_t i = 0; i < 2; ++i) {
    f.below[i] = normal_upper(-ends[i]);
    f.above[i] = normal_upper(ends[i]);
  }
  if (normal_between(ends[0], ends[1]) < 1e-9)
    fail("low and high leave almost nothing of the normal distribution");
}

/// The deviation of the logarithm.
double InputMaker::log_width() {
  one_of({"gsd", "ratio", "cv", "sd"});
  for (const std::string_view name : {"gsd", "ratio"})
    if (has(name) && number(name) < 1) fail(fmt::format("{} must not be below 1", name));
  if (has("gsd")) return std::log(number("gsd"));
  if (has("ratio")) return std::log(number("ratio")) / half_width;
  const double deviation = width();
  if (deviation > 0 && x_ == 0) fail("a lognormal distribution needs a value other than 0");
  return x_ == 0 ? 0 : std::sqrt(std::log1p(std::pow(deviation / x_, 2)));
}

void InputMaker::make_lognormal() {
  if (has("low") || has("high")) {
    if (!has("low") || !has("high") || spread_.numbers.size() > 2)
      return fail("lognormal takes low and high together and alone");
    const auto [low, high] = bounds();
    if (!(low > 0 || high < 0)) return fail("low and high of a lognormal distribution must have one sign");
    const double median = std::copysign(std::sqrt(std::abs(low)) * std::sqrt(std::abs(high)), low);
    result_ = exponential(median, 0.5 * std::abs(std::log(high / low)) / half_width);
    return;
  }
  const double s = log_width();
  if (!problem_.empty()) return;
  const double mean_to_median = has("cv") || has("sd") ? std::exp(-0.5 * s * s) : 1;
  result_ = x_ == 0 ? InputDistribution(0) : exponential(x_ * mean_to_median, s);
}

/// uniform, triangular and pert.
void InputMaker::make_between() {
  double low = 0;
  double high = 0;
  if (has("within")) {
    if (has("low") || has("high"))
      return fail(fmt::format("{} takes within, or low and high", spread_.family));
    if (number("within") < 0) return fail("within must not be below 0");
    low = x_ - number("within") * std::abs(x_);
    high = x_ + number("within") * std::abs(x_);
  } else {
    if (!has("low") || !has("high"))
      return fail(fmt::format("{} needs within, or low and high", spread_.family));
    const auto ends = bounds();
    low = ends[0];
    high = ends[1];
  }
  if (!problem_.empty()) return;
  if (low == high) {
    result_ = InputDistribution(x_);
  } else if (spread_.family == "pert") {
    const double alpha = 1 + 4 * (x_ - low) / (high - low);
    make_scaled_beta(low, high, alpha, 6 - alpha);
  } else {
    InputFormula& f = result_.formula_;
    f.low = low;
    f.high = high;
    if (spread_.family == "uniform") {
      f.form = InputForm::uniform;
      f.a = low;
      f.b = high - low;
    } else {
      f.form = InputForm::triangular;
      f.b = std::sqrt((high - low) * (x_ - low));
      f.c = std::sqrt((high - low) * (high - x_));
      f.d = normal_quantile((x_ - low) / (high - low));
    }
  }
}

void InputMaker::make_scaled_beta(double low, double high, double alpha, double beta) {
  if (std::min(alpha, beta) < QuantileTables::least_shape)
    return fail("the deviation is so wide that nearly all values lie at low or high");
  if (std::max(alpha, beta) > QuantileTables::greatest_shape)
    return fail("the deviation is too narrow for a beta distribution; take a normal one");
  result_.table_ = tables_.beta(alpha, beta);
  InputFormula& f = result_.formula_;
  f.form = InputForm::tabled;
  f.a = low;
  f.b = high - low;
  f.c = 1;
  f.low = low;
  f.high = high;
  f.table = result_.table_.get();
}

void InputMaker::make_beta() {
  const double low = has("low") ? number("low") : 0;
  const double high = has("high") ? number("high") : 1;
  const double deviation = width();
  if (!problem_.empty()) return;
  if (deviation == 0) {
    result_ = InputDistribution(x_);
    return;
  }
  if (!(low < x_ && x_ < high))
    return fail(
        fmt::format("a beta distribution between {:g} and {:g} cannot have the mean {:g}", low, high, x_));
  const double largest = std::sqrt((x_ - low) * (high - x_));
  if (!(deviation < largest)) {
    return fail(
        fmt::format("a beta distribution between {:g} and {:g} with mean {:g} has a deviation below {:g}, "
                    "not {:g}",
                    low, high, x_, largest, deviation));
  }
  const double mean = (x_ - low) / (high - low);
  const double sum = std::pow(largest / deviation, 2) - 1;
  make_scaled_beta(low, high, mean * sum, (1 - mean) * sum);
}

void InputMaker::make_gamma() {
  const double deviation = width();
  if (!problem_.empty()) return;
  if (deviation == 0) {
    result_ = InputDistribution(x_);
    return;
  }
  if (x_ == 0) return fail("a gamma distribution needs a value other than 0");
  const double shape = std::pow(x_ / deviation, 2);
  if (shape < QuantileTables::least_shape)
    return fail("the deviation of a gamma distribution is at most 10 times its mean");
  if (shape > QuantileTables::greatest_shape)
    return fail("the deviation is too narrow for a gamma distribution; take a normal one");
  result_.table_ = tables_.gamma(shape);
  InputFormula& f = result_.formula_;
  f.form = InputForm::tabled;
  f.a = 0;
  f.c = x_ < 0 ? -1 : 1;
  f.b = f.c * deviation;
  f.low = x_ < 0 ? -infinity : 0;
  f.high = x_ < 0 ? 0 : infinity;
  f.table = result_.table_.get();
}

void InputMaker::make_discrete() {
  const std::vector<double>& values = spread_.values;
  std::vector<double> weights = spread_.weights;
  if (values.empty()) return fail("discrete needs values");
  if (weights.empty()) weights.assign(values.size(), 1);
  if (weights.size() != values.size())
    return fail(fmt::format("discrete has {} values and {} weights", values.size(), weights.size()));
  double total = 0;
  for (const double weight : weights) {
    if (weight < 0) return fail("weights must not be below 0");
    total += weight;
  }
  if (!(total > 0) || std::isinf(total)) return fail("weights must have a sum above 0");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  auto points = std::make_shared<InputPoints>();
  double sum = 0;
  for (const std::size_t i : order) {
    if (weights[i] == 0) continue;
    // An edge in the upper half is the score of the mass beyond it.
    if (sum > 0) {
      const double p = sum / total;
      points->edges.push_back(p < 0.5 ? normal_quantile(p) : -normal_quantile((total - sum) / total));
    }
    points->values.push_back(values[i]);
    points->weights.push_back(weights[i] / total);
    sum += weights[i];
  }
  result_.points_ = points;
  result_.formula_.form = InputForm::steps;
  result_.formula_.points = points.get();
}

void InputMaker::make_empirical() {
  auto points = std::make_shared<InputPoints>();
  points->values = spread_.values;
  points->edges = spread_.probabilities;
  const std::size_t n = points->values.size();
  if (n == 0) return fail("empirical needs values");
  if (points->edges.empty()) {
    std::sort(points->values.begin(), points->values.end());
    for (std::size_t i = 0; i < n; ++i)
      points->edges.push_back((static_cast<double>(i) + 0.5) / static_cast<double>(n));
  }
  if (points->edges.size() != n)
    return fail(fmt::format("empirical has {} values and {} probabilities", n, points->edges.size()));
  for (std::size_t i = 0; i < n; ++i) {
    if (points->edges[i] < 0 || points->edges[i] > 1) return fail("probabilities must lie between 0 and 1");
    if (i > 0 && points->edges[i] <= points->edges[i - 1]) return fail("probabilities must rise");
    if (i > 0 && points->values[i] < points->values[i - 1])
      return fail("values must not fall as probabilities rise");
  }
  for (std::size_t i = 1; i < n; ++i)
    points->slopes.push_back((points->values[i] - points->values[i - 1]) /
                             (points->edges[i] - points->edges[i - 1]));
  points->slopes.push_back(0);
  result_.points_ = points;
  result_.formula_.form = InputForm::polyline;
  result_.formula_.points = points.get();
}

const std::vector<InputFamily>& input_families() {
  static const std::vector<InputFamily> families = {
      {"fixed", {}},
      {"normal", {"cv", "sd", "low", "high"}},
      {"lognormal", {"gsd", "ratio", "cv", "sd", "low", "high"}},
      {"uniform", {"within", "low", "high"}},
      {"triangular", {"within", "low", "high"}},
      {"pert", {"within", "low", "high"}},
      {"beta", {"cv", "sd", "low", "high"}},
      {"gamma", {"cv", "sd"}},
      {"discrete", {"values", "weights"}},
      {"empirical", {"values", "probabilities"}}};
  return families;
}

bool has_unit_of_value(std::string_view parameter) {
  return parameter == "sd" || parameter == "low" || parameter == "high" || parameter == "values";
}

std::optional<InputDistribution> InputDistribution::make(const InputSpread& spread, double nominal,
                                                         QuantileTables& tables, std::string& problem) {
  InputMaker maker(spread, nominal, tables);
  auto result = maker.make();
  problem = maker.problem();
  return result;
}

std::optional<InputDistribution> InputDistribution::from_interval(double low, double nominal, double high,
                                                                  std::string& problem) {
  if (!std::isfinite(low) || !std::isfinite(nominal) || !std::isfinite(high)) {
    problem = "low, high and the value must be finite numbers";
    return std::nullopt;
  }
  if (!(low <= nominal && nominal <= high)) {
    problem = fmt::format("the interval {:g} … {:g} does not hold the value {:g}", low, high, nominal);
    return std::nullopt;
  }
  problem.clear();
  const double down = (nominal - low) / half_width;
  const double up = (high - nominal) / half_width;
  if (symmetric(down, up)) return InputMaker::linear(nominal, 0.5 * (down + up));
  if (low > 0 || high < 0) {
    const double nearer = std::abs(std::log(low / nominal)) / half_width;
    const double farther = std::abs(std::log(high / nominal)) / half_width;
    if (symmetric(nearer, farther)) return InputMaker::exponential(nominal, 0.5 * (nearer + farther));
  }
  return InputMaker::split(nominal, down, up);
}

}  // namespace lode

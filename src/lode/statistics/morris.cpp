// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/morris.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "lode/sampling/philox.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

/// Words of a repetition, one after another.
class Words {
 public:
  Words(std::uint64_t seed, std::uint64_t repetition) : seed_(seed), repetition_(repetition) {}
  /// 0 … count − 1, uneven by less than count / 2³².
  std::size_t below(std::size_t count) {
    if (used_ == block_.size()) {
      block_ = philox(seed_, next_++, repetition_);
      used_ = 0;
    }
    return std::uint64_t{block_[used_++]} * count >> 32;
  }

 private:
  std::uint64_t seed_, repetition_, next_ = 0;
  PhiloxBlock block_{};
  std::size_t used_ = block_.size();
};

constexpr double step = 0.5;

}  // namespace

MorrisDesign::MorrisDesign(std::vector<std::size_t> group_of, std::size_t groups, std::size_t repetitions,
                           std::size_t levels, MorrisKind kind, std::uint64_t seed)
    : group_of_(std::move(group_of)),
      groups_(groups),
      repetitions_(repetitions),
      levels_(levels),
      kind_(kind),
      seed_(seed) {
  LODE_EXPECT(levels >= 2 && levels % 2 == 0);
}

MorrisDesign::Start MorrisDesign::start(std::size_t repetition) const {
  Words random(seed_, repetition);
  Start start;
  start.order.resize(groups_);
  std::iota(start.order.begin(), start.order.end(), std::size_t{0});
  for (std::size_t g = groups_; g > 1; --g) std::swap(start.order[g - 1], start.order[random.below(g)]);
  start.levels.resize(inputs());
  for (std::size_t& level : start.levels) level = random.below(levels_);
  return start;
}

void MorrisDesign::point(std::size_t index, double* point) const {
  LODE_EXPECT(index < points());
  const std::size_t number = index % (groups_ + 1);
  const Start from = start(index / (groups_ + 1));
  std::vector<bool> moved(groups_, false);
  const std::size_t first_moved = kind_ == MorrisKind::trajectory || number == 0 ? 0 : number - 1;
  for (std::size_t i = first_moved; i < number; ++i) moved[from.order[i]] = true;
  for (std::size_t j = 0; j < inputs(); ++j) {
    const std::size_t level = moved[group_of_[j]] ? (from.levels[j] + levels_ / 2) % levels_ : from.levels[j];
    point[j] = (static_cast<double>(level) + 0.5) / static_cast<double>(levels_);
  }
}

std::vector<MorrisDesign::Step> MorrisDesign::steps(std::size_t repetition) const {
  const Start from = start(repetition);
  std::vector<std::size_t> members(groups_, 0);
  std::vector<double> sign(groups_, 1);
  for (std::size_t j = 0; j < inputs(); ++j) {
    ++members[group_of_[j]];
    sign[group_of_[j]] = from.levels[j] < levels_ / 2 ? 1 : -1;
  }
  std::vector<Step> steps;
  for (const std::size_t g : from.order) steps.push_back({g, members[g] == 1 ? sign[g] : 1});
  return steps;
}

MorrisEffects::MorrisEffects(MorrisDesign design, std::size_t results)
    : design_(std::move(design)),
      results_(results),
      effects_(design_.groups() * results * design_.repetitions(), std::numeric_limits<double>::quiet_NaN()) {
}

void MorrisEffects::add(std::size_t repetition, std::span<const double> y) {
  LODE_EXPECT(repetition < design_.repetitions() && y.size() == (design_.groups() + 1) * results_);
  const std::vector<MorrisDesign::Step> steps = design_.steps(repetition);
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const std::size_t before = design_.kind_ == MorrisKind::trajectory ? s : 0;
    for (std::size_t k = 0; k < results_; ++k) {
      const double change = y[(s + 1) * results_ + k] - y[before * results_ + k];
      effects_[(steps[s].group * results_ + k) * design_.repetitions() + repetition] =
          change * steps[s].sign / step;
    }
  }
}

namespace {

struct Centre {
  double n = 0, mean = 0, second = 0, fourth = 0;  // sums of powers of distances from the mean
};

Centre centre_of(const std::vector<double>& values) {
  Centre centre;
  centre.n = static_cast<double>(values.size());
  centre.mean = std::accumulate(values.begin(), values.end(), 0.0) / centre.n;
  for (const double value : values) {
    const double square = (value - centre.mean) * (value - centre.mean);
    centre.second += square;
    centre.fourth += square * square;
  }
  return centre;
}

double error_of_mean(const Centre& centre) {
  return std::sqrt(centre.second / (centre.n - 1) / centre.n);
}

}  // namespace

std::vector<MorrisEstimate> MorrisEffects::estimates() const {
  std::vector<MorrisEstimate> found(design_.groups() * results_);
  for (std::size_t at = 0; at < found.size(); ++at) {
    std::vector<double> effects;
    std::vector<double> sizes;
    for (std::size_t r = 0; r < design_.repetitions(); ++r) {
      const double effect = effects_[at * design_.repetitions() + r];
      if (!std::isfinite(effect)) continue;
      effects.push_back(effect);
      sizes.push_back(std::abs(effect));
    }
    const Centre of_sizes = centre_of(sizes);
    const Centre of_effects = centre_of(effects);
    MorrisEstimate& estimate = found[at];
    estimate.repetitions = effects.size();
    estimate.mean_absolute = of_sizes.mean;
    estimate.mean_absolute_error = error_of_mean(of_sizes);
    estimate.mean = of_effects.mean;
    estimate.mean_error = error_of_mean(of_effects);
    const double n = of_effects.n;
    const double variance = of_effects.second / (n - 1);
    estimate.deviation = std::sqrt(variance);
    const double of_variance = (of_effects.fourth / n - variance * variance * (n - 3) / (n - 1)) / n;
    estimate.deviation_error =
        variance > 0 ? std::sqrt(std::max(0.0, of_variance)) / (2 * estimate.deviation) : 0;
  }
  return found;
}

}  // namespace lode

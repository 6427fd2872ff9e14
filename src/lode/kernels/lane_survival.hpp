// SPDX-License-Identifier: Apache-2.0
//
// Losses by age of a lifetime family whose parameters differ from lane to lane: the shares D that leave
// between neighbouring ages, and the share that is left at the first of them. Formulas and symbols are those
// at the head of the family's file in distributions/. D keeps its digits where it is small, as Lifetime::loss
// does.
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lode/distributions/compound.hpp"
#include "lode/kernels/cohort.hpp"
#include "lode/kernels/lane_strips.hpp"

namespace lode {

/// Ages at the ends of a cohort's periods [yr], not falling, for one moment of entry, and what the families
/// need of them that does not depend on the lifetime. Only the first may be 0.
struct LaneAges {
  std::vector<double> ages, log_ages;
  std::vector<double> log_ratios;  ///< ln(age/the age before), 0 where that is 0
  double weight = 1;               ///< of the moment

  LaneAges(std::vector<double> ages_of_periods, double weight_of_moment);
};

/// Of a cohort that enters in the first of these periods; by moment of entry. `equal`: all periods of the
/// model are as long as the first of these.
std::vector<LaneAges> lane_ages(Entry entry, std::span<const double> steps, bool equal);

enum class LaneFamily {
  fixed,
  exponential,
  weibull,
  normal,
  lognormal,
  folded_normal,
  truncated_normal,
  logistic,
  log_logistic,
  gompertz,
  uniform,
  triangular,
  other
};

class LaneSurvival {
 public:
  /// A family, given by its own parameters and, maybe, the moments stated with them.
  static bool covers(const LifetimeSpec& spec) { return spec.kind == LifetimeSpec::Kind::family; }
  LaneSurvival(const LifetimeSpec& spec, std::size_t lanes);
  ~LaneSurvival();

  /// Takes the values of the form's parameters. Lanes in which they are no lifetime are set in failed();
  /// there all stays for ever.
  void set_parameters(std::span<const LaneCells> values);
  const std::vector<double>& failed() const { return failed_; }  ///< per lane 1 or 0
  bool any_failed() const { return any_failed_; }

  /// leaving[k][lane] = Σ weight · D(k) over the moments, k < count, and own[lane] = Σ weight · S(0).
  void losses(std::span<const LaneAges> moments, std::size_t count, double* leaving, double* own);

 private:
  struct Table;
  /// What lanes of one shape have in common.
  struct Common {
    const LaneAges* moment = nullptr;
    double shape = 0;
    std::vector<double> growth;    ///< e^(k ln ratio) − 1
    std::vector<double> exposure;  ///< steps of (age/last age)^k; none where they leave a double's range
  };
  enum class Way { plain, tabulated, one_by_one };  ///< how the family's own numbers are found

  bool take_plain(std::span<const LaneCells> values);
  const Common& common_of(const LaneAges& moment);
  static Common tabulated(const LaneAges& moment, double shape);
  bool convert(std::size_t lane, const double* values);
  bool look_up(std::size_t lane, double first, double second);
  std::size_t shape_form() const;
  bool scale(std::size_t lane, double mean, const double* of_one);
  LifetimePtr make(const double* values) const;

  LaneFamily family_ = LaneFamily::other;
  LifetimeSpec spec_;
  std::size_t lanes_, count_;  ///< parameters of the form
  Way way_ = Way::one_by_one;
  std::vector<double> values_;                  ///< [parameter][lane]
  std::array<std::vector<double>, 3> numbers_;  ///< the family's own, by lane
  std::vector<double> scratch_;
  std::vector<double> failed_;
  std::vector<std::uint8_t> single_;  ///< lanes that the vectors do not cover
  bool any_failed_ = false, any_single_ = false;
  bool common_shape_ = false;  ///< one shape for all lanes
  double common_value_ = 0;    ///< … which is
  std::map<std::pair<const LaneAges*, double>, Common> commons_;
  const Common* common_ = nullptr;  ///< used last
  std::unique_ptr<Table> table_;
};

}  // namespace lode

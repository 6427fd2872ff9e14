// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lode/api/scenario_sets.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// Results of several scenarios as one set with a dimension of them: first among those of each variable whose
/// values or bands differ between scenarios, missing in the others; draws that were kept always have it. A
/// cell that a scenario has not is NaN there.
class ScenarioResults {
 public:
  explicit ScenarioResults(const ScenarioSet& set);
  /// `always`: all variables have the dimension.
  explicit ScenarioResults(ResultDimension dimension, bool always = false);

  /// `results` of the scenario with this number; each one once, in ascending order.
  void add(std::size_t scenario, ResultSet results);
  ResultSet take();
  std::size_t differing() const { return differing_; }  ///< variables, after take()

 private:
  struct Values {
    std::vector<std::vector<double>> of;  ///< per scenario, empty where it has no such variable
    std::vector<std::optional<ResultUncertainty>> uncertainty;
    std::vector<std::string> formulas;
  };
  bool same(const Values& values) const;
  void add_draws(std::size_t scenario, std::vector<ResultDraws> draws);

  ResultDimension dimension_;
  bool always_ = false;
  std::string fixed_;                                          ///< cases that all have
  std::vector<std::pair<std::string, std::string>> in_draws_;  ///< of scenarios, as in a manifest
  ResultSet all_;
  std::vector<Values> values_;  ///< per variable of all_
  std::size_t drawn_ = 0;       ///< draws that were kept, of each number
  std::size_t differing_ = 0;
};

}  // namespace lode

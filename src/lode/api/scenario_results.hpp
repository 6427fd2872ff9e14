// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/scenario_sets.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// Results of several scenarios as one set with a dimension `scenario`: first among those of each variable
/// whose values differ between scenarios, missing in the others. A cell that a scenario has not is NaN there.
class ScenarioResults {
 public:
  explicit ScenarioResults(const ScenarioSet& set) : set_(set) {}

  /// `results` of the scenario with this number; each one once, in ascending order.
  void add(std::size_t scenario, ResultSet results);
  ResultSet take();
  std::size_t differing() const { return differing_; }  ///< variables, after take()

 private:
  struct Values {
    std::vector<std::vector<double>> of;  ///< per scenario, empty where it has no such variable
    std::vector<std::string> formulas;
  };
  const ScenarioSet& set_;
  ResultSet all_;
  std::vector<Values> values_;  ///< per variable of all_
  std::size_t differing_ = 0;
};

}  // namespace lode

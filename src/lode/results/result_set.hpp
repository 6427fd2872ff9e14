// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lode {

/// One axis of results. `time` is always named "time" and its labels are the years.
struct ResultDimension {
  std::string name;
  std::string title, title_zh;
  std::vector<std::string> labels;
  std::vector<std::string> titles, titles_zh;  ///< per label, may be empty texts
  bool is_time = false;
  std::vector<double> period_lengths;  ///< time only: years per period
  /// What labels are put together of, named, per label: the case of each axis of a scenario.
  std::vector<std::pair<std::string, std::vector<std::string>>> parts;
  /// The numbers that labels stand for, of an axis of a sweep, in a unit (and as UDUNITS spell it).
  std::vector<double> numbers;
  std::string unit, udunits;
};

/// What draws tell of an array, in its display unit: each as long as the array's values, not a number where
/// it has none.
struct ResultUncertainty {
  std::vector<double> mean, mean_error;  ///< the errors: of sampling, from the number of draws
  std::vector<double> deviation, deviation_error;
  std::vector<double> minimum, maximum;
  std::vector<std::vector<double>> quantiles,
      quantile_errors;             ///< one per probability in ResultSet::quantiles
  std::vector<double> below_zero;  ///< share of the draws; of differences, else empty
};

/// The draws themselves of one number; of several scenarios, or of their differences, one after another, each
/// as many: draw i has the same scores in all of them.
struct ResultDraws {
  std::string name;  ///< as asked: "gap[2035]"
  std::string unit, udunits;
  std::vector<double> values;
  std::optional<std::size_t> dimension = std::nullopt;  ///< of the scenarios, in ResultSet::dimensions
};

/// One labelled array in its display unit, row-major in the order of `dimensions` (indices into
/// ResultSet::dimensions). A cell that does not exist is NaN.
struct ResultVariable {
  std::string name;  ///< path: "manufactured", "in_use.stock", "balance.concentrate"
  std::string title, title_zh;
  std::string group;    ///< flow | stock | parameter | quantity | balance
  std::string unit;     ///< as shown: "t/yr"; "product.counted_in/yr" where it differs by label
  std::string udunits;  ///< for NetCDF; "1" where it differs by label
  std::vector<std::size_t> dimensions;
  std::vector<double> values;
  bool is_flow = false;  ///< a rate, averaged over the period: cell_methods "time: mean"; else "time: point"
  std::string formula;   ///< definition text, for people
  std::string from, to;  ///< flows: processes
  std::vector<std::string>
      label_units;  ///< per label of the dimension that carries the unit, empty if one unit
  std::optional<ResultUncertainty> uncertainty;  ///< where a run had draws and they differ
};

/// What a run leaves: all arrays with labels and units, and a manifest that says how they came about.
struct ResultSet {
  std::string title, title_zh;
  std::vector<ResultDimension> dimensions;
  std::vector<ResultVariable> variables;
  std::vector<double> quantiles;   ///< probabilities, of runs with draws
  std::vector<ResultDraws> draws;  ///< those that were to be kept
  std::vector<std::pair<std::string, std::string>>
      manifest;           ///< ordered: engine version, model hash, scenario, …
  std::string timestamp;  ///< ISO 8601 UTC; the only part that differs between runs

  const ResultVariable* find(const std::string& name) const;
};

/// How many draws there are of a number, in each scenario.
std::size_t draws_of_each(const ResultSet& results, const ResultDraws& draws);

}  // namespace lode

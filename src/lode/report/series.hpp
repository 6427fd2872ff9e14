// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lode/binding/bound_model.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// What is wanted of a result: one series for each label of a dimension and each panel, summed over all else.
struct SeriesQuery {
  std::string result;  ///< a stock's name means its amount
  std::optional<DimensionId> by, panels;
  std::map<std::string, std::string> only;  ///< dimension → label; a group stands for its members
  int first_year = 0, last_year = 0;
  std::string unit;  ///< empty: the result's own
};

struct TakenSeries {
  std::size_t label = 0, panel = 0;  ///< of `by` and `panels`
  std::vector<double> values;        ///< one per year, not a number where there is none
  /// Of draws, one row per probability of the results; empty where several numbers were added up.
  std::vector<std::vector<double>> quantiles;
  std::string unit;  ///< its own, where the labels have units that do not convert into one another
  bool has_values() const;
};

struct SeriesData {
  std::vector<int> years;
  std::vector<TakenSeries> series;
  std::string unit;  ///< empty for years, and where every series has its own
  std::string title, title_zh;
  std::string problem;  ///< why there is nothing, empty if there is something
};

SeriesData take_series(const BoundModel& bound, const ResultSet& results, const SeriesQuery& query);

/// Which label of `chosen` each label of `axis` belongs to, −1 for none: the same label, or its group.
/// Nothing if the two dimensions have nothing in common.
std::optional<std::vector<int>> labels_within(const Dimensions& dimensions, DimensionId chosen,
                                              DimensionId axis);

/// "Electric vehicles", "电动汽车"; the label itself if it has no title.
std::string label_title(const ResultSet& results, DimensionId dimension, std::size_t label, bool chinese);

}  // namespace lode

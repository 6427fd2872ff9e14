// SPDX-License-Identifier: Apache-2.0
//
// What charts along the years show: results split by dimensions or by the cases of a scenario axis.
#pragma once
#include <string>
#include <vector>

#include "lode/api/figure_spec.hpp"
#include "lode/report/palette.hpp"
#include "lode/report/series.hpp"
#include "lode/report/time_chart.hpp"

namespace lode {

struct ChartSeries {
  std::string id, name;
  Swatch swatch;
  TakenSeries taken;
};

struct ChartSeriesPanel {
  std::string id, title;
  std::vector<ChartSeries> series;
};

struct ChartSeriesSet {
  std::vector<int> years;
  std::string unit;
  std::string title;  ///< of what is shown, if that is one result
  std::vector<double> quantiles;
  std::vector<ChartSeriesPanel> panels;
  std::string problem;
};

/// Results of a figure for every scenario it shows, computed once.
class FigureData {
 public:
  /// With draws where they are wanted or the session has some.
  FigureData(Session& session, const FigureSpec& spec, bool with_draws = false);

  /// Why nothing can be taken, empty if all is well.
  const std::string& problem() const { return problem_; }
  /// Of the session itself.
  const ResultSet& results() const { return variants_.front().results; }

  /// The results of a role in every panel, split as the figure says, or not split. A panel without them is
  /// empty. All in one unit: the figure's, `unit` or else that of the first result.
  ChartSeriesSet take(const std::string& role, const std::string& unit = "", bool split = true) const;

 private:
  struct Variant {
    std::string by_case, by_title;        ///< of the axis of `by`
    std::string panel_case, panel_title;  ///< of the axis of `panels`
    std::size_t by_index = 0;
    ResultSet results;
  };
  const ScenarioAxis* axis(const std::string& name) const;
  void compute_variants(bool with_draws);
  ResultSet results_for(const ScenarioChoice& choice, bool with_draws);
  void take_variant(const Variant& variant, const std::vector<FigureSpec::Series>& shown, bool split,
                    ChartSeriesSet& set) const;
  ChartSeriesPanel& panel_of(ChartSeriesSet& set, const std::string& id, const std::string& title) const;

  Session& session_;
  const FigureSpec& spec_;
  std::vector<Variant> variants_;
  std::string problem_;
};

/// Looks of the labels of a dimension, the same in all figures of a case.
Palette dimension_palette(const Dimensions& dimensions, DimensionId dimension);

/// A chart of these years and this unit, without panels yet.
TimeChart chart_of(const FigureSpec& spec, const ChartSeriesSet& set);

/// Leaves out years before the first and after the last that any mark has a number for.
void trim_years(TimeChart& chart);

/// Index of a probability in a list; none if it is not there.
std::optional<std::size_t> quantile_at(const std::vector<double>& quantiles, double probability);

/// "a, b and c" of what is shown, for a heading.
std::string title_of_series(const ChartSeriesSet& set, const FigureSpec& spec);

}  // namespace lode

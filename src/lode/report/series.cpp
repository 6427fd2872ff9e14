// SPDX-License-Identifier: Apache-2.0
#include "lode/report/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "lode/results/cells.hpp"

namespace lode {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

const ResultVariable* find_result(const ResultSet& results, const std::string& name) {
  const ResultVariable* variable = results.find(name);
  return variable ? variable : results.find(name + ".stock");
}

class Taker {
 public:
  Taker(const BoundModel& bound, const ResultSet& results, const SeriesQuery& query)
      : bound_(bound), results_(results), query_(query) {}

  SeriesData run() {
    variable_ = find_result(results_, query_.result);
    if (!variable_) return problem(fmt::format("there is no result `{}`", query_.result));
    data_.title = variable_->title;
    data_.title_zh = variable_->title_zh;
    choose_years();
    if (data_.years.empty()) return problem("there are no years to show");
    if (!join()) return std::move(data_);
    if (!convert()) return std::move(data_);
    add_up();
    if (data_.series.empty()) return problem(fmt::format("`{}` has no values there", query_.result));
    return std::move(data_);
  }

 private:
  SeriesData problem(std::string text) {
    data_.problem = std::move(text);
    return std::move(data_);
  }

  void choose_years() {
    const Dimensions& dims = bound_.dimensions;
    const int first = query_.first_year != 0 ? query_.first_year : dims.first_year();
    const int last = query_.last_year != 0 ? query_.last_year : dims.last_year();
    for (std::size_t period = dims.lead; period < dims.years.size(); ++period)
      if (dims.years[period] >= first && dims.years[period] <= last)
        data_.years.push_back(dims.years[period]);
  }

  struct Axis {
    std::optional<std::vector<int>> label, panel;
    std::vector<bool> inside;
  };

  /// How the labels of each axis of the result bear on what was asked for.
  bool join() {
    const Dimensions& dims = bound_.dimensions;
    bool has_label = !query_.by, has_panel = !query_.panels;
    std::map<std::string, bool> spoken;
    for (const DimensionId axis : variable_->dimensions) {
      Axis out;
      out.inside.assign(dims[axis].size(), true);
      if (axis != time_dimension) {
        if (query_.by) out.label = labels_within(dims, *query_.by, axis);
        if (query_.panels) out.panel = labels_within(dims, *query_.panels, axis);
        has_label = has_label || out.label;
        has_panel = has_panel || out.panel;
        bool chosen = false;
        for (const auto& [name, label] : query_.only) {
          const auto id = dims.find(name);
          const auto wanted = id ? dims[*id].index_of(label) : std::nullopt;
          if (!wanted) {
            data_.problem = id ? fmt::format("`{}` has no label `{}`", name, label)
                               : fmt::format("no dimension is called `{}`", name);
            return false;
          }
          const auto within = labels_within(dims, *id, axis);
          if (!within) continue;
          chosen = spoken[name] = true;
          for (std::size_t i = 0; i < out.inside.size(); ++i)
            out.inside[i] = out.inside[i] && (*within)[i] == static_cast<int>(*wanted);
        }
        if (!chosen && !out.label && !out.panel && dims[axis].size() > 1 && !check_sum(axis)) return false;
      }
      axes_.push_back(std::move(out));
    }
    for (const auto& [name, label] : query_.only)
      if (!spoken.count(name)) {
        data_.problem = fmt::format("`{}` is not split by `{}`", query_.result, name);
        return false;
      }
    if (!has_label || !has_panel)
      data_.problem = fmt::format("`{}` is not split by `{}`", query_.result,
                                  dims[has_label ? *query_.panels : *query_.by].name);
    return has_label && has_panel;
  }

  /// Whether labels of this axis may be added up.
  bool check_sum(DimensionId axis) {
    const Dimension& dimension = bound_.dimensions[axis];
    const auto unit = parse_unit(variable_->unit).unit;
    if (!dimension.balance_each && !(unit && unit->dimensionless())) return true;
    data_.problem = fmt::format("`{}` has several labels of `{}`, which are not summed: choose one ({}={})",
                                query_.result, dimension.name, dimension.name, dimension.labels.front());
    return false;
  }

  bool convert() {
    const CellLayout layout(results_, *variable_);
    data_.unit = query_.unit;
    std::map<std::string, double> factors;
    cell_factor_.resize(variable_->values.size(), 1);
    std::optional<Unit> target;
    for (std::size_t cell = 0; cell < variable_->values.size(); ++cell) {
      const std::string& text = unit_of(*variable_, layout, cell);
      if (data_.unit.empty()) data_.unit = text;
      if (!target) {
        target = parse_unit(data_.unit).unit;
        if (!target) {
          // Years and the like: shown as they are.
          data_.unit.clear();
          return true;
        }
      }
      auto found = factors.find(text);
      if (found == factors.end()) {
        const auto own = parse_unit(text).unit;
        const auto factor = own ? conversion(*own, *target, bound_.model->substance) : std::nullopt;
        if (!factor && query_.unit.empty() && units_by_label(layout)) return true;
        if (!factor) {
          data_.problem =
              fmt::format("`{}` is in {}, which is not to be had in {}", query_.result, text, data_.unit);
          return false;
        }
        found = factors.emplace(text, *factor).first;
      }
      cell_factor_[cell] = found->second;
    }
    return true;
  }

  /// Where the labels that series are split by have units of their own: each series is in the unit of its
  /// first label, if those of the others convert.
  bool units_by_label(const CellLayout& layout) {
    if (!layout.unit_axis) return false;
    const Axis& axis = axes_[*layout.unit_axis];
    if (!axis.label && !axis.panel) return false;
    std::map<std::pair<int, int>, std::pair<std::string, Unit>> units;
    std::vector<std::string> of_label(variable_->label_units.size());
    for (std::size_t cell = 0; cell < variable_->values.size(); ++cell) {
      const std::size_t at = layout.label_at(cell, *layout.unit_axis);
      const std::string& text = unit_of(*variable_, layout, cell);
      const auto own = parse_unit(text).unit;
      if (!own) return false;
      const std::pair key{axis.label ? (*axis.label)[at] : 0, axis.panel ? (*axis.panel)[at] : 0};
      const auto& [name, unit] = units.emplace(key, std::pair{text, *own}).first->second;
      const auto factor = conversion(*own, unit, bound_.model->substance);
      if (!factor) return false;
      cell_factor_[cell] = *factor;
      of_label[at] = name;
    }
    label_units_ = std::move(of_label);
    data_.unit.clear();
    return true;
  }

  void add_up() {
    const CellLayout layout(results_, *variable_);
    const Dimensions& dims = bound_.dimensions;
    const std::size_t labels = query_.by ? dims[*query_.by].size() : 1;
    const std::size_t panels = query_.panels ? dims[*query_.panels].size() : 1;
    const std::size_t years = data_.years.size();
    std::vector<TakenSeries> all(labels * panels);
    std::vector<std::vector<std::size_t>> cells(labels * panels * years);
    for (std::size_t cell = 0; cell < variable_->values.size(); ++cell) {
      std::size_t label = 0, panel = 0, year = 0;
      bool inside = true;
      for (std::size_t j = 0; j < axes_.size() && inside; ++j) {
        const std::size_t at = layout.label_at(cell, j);
        if (variable_->dimensions[j] == time_dimension) {
          const int named = std::stoi(results_.dimensions[time_dimension].labels[at]);
          const auto found = std::find(data_.years.begin(), data_.years.end(), named);
          inside = found != data_.years.end();
          year = static_cast<std::size_t>(found - data_.years.begin());
          continue;
        }
        inside = axes_[j].inside[at];
        if (axes_[j].label) {
          inside = inside && (*axes_[j].label)[at] >= 0;
          label = static_cast<std::size_t>(std::max((*axes_[j].label)[at], 0));
        }
        if (axes_[j].panel) {
          inside = inside && (*axes_[j].panel)[at] >= 0;
          panel = static_cast<std::size_t>(std::max((*axes_[j].panel)[at], 0));
        }
      }
      if (!inside || !std::isfinite(variable_->values[cell])) continue;
      const std::size_t series = label * panels + panel;
      if (layout.time_axis) {
        cells[series * years + year].push_back(cell);
      } else {
        for (std::size_t y = 0; y < years; ++y) cells[series * years + y].push_back(cell);
      }
    }
    for (std::size_t s = 0; s < all.size(); ++s) {
      TakenSeries& series = all[s];
      series.label = s / panels;
      series.panel = s % panels;
      series.values.assign(years, none);
      bool single = variable_->uncertainty.has_value();
      for (std::size_t y = 0; y < years; ++y) {
        single = single && cells[s * years + y].size() <= 1;
        for (const std::size_t cell : cells[s * years + y]) {
          const double value = variable_->values[cell] * cell_factor_[cell];
          series.values[y] = std::isnan(series.values[y]) ? value : series.values[y] + value;
        }
      }
      if (single) take_quantiles(series, &cells[s * years]);
      if (layout.unit_axis && !label_units_.empty())
        for (std::size_t y = 0; y < years && series.unit.empty(); ++y)
          for (const std::size_t cell : cells[s * years + y])
            series.unit = label_units_[layout.label_at(cell, *layout.unit_axis)];
      if (series.has_values()) data_.series.push_back(std::move(series));
    }
  }

  void take_quantiles(TakenSeries& series, const std::vector<std::size_t>* cells) const {
    const ResultUncertainty& uncertainty = *variable_->uncertainty;
    for (const std::vector<double>& row : uncertainty.quantiles) {
      std::vector<double> out(series.values.size(), none);
      for (std::size_t y = 0; y < out.size(); ++y) {
        if (cells[y].empty()) continue;
        const std::size_t cell = cells[y].front();
        out[y] = std::isfinite(row[cell]) ? row[cell] * cell_factor_[cell] : series.values[y];
      }
      series.quantiles.push_back(std::move(out));
    }
  }

  const BoundModel& bound_;
  const ResultSet& results_;
  const SeriesQuery& query_;
  const ResultVariable* variable_ = nullptr;
  std::vector<Axis> axes_;
  std::vector<double> cell_factor_;
  std::vector<std::string> label_units_;  ///< per label of the axis that carries the unit; empty if one unit
  SeriesData data_;
};

}  // namespace

bool TakenSeries::has_values() const {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

std::optional<std::vector<int>> labels_within(const Dimensions& dims, DimensionId chosen, DimensionId axis) {
  const bool same = dims.share_root(chosen, axis);
  const bool grouped =
      !same && dims[chosen].kind == Dimension::Kind::groups && dims.share_root(dims[chosen].parent, axis);
  if (!same && !grouped) return std::nullopt;
  std::vector<int> out;
  for (const std::string& label : dims[axis].labels) {
    const auto index = dims[same ? chosen : dims[chosen].parent].index_of(label);
    out.push_back(!index ? -1 : same ? static_cast<int>(*index) : dims[chosen].group_of[*index]);
  }
  return out;
}

std::string label_title(const ResultSet& results, DimensionId dimension, std::size_t label, bool chinese) {
  const ResultDimension& axis = results.dimensions[dimension];
  if (chinese && label < axis.titles_zh.size() && !axis.titles_zh[label].empty())
    return axis.titles_zh[label];
  if (label < axis.titles.size() && !axis.titles[label].empty() && axis.titles[label] != axis.labels[label])
    return axis.titles[label];
  std::string name = axis.labels[label];
  std::replace(name.begin(), name.end(), '_', ' ');
  // Short ones are signs, and keep their spelling.
  if (name.size() > 4 && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

SeriesData take_series(const BoundModel& bound, const ResultSet& results, const SeriesQuery& query) {
  return Taker(bound, results, query).run();
}

}  // namespace lode

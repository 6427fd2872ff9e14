// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_results.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <utility>

namespace lode {

namespace {

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

using Part = std::vector<double> ResultUncertainty::*;
constexpr Part parts[] = {&ResultUncertainty::mean,      &ResultUncertainty::mean_error,
                          &ResultUncertainty::deviation, &ResultUncertainty::deviation_error,
                          &ResultUncertainty::minimum,   &ResultUncertainty::maximum,
                          &ResultUncertainty::below_zero};
using Rows = std::vector<std::vector<double>> ResultUncertainty::*;
constexpr Rows rows[] = {&ResultUncertainty::quantiles, &ResultUncertainty::quantile_errors};

bool same_bits(const ResultUncertainty& a, const ResultUncertainty& b) {
  return std::all_of(std::begin(parts), std::end(parts),
                     [&](Part part) { return same_bits(a.*part, b.*part); }) &&
         std::all_of(std::begin(rows), std::end(rows), [&](Rows row) {
           return std::equal((a.*row).begin(), (a.*row).end(), (b.*row).begin(), (b.*row).end(),
                             [](const auto& x, const auto& y) { return same_bits(x, y); });
         });
}

/// What no draw moves.
ResultUncertainty certain(const std::vector<double>& values, std::size_t quantiles, bool with_signs) {
  ResultUncertainty result;
  result.mean = result.minimum = result.maximum = values;
  result.deviation = values;
  for (double& value : result.deviation)
    if (!std::isnan(value)) value = 0;
  result.mean_error = result.deviation_error = result.deviation;
  result.quantiles.assign(quantiles, values);
  result.quantile_errors.assign(quantiles, result.deviation);
  if (with_signs) {
    result.below_zero = result.deviation;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] < 0) result.below_zero[i] = 1;
  }
  return result;
}

/// The bands of all scenarios one after another; of none where none has any.
std::optional<ResultUncertainty> put_together(const std::vector<std::vector<double>>& values,
                                              std::vector<std::optional<ResultUncertainty>>& all) {
  const auto first = std::find_if(all.begin(), all.end(), [](const auto& each) { return each.has_value(); });
  if (first == all.end()) return std::nullopt;
  const std::size_t quantiles = (*first)->quantiles.size();
  const bool with_signs = !(*first)->below_zero.empty();
  ResultUncertainty result;
  result.quantiles.resize(quantiles);
  result.quantile_errors.resize(quantiles);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const ResultUncertainty own = all[k] ? std::move(*all[k]) : certain(values[k], quantiles, with_signs);
    all[k].reset();
    const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    for (const Part part : parts) append(result.*part, own.*part);
    for (const Rows row : rows)
      for (std::size_t q = 0; q < quantiles; ++q) append((result.*row)[q], (own.*row)[q]);
  }
  return result;
}

ResultDimension dimension_of(const ScenarioSet& set) {
  ResultDimension dimension;
  dimension.name = "scenario";
  dimension.title = "scenario";
  dimension.title_zh = "情景";
  dimension.labels = set.labels;
  dimension.titles.resize(set.labels.size());
  dimension.titles_zh.resize(set.labels.size());
  for (const ScenarioSet::Axis& axis : set.axes) {
    auto& [name, cases] = dimension.parts.emplace_back(axis.name, std::vector<std::string>());
    for (const ScenarioChoice& choice : set.choices) cases.push_back(choice.at(axis.name));
  }
  return dimension;
}

}  // namespace

ScenarioResults::ScenarioResults(const ScenarioSet& set)
    : dimension_(dimension_of(set)), fixed_(scenario_text(set.fixed)) {}

ScenarioResults::ScenarioResults(ResultDimension dimension, bool always)
    : dimension_(std::move(dimension)), always_(always) {}

void ScenarioResults::add(std::size_t scenario, ResultSet results) {
  add_draws(scenario, std::exchange(results.draws, {}));
  const bool first = all_.dimensions.empty();
  if (first) {
    results.draws = std::move(all_.draws);
    all_ = results;
    results.draws.clear();
    for (ResultVariable& variable : all_.variables) {
      variable.values.clear();
      variable.uncertainty.reset();
    }
    values_.resize(all_.variables.size());
  }
  for (auto& [key, value] : results.manifest)
    if (key == "in_draws")
      in_draws_.emplace_back(key + " of " + dimension_.labels[scenario], std::move(value));
  std::size_t guess = 0;
  for (ResultVariable& variable : results.variables) {
    // Nearly always the variables of all scenarios are the same, in the same order.
    std::size_t at = guess;
    if (at >= all_.variables.size() || all_.variables[at].name != variable.name)
      for (at = 0; at < all_.variables.size() && all_.variables[at].name != variable.name;) ++at;
    guess = at + 1;
    if (at == all_.variables.size()) {
      all_.variables.push_back(variable);
      all_.variables.back().values.clear();
      all_.variables.back().uncertainty.reset();
      values_.emplace_back();
    }
    if (all_.variables[at].dimensions != variable.dimensions) continue;
    Values& values = values_[at];
    values.of.resize(dimension_.labels.size());
    values.of[scenario] = std::move(variable.values);
    values.uncertainty.resize(dimension_.labels.size());
    values.uncertainty[scenario] = std::move(variable.uncertainty);
    if (std::find(values.formulas.begin(), values.formulas.end(), variable.formula) == values.formulas.end())
      values.formulas.push_back(std::move(variable.formula));
  }
}

void ScenarioResults::add_draws(std::size_t scenario, std::vector<ResultDraws> draws) {
  for (ResultDraws& each : draws) {
    auto all = std::find_if(all_.draws.begin(), all_.draws.end(),
                            [&](const ResultDraws& other) { return other.name == each.name; });
    const std::size_t count = each.values.size();
    if (all == all_.draws.end()) {
      std::vector<double> room;
      room.reserve(count * dimension_.labels.size());
      all = all_.draws.insert(all_.draws.end(), {each.name, each.unit, each.udunits, std::move(room)});
    }
    all->values.resize(count * scenario, std::numeric_limits<double>::quiet_NaN());
    all->values.insert(all->values.end(), each.values.begin(), each.values.end());
    each.values = {};
    drawn_ = count;
  }
}

bool ScenarioResults::same(const Values& values) const {
  const auto& first = values.uncertainty.front();
  return !always_ && std::all_of(values.of.begin(), values.of.end(), [&](const std::vector<double>& each) {
    return same_bits(each, values.of.front());
  }) && std::all_of(values.uncertainty.begin(), values.uncertainty.end(), [&](const auto& each) {
    return each.has_value() == first.has_value() && (!each || same_bits(*each, *first));
  });
}

ResultSet ScenarioResults::take() {
  while (std::any_of(all_.dimensions.begin(), all_.dimensions.end(),
                     [&](const ResultDimension& other) { return other.name == dimension_.name; }))
    dimension_.name += '_';
  const std::size_t id = all_.dimensions.size();
  all_.dimensions.push_back(dimension_);
  for (ResultDraws& draws : all_.draws) {
    draws.dimension = id;
    draws.values.resize(drawn_ * dimension_.labels.size(), std::numeric_limits<double>::quiet_NaN());
  }
  for (std::size_t v = 0; v < all_.variables.size(); ++v) {
    ResultVariable& variable = all_.variables[v];
    Values& values = values_[v];
    if (values.formulas.size() > 1) {
      variable.formula.clear();
      for (const std::string& formula : values.formulas)
        variable.formula += (variable.formula.empty() ? "" : " | ") + formula;
    }
    if (same(values)) {
      variable.values = std::move(values.of.front());
      variable.uncertainty = std::move(values.uncertainty.front());
      continue;
    }
    ++differing_;
    std::size_t cells = 1;
    for (const std::size_t d : variable.dimensions) cells *= all_.dimensions[d].labels.size();
    variable.dimensions.insert(variable.dimensions.begin(), id);
    for (std::vector<double>& each : values.of)
      if (each.empty()) each.assign(cells, std::numeric_limits<double>::quiet_NaN());
    variable.uncertainty = put_together(values.of, values.uncertainty);
    for (std::vector<double>& each : values.of) {
      variable.values.insert(variable.values.end(), each.begin(), each.end());
      each = {};
    }
  }
  for (auto& [key, value] : all_.manifest)
    if (key == "scenario") {
      value.clear();
      for (const std::string& label : dimension_.labels) value += (value.empty() ? "" : "; ") + label;
    }
  std::erase_if(all_.manifest, [](const auto& entry) { return entry.first == "in_draws"; });
  all_.manifest.insert(all_.manifest.end(), in_draws_.begin(), in_draws_.end());
  if (!fixed_.empty()) all_.manifest.emplace_back("scenario fixed", fixed_);
  return std::move(all_);
}

}  // namespace lode

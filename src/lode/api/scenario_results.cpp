// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_results.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace lode {

namespace {

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

void ScenarioResults::add(std::size_t scenario, ResultSet results) {
  const bool first = all_.dimensions.empty();
  if (first) {
    all_ = results;
    for (ResultVariable& variable : all_.variables) variable.values.clear();
    values_.resize(all_.variables.size());
  }
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
      values_.emplace_back();
    }
    if (all_.variables[at].dimensions != variable.dimensions) continue;
    Values& values = values_[at];
    values.of.resize(set_.choices.size());
    values.of[scenario] = std::move(variable.values);
    if (std::find(values.formulas.begin(), values.formulas.end(), variable.formula) == values.formulas.end())
      values.formulas.push_back(std::move(variable.formula));
  }
}

ResultSet ScenarioResults::take() {
  ResultDimension dimension;
  dimension.name = "scenario";
  while (std::any_of(all_.dimensions.begin(), all_.dimensions.end(),
                     [&](const ResultDimension& other) { return other.name == dimension.name; }))
    dimension.name += '_';
  dimension.title = "scenario";
  dimension.title_zh = "情景";
  dimension.labels = set_.labels;
  dimension.titles.resize(set_.labels.size());
  dimension.titles_zh.resize(set_.labels.size());
  for (const ScenarioSet::Axis& axis : set_.axes) {
    auto& [name, cases] = dimension.parts.emplace_back(axis.name, std::vector<std::string>());
    for (const ScenarioChoice& choice : set_.choices) cases.push_back(choice.at(axis.name));
  }
  const std::size_t id = all_.dimensions.size();
  all_.dimensions.push_back(std::move(dimension));
  for (std::size_t v = 0; v < all_.variables.size(); ++v) {
    ResultVariable& variable = all_.variables[v];
    Values& values = values_[v];
    const bool same = std::all_of(values.of.begin(), values.of.end(), [&](const std::vector<double>& each) {
      return same_bits(each, values.of.front());
    });
    if (values.formulas.size() > 1) {
      variable.formula.clear();
      for (const std::string& formula : values.formulas)
        variable.formula += (variable.formula.empty() ? "" : " | ") + formula;
    }
    if (same) {
      variable.values = std::move(values.of.front());
      continue;
    }
    ++differing_;
    std::size_t cells = 1;
    for (const std::size_t d : variable.dimensions) cells *= all_.dimensions[d].labels.size();
    variable.dimensions.insert(variable.dimensions.begin(), id);
    for (std::vector<double>& each : values.of) {
      if (each.empty()) each.assign(cells, std::numeric_limits<double>::quiet_NaN());
      variable.values.insert(variable.values.end(), each.begin(), each.end());
      each = {};
    }
  }
  for (auto& [key, value] : all_.manifest)
    if (key == "scenario") {
      value.clear();
      for (std::size_t k = 0; k < set_.labels.size(); ++k) value += (k ? "; " : "") + set_.labels[k];
    }
  const std::string fixed = scenario_text(set_.fixed);
  if (!fixed.empty()) all_.manifest.emplace_back("scenario fixed", fixed);
  return std::move(all_);
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/api/correlations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "lode/api/draw_report.hpp"

namespace lode {

namespace {

void add_missing(std::vector<std::string>& all, const std::vector<std::string>& more) {
  const std::set<std::string> known(all.begin(), all.end());
  for (const std::string& each : more)
    if (known.count(each) == 0) all.push_back(each);
}

}  // namespace

void FollowedNames::add(const FollowedNames& more) {
  add_missing(results, more.results);
  add_missing(inputs, more.inputs);
  correlated = correlated || more.correlated;
  kept = kept || more.kept;
}

namespace {

FollowedNames followed_in(const DrawnPart& part) {
  FollowedNames names;
  names.correlated = !part.correlations.with_results.empty();
  names.kept = !part.kept.empty();
  return names;
}

}  // namespace

FollowedNames followed_names(const Session& session) {
  FollowedNames names = followed_in(*session.draws);
  for (const std::size_t place : session.draws->focus) names.results.push_back(drawn_name(session, place));
  for (const ScoreColumn& column : session.uncertainty.columns) names.inputs.push_back(column.name);
  return names;
}

FollowedNames followed_names(const Session& first, const Session& second, const DrawnDifference& difference) {
  FollowedNames names = followed_in(difference);
  for (const std::size_t place : difference.focus)
    names.results.push_back(drawn_number(first, difference.of->cells()[place]).name);
  for (const ScoreColumn& column : first.uncertainty.columns) names.inputs.push_back(column.name);
  std::vector<std::string> others;
  for (const ScoreColumn& column : second.uncertainty.columns) others.push_back(column.name);
  add_missing(names.inputs, others);
  return names;
}

std::string correlations_heading(const DrawnPart& part) {
  if (part.correlations.with_results.empty()) return "";
  if (!(part.correlations.draws > 1))
    return "correlated  not to be told: no draw in which all results of `--focus` have a value\n";
  return fmt::format(
      "correlated  results with each other, and with the scores of uncertain numbers where beyond ± {:.2g}\n",
      2 * correlation_error(0, part.correlations.draws));
}

std::string correlations_text(const DrawnPart& part, const FollowedNames& names) {
  const PairCorrelations& pairs = part.correlations;
  if (pairs.with_results.empty() || !(pairs.draws > 1)) return "";
  const std::size_t results = names.results.size(), inputs = names.inputs.size();
  constexpr std::size_t most_told = 6;
  const double error = correlation_error(0, pairs.draws);
  std::string out;
  for (std::size_t k = 0; k < results; ++k) {
    std::vector<std::pair<double, std::string>> of_inputs;
    for (std::size_t j = 0; j < inputs; ++j)
      of_inputs.emplace_back(pairs.with_inputs[k * inputs + j], names.inputs[j]);
    std::erase_if(of_inputs, [&](const auto& each) { return !(std::abs(each.first) > 2 * error); });
    std::stable_sort(of_inputs.begin(), of_inputs.end(),
                     [](const auto& a, const auto& b) { return std::abs(a.first) > std::abs(b.first); });
    const auto constant = [&](std::size_t of) { return std::isnan(pairs.with_results[of * results + of]); };
    if (constant(k)) {  // of a difference that no draw makes
      out += fmt::format("            {} does not vary\n", names.results[k]);
      continue;
    }
    out += fmt::format("            {}\n", names.results[k]);
    const auto line = [&](double correlation, const std::string& name) {
      out += fmt::format("              {:>+6.3f}  {}\n", correlation, name);
    };
    for (std::size_t l = 0; l < results; ++l)
      if (l != k && !constant(l)) line(pairs.with_results[k * results + l], names.results[l]);
    for (std::size_t j = 0; j < std::min(most_told, of_inputs.size()); ++j)
      line(of_inputs[j].first, of_inputs[j].second);
    if (of_inputs.size() > most_told)
      out += fmt::format("              and {} more, less so; {} cannot be told from nothing\n",
                         of_inputs.size() - most_told, inputs - of_inputs.size());
  }
  if (pairs.left_out > 0)
    out += fmt::format("            without {:.0f} draws in which one of the results has no value\n",
                       pairs.left_out);
  return out;
}

nlohmann::ordered_json correlations_json(const DrawnPart& part, const FollowedNames& names) {
  const PairCorrelations& pairs = part.correlations;
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  if (pairs.with_results.empty()) return out;
  const std::size_t results = names.results.size(), inputs = names.inputs.size();
  const auto number = [](double value) {
    return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
  };
  for (std::size_t k = 0; k < results; ++k) {
    nlohmann::ordered_json one{{"what", names.results[k]}};
    for (std::size_t l = 0; l < results; ++l)
      one["with_results"].push_back(
          {{"what", names.results[l]}, {"correlation", number(pairs.with_results[k * results + l])}});
    for (std::size_t j = 0; j < inputs; ++j)
      one["with_inputs"].push_back(
          {{"input", names.inputs[j]}, {"correlation", number(pairs.with_inputs[k * inputs + j])}});
    out.push_back(std::move(one));
  }
  return out;
}

namespace {

/// A dimension of labels; a case's own of the same name has it step aside.
std::size_t add_dimension(ResultSet& results, std::string name, const char* title, const char* title_zh,
                          const std::vector<std::string>& labels) {
  while (std::any_of(results.dimensions.begin(), results.dimensions.end(),
                     [&](const ResultDimension& other) { return other.name == name; }))
    name += '_';
  ResultDimension dimension;
  dimension.name = std::move(name);
  dimension.title = title;
  dimension.title_zh = title_zh;
  dimension.titles.resize(labels.size());
  dimension.titles_zh.resize(labels.size());
  dimension.labels = labels;
  results.dimensions.push_back(std::move(dimension));
  return results.dimensions.size() - 1;
}

std::vector<std::size_t> places(const std::vector<std::string>& names, const std::vector<std::string>& all) {
  std::map<std::string, std::size_t> place_of;
  for (std::size_t i = 0; i < all.size(); ++i) place_of.emplace(all[i], i);
  std::vector<std::size_t> result;
  for (const std::string& name : names) result.push_back(place_of.at(name));
  return result;
}

}  // namespace

void add_correlations(const DrawnPart& part, const FollowedNames& names, const FollowedNames& all,
                      ResultSet& results) {
  const std::vector<std::size_t> rows = places(names.results, all.results),
                                 inputs = places(names.inputs, all.inputs);
  const std::size_t result = add_dimension(results, "focus", "result in focus", "关注的结果", all.results),
                    with = add_dimension(results, "focus_with", "result that it goes with", "相关的结果",
                                         all.results),
                    input = add_dimension(results, "uncertain_number", "uncertain number", "不确定的输入",
                                          all.inputs);
  const auto add = [&](const char* name, const char* title, const char* title_zh, std::size_t other,
                       const std::vector<std::size_t>& columns, const std::vector<double>& values) {
    ResultVariable variable;
    variable.name = name;
    variable.title = title;
    variable.title_zh = title_zh;
    variable.group = "correlation";
    variable.unit = variable.udunits = "1";
    variable.dimensions = {result, other};
    const std::size_t width = results.dimensions[other].labels.size();
    variable.values.assign(all.results.size() * width, std::numeric_limits<double>::quiet_NaN());
    if (!values.empty())
      for (std::size_t k = 0; k < rows.size(); ++k)
        for (std::size_t c = 0; c < columns.size(); ++c)
          variable.values[rows[k] * width + columns[c]] = values[k * columns.size() + c];
    results.variables.push_back(std::move(variable));
  };
  add("correlation.results", "correlation of results", "结果之间的相关系数", with, rows,
      part.correlations.with_results);
  add("correlation.inputs", "correlation of results with the normal scores of uncertain numbers",
      "结果与不确定输入的正态得分的相关系数", input, inputs, part.correlations.with_inputs);
}

}  // namespace lode

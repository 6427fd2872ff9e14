// SPDX-License-Identifier: Apache-2.0
//
// The uncertainty of quality classes and parameters, and correlations between parameters.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lode/model/reader.hpp"

namespace lode {
namespace {

/// What a bare value means: `normal: 5 %`, `uniform: 10 %`.
std::string first_parameter(const std::string& family) {
  return family == "uniform" || family == "triangular" || family == "pert" ? "within" : "cv";
}

/// A word among the parameters is told by its number: `sensitivity: medium`.
double rank_of(const std::string& word) {
  return word == "high" ? 3 : word == "medium" ? 2 : 1;
}

}  // namespace

/// Widths in shares of the value: 10 is 1000 %, and hardly meant.
bool Reader::is_plain_share(const DistributionDecl::Parameter& parameter) {
  const std::string& name = parameter.name.id;
  if (name != "cv" && name != "within") return true;
  const ValueText& value = parameter.values.front();
  if (value.percent || value.unit || value.number < 1.5) return true;
  diagnostics_
      .error("bad-uncertainty", value.where,
             fmt::format("a {} of {:g} is {:g} %", name, value.number, value.number * 100))
      .help = fmt::format("write `{0:g} %`, or `{1:g} %` if that is meant", value.number, value.number * 100);
  return false;
}

UncertaintyDecl Reader::uncertainty_of(const YamlNode& node) {
  UncertaintyDecl result;
  result.independent = names_of(node.find("independent"), "a dimension");
  if (const YamlPtr given = node.find("autocorrelation")) {
    result.autocorrelation = number_of(given, "`autocorrelation`");
    result.autocorrelation_where = given->where;
    if (result.autocorrelation && !(*result.autocorrelation >= 0 && *result.autocorrelation <= 1)) {
      diagnostics_.error("bad-autocorrelation", given->where,
                         fmt::format("`autocorrelation` is {:g}, outside 0 to 1", *result.autocorrelation));
      result.autocorrelation.reset();
    }
  }
  const std::vector<std::string>& families = distribution_keys();
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlPtr& key = node.keys[i];
    if (std::find(families.begin(), families.end(), key->text) == families.end()) continue;
    if (result.distribution) {
      two_places(diagnostics_.error("two-distributions", key->where,
                                    fmt::format("`{}` is a second distribution", key->text)),
                 "this one", result.distribution->family.where, "the first one");
      continue;
    }
    DistributionDecl distribution;
    distribution.family = {key->text, key->where};
    const YamlPtr& given = node.values[i];
    if (given->is_scalar()) {
      if (std::optional<ValueText> value = value_of(given))
        distribution.parameters.push_back({{first_parameter(key->text), given->where}, {*value}});
    } else if (given->is_map()) {
      for (std::size_t k = 0; k < given->keys.size(); ++k) {
        DistributionDecl::Parameter parameter;
        parameter.name = {given->keys[k]->text, given->keys[k]->where};
        const YamlPtr& value = given->values[k];
        if (parameter.name.id == "sensitivity" && value->is_scalar()) {
          ValueText rank;
          rank.number = rank_of(value->text);
          rank.where = value->where;
          parameter.values.push_back(std::move(rank));
        } else if (value->is_sequence()) {
          for (const YamlPtr& item : value->values)
            if (std::optional<ValueText> one = value_of(item)) parameter.values.push_back(*one);
        } else if (std::optional<ValueText> one = value_of(value)) {
          parameter.values.push_back(*one);
        }
        if (!parameter.values.empty()) distribution.parameters.push_back(std::move(parameter));
      }
    }
    const bool plain =
        std::all_of(distribution.parameters.begin(), distribution.parameters.end(),
                    [&](const DistributionDecl::Parameter& parameter) { return is_plain_share(parameter); });
    if (plain && !distribution.parameters.empty()) result.distribution = std::move(distribution);
  }
  return result;
}

void Reader::read_correlation(const YamlPtr& node) {
  if (!node->is_map()) return;
  CorrelationDecl correlation;
  correlation.where = node->where;
  if (const auto names = names_of(node->find("between"), "a parameter")) correlation.between = *names;
  const std::optional<double> rank = number_of(node->find("rank"), "`rank`");
  if (!rank) return;
  correlation.rank = *rank;
  if (!(*rank >= -1 && *rank <= 1)) {
    diagnostics_.error("bad-correlation", node->find("rank")->where,
                       fmt::format("a rank correlation is between -1 and 1, not {:g}", *rank));
    return;
  }
  if (correlation.between.size() < 2) {
    diagnostics_.error("bad-correlation", node->where, "a correlation takes at least two parameters").help =
        "write `between: [price, demand]`";
    return;
  }
  model_.correlations.push_back(std::move(correlation));
}

}  // namespace lode

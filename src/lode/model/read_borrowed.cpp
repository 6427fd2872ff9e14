// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "lode/model/reader.hpp"

namespace lode {
namespace {

constexpr double most_draws = 1 << 24;

/// A path beside the file that names it.
std::filesystem::path beside(const Location& where, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(where.file->path()).parent_path();
  return (folder / path).lexically_normal();
}

}  // namespace

void Reader::read_case_entry(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map() || !good_name(*key, "a case", true)) return;
  const std::optional<Scalar> folder = scalar_of(node->find("folder"));
  if (!folder) return;
  CaseDecl other;
  other.name = {key->text, key->where};
  other.folder = *folder;
  other.path = beside(folder->where, folder->text);
  if (!other.path.has_filename()) other.path = other.path.parent_path();
  if (const YamlPtr scenario = node->find("scenario"); scenario && scenario->is_map())
    for (std::size_t i = 0; i < scenario->keys.size(); ++i)
      if (scenario->values[i]->is_scalar())
        other.scenario.push_back({{scenario->keys[i]->text, scenario->keys[i]->where},
                                  {scenario->values[i]->text, scenario->values[i]->where}});
  const YamlPtr match = node->find("match");
  if (match && match->is_map()) {
    for (std::size_t i = 0; i < match->keys.size(); ++i) {
      CaseDecl::Match one{{match->keys[i]->text, match->keys[i]->where}, {}};
      const YamlPtr& cases = match->values[i];
      if (cases->is_map())
        for (std::size_t k = 0; k < cases->keys.size(); ++k)
          if (cases->values[k]->is_scalar()) one.cases[cases->keys[k]->text] = cases->values[k]->text;
      other.match.push_back(std::move(one));
    }
  } else if (const auto axes = names_of(match, "a scenario axis")) {
    for (const NameAt& axis : *axes) other.match.push_back({axis, {}});
  }
  for (const CaseDecl::Match& one : other.match)
    for (const auto& [chosen, name] : other.scenario)
      if (chosen.id == one.axis.id)
        two_places(diagnostics_.error("two-cases", one.axis.where,
                                      fmt::format("`{}` is matched and chosen at once", chosen.id)),
                   "matched here", chosen.where, "chosen here");
  if (const std::optional<Scalar> results = scalar_of(node->find("results"))) {
    other.results = results;
    other.results_path = beside(results->where, results->text);
  }
  if (const YamlPtr draws = node->find("draws"); draws && draws->is_scalar()) {
    const std::optional<double> number = number_of(draws, "`draws`");
    if (number && *number >= 8 && *number <= most_draws && *number == std::floor(*number))
      other.draws = static_cast<std::uint64_t>(*number);
    else if (number)
      diagnostics_.error("bad-draws", draws->where, "`draws` is a whole number from 8 to 16,777,216").help =
          "write `draws: 4096`";
  }
  if (other.draws > 0 && other.results)
    two_places(diagnostics_.error("two-cases", node->find_key("draws")->where,
                                  "results that are read from a file are not drawn again"),
               "draws asked for here", other.results->where, "a file here");
  model_.cases.push_back(std::move(other));
}

std::optional<BorrowDecl> Reader::borrow_of(const YamlPtr& node) {
  const ExpressionPtr formula = formula_of(node);
  if (!formula) return std::nullopt;
  const bool indexed = formula->kind == Expression::Kind::index;
  const Expression& name = indexed ? *formula->operands.front() : *formula;
  const std::size_t dot = name.text.find('.');
  const bool good = name.kind == Expression::Kind::name && dot != std::string::npos &&
                    std::all_of(formula->selectors.begin(), formula->selectors.end(),
                                [](const Selector& each) { return each.label && !each.year && !each.lag; });
  if (!good) {
    Diagnostic& error = diagnostics_.error(
        "bad-from", node->where, "`from` names a case and one of its results, perhaps of one label");
    error.why = "what is taken from another case must have a name there";
    error.help =
        "write `lithium.demand` or `lithium.demand[china]`; a formula goes into the equations of the other "
        "case, years into an equation of this one";
    return std::nullopt;
  }
  BorrowDecl borrowed;
  borrowed.lender = {name.text.substr(0, dot), name.where};
  borrowed.result = name.text.substr(dot + 1);
  borrowed.labels = formula->selectors;
  borrowed.where = formula->where;
  const auto same = [&](const CaseDecl& each) { return each.name.id == borrowed.lender.id; };
  if (std::any_of(model_.cases.begin(), model_.cases.end(), same)) return borrowed;
  std::vector<std::string> names;
  for (const CaseDecl& each : model_.cases) names.push_back(each.name.id);
  Diagnostic& error = diagnostics_.error("unknown-name", node->where,
                                         fmt::format("`cases:` has no case `{}`", borrowed.lender.id));
  error.help = suggestion(diagnostics_, borrowed.lender.id, names);
  if (error.help.empty())
    error.help = names.empty() ? fmt::format("write `cases: {{{}: {{folder: ../…}}}}`", borrowed.lender.id)
                               : fmt::format("its cases: {}", listing(names));
  return std::nullopt;
}

void Reader::read_borrowed(ParameterDecl& parameter, const YamlPtr& node) {
  if (!node) return;
  const auto take = [&](const YamlPtr& given, std::optional<NameAt> label) {
    if (std::optional<BorrowDecl> borrowed = borrow_of(given)) {
      borrowed->label = std::move(label);
      parameter.from.push_back(std::move(*borrowed));
    }
  };
  if (node->is_scalar()) return take(node, std::nullopt);
  if (!node->is_map()) return;
  for (std::size_t i = 0; i < node->keys.size(); ++i)
    if (node->values[i]->is_scalar())
      take(node->values[i], NameAt{node->keys[i]->text, node->keys[i]->where});
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/api/draw_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/engine/closed_balances.hpp"
#include "lode/language/expression.hpp"
#include "lode/model/keys.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

/// Throughputs are flows under another name; checkpoints and questions are drawn by themselves.
bool is_result(const Quantity& quantity) {
  return quantity.kind != Quantity::Kind::throughput && quantity.kind != Quantity::Kind::checkpoint;
}

/// Says why this names no result.
void tell_no_result(const Session& session, const SourcePtr& file, const TextPart& part,
                    Diagnostics& diagnostics) {
  const BoundModel& bound = *session.bound;
  const std::string name(part.text);
  const Location where{file, part.offset, name.size()};
  if (name.empty()) {
    diagnostics.error("no-name", where, "a name of a result is missing here").help =
        "for example `--results 'gap, in_use.stock'`";
    return;
  }
  if (bound.find_leaf(name)) {
    diagnostics.error("no-result", where, fmt::format("`{}` is a parameter, no result", name)).help =
        fmt::format("`--focus` tells what the draws take for numbers of it, like `{}[…]`", name);
    return;
  }
  if (const auto id = bound.find_quantity(name)) {
    diagnostics.error("no-result", where, fmt::format("`{}` is not written with the results", name)).help =
        "a throughput is the sum of the flows into its process; `--focus` tells of one";
    return;
  }
  const std::string stock = name.substr(0, name.find('.'));
  const bool of_stock = std::any_of(bound.stocks.begin(), bound.stocks.end(),
                                    [&](const BoundStock& each) { return each.name == stock; });
  const ExpressionPtr formula =
      parse_formula(FormulaText::plain(file, part.offset, name.size()), diagnostics);
  if (!formula) return;
  if (formula->kind == Expression::Kind::index) {
    const Expression* inner = formula.get();
    while (inner->kind == Expression::Kind::index) inner = inner->operands[0].get();
    diagnostics.error("no-result", where, "statistics are kept of whole results, and this is a part of one")
        .help =
        inner->kind == Expression::Kind::name
            ? fmt::format("name it as a whole, `{}`; `--focus '{}'` tells of this part", inner->text, name)
            : fmt::format("`--focus '{}'` tells of it", name);
    return;
  }
  if (formula->kind != Expression::Kind::name) {
    diagnostics.error("no-result", where, "this is a formula, no name of a result").help =
        fmt::format("`--focus '{}'` tells of it", name);
    return;
  }
  if (of_stock) {  // says what the stock has
    BoundModel copy = bound;
    if (!bind_question(copy, name, formula, diagnostics)) return;
  }
  std::vector<std::string> names;
  for (const Quantity& quantity : bound.quantities)
    if (is_result(quantity)) names.push_back(quantity.name);
  Diagnostic& error = diagnostics.error("unknown-name", where, fmt::format("there is no result `{}`", name));
  error.help = suggestion(diagnostics, name, names);
  std::erase_if(names, [](const std::string& each) { return each.find('.') != std::string::npos; });
  if (error.help.empty() && !names.empty()) error.help = fmt::format("declared: {}", listing(names));
}

}  // namespace

bool read_kept_results(Session& session, const std::vector<std::string>& texts) {
  const BoundModel& bound = *session.bound;
  session.kept_results.clear();
  bool good = true;
  for (const std::string& text : texts) {
    const auto file = std::make_shared<SourceFile>("results", text);
    for (const TextPart& part : split_text(text, ",")) {
      const std::string name(part.text);
      const auto id = bound.find_quantity(name);
      if (!id || !is_result(bound.quantities[*id])) {
        tell_no_result(session, file, part, session.diagnostics);
        good = false;
      } else if (std::find(session.kept_results.begin(), session.kept_results.end(), name) !=
                 session.kept_results.end()) {
        session.diagnostics
            .error("named-twice", Location{file, part.offset, name.size()},
                   fmt::format("the result `{}` is named twice", name))
            .help = "name it once";
        good = false;
      } else {
        session.kept_results.push_back(name);
      }
    }
  }
  return good;
}

namespace {

/// Calls take(result, crossed) for everything with limits: where these are crossed is a quantity of its own.
template <class Take>
void each_limit(const BoundModel& bound, const Take& take) {
  for (const BoundAlert& alert : bound.alerts) take(alert.quantity, alert.crossed);
  for (const BoundDiagnosis& indicator : bound.diagnosis)
    for (const BoundDiagnosis::Cell& cell : indicator.cells)
      if (cell.alert) take(cell.alert->quantity, cell.alert->crossed);
}

std::vector<std::size_t> with_questions(const Session& session, std::vector<std::size_t> wanted) {
  for (const Session::DrawQuestion& question : session.draw_questions) wanted.push_back(question.quantity);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

}  // namespace

std::vector<std::size_t> all_drawn_quantities(const Session& session) {
  const auto& quantities = session.bound->quantities;
  // Balances that are closed whatever the inputs are do not vary.
  const std::vector<bool> closed = closed_balances(*session.plan);
  std::vector<std::size_t> wanted;
  for (std::size_t id = 0; id < quantities.size(); ++id)
    if (is_result(quantities[id]) && !closed[id]) wanted.push_back(id);
  return with_questions(session, std::move(wanted));
}

std::vector<std::size_t> drawn_quantities(const Session& session, DrawScope scope) {
  if (scope == DrawScope::questions) return with_questions(session, {});
  if (session.kept_results.empty()) return all_drawn_quantities(session);
  const std::vector<bool> closed = closed_balances(*session.plan);
  std::vector<std::size_t> wanted;
  for (const std::string& name : session.kept_results)
    if (const auto id = session.bound->find_quantity(name); id && !closed[*id]) wanted.push_back(*id);
  const std::vector<std::size_t> named = wanted;
  each_limit(*session.bound, [&](std::size_t result, std::size_t crossed) {
    if (std::find(named.begin(), named.end(), result) != named.end()) wanted.push_back(crossed);
  });
  return with_questions(session, std::move(wanted));
}

std::vector<std::string> certain_kept_results(const Session& session) {
  std::vector<std::string> names;
  for (const std::string& name : session.kept_results)
    if (const auto id = session.bound->find_quantity(name); !id || !session.draw_model->varies(*id))
      names.push_back(name);
  return names;
}

std::vector<std::string> unwatched_limits(const Session& session) {
  std::vector<std::string> names;
  for (const BoundAlert& alert : session.bound->alerts)
    if (const std::string& name = session.bound->quantities[alert.quantity].name;
        !session.draw_model->draws(alert.crossed) &&
        std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  return names;
}

}  // namespace lode

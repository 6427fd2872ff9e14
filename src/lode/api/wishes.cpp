// SPDX-License-Identifier: Apache-2.0
#include "lode/api/wishes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "lode/support/text.hpp"

namespace lode {

namespace {

/// "2025..2050" within brackets; taken out of the formula.
bool take_years(std::string& formula, Wish& wish, Diagnostics& diagnostics) {
  const std::size_t dots = formula.find("..");
  if (dots == std::string::npos) return true;
  const auto is_digit = [&](std::size_t i) {
    return i < formula.size() && formula[i] >= '0' && formula[i] <= '9';
  };
  std::size_t begin = dots, end = dots + 2;
  while (begin > 0 && formula[begin - 1] == ' ') --begin;
  std::size_t first_end = begin;
  while (begin > 0 && is_digit(begin - 1)) --begin;
  while (end < formula.size() && formula[end] == ' ') ++end;
  const std::size_t last_begin = end;
  while (is_digit(end)) ++end;
  int first = 0, last = 0;
  std::from_chars(formula.data() + begin, formula.data() + first_end, first);
  std::from_chars(formula.data() + last_begin, formula.data() + end, last);
  if (begin == first_end || last_begin == end || first > last) {
    diagnostics.error("bad-years", wish.where, "years stand as `[2025..2050]`");
    return false;
  }
  wish.first = first;
  wish.last = last;
  // With the comma or the brackets it leaves behind.
  while (end < formula.size() && formula[end] == ' ') ++end;
  while (begin > 0 && formula[begin - 1] == ' ') --begin;
  const bool opens = begin > 0 && formula[begin - 1] == '[',
             closes = end < formula.size() && formula[end] == ']';
  if (opens && closes) {
    --begin;
    ++end;
  } else if (end < formula.size() && formula[end] == ',') {
    ++end;
  } else if (begin > 0 && formula[begin - 1] == ',') {
    --begin;
  }
  formula.erase(begin, end - begin);
  if (formula.find("..") == std::string::npos) return true;
  diagnostics.error("bad-years", wish.where, "one stretch of years at a time");
  return false;
}

}  // namespace

std::optional<Wish> read_wish(const std::string& text, Diagnostics& diagnostics) {
  Wish wish;
  const auto file = std::make_shared<SourceFile>("condition", text);
  wish.text = trimmed(text);
  wish.where = {file, 0, text.size()};
  // The relation outside brackets and quotation marks: `x[form = NdFeB] = 0`.
  std::size_t at = std::string::npos, width = 0, depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (c == '[' || c == '(') ++depth;
    if ((c == ']' || c == ')') && depth > 0) --depth;
    if (depth > 0 || (c != '=' && c != '<' && c != '>')) continue;
    at = i;
    width = i + 1 < text.size() && text[i + 1] == '=' ? 2 : 1;
    if (c == '<') wish.relation = Wish::Relation::at_most;
    if (c == '>') wish.relation = Wish::Relation::at_least;
    break;
  }
  if (at == std::string::npos || trimmed(text.substr(0, at)).empty() ||
      trimmed(text.substr(at + width)).empty()) {
    diagnostics.error("bad-condition", wish.where, "this is no condition").help =
        "for example `gap[2035] = 0`, or `gap[2025..2050] <= 0` for all these years";
    return std::nullopt;
  }
  wish.sign = wish.relation == Wish::Relation::at_least ? -1 : 1;
  std::string left(trimmed(text.substr(0, at))), right(trimmed(text.substr(at + width)));
  Diagnostics ignored;
  const std::size_t right_at = text.find(right, at + width);
  wish.limit = parse_value(FormulaText::plain(file, right_at, right.size()), ignored);
  if (!take_years(left, wish, diagnostics)) return std::nullopt;
  if (wish.limit && !ignored.has_errors()) {
    wish.formula = left;
    return wish;
  }
  wish.limit.reset();
  if (!wish.first && !take_years(right, wish, diagnostics)) return std::nullopt;
  wish.formula = fmt::format("({}) - ({})", left, right);
  return wish;
}

bool settle_wish(const Session& session, Wish& wish, std::size_t id, Diagnostics& diagnostics) {
  const BoundModel& model = *session.bound;
  const Dimensions& dims = model.dimensions;
  const Quantity& quantity = model.quantities[id];
  wish.quantity = id;
  const bool is_year = quantity.type == Node::Type::year;
  if (wish.limit) {
    const ValueText& limit = *wish.limit;
    Unit own;
    if (limit.unit) {
      const UnitParse parse = parse_unit(limit.unit->text);
      if (!parse.unit) {
        diagnostics.error("unknown-unit", limit.unit->where, parse.error).help = parse.help;
        return false;
      }
      own = *parse.unit;
    }
    const auto factor = conversion(own, quantity.unit, session.model->substance);
    if (limit.number != 0 && !is_year && !factor) {
      diagnostics
          .error("unit-mismatch", limit.where,
                 fmt::format("`{}` is in {}, the limit is {}", wish.formula, quantity.unit.str(),
                             limit.unit ? own.str() : "a plain number"))
          .help = fmt::format("for example `{} {}`", limit.number, quantity.unit.str());
      return false;
    }
    wish.at = is_year || !factor ? limit.number : limit.number * *factor * quantity.unit.scale();
  }
  if (wish.first && !quantity.dims.time) {
    diagnostics.error("no-time", wish.where, "this is no series of years: leave the years out");
    return false;
  }
  for (std::size_t s = 0; s < quantity.defined.series(); ++s)
    for (std::size_t p = dims.first_period(quantity.dims.time); p < quantity.defined.periods(); ++p) {
      if (!quantity.defined.at(s, p)) continue;
      if (wish.first && (dims.years[p] < *wish.first || dims.years[p] > *wish.last)) continue;
      wish.cells.push_back({s, p});
    }
  if (wish.cells.empty()) {
    diagnostics.error(
        "unknown-year", wish.where,
        fmt::format("it has no values there; the model has {}–{}", dims.first_year(), dims.last_year()));
    return false;
  }
  if (wish.relation == Wish::Relation::equal && wish.cells.size() > 1) {
    diagnostics
        .error("not-one-number", wish.where,
               fmt::format("this is {} numbers: one value will hardly make all of them equal",
                           wish.cells.size()))
        .help = "choose one, like `gap[2035] = 0`, or write `<=` or `>=` for all of them";
    return false;
  }
  return true;
}

}  // namespace lode

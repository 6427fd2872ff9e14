// SPDX-License-Identifier: Apache-2.0
#include "lode/api/conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

namespace lode {

namespace {

struct Relation {
  std::size_t at = 0, end = 0;
  Function function{};
  std::size_t depth = 0;  ///< of brackets
};

/// What a text holds outside of quotes.
struct Signs {
  std::vector<Relation> relations;
  std::vector<std::size_t> stops;  ///< words that end a number's unit: `and`, `then`, `over`
  bool joined = false;             ///< by `and`, `or` or `not` outside of brackets
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

bool is_among(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Signs signs_of(const std::string& text) {
  Signs signs;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {
      i = std::min(text.find(c, i + 1), text.size() - 1);
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      depth -= depth > 0 ? 1 : 0;
    } else if (c == '<' || c == '>') {
      const char next = i + 1 < text.size() ? text[i + 1] : ' ';
      const std::size_t end = i + (next == '=' || (c == '<' && next == '>') ? 2 : 1);
      const Function function = c == '>' ? (next == '=' ? Function::greater_equal : Function::greater)
                                         : (next == '=' ? Function::less_equal : Function::less);
      if (c != '<' || next != '>') signs.relations.push_back({i, end, function, depth});
      i = end - 1;
    } else if (is_word(c)) {
      std::size_t end = i;
      while (end < text.size() && is_word(text[end])) ++end;
      const std::string word = text.substr(i, end - i);
      if (is_among(word, {"and", "or", "not", "then", "else", "where", "over", "by", "from", "to"}))
        signs.stops.push_back(i);
      signs.joined = signs.joined || (depth == 0 && is_among(word, {"and", "or", "not"}));
      i = end - 1;
    }
  }
  return signs;
}

/// The number with a unit behind a relation.
std::optional<ValueText> value_behind(const std::string& text, const SourcePtr& file, const Signs& signs,
                                      const Relation& relation) {
  const std::size_t begin = text.find_first_not_of(' ', relation.end);
  if (begin == std::string::npos) return std::nullopt;
  const auto stop = std::upper_bound(signs.stops.begin(), signs.stops.end(), begin);
  std::size_t end = stop == signs.stops.end() ? text.size() : *stop;
  // Brackets that close around the comparison are no part of a unit, those of `t/(cap yr)` are.
  std::size_t open = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] == '(') ++open;
    if (text[i] == ')' && open-- == 0) end = i;
  }
  Diagnostics ignored;
  auto value = parse_value(FormulaText::plain(file, begin, end - begin), ignored);
  if (!value || !value->unit || ignored.has_errors()) return std::nullopt;
  // "3 * x" goes on as formulas do.
  if (std::string("*/+-^").find(value->unit->text.front()) != std::string::npos) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::size_t> find_limit(const std::string& text, const SourcePtr& file, QuestionLimit& limit,
                                      bool& good, Diagnostics& diagnostics) {
  good = true;
  const Signs signs = signs_of(text);
  for (const Relation& relation : signs.relations) {
    const auto value = value_behind(text, file, signs, relation);
    if (!value) continue;
    const Location& where = value->where;
    const auto outer = std::count_if(signs.relations.begin(), signs.relations.end(),
                                     [](const Relation& each) { return each.depth == 0; });
    const bool alone = relation.depth == 0 && outer == 1 && !signs.joined &&
                       text.find_first_not_of(' ', where.offset + where.length) == std::string::npos;
    if (alone) {
      limit = {relation.function, *value};
      return relation.at;
    }
    good = false;
    diagnostics
        .error("limit-joined", where,
               "a comparison with a number and a unit stands alone, without brackets, `and`, `or` and `not`")
        .help = "ask for each by itself, or declare the number under `parameters:` and compare with its name";
    return std::nullopt;
  }
  return std::nullopt;
}

namespace {

using Seen = std::set<std::size_t>;
bool is_condition(const BoundModel& bound, const Quantity& quantity, Seen& seen);

bool is_condition(const BoundModel& bound, const Node& node, Seen& seen) {
  switch (node.kind) {
    case Node::Kind::condition:
      return true;
    case Node::Kind::gather:
      return is_condition(bound, *node.operands.front(), seen);
    case Node::Kind::quantity:
      return seen.insert(node.id).second && is_condition(bound, bound.quantities[node.id], seen);
    case Node::Kind::map:
      switch (node.function) {
        case Function::equal:
        case Function::not_equal:
        case Function::less:
        case Function::less_equal:
        case Function::greater:
        case Function::greater_equal:
        case Function::logical_and:
        case Function::logical_or:
        case Function::logical_not:
        case Function::known:
          return true;
        default:
          return false;
      }
    default:
      return false;
  }
}

bool is_condition(const BoundModel& bound, const Quantity& quantity, Seen& seen) {
  return !quantity.pieces.empty() &&
         std::all_of(quantity.pieces.begin(), quantity.pieces.end(), [&](const BoundPiece& piece) {
           return piece.expression && is_condition(bound, *piece.expression, seen);
         });
}

}  // namespace

bool is_condition(const BoundModel& bound, const Quantity& quantity) {
  Seen seen;
  return is_condition(bound, quantity, seen);
}

}  // namespace lode

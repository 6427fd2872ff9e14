// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/language/expression.hpp"
#include "lode/support/diagnostics.hpp"

namespace lode {

struct Token {
  enum class Kind { number, name, keyword, quoted, symbol, end };
  Kind kind = Kind::end;
  std::string text;  ///< as written; quoted: without its quotes; end: empty
  double number = 0;
  bool percent = false;
  std::size_t begin = 0;  ///< bytes of the formula's text
  std::size_t end = 0;

  bool is(Kind k, std::string_view t) const { return kind == k && text == t; }
  bool symbol(std::string_view t) const { return is(Kind::symbol, t); }
  bool keyword(std::string_view t) const { return is(Kind::keyword, t); }
};

/// Splits a formula into tokens, closed by one of kind end; empty after a mistake, which is reported.
std::optional<std::vector<Token>> tokenize(const FormulaText& formula, Diagnostics& diagnostics);

/// A word that needs no quotes as a label: letters, digits and _, no digit first, no keyword.
bool is_plain_word(std::string_view text);
/// The words of the grammar itself: if then else and or not over by where from to.
bool is_keyword(std::string_view word);

}  // namespace lode

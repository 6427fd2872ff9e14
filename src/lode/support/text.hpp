// SPDX-License-Identifier: Apache-2.0
//
// Text as people type it and as a terminal shows it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

/// The text without the blanks, tabs and line ends at its ends.
inline std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// With the letters A to Z as a to z.
std::string lower_case(std::string_view text);

/// 3 of U'³'.
std::optional<int> superscript_digit(char32_t character);

/// A stretch of a text with its place in it.
struct TextPart {
  std::string_view text;
  std::size_t offset = 0;
};

/// The trimmed parts between separators; those inside brackets part nothing. One part more than separators.
std::vector<TextPart> split_text(std::string_view text, std::string_view separators);

/// Blanks behind the text, or before it, up to a number of terminal columns.
std::string padded(std::string_view text, std::size_t width, bool right = false);

/// A line for each row, columns set apart by two blanks. `columns` has `l` or `r` for each: where its text
/// stands; the last letter holds for those behind it too.
std::vector<std::string> aligned_lines(const std::vector<std::vector<std::string>>& rows,
                                       std::string_view columns);
std::string aligned_table(const std::vector<std::vector<std::string>>& rows, std::string_view columns);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/support/text.hpp"

#include <algorithm>

#include "lode/support/source.hpp"

namespace lode {

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<int> superscript_digit(char32_t character) {
  const auto at = std::u32string_view(U"⁰¹²³⁴⁵⁶⁷⁸⁹").find(character);
  return at == std::u32string_view::npos ? std::nullopt : std::optional(static_cast<int>(at));
}

std::vector<TextPart> split_text(std::string_view text, std::string_view separators) {
  std::vector<TextPart> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size()) {
      if (text[i] == '[' || text[i] == '(') ++depth;
      if (text[i] == ']' || text[i] == ')') --depth;
      if (depth > 0 || separators.find(text[i]) == std::string_view::npos) continue;
    }
    const std::string_view part = trimmed(text.substr(begin, i - begin));
    parts.push_back({part, static_cast<std::size_t>(part.data() - text.data())});
    begin = i + 1;
  }
  return parts;
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  std::string result(text);
  const std::size_t own = display_width(text);
  if (own < width) result.insert(right ? 0 : result.size(), width - own, ' ');
  return result;
}

std::vector<std::string> aligned_lines(const std::vector<std::vector<std::string>>& rows,
                                       std::string_view columns) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c)
      line += (c ? "  " : "") + padded(row[c], widths[c], columns[std::min(c, columns.size() - 1)] == 'r');
    while (line.ends_with(' ')) line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string aligned_table(const std::vector<std::vector<std::string>>& rows, std::string_view columns) {
  std::string out;
  for (const std::string& line : aligned_lines(rows, columns)) out += line + "\n";
  return out;
}

}  // namespace lode

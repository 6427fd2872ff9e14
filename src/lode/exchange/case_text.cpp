// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/case_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lode/language/lexer.hpp"
#include "lode/support/utf8.hpp"

namespace lode {

std::string identifier(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    i += c.length;
    std::string character;
    char32_t plain = half_width(c.value);
    if (plain >= U'A' && plain <= U'Z') plain += U'a' - U'A';
    if (c.valid) append_utf8(character, plain);
    const bool fits = c.valid && plain != U'_' && is_plain_word("x" + character);
    if (fits) {
      result += character;
    } else if (!result.empty() && result.back() != '_') {
      result += '_';
    }
  }
  while (result.ends_with('_')) result.pop_back();
  if (result.empty()) return "unnamed";
  if (result[0] >= '0' && result[0] <= '9') result.insert(0, "n_");
  return result;
}

std::string yaml_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string time_text(const std::vector<int>& years) {
  if (years.size() == 1) return std::to_string(years[0]);
  if (years.back() - years.front() + 1 == static_cast<int>(years.size()))
    return fmt::format("{{first: {}, last: {}}}", years.front(), years.back());
  return fmt::format("{{years: [{}]}}", fmt::join(years, ", "));
}

std::string bibtex_text(std::string text) {
  for (char& c : text) {
    if (c == '{' || c == '}' || c == '\n' || c == '@') c = ' ';
  }
  return text;
}

}  // namespace lode

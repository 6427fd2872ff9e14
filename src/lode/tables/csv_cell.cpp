// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/csv_cell.hpp"

namespace lode {

std::string csv_cell(std::string_view text, char delimiter) {
  // Any usual delimiter, because readers find a file's own by counting them in its first line.
  const bool plain = text.find_first_of(",;\t\"\r\n") == std::string_view::npos &&
                     text.find(delimiter) == std::string_view::npos && !text.starts_with('#') &&
                     !text.starts_with(' ') && !text.ends_with(' ');
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace lode {

/// One decoded character of a text; a byte that belongs to no character is decoded as itself with `valid`
/// unset.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = true;
};

/// The character at a byte offset, which must lie inside the text.
CodePoint decode_utf8(std::string_view text, std::size_t offset);
void append_utf8(std::string& text, char32_t character);
/// Terminal columns of one character: 0 for combining marks, 2 for full-width ones, else 1.
std::size_t character_width(char32_t character);
/// The half-width ASCII character of a full-width one (Ａ → A, ％ → %, ideographic space → space), else
/// itself.
char32_t half_width(char32_t character);
std::u32string to_utf32(std::string_view utf8);

}  // namespace lode

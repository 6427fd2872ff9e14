// SPDX-License-Identifier: Apache-2.0
#include "lode/support/source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "lode/support/contract.hpp"
#include "lode/support/utf8.hpp"

namespace lode {

SourceFile::SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const bool lone_return = text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
    if (text_[i] == '\n' || lone_return) line_starts_.push_back(i + 1);
  }
}

std::string_view SourceFile::line(std::size_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[number - 1];
  std::string_view text = std::string_view(text_).substr(begin, line_start(number + 1) - begin);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::size_t SourceFile::line_start(std::size_t number) const {
  if (number == 0) return 0;
  return number > line_starts_.size() ? text_.size() : line_starts_[number - 1];
}

std::size_t SourceFile::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin());
}

std::size_t Location::line() const {
  return file ? file->line_of(std::min(offset, file->text().size())) : 0;
}

std::size_t Location::column() const {
  if (!file) return 0;
  const std::size_t end = std::min(offset, file->text().size());
  const std::size_t begin = file->line_start(file->line_of(end));
  return code_points(std::string_view(file->text()).substr(begin, end - begin)) + 1;
}

std::string Location::str() const {
  if (!file) return {};
  return file->path() + ":" + std::to_string(line()) + ":" + std::to_string(column());
}

Location cover(const Location& a, const Location& b) {
  if (!a) return b;
  if (!b || a.file != b.file) return a;
  const std::size_t begin = std::min(a.offset, b.offset);
  const std::size_t end = std::max(a.offset + a.length, b.offset + b.length);
  return {a.file, begin, end - begin};
}

CodePoint decode_utf8(std::string_view text, std::size_t offset) {
  LODE_EXPECT(offset < text.size());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(offset);
  if (first < 0x80) return {first, 1, true};
  const CodePoint broken{first, 1, false};
  std::size_t length = 0;
  char32_t value = 0;
  char32_t least = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2, value = first & 0x1Fu, least = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3, value = first & 0x0Fu, least = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4, value = first & 0x07u, least = 0x10000;
  } else {
    return broken;
  }
  if (offset + length > text.size()) return broken;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(offset + i) & 0xC0u) != 0x80u) return broken;
    value = (value << 6u) | (byte(offset + i) & 0x3Fu);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least || value > 0x10FFFF || surrogate) return broken;
  return {value, length, true};
}

void append_utf8(std::string& text, char32_t character) {
  const auto put = [&](char32_t byte) {
    text.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
  };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0u | (character >> 6u));
    put(0x80u | (character & 0x3Fu));
  } else if (character < 0x10000) {
    put(0xE0u | (character >> 12u));
    put(0x80u | ((character >> 6u) & 0x3Fu));
    put(0x80u | (character & 0x3Fu));
  } else {
    put(0xF0u | (character >> 18u));
    put(0x80u | ((character >> 12u) & 0x3Fu));
    put(0x80u | ((character >> 6u) & 0x3Fu));
    put(0x80u | (character & 0x3Fu));
  }
}

std::size_t character_width(char32_t c) {
  using Range = std::pair<char32_t, char32_t>;
  static constexpr std::array<Range, 6> none{{{0x0300, 0x036F},
                                              {0x1AB0, 0x1AFF},
                                              {0x200B, 0x200F},
                                              {0x20D0, 0x20FF},
                                              {0xFE00, 0xFE0F},
                                              {0xFEFF, 0xFEFF}}};
  static constexpr std::array<Range, 13> wide{{{0x1100, 0x115F},
                                               {0x2E80, 0x303E},
                                               {0x3041, 0x33FF},
                                               {0x3400, 0x4DBF},
                                               {0x4E00, 0x9FFF},
                                               {0xA000, 0xA4CF},
                                               {0xA960, 0xA97F},
                                               {0xAC00, 0xD7A3},
                                               {0xF900, 0xFAFF},
                                               {0xFE30, 0xFE6F},
                                               {0xFF01, 0xFF60},
                                               {0xFFE0, 0xFFE6},
                                               {0x1F300, 0x3FFFD}}};
  const auto in = [c](const Range& range) { return c >= range.first && c <= range.second; };
  if (c < 0x300) return 1;
  if (std::any_of(none.begin(), none.end(), in)) return 0;
  return std::any_of(wide.begin(), wide.end(), in) ? 2 : 1;
}

char32_t half_width(char32_t character) {
  if (character >= 0xFF01 && character <= 0xFF5E) return character - 0xFEE0;
  if (character == 0x3000) return U' ';
  if (character == 0xFFE5) return U'\u00A5';
  if (character == 0xFFE0) return U'\u00A2';
  if (character == 0xFFE1) return U'\u00A3';
  return character;
}

std::u32string to_utf32(std::string_view utf8) {
  std::u32string result;
  for (std::size_t i = 0; i < utf8.size();) {
    const CodePoint c = decode_utf8(utf8, i);
    result.push_back(c.value);
    i += c.length;
  }
  return result;
}

std::size_t code_points(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < utf8.size(); ++count) i += decode_utf8(utf8, i).length;
  return count;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const CodePoint c = decode_utf8(utf8, i);
    width += c.valid ? character_width(c.value) : 1;
    i += c.length;
  }
  return width;
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    if (!c.valid) return false;
    i += c.length;
  }
  return true;
}

}  // namespace lode

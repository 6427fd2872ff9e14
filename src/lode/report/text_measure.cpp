// SPDX-License-Identifier: Apache-2.0
#include "lode/report/text_measure.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "lode/support/utf8.hpp"

namespace lode {
namespace {

/// Advance widths of Helvetica in thousandths of an em, from space to tilde.
constexpr std::array<std::uint16_t, 95> latin = {
    278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,  // space … /
    556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,  // 0 … ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,  // @ … O
    667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,  // P … _
    333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,  // ` … o
    556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};      // p … ~
constexpr double bold_factor = 1.07, allowance = 1.03;

double em(char32_t c) {
  if (c >= 0x20 && c <= 0x7E) return latin[c - 0x20] / 1000.0;
  const std::size_t columns = character_width(c);
  if (columns == 0 || c < 0x20) return 0;
  if (columns == 2) return 1;
  switch (c) {
    case 0x2009:  // thin space
    case 0x202F:
      return 0.2;
    case 0xA0:
    case 0xB7:
      return 0.28;
    case 0x2018:
    case 0x2019:
      return 0.3;
    case 0x201C:
    case 0x201D:
      return 0.4;
    case 0x2013:
    case 0xB1:
    case 0x2212:
    case 0xD7:
      return 0.584;
    case 0x2014:
    case 0x2026:
    case 0x2192:
      return 1;
    default:
      break;
  }
  if ((c >= 0x2070 && c <= 0x209F) || c == 0xB2 || c == 0xB3 || c == 0xB9) return 0.36;  // raised and lowered
  if (c >= 0xC0 && c <= 0xDE) return 0.75;
  if (c >= 0xDF && c <= 0x24F) return 0.58;
  return 0.72;
}

bool is_full_width(char32_t c) {
  return character_width(c) == 2;
}
bool must_not_begin_line(char32_t c) {
  static const std::u32string_view marks = U"，。、；：！？）】》」』〉〕”’％…—·,.;:!?)]}%";
  return marks.find(c) != std::u32string_view::npos;
}
bool must_not_end_line(char32_t c) {
  static const std::u32string_view marks = U"（【《「『〈〔“‘([{";
  return marks.find(c) != std::u32string_view::npos;
}

/// A piece that stays together, without the space that may follow it.
struct Piece {
  std::string text;
  bool space_after = false;
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::string word;
  const std::u32string characters = to_utf32(text);
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const char32_t c = characters[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x3000) {
      if (!word.empty()) {
        pieces.push_back({std::exchange(word, ""), true});
      } else if (!pieces.empty()) {
        pieces.back().space_after = true;
      }
      continue;
    }
    append_utf8(word, c);
    if (i + 1 == characters.size()) break;
    const char32_t next = characters[i + 1];
    const bool joint = (c == '-' || c == '/' || c == 0x2013 || is_full_width(c) || is_full_width(next)) &&
                       !must_not_begin_line(next) && !must_not_end_line(c);
    if (joint && next != ' ') pieces.push_back({std::exchange(word, ""), false});
  }
  if (!word.empty()) pieces.push_back({word, false});
  if (!pieces.empty()) pieces.back().space_after = false;
  return pieces;
}

/// Cuts what is wider than a line, character by character.
std::vector<Piece> cut_to(std::vector<Piece> pieces, const TextStyle& style, double width) {
  std::vector<Piece> result;
  for (Piece& piece : pieces) {
    if (text_width(piece.text, style) <= width) {
      result.push_back(std::move(piece));
      continue;
    }
    std::string part;
    for (std::size_t at = 0; at < piece.text.size();) {
      const std::size_t length = decode_utf8(piece.text, at).length;
      const std::string longer = part + piece.text.substr(at, length);
      if (!part.empty() && text_width(longer, style) > width) {
        result.push_back({part, false});
        part = piece.text.substr(at, length);
      } else {
        part = longer;
      }
      at += length;
    }
    result.push_back({part, piece.space_after});
  }
  return result;
}

std::vector<std::string> fill_lines(const std::vector<Piece>& pieces, const TextStyle& style, double width) {
  std::vector<std::string> lines;
  std::string line;
  bool space = false;
  for (const Piece& piece : pieces) {
    const std::string longer = line + (space ? " " : "") + piece.text;
    if (!line.empty() && text_width(longer, style) > width) {
      lines.push_back(line);
      line = piece.text;
    } else {
      line = longer;
    }
    space = piece.space_after;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

double line_height(const TextStyle& style) {
  return 1.18 * style.size;
}
double ascent(const TextStyle& style) {
  return 0.88 * style.size;
}
double descent(const TextStyle& style) {
  return 0.22 * style.size;
}

double text_width(std::string_view text, const TextStyle& style) {
  double ems = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    ems += em(point.value);
    at += point.length;
  }
  return ems * style.size * (style.bold ? bold_factor : 1) * allowance;
}

std::vector<std::string> wrap_text(std::string_view text, const TextStyle& style, double width,
                                   std::size_t most_lines) {
  const std::vector<Piece> pieces = cut_to(pieces_of(text), style, width);
  std::vector<std::string> lines = fill_lines(pieces, style, width);
  if (lines.size() > 1 && lines.size() <= most_lines) {
    // The narrowest width that needs no more lines gives lines of about equal length.
    double low = 0, high = width;
    for (int step = 0; step < 12; ++step) {
      const double middle = (low + high) / 2;
      const std::vector<std::string> narrower = fill_lines(pieces, style, middle);
      if (narrower.size() > lines.size()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    lines = fill_lines(pieces, style, high);
  }
  if (lines.size() > most_lines && most_lines > 0) {
    lines.resize(most_lines);
    std::u32string last = to_utf32(lines.back());
    const auto text_of = [](const std::u32string& characters) {
      std::string out;
      for (const char32_t c : characters) append_utf8(out, c);
      return out + "…";
    };
    while (!last.empty() && (last.back() == ' ' || text_width(text_of(last), style) > width)) last.pop_back();
    lines.back() = text_of(last);
  }
  return lines;
}

double longest_word(std::string_view text, const TextStyle& style) {
  double longest = 0;
  for (const Piece& piece : pieces_of(text)) longest = std::max(longest, text_width(piece.text, style));
  return longest;
}

}  // namespace lode

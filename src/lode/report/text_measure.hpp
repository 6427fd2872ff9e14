// SPDX-License-Identifier: Apache-2.0
//
// How much room a text takes, without a font engine: the advance widths of Helvetica and its metric twins for
// Latin, one em for what is full-width, an upper estimate for the rest.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

struct TextStyle {
  double size = 7;  ///< points
  bool bold = false;
};

/// Points from one baseline to the next.
double line_height(const TextStyle& style);
/// Points above the baseline that capitals and full-width characters take, and below it that the rest takes.
double ascent(const TextStyle& style);
double descent(const TextStyle& style);

/// Points, rounded up a little: other fonts of the list run wider.
double text_width(std::string_view text, const TextStyle& style);

/// The text in lines of at most `width` points and about equal length. Breaks at spaces, after hyphens and
/// slashes, and between Chinese characters (never before a closing mark or after an opening one); a word too
/// long for a line is cut. What `most_lines` cannot hold ends in "…".
std::vector<std::string> wrap_text(std::string_view text, const TextStyle& style, double width,
                                   std::size_t most_lines = 4);
/// The widest piece that wrapping would not break.
double longest_word(std::string_view text, const TextStyle& style);

}  // namespace lode

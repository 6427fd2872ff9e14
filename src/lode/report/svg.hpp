// SPDX-License-Identifier: Apache-2.0
//
// A small writer of SVG. Whatever text comes in, what goes out is well-formed XML without scripts, links or
// anything fetched from elsewhere; numbers are written the same way everywhere, so that the same figure is
// the same bytes.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lode/report/geometry.hpp"
#include "lode/report/text_measure.hpp"

namespace lode {

/// Text for element content and attribute values. Bytes that are no character, and characters XML forbids,
/// become U+FFFD.
std::string xml_escaped(std::string_view text);

/// At most `decimals` digits after the point, no trailing zeros, no exponent, never "-0".
std::string svg_number(double value, int decimals = 2);

/// What `d` of a path holds.
class SvgPath {
 public:
  SvgPath& move_to(Point p);
  SvgPath& line_to(Point p);
  SvgPath& curve_to(Point control_1, Point control_2, Point p);
  SvgPath& close();
  const std::string& text() const { return text_; }

 private:
  SvgPath& add(char command, std::initializer_list<double> numbers);
  std::string text_;
};

/// An attribute's value: text, or a number.
class SvgValue {
 public:
  SvgValue(double number) : text_(svg_number(number)) {}  // NOLINT(google-explicit-constructor)
  SvgValue(std::string_view text) : text_(text) {}        // NOLINT(google-explicit-constructor)
  SvgValue(const std::string& text) : text_(text) {}      // NOLINT(google-explicit-constructor)
  SvgValue(const char* text) : text_(text) {}             // NOLINT(google-explicit-constructor)
  SvgValue(const SvgPath& path) : text_(path.text()) {}   // NOLINT(google-explicit-constructor)
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using SvgAttributes = std::vector<std::pair<std::string_view, SvgValue>>;

enum class TextAnchor { start, middle, end };

struct TextRun {
  std::string text;
  bool bold = false;
};

class SvgWriter {
 public:
  /// A page of this size in points. `title` and `description` are what a screen reader says.
  SvgWriter(double width, double height, const std::string& language, const std::string& title,
            const std::string& description);

  /// An element that holds others until `close`.
  void open(std::string_view tag, const SvgAttributes& attributes = {});
  void close();
  void element(std::string_view tag, const SvgAttributes& attributes);
  /// A group with the text that shows when the pointer rests on it.
  void open_with_title(std::string_view tag, const SvgAttributes& attributes, std::string_view title);

  void rect(const Rect& where, const SvgAttributes& attributes);
  void line(Point from, Point to, const SvgAttributes& attributes);
  void path(const SvgPath& path, const SvgAttributes& attributes);
  /// One line of text; `where` is on its baseline.
  void text(Point where, std::string_view text, const TextStyle& style, TextAnchor anchor = TextAnchor::start,
            const SvgAttributes& attributes = {});
  /// Lines of text below one another, the first one's baseline at `where`.
  void text_lines(Point where, const std::vector<std::string>& lines, const TextStyle& style,
                  TextAnchor anchor = TextAnchor::start, const SvgAttributes& attributes = {});
  /// One line in which some parts are bold.
  void text_runs(Point where, const std::vector<TextRun>& runs, const TextStyle& style,
                 TextAnchor anchor = TextAnchor::start, const SvgAttributes& attributes = {});

  /// The document; closes what is open. The writer is used up.
  std::string finish();

 private:
  void begin(std::string_view tag, const SvgAttributes& attributes);
  void indent();
  std::string out_;
  std::vector<std::string> open_;
};

/// The fonts of every figure, Latin before Chinese so that each script gets its own.
std::string_view figure_fonts();

}  // namespace lode

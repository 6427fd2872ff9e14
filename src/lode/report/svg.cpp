// SPDX-License-Identifier: Apache-2.0
#include "lode/report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/support/contract.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

/// XML 1.0, production Char.
bool allowed_in_xml(char32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

const char* anchor_name(TextAnchor anchor) {
  return anchor == TextAnchor::start ? "start" : anchor == TextAnchor::middle ? "middle" : "end";
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text, at);
    if (!point.valid || !allowed_in_xml(point.value)) {
      out += "\uFFFD";
    } else if (point.value == '&') {
      out += "&amp;";
    } else if (point.value == '<') {
      out += "&lt;";
    } else if (point.value == '>') {
      out += "&gt;";
    } else if (point.value == '"') {
      out += "&quot;";
    } else if (point.value == '\'') {
      out += "&#39;";
    } else if (point.value < 0x20) {
      out += ' ';
    } else {
      out += text.substr(at, point.length);
    }
    at += point.length;
  }
  return out;
}

std::string svg_number(double value, int decimals) {
  LODE_EXPECT(std::isfinite(value));
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

SvgPath& SvgPath::add(char command, std::initializer_list<double> numbers) {
  if (!text_.empty()) text_ += ' ';
  text_ += command;
  bool first = true;
  for (const double number : numbers) {
    if (!first) text_ += ' ';
    first = false;
    text_ += svg_number(number);
  }
  return *this;
}

SvgPath& SvgPath::move_to(Point p) {
  return add('M', {p.x, p.y});
}
SvgPath& SvgPath::line_to(Point p) {
  return add('L', {p.x, p.y});
}
SvgPath& SvgPath::curve_to(Point control_1, Point control_2, Point p) {
  return add('C', {control_1.x, control_1.y, control_2.x, control_2.y, p.x, p.y});
}
SvgPath& SvgPath::close() {
  return add('Z', {});
}

SvgWriter::SvgWriter(double width, double height, const std::string& language, const std::string& title,
                     const std::string& description) {
  const auto millimetres = [](double points) { return svg_number(points / points_per_millimetre) + "mm"; };
  open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
               {"width", millimetres(width)},
               {"height", millimetres(height)},
               {"viewBox", fmt::format("0 0 {} {}", svg_number(width), svg_number(height))},
               {"role", "img"},
               {"aria-labelledby", "figure-title figure-description"},
               {"xml:lang", language},
               {"lang", language},
               {"font-family", figure_fonts()}});
  open("title", {{"id", "figure-title"}});
  out_.pop_back();
  out_ += xml_escaped(title) + "</title>\n";
  open_.pop_back();
  open("desc", {{"id", "figure-description"}});
  out_.pop_back();
  out_ += xml_escaped(description) + "</desc>\n";
  open_.pop_back();
  element("rect", {{"width", width}, {"height", height}, {"fill", "#ffffff"}});
}

void SvgWriter::indent() {
  out_.append(open_.size(), ' ');
}

void SvgWriter::begin(std::string_view tag, const SvgAttributes& attributes) {
  indent();
  out_ += '<';
  out_ += tag;
  for (const auto& [name, value] : attributes) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"" + xml_escaped(value.text()) + "\"";
  }
}

void SvgWriter::open(std::string_view tag, const SvgAttributes& attributes) {
  begin(tag, attributes);
  out_ += ">\n";
  open_.emplace_back(tag);
}

void SvgWriter::open_with_title(std::string_view tag, const SvgAttributes& attributes,
                                std::string_view title) {
  open(tag, attributes);
  indent();
  out_ += "<title>" + xml_escaped(title) + "</title>\n";
}

void SvgWriter::close() {
  LODE_EXPECT(!open_.empty());
  const std::string tag = open_.back();
  open_.pop_back();
  indent();
  out_ += "</" + tag + ">\n";
}

void SvgWriter::element(std::string_view tag, const SvgAttributes& attributes) {
  begin(tag, attributes);
  out_ += "/>\n";
}

namespace {

SvgAttributes with(SvgAttributes first, const SvgAttributes& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

}  // namespace

void SvgWriter::rect(const Rect& where, const SvgAttributes& attributes) {
  element("rect", with({{"x", where.x}, {"y", where.y}, {"width", where.width}, {"height", where.height}},
                       attributes));
}

void SvgWriter::line(Point from, Point to, const SvgAttributes& attributes) {
  element("line", with({{"x1", from.x}, {"y1", from.y}, {"x2", to.x}, {"y2", to.y}}, attributes));
}

void SvgWriter::path(const SvgPath& path, const SvgAttributes& attributes) {
  element("path", with({{"d", path}}, attributes));
}

void SvgWriter::text(Point where, std::string_view text, const TextStyle& style, TextAnchor anchor,
                     const SvgAttributes& attributes) {
  SvgAttributes all = {{"x", where.x}, {"y", where.y}, {"font-size", style.size}};
  if (style.bold) all.emplace_back("font-weight", "bold");
  if (anchor != TextAnchor::start) all.emplace_back("text-anchor", anchor_name(anchor));
  begin("text", with(std::move(all), attributes));
  out_ += ">" + xml_escaped(text) + "</text>\n";
}

void SvgWriter::text_lines(Point where, const std::vector<std::string>& lines, const TextStyle& style,
                           TextAnchor anchor, const SvgAttributes& attributes) {
  for (const std::string& line : lines) {
    text(where, line, style, anchor, attributes);
    where.y += line_height(style);
  }
}

void SvgWriter::text_runs(Point where, const std::vector<TextRun>& runs, const TextStyle& style,
                          TextAnchor anchor, const SvgAttributes& attributes) {
  SvgAttributes all = {{"x", where.x}, {"y", where.y}, {"font-size", style.size}, {"xml:space", "preserve"}};
  if (anchor != TextAnchor::start) all.emplace_back("text-anchor", anchor_name(anchor));
  begin("text", with(std::move(all), attributes));
  out_ += '>';
  for (const TextRun& run : runs) {
    if (run.text.empty()) continue;
    out_ += run.bold ? "<tspan font-weight=\"bold\">" : "<tspan>";
    out_ += xml_escaped(run.text) + "</tspan>";
  }
  out_ += "</text>\n";
}

std::string SvgWriter::finish() {
  while (!open_.empty()) close();
  return std::move(out_);
}

std::string_view figure_fonts() {
  return "Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'Noto Sans CJK SC', 'Source Han Sans SC', "
         "'Microsoft YaHei', 'PingFang SC', sans-serif";
}

}  // namespace lode

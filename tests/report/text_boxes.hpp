// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lode/report/geometry.hpp"
#include "lode/report/text_measure.hpp"

namespace lode::testing {

struct TextBox {
  std::string text;
  Rect box;
};

inline std::string attribute(const std::string& tag, const std::string& name) {
  const std::size_t at = tag.find(" " + name + "=\"");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 3;
  return tag.substr(from, tag.find('"', from) - from);
}

/// Where the texts of an SVG stand, by the writer's own measure of text; some are turned to read upwards.
/// Rims behind a text are left out.
inline std::vector<TextBox> text_boxes(const std::string& svg) {
  std::vector<TextBox> boxes;
  for (std::size_t at = 0; (at = svg.find("<text ", at)) != std::string::npos;) {
    const std::size_t open_end = svg.find('>', at), end = svg.find("</text>", at);
    const std::string tag = svg.substr(at, open_end - at);
    std::string content = svg.substr(open_end + 1, end - open_end - 1), plain;
    const bool bold = tag.find("font-weight=\"bold\"") != std::string::npos;
    for (std::size_t i = 0; i < content.size(); ++i) {
      if (content[i] == '<') {
        i = content.find('>', i);
        continue;
      }
      if (content[i] == '&') {  // one character, whichever
        plain += 'n';
        i = content.find(';', i);
        continue;
      }
      plain += content[i];
    }
    const TextStyle style{std::stod(attribute(tag, "font-size")), bold};
    const double width = text_width(plain, style) / 1.03, x = std::stod(attribute(tag, "x")),
                 y = std::stod(attribute(tag, "y"));
    const std::string anchor = attribute(tag, "text-anchor");
    const double left = anchor == "end" ? x - width : anchor == "middle" ? x - width / 2 : x;
    Rect box{left, y - 0.72 * style.size, width, 0.86 * style.size};
    if (const std::string turn = attribute(tag, "transform"); turn.rfind("rotate(-90 ", 0) == 0) {
      std::size_t used = 0;
      const double cx = std::stod(turn.substr(11), &used), cy = std::stod(turn.substr(11 + used));
      box = {cx + box.y - cy, cy - (box.right() - cx), box.height, box.width};
    }
    if (attribute(tag, "aria-hidden").empty()) boxes.push_back({plain, box});
    at = end;
  }
  return boxes;
}

/// No text leaves the page or lies over another.
inline void expect_readable(const std::string& svg) {
  const std::size_t at = svg.find("viewBox=\"0 0 ");
  ASSERT_NE(at, std::string::npos);
  const double width = std::stod(svg.substr(at + 13));
  const double height = std::stod(svg.substr(svg.find(' ', at + 13) + 1));
  const std::vector<TextBox> boxes = text_boxes(svg);
  EXPECT_FALSE(boxes.empty());
  const Rect page{0, 0, width, height};
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    EXPECT_TRUE(page.contains(boxes[i].box, 0.5)) << boxes[i].text;
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(boxes[i].box.overlaps(boxes[k].box, 0.3)) << boxes[i].text << " over " << boxes[k].text;
  }
}

}  // namespace lode::testing

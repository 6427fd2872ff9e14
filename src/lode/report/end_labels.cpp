// SPDX-License-Identifier: Apache-2.0
#include "lode/report/end_labels.hpp"

#include <algorithm>
#include <cmath>

namespace lode {
namespace {

constexpr double leader = 9, sign_width = 5.5, gap = 2.5, between = 1.2;
constexpr TextStyle number_style{6.5, true};

double room_before_text(const EndLabel& label) {
  return leader + (label.sign == EndLabel::Sign::none ? 0 : sign_width + gap);
}

double line_width(const EndLabel& label, std::size_t line) {
  double width = text_width(label.lines[line], end_label_style);
  if (line + 1 == label.lines.size() && !label.number.empty())
    width += (label.lines[line].empty() ? 0 : gap) + text_width(label.number, number_style);
  return width;
}

void wrap(EndLabel& label, double most) {
  const double room = most - room_before_text(label);
  label.lines = wrap_text(label.name, end_label_style, room, 3);
  if (label.lines.empty()) label.lines.emplace_back();
  if (!label.number.empty() && line_width(label, label.lines.size() - 1) > room) label.lines.emplace_back();
  label.height = static_cast<double>(label.lines.size()) * line_height(end_label_style);
}

}  // namespace

double end_labels_room(const std::vector<EndLabel>& labels, double most) {
  double widest = 0;
  for (EndLabel label : labels) {
    wrap(label, most);
    for (std::size_t i = 0; i < label.lines.size(); ++i)
      widest = std::max(widest, room_before_text(label) + line_width(label, i));
  }
  return std::ceil(std::min(widest, most));
}

double end_labels_height(const std::vector<EndLabel>& labels, double most) {
  double height = 0;
  for (EndLabel label : labels) {
    wrap(label, most);
    height += label.height + between;
  }
  return height;
}

void place_end_labels(std::vector<EndLabel>& labels, double most, double top, double bottom) {
  for (EndLabel& label : labels) wrap(label, most);
  std::stable_sort(labels.begin(), labels.end(),
                   [](const EndLabel& a, const EndLabel& b) { return a.anchor < b.anchor; });
  // Labels that would touch join a block; a block lies at the mean of where its members would want it.
  struct Block {
    std::size_t first, count;
    double wanted, height;  ///< sum of the members' wishes for the block's top; height of all
    double top() const { return wanted / static_cast<double>(count); }
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    blocks.push_back({i, 1, labels[i].anchor - labels[i].height / 2, labels[i].height + between});
    while (blocks.size() > 1) {
      Block& above = blocks[blocks.size() - 2];
      const Block& below = blocks.back();
      if (above.top() + above.height <= below.top()) break;
      above.wanted += below.wanted - static_cast<double>(below.count) * above.height;
      above.count += below.count;
      above.height += below.height;
      blocks.pop_back();
    }
  }
  std::vector<double> tops(labels.size());
  for (const Block& block : blocks) {
    double y = block.top();
    for (std::size_t i = block.first; i < block.first + block.count; ++i) {
      tops[i] = y;
      y += labels[i].height + between;
    }
  }
  // Into the room there is, from above and then from below.
  double y = bottom;
  for (std::size_t i = labels.size(); i-- > 0;) {
    tops[i] = std::min(tops[i], y - labels[i].height);
    y = tops[i] - between;
  }
  y = top;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    tops[i] = std::max(tops[i], y);
    y = tops[i] + labels[i].height + between;
    labels[i].top = tops[i];
  }
}

void draw_end_labels(SvgWriter& svg, const std::vector<EndLabel>& labels, double x) {
  for (const EndLabel& label : labels) {
    const double first_middle = label.top + line_height(end_label_style) / 2;
    const double middle = label.lines.size() == 1 ? first_middle : label.top + label.height / 2;
    const SvgAttributes stroke = {{"stroke", "#8a8a8a"}, {"stroke-width", 0.4}, {"fill", "none"}};
    SvgPath path;
    path.move_to({x + 1, label.anchor})
        .line_to({x + 2.5, label.anchor})
        .line_to({x + leader - 2.5, middle})
        .line_to({x + leader - 1, middle});
    svg.path(path, stroke);
    if (label.sign == EndLabel::Sign::area)
      svg.rect({x + leader, middle - 2.75, sign_width, 5.5}, {{"fill", fill_of(label.swatch)}});
    if (label.sign == EndLabel::Sign::line) {
      SvgAttributes line = {{"stroke", label.swatch.colour}, {"stroke-width", 1.3}};
      if (!label.swatch.dashes.empty()) line.emplace_back("stroke-dasharray", label.swatch.dashes);
      svg.line({x + leader, middle}, {x + leader + sign_width, middle}, line);
    }
    double baseline = label.top + ascent(end_label_style) +
                      (line_height(end_label_style) - ascent(end_label_style) - descent(end_label_style)) / 2;
    for (std::size_t i = 0; i < label.lines.size(); ++i) {
      std::vector<TextRun> runs = {{label.lines[i], false}};
      if (i + 1 == label.lines.size() && !label.number.empty())
        runs.push_back({(label.lines[i].empty() ? "" : " ") + label.number, true});
      svg.text_runs({x + room_before_text(label), baseline}, runs, end_label_style, TextAnchor::start,
                    {{"fill", "#222222"}});
      baseline += line_height(end_label_style);
    }
  }
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace lode {
namespace {

constexpr double clear = 1.2;  ///< between a label and what it stands at

std::string number_text(const SankeyOptions& options, double value, const std::optional<double>& plus_minus) {
  std::string text = format_significant(value / options.unit.divisor);
  if (plus_minus) text += "\u00A0±\u00A0" + format_significant(*plus_minus / options.unit.divisor, 2);
  return text;
}

std::string signed_number(const SankeyOptions& options, double value) {
  return (value > 0 ? "+" : "") + format_significant(value / options.unit.divisor);
}

/// The single flow of an end, if it has but one.
const SankeyLink* only_link(const SankeyInput& input, std::size_t node) {
  const SankeyLink* found = nullptr;
  for (const SankeyLink& link : input.links) {
    if (!link.drawn() || (link.source != node && link.target != node)) continue;
    if (found) return nullptr;
    found = &link;
  }
  return found;
}

SankeyLabel label_of(const SankeyInput& input, const SankeyOptions& options, std::size_t index,
                     double throughput, double width) {
  const SankeyNode& node = input.nodes[index];
  const bool chinese = is_chinese(options.language);
  const TextStyle style{options.font_size, false}, bold{options.font_size, true};
  const SankeyLink* single = node.is_end() ? only_link(input, index) : nullptr;
  SankeyLabel label;
  label.number =
      number_text(options, throughput, single && single->plus_minus ? single->plus_minus : node.plus_minus);
  // Where a column is too narrow for both, what is uncertain about a number is left to the table.
  if (text_width(label.number, bold) > width) label.number = number_text(options, throughput, std::nullopt);
  label.lines = wrap_text(node.name(chinese), style, width, 4);
  // The number follows the name on its last line if both fit, else it has a line of its own.
  const double number_width = text_width(label.number, bold);
  const double space = text_width(" ", style);
  if (!label.lines.empty() && text_width(label.lines.back(), style) + space + number_width <= width) {
    label.lines.back() += " " + label.number;
  } else {
    label.lines.push_back(label.number);
  }
  // The legend tells what the colour of a bare number means.
  const auto extra = [&](const char* word, double value, const TextStyle& of_number) {
    const std::string sign_and_digits = signed_number(options, value), text = word + sign_and_digits;
    return std::vector<std::string>{text_width(text, of_number) <= width ? text : sign_and_digits};
  };
  if (node.stock_change != 0) label.stock = extra(chinese ? "存量 " : "stock ", node.stock_change, style);
  if (node.imbalance != 0) label.missing = extra(chinese ? "不平衡 " : "unbalanced ", node.imbalance, bold);
  double widest = 0;
  for (const std::string& line : label.lines) {
    const bool last = &line == &label.lines.back();
    const std::string name = last ? line.substr(0, line.size() - label.number.size()) : line;
    widest = std::max(widest, text_width(name, style) + (last ? number_width : 0));
  }
  for (const std::string& line : label.stock) widest = std::max(widest, text_width(line, style));
  for (const std::string& line : label.missing) widest = std::max(widest, text_width(line, bold));
  const std::size_t count = label.lines.size() + label.stock.size() + label.missing.size();
  label.box.width = widest;
  label.box.height = static_cast<double>(count) * line_height(style) + clear;
  return label;
}

bool breaks_words(const SankeyNode& node, bool chinese, const TextStyle& style, double width) {
  return longest_word(node.name(chinese), style) > width;
}

/// What no text may cover, and what it had better not.
class Surroundings {
 public:
  Surroundings(const SankeyLayout& layout, double width) : width_(width) {
    for (const PlacedNode& node : layout.nodes) {
      // Beside a bar a little room; right above it stands its own label.
      solid_.push_back({node.bar.x - 0.8, node.bar.y, node.bar.width + 1.6, node.bar.height});
      if (node.stock) solid_.push_back(*node.stock);
      if (node.imbalance) solid_.push_back(*node.imbalance);
    }
    for (const PlacedRibbon& ribbon : layout.ribbons) {
      if (ribbon.channel) channels_.push_back(*ribbon.channel);
      areas_.emplace_back(ribbon.outline);
    }
  }

  void add_text(const Rect& box) { texts_.push_back(box); }
  bool free_of_texts(const Rect& box) const {
    return std::none_of(texts_.begin(), texts_.end(), [&](const Rect& text) { return text.overlaps(box); });
  }
  bool on_page(const Rect& box) const { return box.x >= 0 && box.right() <= width_; }
  bool free_of_bars(const Rect& box) const {
    return std::none_of(solid_.begin(), solid_.end(), [&](const Rect& bar) { return bar.overlaps(box); });
  }
  bool free_of_channels(const Rect& box) const {
    return std::none_of(channels_.begin(), channels_.end(), [&](const Rect& c) { return c.overlaps(box); });
  }
  /// Share of a box that bands cover, other than `except`.
  double covered(const Rect& box, std::size_t except = static_cast<std::size_t>(-1)) const {
    constexpr std::size_t across = 9, down = 4;
    std::array<std::array<bool, across>, down> hit = {};
    for (std::size_t a = 0; a < areas_.size(); ++a) {
      if (a == except || !areas_[a].bounds().overlaps(box)) continue;
      for (std::size_t j = 0; j < down; ++j) {
        const std::vector<double> edges =
            areas_[a].edges_at(box.y + box.height * (static_cast<double>(j) + 0.5) / down);
        for (std::size_t i = 0; i < across; ++i) {
          const double x = box.x + box.width * (static_cast<double>(i) + 0.5) / across;
          const auto right = std::count_if(edges.begin(), edges.end(), [&](double edge) { return x < edge; });
          hit[j][i] = hit[j][i] || right % 2 == 1;
        }
      }
    }
    std::ptrdiff_t hits = 0;
    for (const auto& row : hit) hits += std::count(row.begin(), row.end(), true);
    return static_cast<double>(hits) / (across * down);
  }

 private:
  double width_;
  std::vector<Rect> solid_, channels_, texts_;
  std::vector<Area> areas_;
};

struct Candidate {
  SankeyLabel label;
  double cost = 0;
  bool breaks = false;  ///< a word is cut
};

class LabelPlacer {
 public:
  LabelPlacer(const SankeyInput& input, const SankeyOptions& options, SankeyLayout& layout,
              const std::vector<Rect>& zones)
      : input_(input),
        options_(options),
        layout_(layout),
        zones_(zones),
        style_{options.font_size, false},
        value_style_{options.font_size - 0.5, false},
        around_(layout, options.width) {}

  void run() {
    place_node_labels();
    place_channel_values();
    place_band_values();
  }

 private:
  bool chinese() const { return is_chinese(options_.language); }

  /// A text wholly on a band is read almost as well as one on white; what lies across its edge is not.
  static double cover_cost(double covered) { return 3 * covered + 16 * covered * (1 - covered); }

  /// The place kept for a label: above the bar, in the middle of it as far as the zone allows.
  SankeyLabel kept_place(const PlacedNode& node) const {
    SankeyLabel label = node.label;
    const Rect& zone = zones_[static_cast<std::size_t>(node.column)];
    const double x = std::clamp(node.bar.middle_x() - label.box.width / 2, zone.x,
                                std::max(zone.x, zone.right() - label.box.width));
    label.box.x = x;
    label.box.y = node.bar.y - label.box.height;
    label.anchor = x < node.bar.middle_x() - label.box.width / 2 - 0.01   ? TextAnchor::end
                   : x > node.bar.middle_x() - label.box.width / 2 + 0.01 ? TextAnchor::start
                                                                          : TextAnchor::middle;
    return label;
  }

  std::vector<Candidate> candidates(const PlacedNode& node, const SankeyLabel& kept) const {
    const SankeyNode& declared = input_.nodes[node.node];
    const double zone = zones_[static_cast<std::size_t>(node.column)].width;
    const auto breaks = [&](double width) { return breaks_words(declared, chinese(), style_, width); };
    const auto text_cost = [&](const SankeyLabel& label, double width) {
      return 0.35 * static_cast<double>(label.lines.size()) + (breaks(width) ? 6 : 0);
    };
    std::vector<Candidate> result = {{kept, text_cost(kept, zone), breaks(zone)}};
    const Rect& bar = node.bar;
    for (const double width : {zone, 1.25 * zone, 1.6 * zone, 2.1 * zone, 2.8 * zone}) {
      if (width > 110 && width > zone) break;
      SankeyLabel label = label_of(input_, options_, node.node, node.throughput, width);
      const double cost = text_cost(label, width);
      const auto add = [&](double x, double y, TextAnchor anchor, double extra) {
        label.box.x = x;
        label.box.y = y;
        label.anchor = anchor;
        result.push_back({label, cost + extra, breaks(width)});
      };
      const Rect& box = label.box;
      const double above = bar.y - box.height, below = bar.bottom() + clear;
      const double centred = bar.middle_x() - box.width / 2;
      add(centred, above, TextAnchor::middle, 0);
      add(bar.x, above, TextAnchor::start, 0.3);
      add(bar.right() - box.width, above, TextAnchor::end, 0.3);
      add(centred, below, TextAnchor::middle, 1.2);
      if (!declared.is_end()) continue;
      // Beside the end, level with it or a little higher or lower; or off to a side above and below.
      const bool comes_in = declared.lane == SankeyLane::imports;
      const double x = comes_in ? bar.x - 2.5 - box.width : bar.right() + 5;
      const TextAnchor anchor = comes_in ? TextAnchor::end : TextAnchor::start;
      for (const double shift : {0.0, -0.5, 0.5, -1.0, 1.0})
        add(x, bar.middle_y() - box.height / 2 + shift * box.height, anchor,
            shift == 0 ? -0.2 : 0.2 + 0.5 * std::abs(shift));
      for (const double y : {above, below}) {
        add(bar.x - 0.75 * box.width, y, TextAnchor::start, 0.9);
        add(bar.right() - 0.25 * box.width, y, TextAnchor::start, 0.9);
      }
    }
    return result;
  }

  /// Every label begins at the place kept for it; in turn, some times over, each moves to the best place that
  /// is free.
  void place_node_labels() {
    const std::size_t n = layout_.nodes.size();
    std::vector<std::vector<Candidate>> all(n);
    std::vector<bool> broken(n);
    cut_.assign(n, false);
    for (std::size_t i = 0; i < n; ++i) {
      PlacedNode& node = layout_.nodes[i];
      node.label = kept_place(node);
      all[i] = candidates(node, node.label);
      const auto barred = [&](const Candidate& candidate) {
        const Rect& box = candidate.label.box;
        return !around_.on_page(box) || !around_.free_of_bars(box) || !around_.free_of_channels(box);
      };
      all[i].erase(std::remove_if(all[i].begin() + 1, all[i].end(), barred), all[i].end());
      for (Candidate& candidate : all[i]) candidate.cost += cover_cost(around_.covered(candidate.label.box));
      broken[i] = breaks_words(input_.nodes[node.node], chinese(), style_,
                               zones_[static_cast<std::size_t>(node.column)].width);
      cut_[i] = broken[i];
    }
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (broken[a] != broken[b]) return static_cast<bool>(broken[a]);
      return layout_.nodes[a].bar.height > layout_.nodes[b].bar.height;
    });
    constexpr int rounds = 4;
    for (int round = 0; round < rounds; ++round)
      for (const std::size_t i : order) choose(i, all[i]);
    for (const PlacedNode& node : layout_.nodes) around_.add_text(node.label.box);
    layout_.broken_words = static_cast<std::size_t>(std::count(cut_.begin(), cut_.end(), true));
  }

  void choose(std::size_t i, const std::vector<Candidate>& all) {
    const Candidate* best = nullptr;
    for (const Candidate& candidate : all) {
      const Rect& box = candidate.label.box;
      const bool kept = &candidate == all.data();
      if (best && candidate.cost >= best->cost - 1e-9) continue;
      // Names side by side need a space between them.
      const Rect spaced = kept ? box : Rect{box.x - 1.5, box.y, box.width + 3, box.height};
      bool free = true;
      for (std::size_t j = 0; j < layout_.nodes.size() && free; ++j)
        free = j == i || !layout_.nodes[j].label.box.overlaps(spaced);
      if (free) best = &candidate;
    }
    // What stands where it is may have no better place; it stays.
    if (!best) return;
    layout_.nodes[i].label = best->label;
    cut_[i] = best->breaks;
  }

  /// On a channel, or above one too thin to write on.
  void place_channel_values() {
    for (PlacedRibbon& ribbon : layout_.ribbons) {
      if (!ribbon.back) continue;
      const SankeyLink& link = input_.links[ribbon.link];
      const Rect& channel = *ribbon.channel;
      const std::string number = number_text(options_, link.value, link.plus_minus);
      const std::string name = link.name(chinese());
      const double height = line_height(style_);
      const bool inside = ribbon.width >= height;
      const auto most_lines = inside ? static_cast<std::size_t>(ribbon.width / height) : 1;
      // The name with the number, in as many lines as fit; or the number alone.
      for (const std::string& text : {name.empty() ? number : name + " " + number, number}) {
        const double room = channel.width + (inside ? 0 : 2 * ribbon.width);
        std::vector<std::string> lines = {text};
        if (text != number) lines = wrap_text(text, style_, room, 1000);
        if (lines.size() > std::min<std::size_t>(most_lines, 3) ||
            (text != number && longest_word(text, style_) > room))
          continue;
        double width = 0;
        for (const std::string& line : lines) width = std::max(width, text_width(line, style_));
        const double tall = height * static_cast<double>(lines.size());
        for (const double at : {0.5, 0.35, 0.65, 0.2, 0.8}) {
          const double x = std::clamp(channel.x + channel.width * at - width / 2, 0.0,
                                      std::max(0.0, options_.width - width));
          const Rect box{x, inside ? channel.middle_y() - tall / 2 : channel.y - tall, width, tall};
          if (!around_.free_of_texts(box) || !around_.free_of_bars(box)) continue;
          set_value(ribbon, lines, box);
          break;
        }
        if (!ribbon.value.empty()) break;
      }
      if (ribbon.value.empty()) ++layout_.values_left_out;
    }
  }

  void place_band_values() {
    // A label tells the number already where a node has but one flow on this side, and nothing else.
    std::map<std::size_t, std::size_t> outgoing, incoming;
    for (const PlacedRibbon& ribbon : layout_.ribbons) {
      ++outgoing[input_.links[ribbon.link].source];
      ++incoming[input_.links[ribbon.link].target];
    }
    std::vector<PlacedRibbon*> open;
    for (PlacedRibbon& ribbon : layout_.ribbons) {
      const SankeyLink& link = input_.links[ribbon.link];
      if (ribbon.back) continue;
      const SankeyNode &source = input_.nodes[link.source], &target = input_.nodes[link.target];
      const auto plain = [](const SankeyNode& node) { return node.stock_change == 0 && node.imbalance == 0; };
      const bool told =
          (outgoing[link.source] == 1 && plain(source)) || (incoming[link.target] == 1 && plain(target));
      if (!told) open.push_back(&ribbon);
    }
    std::stable_sort(open.begin(), open.end(),
                     [](const PlacedRibbon* a, const PlacedRibbon* b) { return a->width > b->width; });
    for (PlacedRibbon* ribbon : open) place_band_value(*ribbon);
  }

  void place_band_value(PlacedRibbon& ribbon) {
    const SankeyLink& link = input_.links[ribbon.link];
    const std::string text = number_text(options_, link.value, link.plus_minus);
    const double width = text_width(text, value_style_), height = line_height(value_style_);
    const bool inside = ribbon.width >= 0.95 * height;
    const auto own = static_cast<std::size_t>(&ribbon - layout_.ribbons.data());
    double least = 1e300;
    Rect best;
    for (std::size_t s = 0; s < ribbon.stretches.size(); ++s)
      for (const double t : {0.5, 0.35, 0.65, 0.22, 0.78, 0.12, 0.88}) {
        const Point middle = band_middle(ribbon.stretches[s], ribbon.width, t);
        for (const int side : {0, -1, 1}) {
          if ((side == 0) != inside) continue;
          const double y = middle.y - height / 2 + side * (ribbon.width / 2 + height / 2 + 0.3);
          const Rect box{middle.x - width / 2, y, width, height};
          if (!around_.on_page(box) || !around_.free_of_bars(box) || !around_.free_of_texts(box) ||
              !around_.free_of_channels(box))
            continue;
          const double off_band = inside ? 1 - covered_by(own, box) : 0;
          const double cost = 3 * around_.covered(box, own) + 2 * off_band + std::abs(t - 0.5) +
                              0.4 * static_cast<double>(s) + (side > 0 ? 0.1 : 0);
          if (cost >= least) continue;
          least = cost;
          best = box;
        }
      }
    // A number that stands mostly on other bands says nothing.
    if (least > 3.2) {
      ++layout_.values_left_out;
      return;
    }
    set_value(ribbon, {text}, best);
  }

  double covered_by(std::size_t ribbon, const Rect& box) const {
    const Area area(layout_.ribbons[ribbon].outline);
    int hits = 0;
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 2; ++j)
        hits += area.contains({box.x + box.width * i / 4, box.y + box.height * (0.2 + 0.6 * j)});
    return hits / 10.0;
  }

  void set_value(PlacedRibbon& ribbon, std::vector<std::string> lines, const Rect& box) {
    ribbon.value = std::move(lines);
    ribbon.value_box = box;
    around_.add_text(box);
  }

  const SankeyInput& input_;
  const SankeyOptions& options_;
  SankeyLayout& layout_;
  const std::vector<Rect>& zones_;
  TextStyle style_, value_style_;
  Surroundings around_;
  std::vector<bool> cut_;  ///< per node: a word of its label is cut
};

}  // namespace

SankeyLabel node_label(const SankeyInput& input, const SankeyOptions& options, std::size_t node,
                       double throughput, double width) {
  return label_of(input, options, node, throughput, width);
}

void place_labels(const SankeyInput& input, const SankeyOptions& options, SankeyLayout& layout,
                  const std::vector<Rect>& zones) {
  LabelPlacer(input, options, layout, zones).run();
}

void shift(SankeyLayout& layout, double dy) {
  for (PlacedNode& node : layout.nodes) {
    node.bar.y += dy;
    node.label.box.y += dy;
    if (node.stock) node.stock->y += dy;
    if (node.imbalance) node.imbalance->y += dy;
  }
  for (PlacedRibbon& ribbon : layout.ribbons) {
    ribbon.outline.move_by(0, dy);
    for (BandStretch& stretch : ribbon.stretches) {
      stretch.start.y += dy;
      stretch.end.y += dy;
    }
    if (ribbon.channel) ribbon.channel->y += dy;
    if (ribbon.turn) {
      ribbon.turn->from.y += dy;
      ribbon.turn->to.y += dy;
      ribbon.turn->channel_top += dy;
    }
    ribbon.value_box.y += dy;
  }
}

}  // namespace lode

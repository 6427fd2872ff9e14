// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/report/scene.hpp"

namespace lode {
namespace {

/// What a flow is to the system.
enum class Role { inner, imports, exports, uses, losses, returned, stock, missing };

struct RoleLook {
  const char *name, *english, *chinese, *colour, *edge;
};
/// Light enough to write on in black; lightness 75, 69, 64, 78, 87 and 81 tells them apart in grey beside
/// their shapes: imports begin with a notch, exports, uses and losses end in a tip, what returns runs below.
constexpr RoleLook looks[] = {
    {"flow", "Within the system", "系统内", "#a6bcd6", "#56708f"},
    {"import", "Import or source", "进口或来源", "#74b5a5", "#2b7566"},
    {"export", "Export", "出口", "#d58c4c", "#9a5b1c"},
    {"use", "Use outside the system", "系统外使用", "#e0bd62", "#8a6d14"},
    {"loss", "Loss or other outlet", "损失或其他去向", "#d9d9d9", "#858585"},
    {"return", "Returned", "返回", "#b3d57c", "#5b8523"},
    {"stock", "Stock change", "存量变化", "#6f6a9e", "#4a4579"},
    {"imbalance", "Imbalance", "不平衡", "#d01c1c", "#d01c1c"},
};
const RoleLook& look(Role role) {
  return looks[static_cast<std::size_t>(role)];
}

constexpr const char *bar_colour = "#33404d", *text_colour = "#111111", *red = "#c00f0f";

Role role_of(const SankeyInput& input, const PlacedRibbon& ribbon) {
  const SankeyLink& link = input.links[ribbon.link];
  if (ribbon.back) return Role::returned;
  switch (input.nodes[link.target].lane) {
    case SankeyLane::exports:
      return Role::exports;
    case SankeyLane::uses:
      return Role::uses;
    case SankeyLane::losses:
      return Role::losses;
    case SankeyLane::stock:
      return Role::stock;
    default:
      break;
  }
  if (input.nodes[link.source].lane == SankeyLane::imports) return Role::imports;
  if (input.nodes[link.source].lane == SankeyLane::stock) return Role::stock;
  return Role::inner;
}

class Drawing {
 public:
  Drawing(const SankeyInput& input, const SankeyFigureOptions& options, const SankeyLayout& layout,
          const DisplayUnit& unit)
      : input_(input), options_(options), layout_(layout), unit_(unit) {}

  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    const auto add = [&](Role role, const Swatch& swatch) {
      entries.push_back(
          {chinese() ? look(role).chinese : look(role).english, swatch, LegendEntry::Kind::area});
    };
    if (options_.palette) {
      const auto shown = [&](const std::string& group) {
        return std::any_of(layout_.ribbons.begin(), layout_.ribbons.end(), [&](const PlacedRibbon& ribbon) {
          return input_.links[ribbon.link].group == group;
        });
      };
      for (const auto& [group, title] : options_.groups)
        if (shown(group)) entries.push_back({title, options_.palette->of(group), LegendEntry::Kind::area});
    }
    std::map<Role, bool> used;
    for (const PlacedRibbon& ribbon : layout_.ribbons)
      if (!grouped(ribbon)) used[role_of(input_, ribbon)] = true;
    for (const PlacedNode& node : layout_.nodes) {
      if (node.stock) used[Role::stock] = true;
      if (node.imbalance) used[Role::missing] = true;
    }
    for (const Role role :
         {Role::inner, Role::imports, Role::exports, Role::uses, Role::losses, Role::returned})
      if (used[role]) add(role, {look(role).colour, Hatch::none, Marker::circle, ""});
    if (used[Role::stock]) add(Role::stock, stock_swatch());
    if (used[Role::missing]) add(Role::missing, missing_swatch());
    return entries;
  }

  void draw(SvgWriter& svg, const Rect& picture) const {
    svg.open("g",
             {{"id", "sankey"},
              {"transform", fmt::format("translate({} {})", svg_number(picture.x), svg_number(picture.y))}});
    svg.open("g", {{"id", "flows"}});
    // What returns lies behind; then the widest first.
    std::vector<const PlacedRibbon*> order;
    for (const PlacedRibbon& ribbon : layout_.ribbons) order.push_back(&ribbon);
    std::stable_sort(order.begin(), order.end(), [](const PlacedRibbon* a, const PlacedRibbon* b) {
      return a->back != b->back ? a->back : a->width > b->width;
    });
    for (const PlacedRibbon* ribbon : order) draw_ribbon(svg, *ribbon);
    svg.close();
    svg.open("g", {{"id", "nodes"}});
    for (const PlacedNode& node : layout_.nodes) draw_node(svg, node);
    svg.close();
    svg.open("g", {{"id", "labels"}, {"fill", text_colour}});
    for (const PlacedRibbon& ribbon : layout_.ribbons) draw_value(svg, ribbon);
    for (const PlacedNode& node : layout_.nodes) draw_label(svg, node);
    svg.close();
    svg.close();
  }

  std::string flow_text(const SankeyLink& link) const {
    const std::string name = link.name(chinese());
    const std::string part = group_title(link);
    return fmt::format("{}{} → {}: {} {}",
                       name.empty() && part.empty() ? ""
                                                    : name +
                                                          (name.empty() || part.empty() ? ""
                                                           : chinese()                  ? "，"
                                                                                        : ", ") +
                                                          part + (chinese() ? "：" : ": "),
                       input_.nodes[link.source].name(chinese()), input_.nodes[link.target].name(chinese()),
                       number(link.value, link.plus_minus), unit_.text);
  }
  std::string number(double value, const std::optional<double>& plus_minus = std::nullopt) const {
    std::string text = format_significant(value / unit_.divisor);
    if (plus_minus) text += " ± " + format_significant(*plus_minus / unit_.divisor, 2);
    return text;
  }

  std::string group_title(const SankeyLink& link) const {
    for (const auto& [group, title] : options_.groups)
      if (group == link.group) return title;
    return link.group;
  }

  std::string scene(const Rect& picture, double width, double height) const {
    using nlohmann::ordered_json;
    ordered_json scene;
    scene["kind"] = "sankey";
    scene["unit"] = unit_.text;
    scene["width"] = rounded(width);
    scene["height"] = rounded(height);
    scene["picture"] = scene_rect(picture);
    scene["points_per_unit"] = layout_.scale * unit_.divisor;
    scene["nodes"] = ordered_json::array();
    for (const PlacedNode& placed : layout_.nodes) {
      const SankeyNode& node = input_.nodes[placed.node];
      ordered_json out = {{"id", node.id},
                          {"title", node.name(chinese())},
                          {"lane", lane_name(node.lane)},
                          {"column", placed.column},
                          {"value", placed.throughput / unit_.divisor},
                          {"bar", scene_rect(placed.bar)},
                          {"label", {{"lines", placed.label.lines}, {"box", scene_rect(placed.label.box)}}}};
      if (node.plus_minus) out["plus_minus"] = *node.plus_minus / unit_.divisor;
      if (placed.stock) {
        out["stock_change"] = node.stock_change / unit_.divisor;
        out["stock"] = scene_rect(*placed.stock);
      }
      if (placed.imbalance) {
        out["imbalance"] = node.imbalance / unit_.divisor;
        out["imbalance_box"] = scene_rect(*placed.imbalance);
      }
      scene["nodes"].push_back(std::move(out));
    }
    scene["ribbons"] = ordered_json::array();
    for (const PlacedRibbon& ribbon : layout_.ribbons) {
      const SankeyLink& link = input_.links[ribbon.link];
      ordered_json out = {{"source", input_.nodes[link.source].id},
                          {"target", input_.nodes[link.target].id},
                          {"title", link.name(chinese())},
                          {"value", link.value / unit_.divisor},
                          {"role", look(role_of(input_, ribbon)).name},
                          {"width", rounded(ribbon.width)},
                          {"to_scale", !ribbon.widened},
                          {"fill", fill(ribbon)},
                          {"path", ribbon.outline.path().text()}};
      if (link.plus_minus) out["plus_minus"] = *link.plus_minus / unit_.divisor;
      if (!link.group.empty()) out["group"] = link.group;
      if (!ribbon.value.empty())
        out["label"] = {{"lines", ribbon.value}, {"box", scene_rect(ribbon.value_box)}};
      scene["ribbons"].push_back(std::move(out));
    }
    return scene_text(scene);
  }

  FigureTable table() const {
    const bool zh = chinese();
    const std::string unit = unit_in_brackets(unit_.text, options_.figure.language);
    FigureTable table;
    table.headings = {zh ? "流" : "Flow",
                      zh ? "自" : "From",
                      zh ? "至" : "To",
                      (zh ? "数值" : "Value") + unit,
                      (zh ? "误差±" : "Plus or minus") + unit,
                      zh ? "性质" : "Kind"};
    const bool parts = std::any_of(input_.links.begin(), input_.links.end(),
                                   [](const SankeyLink& link) { return !link.group.empty(); });
    if (parts) table.headings.emplace_back(zh ? "部分" : "Part");
    std::map<std::size_t, const PlacedRibbon*> drawn;
    for (const PlacedRibbon& ribbon : layout_.ribbons) drawn[ribbon.link] = &ribbon;
    const auto exact = [&](double value) { return fmt::format("{:.6g}", value / unit_.divisor); };
    for (std::size_t l = 0; l < input_.links.size(); ++l) {
      const SankeyLink& link = input_.links[l];
      const auto found = drawn.find(l);
      const std::string kind = found == drawn.end() ? (zh ? "未画出" : "not drawn")
                               : zh                 ? look(role_of(input_, *found->second)).chinese
                                                    : look(role_of(input_, *found->second)).english;
      table.rows.push_back({link.name(zh), input_.nodes[link.source].name(zh),
                            input_.nodes[link.target].name(zh), exact(link.value),
                            link.plus_minus ? exact(*link.plus_minus) : "", kind});
      if (parts) table.rows.back().push_back(group_title(link));
    }
    for (const SankeyNode& node : input_.nodes) {
      const auto add = [&](double value, Role role) {
        if (value == 0) return;
        table.rows.push_back({zh ? look(role).chinese : look(role).english, node.name(zh), "", exact(value),
                              "", zh ? look(role).chinese : look(role).english});
        if (parts) table.rows.back().emplace_back();
      };
      add(node.stock_change, Role::stock);
      add(node.imbalance, Role::missing);
    }
    return table;
  }

 private:
  bool chinese() const { return is_chinese(options_.figure.language); }
  static Swatch stock_swatch() { return {look(Role::stock).colour, Hatch::level, Marker::square, ""}; }
  static Swatch missing_swatch() { return {look(Role::missing).colour, Hatch::rising, Marker::square, ""}; }
  bool grouped(const PlacedRibbon& ribbon) const {
    return options_.palette && !input_.links[ribbon.link].group.empty();
  }
  std::string fill(const PlacedRibbon& ribbon) const {
    if (grouped(ribbon)) return fill_of(options_.palette->of(input_.links[ribbon.link].group));
    return look(role_of(input_, ribbon)).colour;
  }
  std::string edge(const PlacedRibbon& ribbon) const {
    if (grouped(ribbon)) return options_.palette->of(input_.links[ribbon.link].group).colour;
    return look(role_of(input_, ribbon)).edge;
  }

  void draw_ribbon(SvgWriter& svg, const PlacedRibbon& ribbon) const {
    const SankeyLink& link = input_.links[ribbon.link];
    svg.open_with_title("g", {}, flow_text(link));
    const std::string colour = fill(ribbon);
    if (link.plus_minus && ribbon.width > 1 && !ribbon.back) {
      // The band of uncertainty: lighter edges on both sides of what is certain.
      const double half = std::min(*link.plus_minus * layout_.scale, ribbon.width) / 2;
      const auto widened = [&](double by) {
        std::vector<BandStretch> stretches = ribbon.stretches;
        for (BandStretch& stretch : stretches) {
          stretch.start.y -= by;
          stretch.end.y -= by;
        }
        return band_outline(stretches, ribbon.width + 2 * by, ribbon.ends);
      };
      svg.path(widened(half).path(), {{"fill", colour}, {"fill-opacity", 0.45}});
      if (ribbon.width > 2 * half) svg.path(widened(-half).path(), {{"fill", colour}});
    } else {
      SvgAttributes attributes = {{"fill", colour}, {"fill-opacity", 0.88}};
      // A hairline keeps neighbours and crossings apart.
      if (ribbon.width >= 2.5) {
        attributes.emplace_back("stroke", "#ffffff");
        attributes.emplace_back("stroke-width", 0.35);
      } else {
        attributes[0].second = SvgValue(edge(ribbon));
      }
      svg.path(ribbon.outline.path(), attributes);
    }
    if (ribbon.back) draw_arrows(svg, ribbon);
    svg.close();
  }

  /// Heads along a channel: it runs against the reading direction.
  void draw_arrows(SvgWriter& svg, const PlacedRibbon& ribbon) const {
    const Rect& channel = *ribbon.channel;
    const double size = std::clamp(ribbon.width * 0.5, 2.6, 7.0), y = channel.middle_y();
    for (const double at : {0.08, 0.92}) {
      const double x = channel.x + at * channel.width;
      if (channel.width < 6 * size && at > 0.5) continue;
      SvgPath head;
      head.move_to({x - 0.6 * size, y})
          .line_to({x + 0.4 * size, y - 0.55 * size})
          .line_to({x + 0.4 * size, y + 0.55 * size})
          .close();
      svg.path(head, {{"fill", edge(ribbon)}});
    }
  }

  void draw_node(SvgWriter& svg, const PlacedNode& node) const {
    const SankeyNode& declared = input_.nodes[node.node];
    svg.open_with_title("g", {},
                        declared.name(chinese()) + ": " + number(node.throughput) + " " + unit_.text);
    if (!declared.is_end()) svg.rect(node.bar, {{"fill", bar_colour}});
    if (node.stock) draw_stock(svg, node, declared.stock_change > 0);
    if (node.imbalance)
      svg.rect(*node.imbalance, {{"fill", hatch_fill(Hatch::rising, look(Role::missing).colour)},
                                 {"stroke", red},
                                 {"stroke-width", 0.5}});
    svg.close();
  }

  void draw_stock(SvgWriter& svg, const PlacedNode& node, bool added) const {
    const Rect& box = *node.stock;
    svg.rect(box, {{"fill", hatch_fill(Hatch::level, look(Role::stock).colour)},
                   {"stroke", look(Role::stock).edge},
                   {"stroke-width", 0.5}});
    const double size = std::min(0.7 * box.height, 4.5);
    if (size < 1.5) return;
    // Into the stock, or out of it: both to the right.
    const double x = box.middle_x(), y = box.middle_y();
    SvgPath head;
    head.move_to({x + 0.6 * size, y})
        .line_to({x - 0.5 * size, y - 0.6 * size})
        .line_to({x - 0.5 * size, y + 0.6 * size})
        .close();
    svg.path(head, {{"fill", added ? look(Role::stock).edge : "#ffffff"},
                    {"stroke", look(Role::stock).edge},
                    {"stroke-width", 0.4}});
  }

  /// Text with a white rim, so that it can be read across the edge of a band. The rim is a text of its own:
  /// not every program draws the stroke of a text behind its filling.
  void rimmed(SvgWriter& svg, Point where, const std::string& text, const TextStyle& style, TextAnchor anchor,
              const SvgAttributes& attributes = {}) const {
    svg.text(where, text, style, anchor,
             {{"fill", "none"},
              {"stroke", "#ffffff"},
              {"stroke-width", 1.4},
              {"stroke-linejoin", "round"},
              {"stroke-opacity", 0.75},
              {"aria-hidden", "true"}});
    svg.text(where, text, style, anchor, attributes);
  }

  void draw_value(SvgWriter& svg, const PlacedRibbon& ribbon) const {
    if (ribbon.value.empty()) return;
    const TextStyle style{layout_.font_size - (ribbon.back ? 0 : 0.5), false};
    const Rect& box = ribbon.value_box;
    const double height = box.height / static_cast<double>(ribbon.value.size());
    double y = box.y + height / 2 + 0.35 * style.size;
    for (const std::string& line : ribbon.value) {
      rimmed(svg, {box.middle_x(), y}, line, style, TextAnchor::middle);
      y += height;
    }
  }

  void draw_label(SvgWriter& svg, const PlacedNode& node) const {
    const TextStyle plain{layout_.font_size, false}, bold{layout_.font_size, true};
    const SankeyLabel& label = node.label;
    const double x = label.anchor == TextAnchor::start ? label.box.x
                     : label.anchor == TextAnchor::end ? label.box.right()
                                                       : label.box.middle_x();
    double y = label.box.y + ascent(plain);
    for (std::size_t i = 0; i < label.lines.size(); ++i) {
      const std::string& line = label.lines[i];
      if (i + 1 < label.lines.size()) {
        rimmed(svg, {x, y}, line, plain, label.anchor);
      } else {
        draw_numbered(svg, {x, y}, line.substr(0, line.size() - label.number.size()), label.number,
                      label.anchor);
      }
      y += line_height(plain);
    }
    for (const std::string& line : label.stock) {
      rimmed(svg, {x, y}, line, plain, label.anchor, {{"fill", look(Role::stock).edge}});
      y += line_height(plain);
    }
    for (const std::string& line : label.missing) {
      rimmed(svg, {x, y}, line, bold, label.anchor, {{"fill", red}});
      y += line_height(plain);
    }
  }

  /// The last line of a label: the rest of the name, and the number in bold.
  void draw_numbered(SvgWriter& svg, Point where, const std::string& name, const std::string& number,
                     TextAnchor anchor) const {
    svg.text_runs(where, {{name, false}, {number, true}}, {layout_.font_size, false}, anchor,
                  {{"fill", "none"},
                   {"stroke", "#ffffff"},
                   {"stroke-width", 1.4},
                   {"stroke-linejoin", "round"},
                   {"stroke-opacity", 0.75},
                   {"aria-hidden", "true"}});
    svg.text_runs(where, {{name, false}, {number, true}}, {layout_.font_size, false}, anchor);
  }

  const SankeyInput& input_;
  const SankeyFigureOptions& options_;
  const SankeyLayout& layout_;
  const DisplayUnit& unit_;
};

double largest_value(const SankeyInput& input) {
  double largest = 0;
  for (const SankeyLink& link : input.links)
    if (link.drawn()) largest = std::max(largest, link.value);
  return largest;
}

SankeyOptions layout_options(const SankeyInput& input, const SankeyFigureOptions& options) {
  SankeyOptions result;
  result.width = options.figure.width - 8;
  result.language = options.figure.language;
  result.unit = display_unit(options.unit, largest_value(input), options.figure.language);
  result.font_size = options.figure.width < 100 * points_per_millimetre ? 6.5 : 7;
  result.scale = options.scale;
  return result;
}

std::string described(const SankeyInput& input, const SankeyLayout& layout, const Drawing& drawing,
                      bool chinese) {
  std::vector<const PlacedRibbon*> order;
  for (const PlacedRibbon& ribbon : layout.ribbons) order.push_back(&ribbon);
  std::stable_sort(order.begin(), order.end(),
                   [](const PlacedRibbon* a, const PlacedRibbon* b) { return a->width > b->width; });
  std::string text =
      chinese
          ? fmt::format("桑基图：{}个节点，{}条流。最大的流：", layout.nodes.size(), order.size())
          : fmt::format("Sankey diagram of {} nodes and {} flows. The largest flows: ", layout.nodes.size(),
                        order.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 5); ++i) {
    if (i > 0) text += chinese ? "；" : "; ";
    text += drawing.flow_text(input.links[order[i]->link]);
  }
  return text + (chinese ? "。" : ".");
}

}  // namespace

FigureFiles draw_sankey(const SankeyInput& input, const FigureText& text,
                        const SankeyFigureOptions& options) {
  const SankeyOptions how = layout_options(input, options);
  const SankeyLayout layout = lay_out_sankey(input, how);
  const Drawing drawing(input, options, layout, how.unit);
  const bool chinese = is_chinese(options.figure.language);
  FigureText all = text;
  all.unit = how.unit.text;
  if (all.description.empty()) all.description = described(input, layout, drawing, chinese);
  if (layout.widened > 0) {
    const double least = how.thinnest / layout.scale / how.unit.divisor;
    all.notes.push_back(chinese ? fmt::format("小于{} {}的流按最小线宽绘制，不按比例。",
                                              format_significant(least, 2), how.unit.text)
                                : fmt::format("Flows below {} {} are drawn at the least width, not to scale.",
                                              format_significant(least, 2), how.unit.text));
  }
  if (layout.hidden > 0) {
    const std::string sum = format_significant(layout.hidden_value / how.unit.divisor, 2);
    all.notes.push_back(chinese
                            ? fmt::format("另有{}条不可见的细流（合计{} {}）仅列于数据表。", layout.hidden,
                                          sum, how.unit.text)
                            : fmt::format("{} flow{} too thin to see, together {} {}, in the table only.",
                                          layout.hidden, layout.hidden == 1 ? "" : "s", sum, how.unit.text));
  }
  if (layout.values_left_out > 0)
    all.notes.push_back(chinese
                            ? fmt::format("{}条细流的数值见数据表。", layout.values_left_out)
                            : fmt::format("Numbers of {} thin flow{} are in the table only.",
                                          layout.values_left_out, layout.values_left_out == 1 ? "" : "s"));
  Figure figure(options.figure, all, layout.height, drawing.legend());
  drawing.draw(figure.svg(), figure.picture());
  FigureFiles files;
  files.scene_json = drawing.scene(figure.picture(), figure.width(), figure.height());
  files.table_csv = drawing.table().csv();
  files.svg = figure.finish();
  return files;
}

double sankey_scale(const SankeyInput& input, const SankeyFigureOptions& options) {
  return lay_out_sankey(input, layout_options(input, options)).scale;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/report/system_picture.hpp"

#include <algorithm>
#include <cmath>

#include "lode/report/numbers.hpp"
#include "lode/report/scene.hpp"
#include "lode/report/system_layout.hpp"

namespace lode {
namespace {

constexpr double arrow = 3.2, stroke = 0.9;

struct Look {
  const char *english, *chinese, *colour, *dashes;
};
/// The colours of the Sankey diagram.
constexpr Look looks[] = {{"Within the system", "系统内", "#56708f", ""},
                          {"Returned", "返回", "#5b8523", ""},
                          {"Import or source", "进口或来源", "#2b7566", ""},
                          {"Export", "出口", "#9a5b1c", ""},
                          {"Use outside the system", "系统外使用", "#8a6d14", "5 1.5"},
                          {"Loss or other outlet", "损失或其他去向", "#858585", "2.5 1.5"}};
constexpr auto roles = {SystemRole::inner,   SystemRole::back, SystemRole::imports,
                        SystemRole::exports, SystemRole::uses, SystemRole::losses};

const Look& look_of(SystemRole role) {
  return looks[static_cast<std::size_t>(role)];
}

class Drawing {
 public:
  Drawing(const SystemPicture& system, const FigureOptions& options)
      : system_(system),
        options_(options),
        zh_(is_chinese(options.language)),
        layout_(lay_out_system(system, options)) {}

  double height() const { return layout_.height; }
  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    for (const SystemRole role : roles) {
      if (std::find(layout_.roles.begin(), layout_.roles.end(), role) == layout_.roles.end()) continue;
      const Look& look = look_of(role);
      entries.push_back({zh_ ? look.chinese : look.english,
                         {look.colour, Hatch::none, Marker::circle, look.dashes},
                         LegendEntry::Kind::line});
    }
    return entries;
  }
  void draw(Figure& figure) const;
  std::string scene(const Figure& figure) const;
  FigureTable table() const;

 private:
  void draw_flow(SvgWriter& svg, const Rect& picture, std::size_t f) const;
  void draw_box(SvgWriter& svg, const Rect& picture, std::size_t p) const;
  void draw_bands(SvgWriter& svg, const Rect& picture, bool names) const;
  void draw_labels(SvgWriter& svg, const Rect& picture, const std::vector<SystemLabel>& labels,
                   bool above) const;

  const SystemPicture& system_;
  const FigureOptions& options_;
  bool zh_;
  SystemLayout layout_;
};

void Drawing::draw_flow(SvgWriter& svg, const Rect& picture, std::size_t f) const {
  const Look& look = look_of(layout_.roles[f]);
  std::vector<Point> points = layout_.courses[f];
  for (Point& p : points) p = {p.x + picture.x, p.y + picture.y};
  svg.open_with_title("g", {}, system_.flows[f].name);
  // The line ends where its head begins.
  const Point tip = points.back(), before = points[points.size() - 2];
  const double dx = tip.x > before.x + 1e-6 ? 1 : tip.x < before.x - 1e-6 ? -1 : 0;
  const double dy = dx != 0 ? 0 : tip.y > before.y ? 1 : -1;
  points.back() = {tip.x - dx * arrow * 0.8, tip.y - dy * arrow * 0.8};
  SvgPath path;
  path.move_to(points.front());
  for (std::size_t i = 1; i < points.size(); ++i)
    if (std::abs(points[i].x - points[i - 1].x) + std::abs(points[i].y - points[i - 1].y) > 1e-6)
      path.line_to(points[i]);
  // A white rim tells which of two crossing lines goes on.
  svg.path(path, {{"fill", "none"}, {"stroke", "#ffffff"}, {"stroke-width", stroke + 1.4}});
  SvgAttributes line = {
      {"fill", "none"}, {"stroke", look.colour}, {"stroke-width", stroke}, {"stroke-linejoin", "round"}};
  if (*look.dashes != 0) line.emplace_back("stroke-dasharray", look.dashes);
  svg.path(path, line);
  SvgPath head;
  head.move_to(tip)
      .line_to({tip.x - dx * arrow + dy * arrow * 0.5, tip.y - dy * arrow + dx * arrow * 0.5})
      .line_to({tip.x - dx * arrow - dy * arrow * 0.5, tip.y - dy * arrow - dx * arrow * 0.5})
      .close();
  svg.path(head, {{"fill", look.colour}});
  svg.close();
}

void Drawing::draw_box(SvgWriter& svg, const Rect& picture, std::size_t p) const {
  const SystemBox& box = layout_.boxes[p];
  const TextStyle &name_style = layout_.name_style, &stock_style = layout_.stock_style;
  const Rect where{box.rect.x + picture.x, box.rect.y + picture.y, box.rect.width, box.rect.height};
  svg.open_with_title("g", {}, system_.processes[p].name);
  svg.rect(where, {{"rx", 2.0}, {"fill", "#eef2f6"}, {"stroke", "#33404d"}, {"stroke-width", 0.8}});
  double inside = static_cast<double>(box.lines.size()) * line_height(name_style);
  for (const auto& stock : box.stocks)
    inside += static_cast<double>(stock.size()) * line_height(stock_style) + 5;
  double y = where.middle_y() - inside / 2;
  for (const std::string& line : box.lines) {
    svg.text({where.middle_x(), y + ascent(name_style) + 0.5}, line, name_style, TextAnchor::middle);
    y += line_height(name_style);
  }
  for (const auto& stock : box.stocks) {
    const double height = static_cast<double>(stock.size()) * line_height(stock_style) + 2;
    svg.rect({where.x + 3, y + 2, where.width - 6, height},
             {{"fill", "#ffffff"}, {"stroke", "#4a4579"}, {"stroke-width", 0.6}});
    y += 3;
    for (const std::string& line : stock) {
      svg.text({where.middle_x(), y + ascent(stock_style) + 0.3}, line, stock_style, TextAnchor::middle,
               {{"fill", "#4a4579"}});
      y += line_height(stock_style);
    }
    y += 2;
  }
  svg.close();
}

/// Grounds of every second stage, and over the flows their names.
void Drawing::draw_bands(SvgWriter& svg, const Rect& picture, bool names) const {
  const Rect& boundary = layout_.boundary;
  bool shaded = false;
  for (const SystemBand& stage : layout_.bands) {
    const Rect band{picture.x + stage.from, picture.y + boundary.y + 1, stage.to - stage.from,
                    boundary.height - 2};
    const char* ground = shaded ? "#f5f5f5" : "#ffffff";
    if (shaded && !names) svg.rect(band, {{"fill", ground}});
    shaded = !shaded;
    if (!names) continue;
    double y = band.y + 3;
    for (const std::string& line : stage.lines) {
      const double wide = text_width(line, system_stage_style);
      svg.rect({band.middle_x() - wide / 2 - 1, y, wide + 2, line_height(system_stage_style)},
               {{"fill", ground}});
      svg.text({band.middle_x(), y + ascent(system_stage_style)}, line, system_stage_style,
               TextAnchor::middle, {{"fill", "#555555"}});
      y += line_height(system_stage_style);
    }
  }
}

void Drawing::draw_labels(SvgWriter& svg, const Rect& picture, const std::vector<SystemLabel>& labels,
                          bool above) const {
  for (const SystemLabel& label : labels) {
    const double row = line_height(system_flow_style);
    const double top =
        above ? layout_.boundary.y - 4 - static_cast<double>(label.row + label.lines.size()) * row
              : layout_.boundary.bottom() + 5 + static_cast<double>(label.row) * row;
    const Point where{picture.x + label.left(), picture.y + top + ascent(system_flow_style)};
    // A white rim keeps apart what lines run through.
    svg.text_lines(where, label.lines, system_flow_style, TextAnchor::start,
                   {{"fill", "none"},
                    {"stroke", "#ffffff"},
                    {"stroke-width", 2},
                    {"stroke-linejoin", "round"},
                    {"aria-hidden", "true"}});
    svg.text_lines(where, label.lines, system_flow_style, TextAnchor::start,
                   {{"fill", look_of(layout_.roles[label.flow]).colour}});
  }
}

void Drawing::draw(Figure& figure) const {
  SvgWriter& svg = figure.svg();
  const Rect& picture = figure.picture();
  draw_bands(svg, picture, false);
  const Rect& boundary = layout_.boundary;
  svg.rect({picture.x + boundary.x, picture.y + boundary.y, boundary.width, boundary.height},
           {{"fill", "none"},
            {"stroke", "#777777"},
            {"stroke-width", 0.8},
            {"stroke-dasharray", "5 3"},
            {"rx", 4.0}});
  svg.open("g", {{"id", "flows"}});
  // What matters most lies on top.
  for (auto role = std::rbegin(roles); role != std::rend(roles); ++role)
    for (std::size_t f = 0; f < system_.flows.size(); ++f)
      if (layout_.roles[f] == *role) draw_flow(svg, picture, f);
  svg.close();
  svg.open("g", {{"id", "stages"}});
  draw_bands(svg, picture, true);
  svg.close();
  svg.open("g", {{"id", "processes"}});
  for (std::size_t p = 0; p < layout_.boxes.size(); ++p) draw_box(svg, picture, p);
  svg.close();
  svg.open("g", {{"id", "labels"}});
  draw_labels(svg, picture, layout_.above, true);
  draw_labels(svg, picture, layout_.below, false);
  svg.close();
}

std::string Drawing::scene(const Figure& figure) const {
  using nlohmann::ordered_json;
  const Rect& picture = figure.picture();
  ordered_json scene = begin_scene("system", options_.language, figure);
  scene["stages"] = system_.stages;
  scene["processes"] = ordered_json::array();
  for (std::size_t p = 0; p < layout_.boxes.size(); ++p) {
    const Rect& box = layout_.boxes[p].rect;
    scene["processes"].push_back(
        {{"name", system_.processes[p].name}, {"stocks", system_.processes[p].stocks}});
    scene["processes"].back().update(
        scene_rect({box.x + picture.x, box.y + picture.y, box.width, box.height}));
  }
  scene["flows"] = ordered_json::array();
  for (std::size_t f = 0; f < system_.flows.size(); ++f) {
    ordered_json one = {{"name", system_.flows[f].name}, {"role", look_of(layout_.roles[f]).english}};
    one["course"] = ordered_json::array();
    for (const Point& p : layout_.courses[f])
      one["course"].push_back({rounded(p.x + picture.x), rounded(p.y + picture.y)});
    scene["flows"].push_back(std::move(one));
  }
  return scene_text(scene);
}

FigureTable Drawing::table() const {
  FigureTable table;
  table.headings = zh_ ? std::vector<std::string>{"流", "自", "至", "性质"}
                       : std::vector<std::string>{"Flow", "From", "To", "Kind"};
  for (std::size_t f = 0; f < system_.flows.size(); ++f) {
    const SystemFlow& flow = system_.flows[f];
    const Look& look = look_of(layout_.roles[f]);
    table.rows.push_back({flow.name, flow.from ? system_.processes[*flow.from].name : flow.partner,
                          flow.to ? system_.processes[*flow.to].name : flow.partner,
                          zh_ ? look.chinese : look.english});
  }
  return table;
}

}  // namespace

double least_system_width(const SystemPicture& system, const FigureOptions& options) {
  return lay_out_system(system, options).least_width;
}

FigureFiles draw_system(const SystemPicture& system, const FigureText& text, const FigureOptions& options) {
  const Drawing drawing(system, options);
  return files_of(drawing, text, options);
}

}  // namespace lode

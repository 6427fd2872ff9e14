// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sweep_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "lode/report/axis.hpp"
#include "lode/report/panels.hpp"
#include "lode/report/scene.hpp"

namespace lode {
namespace {

constexpr TextStyle small_style{6, false};
constexpr const char *line_ink = "#2b6c8f", *present_ink = "#b01010";
constexpr double bar_width = 8, bar_gap = 8, least_height = 90;

/// Colours of about even steps in lightness, from 13 to 92, that differ from blue to yellow alone.
constexpr std::array<std::array<int, 3>, 9> stops = {{{0, 34, 78},
                                                      {18, 53, 112},
                                                      {59, 73, 108},
                                                      {87, 93, 109},
                                                      {112, 113, 115},
                                                      {138, 134, 120},
                                                      {165, 156, 116},
                                                      {203, 186, 105},
                                                      {254, 232, 56}}};

/// A map of more cells shows colours only: nobody reads so many numbers, and the table holds them.
constexpr std::size_t most_numbers = 120;

bool is_number(double value) {
  return std::isfinite(value);
}

/// A result as it is shown.
struct Panel {
  const SweepNumbers* numbers = nullptr;
  DisplayUnit unit;
  double low = 0, high = 0;  ///< of its values, in the unit shown
  Ticks ticks;
  Rect plot;
};

class Drawing {
 public:
  Drawing(const std::vector<SweepAxis>& axes, const std::vector<SweepNumbers>& results,
          const FigureOptions& options)
      : axes_(axes), options_(options), zh_(is_chinese(options.language)), map_(axes.size() == 2) {
    for (const SweepNumbers& numbers : results) panels_.push_back(panel_of(numbers));
    const std::size_t n = panels_.size();
    const bool wide = options.width > 380;
    grid_ = {n, n <= 1 || !wide ? std::size_t{1} : n <= 4 ? 2u : 3u, 16, 10};
    grid_.fill_width(options.width - 8);
    for (const Panel& panel : panels_) {
      left_room_ = std::max(left_room_, map_ ? map_axis_room() : value_axis_room(panel.ticks));
      if (map_) right_room_ = std::max(right_room_, bar_gap + bar_width + value_axis_room(panel.ticks) + 4);
    }
    if (!map_) right_room_ = text_width("00", axis_style) + 2;
    const double width = grid_.cell_width - left_room_ - right_room_;
    plot_height_ = std::clamp((map_ ? 0.72 : 0.55) * width, least_height, 210.0);
    head_ = (n > 1 ? line_height(panel_title_style) + 2 : 0) + (map_ ? 2 : line_height(small_style)) + 3;
    grid_.row_height = head_ + plot_height_ + year_axis_room() + line_height(axis_style) + 1;
  }

  double height() const { return grid_.height(); }
  std::string unit() const { return panels_.size() == 1 ? panels_.front().unit.text : ""; }

  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    if (!map_) return entries;
    if (std::any_of(panels_.begin(), panels_.end(), [](const Panel& p) { return p.low < 0 && p.high > 0; }))
      entries.push_back(
          {zh_ ? "结果为零" : "Zero", {"#111111", Hatch::none, Marker::circle, ""}, LegendEntry::Kind::line});
    if (present_in_range())
      entries.push_back({zh_ ? "本案例" : "The case",
                         {present_ink, Hatch::none, Marker::diamond, ""},
                         LegendEntry::Kind::marker});
    if (missing())
      entries.push_back({zh_ ? "无法计算" : "Cannot be computed", missing_look(), LegendEntry::Kind::area});
    return entries;
  }

  void draw(Figure& figure) {
    SvgWriter& svg = figure.svg();
    for (std::size_t p = 0; p < panels_.size(); ++p) {
      Panel& panel = panels_[p];
      const Point corner = grid_.corner(p, figure.picture());
      panel.plot = {corner.x + left_room_, corner.y + head_, grid_.cell_width - left_room_ - right_room_,
                    plot_height_};
      svg.open("g", {{"class", "panel"}});
      if (panels_.size() > 1)
        draw_panel_title(svg, corner, p,
                         {panel.numbers->title + unit_in_brackets(panel.unit.text, options_.language)});
      if (map_)
        draw_map(svg, panel);
      else
        draw_lines(svg, panel);
      svg.close();
    }
  }

  std::string scene(const Figure& figure) const {
    using nlohmann::ordered_json;
    ordered_json scene = begin_scene("sweep", options_.language, figure);
    for (const SweepAxis& axis : axes_) {
      ordered_json one = {{"title", axis.title}, {"unit", axis.unit}, {"values", axis.values}};
      if (axis.now) one["now"] = *axis.now;
      scene["axes"].push_back(std::move(one));
    }
    scene["panels"] = ordered_json::array();
    for (const Panel& panel : panels_) {
      ordered_json one = {{"title", panel.numbers->title},
                          {"unit", panel.unit.text},
                          {"low", panel.low},
                          {"high", panel.high},
                          {"plot", scene_rect(panel.plot)}};
      one["values"] = ordered_json::array();
      for (const double value : panel.numbers->values)
        one["values"].push_back(is_number(value) ? ordered_json(value / panel.unit.divisor) : ordered_json());
      one["zeros"] = ordered_json::array();
      if (!map_)
        for (const double at : crossings(panel)) one["zeros"].push_back(at);
      scene["panels"].push_back(std::move(one));
    }
    return scene_text(scene);
  }

  FigureTable table() const {
    FigureTable table;
    for (const SweepAxis& axis : axes_)
      table.headings.push_back(axis.title + unit_in_brackets(axis.unit, options_.language));
    for (const Panel& panel : panels_)
      table.headings.push_back(panel.numbers->title + unit_in_brackets(panel.unit.text, options_.language));
    const std::size_t across = axes_.back().values.size(),
                      points = map_ ? axes_.front().values.size() * across : across;
    for (std::size_t point = 0; point < points; ++point) {
      std::vector<std::string> row;
      if (map_) row.push_back(fmt::format("{:.6g}", axes_.front().values[point / across]));
      row.push_back(fmt::format("{:.6g}", axes_.back().values[point % across]));
      for (const Panel& panel : panels_) {
        const double value = panel.numbers->values[point];
        row.push_back(is_number(value) ? fmt::format("{:.6g}", value / panel.unit.divisor) : "");
      }
      table.rows.push_back(std::move(row));
    }
    return table;
  }

 private:
  static Swatch missing_look() { return {"#9a9a9a", Hatch::rising, Marker::square, ""}; }

  Panel panel_of(const SweepNumbers& numbers) const {
    Panel panel;
    panel.numbers = &numbers;
    double largest = 0, low = INFINITY, high = -INFINITY;
    for (const double value : numbers.values) {
      if (!is_number(value)) continue;
      largest = std::max(largest, std::abs(value));
      low = std::min(low, value);
      high = std::max(high, value);
    }
    if (low > high) low = high = 0;
    panel.unit = numbers.is_year ? DisplayUnit{} : display_unit(numbers.unit, largest, options_.language);
    panel.low = low / panel.unit.divisor;
    panel.high = high / panel.unit.divisor;
    double from = panel.low, to = panel.high;
    // A line begins at zero where that costs no more than half of the picture.
    if (!map_ && !numbers.is_year) {
      if (from > 0 && from < 0.6 * to) from = 0;
      if (to < 0 && to > 0.6 * from) to = 0;
    }
    if (to - from <= 1e-9 * std::max(std::abs(from), std::abs(to))) {
      const double half = from == 0 ? 1 : 0.1 * std::abs(from);
      from -= half;
      to += half;
    }
    panel.ticks = nice_ticks(from, to, 5, map_);
    return panel;
  }

  bool missing() const {
    return std::any_of(panels_.begin(), panels_.end(), [](const Panel& panel) {
      return std::any_of(panel.numbers->values.begin(), panel.numbers->values.end(),
                         [](double value) { return !is_number(value); });
    });
  }

  std::string number_text(double value, bool is_year) const {
    return is_year ? fmt::format("{:.0f}", value) : format_significant(value);
  }
  static std::string axis_value(const SweepAxis& axis, double value) {
    return format_significant(value) + (axis.unit.empty() ? "" : axis.unit == "%" ? " %" : " " + axis.unit);
  }

  static std::pair<double, double> range_of(const SweepAxis& axis) {
    const auto [low, high] = std::minmax_element(axis.values.begin(), axis.values.end());
    if (*low == *high) return {*low - 0.5, *high + 0.5};
    return {*low, *high};
  }
  static bool in_range(const SweepAxis& axis) {
    const auto [low, high] = range_of(axis);
    return axis.now && *axis.now >= low && *axis.now <= high;
  }
  bool present_in_range() const { return std::all_of(axes_.begin(), axes_.end(), in_range); }

  void draw_axis_title(SvgWriter& svg, const Rect& plot, const SweepAxis& axis) const {
    svg.text({plot.middle_x(), plot.bottom() + year_axis_room() + ascent(axis_style) - 1},
             axis.title + unit_in_brackets(axis.unit, options_.language), axis_style, TextAnchor::middle,
             {{"fill", axis_colour}});
  }
  static void draw_ticks_below(SvgWriter& svg, const Rect& plot, const LinearScale& x, const Ticks& ticks) {
    svg.line({plot.x, plot.bottom()}, {plot.right(), plot.bottom()},
             {{"stroke", axis_colour}, {"stroke-width", 0.6}});
    for (const double tick : ticks.values) {
      svg.line({x(tick), plot.bottom()}, {x(tick), plot.bottom() + 2.5},
               {{"stroke", axis_colour}, {"stroke-width", 0.6}});
      svg.text({x(tick), plot.bottom() + 4 + ascent(axis_style)}, format_fixed(tick, ticks.decimals),
               axis_style, TextAnchor::middle, {{"fill", axis_colour}});
    }
  }

  /// The order in which points follow one another along the axis.
  std::vector<std::size_t> along(const SweepAxis& axis) const {
    std::vector<std::size_t> order(axis.values.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return axis.values[a] < axis.values[b]; });
    return order;
  }

  /// Values of the input at which the result crosses zero, by straight lines between points.
  std::vector<double> crossings(const Panel& panel) const {
    std::vector<double> zeros;
    if (panel.numbers->is_year) return zeros;
    const SweepAxis& axis = axes_.back();
    const std::vector<std::size_t> order = along(axis);
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      const double a = panel.numbers->values[order[i]], b = panel.numbers->values[order[i + 1]];
      if (!is_number(a) || !is_number(b) || !((a < 0 && b > 0) || (a > 0 && b < 0) || (b == 0 && a != 0)))
        continue;
      const double from = axis.values[order[i]], to = axis.values[order[i + 1]];
      zeros.push_back(from + (to - from) * a / (a - b));
    }
    return zeros;
  }

  void draw_lines(SvgWriter& svg, const Panel& panel) const {
    const SweepAxis& axis = axes_.back();
    const Rect& plot = panel.plot;
    const auto [low, high] = range_of(axis);
    const LinearScale x{low, high, plot.x, plot.right()};
    const LinearScale y{panel.ticks.values.front(), panel.ticks.values.back(), plot.bottom(), plot.y};
    draw_value_axis(svg, plot, y, panel.ticks);
    draw_ticks_below(svg, plot, x, nice_ticks(low, high, 5, true));
    draw_axis_title(svg, plot, axis);
    if (panel.ticks.values.front() < 0 && panel.ticks.values.back() > 0)
      svg.line({plot.x, y(0)}, {plot.right(), y(0)}, {{"stroke", axis_colour}, {"stroke-width", 0.9}});
    if (in_range(axis)) {
      const double at = x(*axis.now);
      svg.line({at, plot.y}, {at, plot.bottom()},
               {{"stroke", present_ink}, {"stroke-width", 0.7}, {"stroke-dasharray", "3 2"}});
      const std::string text = (zh_ ? "本案例 " : "The case: ") + axis_value(axis, *axis.now);
      const double half = text_width(text, small_style) / 2;
      svg.text({std::clamp(at, plot.x + half, std::max(plot.x + half, plot.right() - half)), plot.y - 3},
               text, small_style, TextAnchor::middle, {{"fill", present_ink}});
    }
    SvgPath path;
    bool begun = false;
    svg.open_with_title("g", {{"class", "marks"}}, panel.numbers->title);
    const std::vector<std::size_t> order = along(axis);
    for (const std::size_t i : order) {
      const double value = panel.numbers->values[i];
      if (!is_number(value)) {
        begun = false;
        continue;
      }
      const Point at{x(axis.values[i]), y(value / panel.unit.divisor)};
      if (begun)
        path.line_to(at);
      else
        path.move_to(at);
      begun = true;
    }
    if (!path.text().empty())
      svg.path(path,
               {{"fill", "none"}, {"stroke", line_ink}, {"stroke-width", 1.4}, {"stroke-linejoin", "round"}});
    if (order.size() <= 25)
      for (const std::size_t i : order)
        if (const double value = panel.numbers->values[i]; is_number(value))
          draw_marker(svg, {x(axis.values[i]), y(value / panel.unit.divisor)}, 3.2,
                      {line_ink, Hatch::none, Marker::circle, ""});
    svg.close();
    double taken = plot.x - 100;
    for (const double zero : crossings(panel)) {
      const Point at{x(zero), y(0)};
      draw_marker(svg, at, 5.5, {"#111111", Hatch::none, Marker::diamond, ""});
      const std::string text = fmt::format("{}{}", zh_ ? "零点：" : "zero at ", axis_value(axis, zero));
      const double wide = text_width(text, {axis_style.size, true});
      const double left = std::clamp(at.x - wide / 2, plot.x + 1, std::max(plot.x + 1, plot.right() - wide));
      // Names of neighbours must not touch.
      if (left < taken + 3) continue;
      taken = left + wide;
      const bool above = at.y - plot.y > 2 * line_height(axis_style);
      svg.text({left, at.y + (above ? -5 : 5 + ascent(axis_style))}, text, {axis_style.size, true},
               TextAnchor::start,
               {{"fill", "none"}, {"stroke", "#ffffff"}, {"stroke-width", 2}, {"aria-hidden", "true"}});
      svg.text({left, at.y + (above ? -5 : 5 + ascent(axis_style))}, text, {axis_style.size, true});
    }
  }

  double map_axis_room() const {
    const auto [low, high] = range_of(axes_.front());
    return value_axis_room(nice_ticks(low, high, 5, true)) +
           static_cast<double>(down_lines()) * line_height(axis_style) + 2;
  }
  std::string down_title() const {
    return axes_.front().title + unit_in_brackets(axes_.front().unit, options_.language);
  }
  /// A title that the least plot is too low for stands on two lines.
  std::size_t down_lines() const { return text_width(down_title(), axis_style) > least_height ? 2 : 1; }

  /// Borders between the places of an axis: half way between neighbours.
  static std::vector<double> borders(std::vector<double> values) {
    std::vector<double> out;
    const double first = values.size() > 1 ? values[1] - values[0] : 1;
    const double last = values.size() > 1 ? values.back() - values[values.size() - 2] : 1;
    out.push_back(values.front() - first / 2);
    for (std::size_t i = 0; i + 1 < values.size(); ++i) out.push_back((values[i] + values[i + 1]) / 2);
    out.push_back(values.back() + last / 2);
    return out;
  }

  void draw_map(SvgWriter& svg, const Panel& panel) const {
    const SweepAxis &down = axes_.front(), &across = axes_.back();
    const std::vector<std::size_t> rows = along(down), columns = along(across);
    std::vector<double> xs, ys, values;
    for (const std::size_t c : columns) xs.push_back(across.values[c]);
    for (const std::size_t r : rows) ys.push_back(down.values[r]);
    for (const std::size_t r : rows)
      for (const std::size_t c : columns) values.push_back(panel.numbers->values[r * columns.size() + c]);
    const std::vector<double> x_borders = borders(xs), y_borders = borders(ys);
    const Rect& plot = panel.plot;
    const LinearScale x{x_borders.front(), x_borders.back(), plot.x, plot.right()};
    const LinearScale y{y_borders.front(), y_borders.back(), plot.bottom(), plot.y};
    const double span = panel.high - panel.low;
    svg.open_with_title("g", {{"class", "marks"}}, panel.numbers->title);
    for (std::size_t r = 0; r < ys.size(); ++r)
      for (std::size_t c = 0; c < xs.size(); ++c) {
        const double value = values[r * xs.size() + c] / panel.unit.divisor;
        const Rect cell{x(x_borders[c]), y(y_borders[r + 1]), x(x_borders[c + 1]) - x(x_borders[c]),
                        y(y_borders[r]) - y(y_borders[r + 1])};
        const std::string colour = is_number(value) ? map_colour(span > 0 ? (value - panel.low) / span : 0.5)
                                                    : fill_of(missing_look());
        // Half a point more hides the seams between neighbours.
        svg.rect({cell.x, cell.y, std::min(cell.width + 0.4, plot.right() - cell.x),
                  std::min(cell.height + 0.4, plot.bottom() - cell.y)},
                 {{"fill", colour}});
        if (!is_number(value) || values.size() > most_numbers) continue;
        const std::string text = number_text(value, panel.numbers->is_year);
        if (cell.height < line_height(small_style) + 1 || cell.width < text_width(text, small_style) + 4)
          continue;
        svg.text({cell.middle_x(), cell.middle_y() + 0.35 * small_style.size}, text, small_style,
                 TextAnchor::middle, {{"fill", Swatch{colour, Hatch::none, Marker::circle, ""}.ink()}});
      }
    svg.close();
    draw_zero(svg, x, y, xs, ys, values);
    svg.rect(plot, {{"fill", "none"}, {"stroke", axis_colour}, {"stroke-width", 0.6}});
    draw_ticks_below(svg, plot, x, nice_ticks(xs.front(), xs.back(), 5, true));
    draw_axis_title(svg, plot, across);
    const Ticks ticks = nice_ticks(ys.front(), ys.back(), 5, true);
    for (const double tick : ticks.values) {
      svg.line({plot.x - 2.5, y(tick)}, {plot.x, y(tick)}, {{"stroke", axis_colour}, {"stroke-width", 0.6}});
      svg.text({plot.x - 4, y(tick) + 0.35 * axis_style.size}, format_fixed(tick, ticks.decimals), axis_style,
               TextAnchor::end, {{"fill", axis_colour}});
    }
    const Point title{plot.x - left_room_ + ascent(axis_style), plot.middle_y()};
    svg.text_lines(
        title, wrap_text(down_title(), axis_style, plot.height, down_lines()), axis_style, TextAnchor::middle,
        {{"fill", axis_colour},
         {"transform", fmt::format("rotate(-90 {} {})", svg_number(title.x), svg_number(title.y))}});
    if (in_range(down) && in_range(across)) {
      const Point at{x(*across.now), y(*down.now)};
      draw_marker(svg, at, 8.5, {"#ffffff", Hatch::none, Marker::diamond, ""});
      draw_marker(svg, at, 6.5, {present_ink, Hatch::none, Marker::diamond, ""});
    }
    draw_colour_bar(svg, panel);
  }

  static void draw_zero(SvgWriter& svg, const LinearScale& x, const LinearScale& y,
                        const std::vector<double>& xs, const std::vector<double>& ys,
                        const std::vector<double>& values) {
    SvgPath path;
    bool any = false;
    for (const ZeroPiece& piece : zero_line(xs, ys, values)) {
      path.move_to({x(piece.from.x), y(piece.from.y)}).line_to({x(piece.to.x), y(piece.to.y)});
      any = true;
    }
    if (!any) return;
    svg.open("g", {{"class", "zero"}, {"fill", "none"}, {"stroke-linecap", "round"}});
    svg.path(path, {{"stroke", "#ffffff"}, {"stroke-width", 2.6}});
    svg.path(path, {{"stroke", "#111111"}, {"stroke-width", 1.3}});
    svg.close();
  }

  void draw_colour_bar(SvgWriter& svg, const Panel& panel) const {
    const Rect bar{panel.plot.right() + bar_gap, panel.plot.y, bar_width, panel.plot.height};
    const LinearScale y{panel.low, panel.high, bar.bottom(), bar.y};
    constexpr int steps = 48;
    for (int i = 0; i < steps; ++i) {
      const double top = bar.bottom() - bar.height * (i + 1) / steps;
      svg.rect({bar.x, top, bar.width, std::min(bar.height / steps + 0.4, bar.bottom() - top)},
               {{"fill", map_colour((i + 0.5) / steps)}});
    }
    svg.rect(bar, {{"fill", "none"}, {"stroke", axis_colour}, {"stroke-width", 0.4}});
    if (!(panel.high > panel.low)) return;
    for (const double tick : panel.ticks.values) {
      const bool zero = tick == 0 && panel.low < 0 && panel.high > 0;
      svg.line({zero ? bar.x : bar.right(), y(tick)}, {bar.right() + 2.5, y(tick)},
               {{"stroke", zero ? "#111111" : axis_colour}, {"stroke-width", zero ? 1.3 : 0.6}});
      svg.text(
          {bar.right() + 4, y(tick) + 0.35 * axis_style.size},
          panel.numbers->is_year ? fmt::format("{:.0f}", tick) : format_fixed(tick, panel.ticks.decimals),
          axis_style, TextAnchor::start, {{"fill", axis_colour}});
    }
  }

  const std::vector<SweepAxis>& axes_;
  const FigureOptions& options_;
  bool zh_, map_;
  std::vector<Panel> panels_;
  PanelGrid grid_;
  double left_room_ = 0, right_room_ = 0, plot_height_ = 0, head_ = 0;
};

}  // namespace

std::string map_colour(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  const double part = at - static_cast<double>(below);
  std::array<long, 3> mixed{};
  for (std::size_t i = 0; i < 3; ++i)
    mixed[i] = std::lround(stops[below][i] + part * (stops[below + 1][i] - stops[below][i]));
  return fmt::format("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
}

std::vector<ZeroPiece> zero_line(const std::vector<double>& x, const std::vector<double>& y,
                                 const std::vector<double>& values) {
  std::vector<ZeroPiece> pieces;
  for (std::size_t r = 0; r + 1 < y.size(); ++r)
    for (std::size_t c = 0; c + 1 < x.size(); ++c) {
      // Corners in turn; what is zero counts as above.
      const std::array<Point, 4> corner = {
          {{x[c], y[r]}, {x[c + 1], y[r]}, {x[c + 1], y[r + 1]}, {x[c], y[r + 1]}}};
      const std::array<double, 4> value = {values[r * x.size() + c], values[r * x.size() + c + 1],
                                           values[(r + 1) * x.size() + c + 1],
                                           values[(r + 1) * x.size() + c]};
      if (!std::all_of(value.begin(), value.end(), is_number)) continue;
      std::vector<Point> crossed;
      for (std::size_t i = 0; i < 4; ++i) {
        const double a = value[i], b = value[(i + 1) % 4];
        if ((a >= 0) == (b >= 0)) continue;
        const double part = a / (a - b);
        crossed.push_back({corner[i].x + part * (corner[(i + 1) % 4].x - corner[i].x),
                           corner[i].y + part * (corner[(i + 1) % 4].y - corner[i].y)});
      }
      if (crossed.size() == 2) pieces.push_back({crossed[0], crossed[1]});
      if (crossed.size() != 4) continue;
      // A saddle: the sign of its middle tells which corners belong together.
      const bool middle = value[0] + value[1] + value[2] + value[3] >= 0;
      const bool with_first = (value[0] >= 0) == middle;
      pieces.push_back({crossed[0], crossed[with_first ? 1 : 3]});
      pieces.push_back({crossed[2], crossed[with_first ? 3 : 1]});
    }
  return pieces;
}

FigureFiles draw_sweep(const std::vector<SweepAxis>& axes, const std::vector<SweepNumbers>& results,
                       const FigureText& text, const FigureOptions& options) {
  Drawing drawing(axes, results, options);
  FigureText all = text;
  all.unit = drawing.unit();
  return files_of(drawing, all, options);
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/report/time_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lode/report/axis.hpp"
#include "lode/report/end_labels.hpp"
#include "lode/report/panels.hpp"
#include "lode/report/scene.hpp"

namespace lode {
namespace {

constexpr TextStyle small_style{6, false};
constexpr const char *ground = "#f1f1f1", *ink = "#222222";

bool is_number(double value) {
  return std::isfinite(value);
}

/// Three digits, but none that would not be seen beside the largest number.
std::string number_text(double value, const Ticks& ticks) {
  const double largest = std::max(std::abs(ticks.values.front()), std::abs(ticks.values.back()));
  const int before = largest > 0 ? static_cast<int>(std::floor(std::log10(largest))) + 1 : 1;
  const int least = std::max(4 - before, 0);
  const double size = std::abs(value);
  const int own = size > 0 ? 2 - static_cast<int>(std::floor(std::log10(size))) : 0;
  const int decimals = std::clamp(own, 0, least);
  // What is not nothing is not written as nothing.
  if (size > 0 && size * std::pow(10.0, decimals) < 0.5) return format_significant(value, 1);
  return format_fixed(value, decimals);
}

/// A colour for lines: light ones are darkened until they can be seen on a grey ground.
std::string line_colour(const std::string& colour) {
  std::string dark = colour;
  for (int step = 1; lightness(dark) > 62 && step < 20; ++step) {
    const auto channel = [&](std::size_t at) {
      return std::lround(std::stoi(colour.substr(at, 2), nullptr, 16) * (1 - 0.04 * step));
    };
    dark = fmt::format("#{:02x}{:02x}{:02x}", channel(1), channel(3), channel(5));
  }
  return dark;
}

/// What a panel needs beside its marks.
struct PlacedPanel {
  DisplayUnit unit;
  Ticks ticks;
  std::string title;
  std::vector<EndLabel> labels;
  double labels_room = 0, labels_height = 0, strip = 0;  ///< strip: above the plot, for words
  Point corner;
  Rect plot;
  bool slots = false;  ///< years have a width: there are bars
};

class Drawing {
 public:
  Drawing(const TimeChart& chart, const FigureOptions& options) : chart_(chart), options_(options) {
    choose_events();
    choose_scales();
    choose_columns();
    make_labels();
    find_heights();
  }

  double height() const { return grid_.height(); }
  /// One unit for all, or none if every panel has its own.
  std::string unit() const { return own_units_ ? "" : placed_.front().unit.text; }

  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    for (const ChartPanel& panel : chart_.panels)
      for (const ChartMark& mark : panel.marks) {
        if (mark.naming != ChartNaming::legend) continue;
        if (std::any_of(entries.begin(), entries.end(),
                        [&](const LegendEntry& entry) { return entry.text == mark.name; }))
          continue;
        LegendEntry::Kind kind = LegendEntry::Kind::area;
        if (mark.kind == ChartMark::Kind::line) kind = LegendEntry::Kind::line;
        if (mark.kind == ChartMark::Kind::points) kind = LegendEntry::Kind::marker;
        entries.push_back({mark.name, seen(mark), kind});
      }
    return entries;
  }

  void draw(Figure& figure) {
    place(figure.picture());
    SvgWriter& svg = figure.svg();
    std::vector<Swatch> hatched;
    for (const ChartPanel& panel : chart_.panels)
      for (const ChartMark& mark : panel.marks)
        if (mark.naming != ChartNaming::legend) hatched.push_back(mark.swatch);
    define_missing_hatches(svg, hatched);
    for (std::size_t p = 0; p < placed_.size(); ++p) {
      svg.open("g", {{"class", "panel"}});
      draw_panel(svg, chart_.panels[p], placed_[p]);
      svg.close();
    }
  }

  std::string scene(const Figure& figure) const;
  FigureTable table() const;
  /// The marked years in words, where they are not named in the picture.
  std::string events_note() const {
    if (events_.empty() || named_events()) return "";
    std::string note = chinese() ? "点线标出的年份：" : "Dotted lines mark ";
    for (const ChartEvent& event : events_) {
      if (&event != &events_.front()) note += chinese() ? "；" : "; ";
      note += chinese() ? fmt::format("{}年{}", event.year, event.text)
                        : fmt::format("{}: {}", event.year, event.text);
    }
    return note + (chinese() ? "。" : ".");
  }

 private:
  /// Those within the years shown; what lies on the edge would look like a part of the frame.
  void choose_events() {
    for (const ChartEvent& event : chart_.events)
      if (event.year > chart_.years.front() && event.year < chart_.years.back()) events_.push_back(event);
  }
  bool named_events() const { return chart_.panels.size() == 1; }
  bool chinese() const { return is_chinese(options_.language); }

  /// As it is drawn in the legend: a translucent band is lighter there too.
  static Swatch seen(const ChartMark& mark) {
    Swatch swatch = mark.swatch;
    if (mark.opacity < 1 && swatch.hatch == Hatch::none)
      swatch.colour = tint(swatch.colour, 1 - mark.opacity);
    return swatch;
  }
  void define_missing_hatches(SvgWriter& svg, const std::vector<Swatch>& swatches) const {
    std::vector<Swatch> missing;
    const std::vector<LegendEntry> entries = legend();
    for (const Swatch& swatch : swatches)
      if (std::none_of(entries.begin(), entries.end(), [&](const LegendEntry& entry) {
            return entry.swatch.hatch == swatch.hatch && entry.swatch.colour == swatch.colour;
          }))
        missing.push_back(swatch);
    define_hatches(svg, missing);
  }

  static std::pair<double, double> range_of(const ChartPanel& panel) {
    double low = 0, high = 0;
    const auto take = [&](const std::vector<double>& values) {
      for (const double value : values) {
        if (!is_number(value)) continue;
        low = std::min(low, value);
        high = std::max(high, value);
      }
    };
    for (const ChartMark& mark : panel.marks) {
      take(mark.low);
      take(mark.high);
      if (mark.kind == ChartMark::Kind::line || mark.kind == ChartMark::Kind::points) take(mark.values);
    }
    for (const ChartLevel& level : panel.levels) take({level.value});
    if (panel.high) take({*panel.high});
    return {low, high};
  }

  void choose_scales() {
    placed_.resize(chart_.panels.size());
    double low = 0, high = 0;
    for (const ChartPanel& panel : chart_.panels) {
      const auto [from, to] = range_of(panel);
      low = std::min(low, from);
      high = std::max(high, to);
    }
    const bool named_units = std::any_of(chart_.panels.begin(), chart_.panels.end(),
                                         [](const ChartPanel& p) { return !p.unit.empty(); });
    own_units_ = chart_.panels.size() > 1 && (named_units || (chart_.own_scales && !chart_.fixed_unit));
    for (std::size_t p = 0; p < placed_.size(); ++p) {
      auto [from, to] = chart_.own_scales || named_units ? range_of(chart_.panels[p]) : std::pair{low, high};
      if (from == 0 && to == 0) to = 1;
      const double largest = std::max(-from, to);
      const double of_unit = own_units_ ? largest : std::max(-low, high);
      const std::string& own = chart_.panels[p].unit;
      if (!own.empty() && chart_.panels[p].short_unit)
        placed_[p].unit = display_unit(own, largest, options_.language);
      else if (!own.empty() || chart_.fixed_unit)
        placed_[p].unit = {1, unit_in(own.empty() ? chart_.unit : own, options_.language)};
      else
        placed_[p].unit = display_unit(chart_.unit, of_unit, options_.language);
      const double divisor = placed_[p].unit.divisor;
      placed_[p].ticks = nice_ticks(from / divisor, to / divisor, chart_.panels.size() > 3 ? 3 : 5);
      for (const ChartMark& mark : chart_.panels[p].marks)
        placed_[p].slots = placed_[p].slots || mark.kind == ChartMark::Kind::bars;
      const bool sides = !chart_.panels[p].above.empty() || !chart_.panels[p].below.empty();
      const double axis = value_axis_room(placed_[p].ticks) + (sides ? line_height(small_style) : 0);
      axis_room_ = std::max(axis_room_, axis);
    }
  }

  void choose_columns() {
    const std::size_t n = placed_.size();
    const bool wide = options_.width > 380;
    const int columns = n <= 1 ? 1 : wide ? (n == 2 || n == 4 ? 2 : n <= 9 ? 3 : 4) : (n <= 3 ? 1 : 2);
    grid_ = {n, static_cast<std::size_t>(columns), 14, 8};
    grid_.fill_width(options_.width - 8);
  }

  double most_of_labels() const { return grid_.cell_width * (grid_.columns == 1 ? 0.34 : 0.42); }

  void make_labels() {
    const double most = most_of_labels();
    for (std::size_t p = 0; p < placed_.size(); ++p) {
      const ChartPanel& panel = chart_.panels[p];
      PlacedPanel& placed = placed_[p];
      if (panel.span) placed.strip += line_height(small_style) + 5;
      if (split()) placed.strip += line_height(small_style);
      if (named_events()) placed.strip += static_cast<double>(event_rows()) * line_height(small_style);
      if (placed_.size() > 1) {
        if (!panel.title.empty())
          placed.title =
              panel.title + (own_units_ ? unit_in_brackets(placed.unit.text, options_.language) : "");
      }
      for (const ChartMark& mark : panel.marks) {
        if (mark.naming != ChartNaming::end) continue;
        EndLabel label;
        const bool alone = mark.label == ChartLabel::number;
        label.name = alone ? "" : mark.name;
        label.swatch = mark.swatch;
        label.sign = alone                                ? EndLabel::Sign::none
                     : mark.kind == ChartMark::Kind::line ? EndLabel::Sign::line
                                                          : EndLabel::Sign::area;
        const std::size_t last = last_of(mark);
        if (chart_.end_numbers && last + 1 == chart_.years.size() && last < mark.values.size())
          label.number = number_text(mark.values[last] / placed.unit.divisor, placed.ticks);
        placed.labels.push_back(std::move(label));
      }
      for (const ChartLevel& level : panel.levels) {
        EndLabel label;
        label.name = level.text;
        label.sign = EndLabel::Sign::none;
        placed.labels.push_back(std::move(label));
      }
      // The last year on the axis stands half outside.
      placed.labels_room = std::max(end_labels_room(placed.labels, most), text_width("00", axis_style) + 1);
      placed.labels_height = end_labels_height(placed.labels, most);
      labels_room_ = std::max(labels_room_, placed.labels_room);
      strip_ = std::max(strip_, placed.strip);
    }
    for (PlacedPanel& placed : placed_) {
      if (placed.title.empty()) continue;
      title_lines_ = std::max(title_lines_, title_lines(placed).size());
    }
  }
  std::vector<std::string> title_lines(const PlacedPanel& placed) const {
    return wrap_text(placed.title, panel_letter_style, grid_.cell_width - panel_letter_width, 3);
  }

  void find_heights() {
    const double wide = grid_.cell_width - axis_room_ - labels_room_;
    double plot =
        grid_.columns == 1 ? std::clamp(0.52 * wide, 110.0, 190.0) : std::clamp(0.72 * wide, 78.0, 150.0);
    for (const PlacedPanel& placed : placed_) plot = std::max(plot, std::min(placed.labels_height, 520.0));
    plot_height_ = plot;
    head_ = static_cast<double>(title_lines_) * line_height(panel_title_style) + (title_lines_ ? 3 : 0) +
            strip_ + 3;
    grid_.row_height = head_ + plot_height_ + year_axis_room();
  }

  void place(const Rect& picture) {
    const double most = most_of_labels();
    for (std::size_t p = 0; p < placed_.size(); ++p) {
      PlacedPanel& placed = placed_[p];
      placed.corner = grid_.corner(p, picture);
      placed.plot = {placed.corner.x + axis_room_, placed.corner.y + head_,
                     grid_.cell_width - axis_room_ - labels_room_, plot_height_};
      const ChartPanel& panel = chart_.panels[p];
      std::size_t at = 0;
      const LinearScale scale = value_scale(placed);
      for (const ChartMark& mark : panel.marks) {
        if (mark.naming != ChartNaming::end) continue;
        placed.labels[at++].anchor = scale(end_of(mark) / placed.unit.divisor);
      }
      for (const ChartLevel& level : panel.levels)
        placed.labels[at++].anchor = scale(level.value / placed.unit.divisor);
      place_end_labels(placed.labels, most, placed.plot.y - 4, placed.plot.bottom() + 4);
    }
  }

  /// Place of the last number, the number of years if there is none.
  std::size_t last_of(const ChartMark& mark) const {
    const bool by_edges = mark.kind == ChartMark::Kind::area || mark.kind == ChartMark::Kind::bars;
    const std::vector<double>& values = by_edges ? mark.high : mark.values;
    for (std::size_t i = values.size(); i-- > 0;)
      if (is_number(values[i])) return i;
    return chart_.years.size();
  }
  /// Where the mark ends: the middle of an area.
  double end_of(const ChartMark& mark) const {
    const std::size_t last = last_of(mark);
    if (last >= chart_.years.size()) return 0;
    if (mark.kind == ChartMark::Kind::area || mark.kind == ChartMark::Kind::bars)
      return (mark.low[last] + mark.high[last]) / 2;
    return mark.values[last];
  }

  static LinearScale value_scale(const PlacedPanel& placed) {
    return {placed.ticks.values.front(), placed.ticks.values.back(), placed.plot.bottom(), placed.plot.y};
  }
  LinearScale year_scale(const PlacedPanel& placed) const {
    const double first = chart_.years.front(), last = chart_.years.back();
    if (placed.slots || first == last) {
      const double slot = placed.plot.width / (last - first + 1);
      return {first, last == first ? first + 1 : last, placed.plot.x + slot / 2,
              last == first ? placed.plot.x + 1.5 * slot : placed.plot.right() - slot / 2};
    }
    return {first, last, placed.plot.x, placed.plot.right()};
  }
  /// Both the past and the projection are in the picture.
  bool split() const {
    return chart_.history && *chart_.history >= chart_.years.front() && *chart_.history < chart_.years.back();
  }

  void draw_panel(SvgWriter& svg, const ChartPanel& panel, const PlacedPanel& placed) {
    const LinearScale y = value_scale(placed), x = year_scale(placed);
    const double divisor = placed.unit.divisor;
    const std::size_t index = static_cast<std::size_t>(&placed - placed_.data());
    if (!placed.title.empty()) draw_panel_title(svg, placed.corner, index, title_lines(placed));
    double boundary = 0;
    if (split()) {
      boundary = placed.slots ? (x(*chart_.history) + x(*chart_.history + 1)) / 2 : x(*chart_.history);
      svg.rect({boundary, placed.plot.y, placed.plot.right() - boundary, placed.plot.height},
               {{"fill", ground}});
    }
    draw_value_axis(svg, placed.plot, y, placed.ticks);
    svg.open("g", {{"class", "marks"}});
    for (const ChartMark& mark : panel.marks)
      if (mark.kind == ChartMark::Kind::area || mark.kind == ChartMark::Kind::bars) {
        svg.open_with_title("g", {}, mark.name);
        if (mark.kind == ChartMark::Kind::area)
          draw_area(svg, mark, x, y, divisor);
        else
          draw_bars(svg, mark, x, y, divisor);
        svg.close();
      }
    if (split())
      svg.rect({boundary, placed.plot.y, placed.plot.right() - boundary, placed.plot.height},
               {{"fill", "#ffffff"}, {"fill-opacity", 0.28}, {"class", "projection"}});
    draw_zero(svg, placed, y);
    for (const ChartLevel& level : panel.levels)
      svg.line({placed.plot.x, y(level.value / divisor)}, {placed.plot.right(), y(level.value / divisor)},
               {{"stroke", "#b01010"}, {"stroke-width", 0.9}, {"stroke-dasharray", "4 2"}});
    for (const ChartMark& mark : panel.marks) {
      if (mark.kind != ChartMark::Kind::line && mark.kind != ChartMark::Kind::points) continue;
      svg.open_with_title("g", {}, mark.name);
      if (mark.kind == ChartMark::Kind::line)
        draw_line(svg, mark, x, y, divisor);
      else
        draw_points(svg, mark, x, y, divisor);
      svg.close();
    }
    svg.close();
    if (!events_.empty()) draw_events(svg, panel, placed, x);
    draw_sides(svg, panel, placed, y);
    if (split()) draw_boundary(svg, placed, boundary);
    if (panel.span) draw_span(svg, *panel.span, placed, x);
    const double digits = text_width("0000", axis_style) * 1.45;
    const auto most = static_cast<std::size_t>(std::max(2.0, placed.plot.width / digits));
    draw_year_axis(svg, placed.plot, x,
                   year_ticks(chart_.years.front(), chart_.years.back(), std::min<std::size_t>(most, 8)));
    svg.open("g", {{"class", "labels"}});
    draw_end_labels(svg, placed.labels, placed.plot.right());
    svg.close();
  }

  static void draw_zero(SvgWriter& svg, const PlacedPanel& placed, const LinearScale& y) {
    if (placed.ticks.values.front() < 0 && placed.ticks.values.back() > 0)
      svg.line({placed.plot.x, y(0)}, {placed.plot.right(), y(0)},
               {{"stroke", axis_colour}, {"stroke-width", 0.7}});
  }

  /// Rows that the names of events take one above the other: a name that the next one would touch stands
  /// higher.
  std::vector<std::size_t> rows_of_events() const {
    const double wide = 0.6 * grid_.cell_width;
    const double per_year = wide / std::max(1, chart_.years.back() - chart_.years.front());
    std::vector<std::size_t> rows(events_.size(), 0);
    for (std::size_t i = events_.size(); i-- > 0;) {
      const double reach = events_[i].year * per_year + text_width(event_text(events_[i]), small_style) + 6;
      for (std::size_t j = i + 1; j < events_.size(); ++j)
        if (events_[j].year * per_year < reach) rows[i] = std::max(rows[i], rows[j] + 1);
    }
    return rows;
  }
  std::size_t event_rows() const {
    std::size_t most = 0;
    for (const std::size_t row : rows_of_events()) most = std::max(most, row + 1);
    return most;
  }
  static std::string event_text(const ChartEvent& event) {
    return event.text.empty() ? std::to_string(event.year) : fmt::format("{} {}", event.year, event.text);
  }

  /// Dotted lines at the marked years, their names above where there is one panel.
  void draw_events(SvgWriter& svg, const ChartPanel& panel, const PlacedPanel& placed,
                   const LinearScale& x) const {
    const std::vector<std::size_t> rows = rows_of_events();
    const double below =
        3 + (split() ? line_height(small_style) : 0) + (panel.span ? line_height(small_style) + 5 : 0);
    svg.open("g", {{"class", "events"}});
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const double at = x(events_[i].year);
      const double y = placed.plot.y - below - static_cast<double>(rows[i]) * line_height(small_style);
      svg.line({at, named_events() ? y - ascent(small_style) : placed.plot.y}, {at, placed.plot.bottom()},
               {{"stroke", "#444444"}, {"stroke-width", 0.5}, {"stroke-dasharray", "0.8 1.6"}});
      if (!named_events()) continue;
      const std::string text = event_text(events_[i]);
      const bool left = at + 2 + text_width(text, small_style) > placed.plot.right() + labels_room_;
      svg.text({at + (left ? -2 : 2), y}, text, small_style, left ? TextAnchor::end : TextAnchor::start,
               {{"fill", "#444444"}});
    }
    svg.close();
  }

  /// Along the axis what lies above and below zero.
  void draw_sides(SvgWriter& svg, const ChartPanel& panel, const PlacedPanel& placed,
                  const LinearScale& y) const {
    const double zero = std::clamp(y(0), placed.plot.y, placed.plot.bottom());
    const double x = placed.plot.x - value_axis_room(placed.ticks) - 1;
    const auto write = [&](const std::string& word, double from, double to) {
      if (word.empty() || to - from < text_width(word, small_style)) return;
      const Point at{x, (from + to) / 2};
      svg.text(at, word, small_style, TextAnchor::middle,
               {{"fill", "#444444"},
                {"transform", fmt::format("rotate(-90 {} {})", svg_number(at.x), svg_number(at.y))}});
    };
    write(panel.above, placed.plot.y, zero);
    write(panel.below, zero, placed.plot.bottom());
  }

  void draw_boundary(SvgWriter& svg, const PlacedPanel& placed, double x) const {
    svg.line({x, placed.plot.y}, {x, placed.plot.bottom()}, {{"stroke", "#777777"}, {"stroke-width", 0.5}});
    const std::string word = chinese() ? "预测" : "Projection";
    const double y = placed.plot.y - 3;
    if (x + 2 + text_width(word, small_style) <= placed.plot.right() + 1)
      svg.text({x + 2, y}, word, small_style, TextAnchor::start, {{"fill", "#666666"}});
  }

  /// A bracket above the plot with its words.
  void draw_span(SvgWriter& svg, const ChartSpan& span, const PlacedPanel& placed,
                 const LinearScale& x) const {
    const double from = x(span.first), to = x(span.last);
    const double y = placed.plot.y - 3 - (split() ? line_height(small_style) : 0);
    const SvgAttributes stroke = {{"stroke", "#b01010"}, {"stroke-width", 0.8}, {"fill", "none"}};
    SvgPath path;
    path.move_to({from, y + 2.5}).line_to({from, y}).line_to({to, y}).line_to({to, y + 2.5});
    svg.path(path, stroke);
    for (const double at : {from, to})
      svg.line({at, y + 2.5}, {at, placed.plot.bottom()},
               {{"stroke", "#b01010"}, {"stroke-width", 0.4}, {"stroke-dasharray", "1.5 1.5"}});
    const double half = text_width(span.text, small_style) / 2;
    const double middle = std::clamp((from + to) / 2, placed.plot.x - axis_room_ + half,
                                     placed.plot.right() + labels_room_ - half);
    svg.text({middle, y - 2}, span.text, {small_style.size, true}, TextAnchor::middle, {{"fill", "#b01010"}});
  }

  void draw_area(SvgWriter& svg, const ChartMark& mark, const LinearScale& x, const LinearScale& y,
                 double divisor) const {
    SvgAttributes look = {{"fill", fill_of(mark.swatch)}};
    if (mark.opacity < 1)
      look.emplace_back("fill-opacity", mark.opacity);
    else {
      look.emplace_back("stroke", "#ffffff");
      look.emplace_back("stroke-width", 0.4);
      look.emplace_back("stroke-linejoin", "round");
    }
    for (std::size_t i = 0; i < mark.high.size();) {
      if (!is_number(mark.high[i]) || !is_number(mark.low[i])) {
        ++i;
        continue;
      }
      std::size_t end = i;
      bool any = false;
      while (end < mark.high.size() && is_number(mark.high[end]) && is_number(mark.low[end])) {
        any = any || mark.high[end] != mark.low[end];
        ++end;
      }
      SvgPath path;
      for (std::size_t k = i; k < end; ++k) {
        const Point p{x(chart_.years[k]), y(mark.high[k] / divisor)};
        if (k == i)
          path.move_to(p);
        else
          path.line_to(p);
      }
      for (std::size_t k = end; k-- > i;) path.line_to({x(chart_.years[k]), y(mark.low[k] / divisor)});
      path.close();
      if (any) svg.path(path, look);
      i = end;
    }
  }

  void draw_bars(SvgWriter& svg, const ChartMark& mark, const LinearScale& x, const LinearScale& y,
                 double divisor) const {
    const double slot = x(chart_.years.front() + 1) - x(chart_.years.front());
    const double width = std::min(0.8 * slot, 26.0);
    for (std::size_t i = 0; i < mark.high.size(); ++i) {
      if (!is_number(mark.high[i]) || !is_number(mark.low[i]) || mark.high[i] == mark.low[i]) continue;
      const double a = y(mark.high[i] / divisor), b = y(mark.low[i] / divisor);
      svg.rect({x(chart_.years[i]) - width / 2, std::min(a, b), width, std::abs(a - b)},
               {{"fill", fill_of(mark.swatch)}, {"stroke", "#ffffff"}, {"stroke-width", 0.3}});
    }
  }

  void draw_line(SvgWriter& svg, const ChartMark& mark, const LinearScale& x, const LinearScale& y,
                 double divisor) const {
    if (mark.weight <= 0) return;
    SvgPath path;
    bool begun = false;
    std::optional<Point> last;
    for (std::size_t i = 0; i < mark.values.size(); ++i) {
      if (!is_number(mark.values[i])) {
        begun = false;
        continue;
      }
      const Point p{x(chart_.years[i]), y(mark.values[i] / divisor)};
      if (begun)
        path.line_to(p);
      else
        path.move_to(p);
      begun = true;
      last = p;
    }
    if (!last) return;
    SvgAttributes look = {{"fill", "none"},
                          {"stroke", mark.swatch.colour},
                          {"stroke-width", mark.weight},
                          {"stroke-linejoin", "round"},
                          {"stroke-opacity", mark.opacity}};
    if (!mark.swatch.dashes.empty()) look.emplace_back("stroke-dasharray", mark.swatch.dashes);
    svg.path(path, look);
  }

  void draw_points(SvgWriter& svg, const ChartMark& mark, const LinearScale& x, const LinearScale& y,
                   double divisor) const {
    for (std::size_t i = 0; i < mark.values.size(); ++i) {
      const double at = x(chart_.years[i]);
      const bool ranged = i < mark.low.size() && is_number(mark.low[i]) && is_number(mark.high[i]);
      const SvgAttributes stroke = {{"stroke", mark.swatch.colour}, {"stroke-width", 0.8}};
      if (ranged) {
        const double low = y(mark.low[i] / divisor), high = y(mark.high[i] / divisor);
        svg.line({at, low}, {at, high}, stroke);
        for (const double end : {low, high}) svg.line({at - 1.8, end}, {at + 1.8, end}, stroke);
      }
      if (is_number(mark.values[i])) draw_marker(svg, {at, y(mark.values[i] / divisor)}, 4.6, mark.swatch);
    }
  }

  const TimeChart& chart_;
  const FigureOptions& options_;
  std::vector<PlacedPanel> placed_;
  std::vector<ChartEvent> events_;
  bool own_units_ = false;
  PanelGrid grid_;
  std::size_t title_lines_ = 0;
  double axis_room_ = 0, labels_room_ = 0, plot_height_ = 0, head_ = 0, strip_ = 0;
};

std::string Drawing::scene(const Figure& figure) const {
  using nlohmann::ordered_json;
  ordered_json scene = begin_scene(chart_.kind, options_.language, figure);
  scene["years"] = chart_.years;
  if (split()) scene["history"] = *chart_.history;
  for (const ChartEvent& event : events_)
    scene["events"].push_back({{"year", event.year}, {"text", event.text}});
  scene["panels"] = ordered_json::array();
  for (std::size_t p = 0; p < placed_.size(); ++p) {
    const ChartPanel& panel = chart_.panels[p];
    const PlacedPanel& placed = placed_[p];
    const auto numbers = [&](const std::vector<double>& values) {
      ordered_json out = ordered_json::array();
      for (const double value : values)
        out.push_back(is_number(value) ? ordered_json(value / placed.unit.divisor) : ordered_json());
      return out;
    };
    ordered_json out = {{"title", panel.title},
                        {"unit", placed.unit.text},
                        {"plot", scene_rect(placed.plot)},
                        {"low", placed.ticks.values.front()},
                        {"high", placed.ticks.values.back()},
                        {"ticks", placed.ticks.values},
                        {"bars", placed.slots}};
    out["marks"] = ordered_json::array();
    static constexpr const char* names[] = {"area", "bars", "line", "points"};
    for (const ChartMark& mark : panel.marks) {
      ordered_json one = {{"id", mark.id},
                          {"name", mark.name},
                          {"type", names[static_cast<std::size_t>(mark.kind)]},
                          {"colour", mark.swatch.colour},
                          {"opacity", mark.opacity}};
      if (!mark.swatch.dashes.empty() && mark.kind == ChartMark::Kind::line)
        one["dashes"] = mark.swatch.dashes;
      if (!mark.values.empty()) one["values"] = numbers(mark.values);
      if (!mark.low.empty()) one["low"] = numbers(mark.low);
      if (!mark.high.empty()) one["high"] = numbers(mark.high);
      out["marks"].push_back(std::move(one));
    }
    for (const ChartLevel& level : panel.levels)
      out["levels"].push_back({{"value", level.value / placed.unit.divisor}, {"text", level.text}});
    if (panel.span)
      out["span"] = {{"first", panel.span->first}, {"last", panel.span->last}, {"text", panel.span->text}};
    scene["panels"].push_back(std::move(out));
  }
  return scene_text(scene);
}

FigureTable Drawing::table() const {
  FigureTable table;
  table.headings = {figure_word("Year", options_.language)};
  struct Column {
    const std::vector<double>* values;
    double divisor;
  };
  std::vector<Column> columns;
  for (std::size_t p = 0; p < placed_.size(); ++p) {
    const ChartPanel& panel = chart_.panels[p];
    const std::string unit = unit_in_brackets(placed_[p].unit.text, options_.language);
    const std::string before = placed_.size() > 1 ? panel.title + (chinese() ? "：" : ": ") : "";
    const auto add = [&](const std::string& name, const std::vector<double>& values) {
      if (values.empty()) return;
      table.headings.push_back(before + name + unit);
      columns.push_back({&values, placed_[p].unit.divisor});
    };
    for (const ChartMark& mark : panel.marks) {
      if (!mark.in_table) continue;
      const bool edges = mark.values.empty() || mark.kind == ChartMark::Kind::points;
      add(mark.name, mark.values);
      if (!edges) continue;
      add(mark.name + (chinese() ? "，下限" : ", low"), mark.low);
      add(mark.name + (chinese() ? "，上限" : ", high"), mark.high);
    }
  }
  for (std::size_t i = 0; i < chart_.years.size(); ++i) {
    std::vector<std::string> row = {std::to_string(chart_.years[i])};
    for (const Column& column : columns) {
      const double value = i < column.values->size() ? (*column.values)[i] : absent;
      row.push_back(is_number(value) ? fmt::format("{:.6g}", value / column.divisor) : "");
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void stack(std::vector<ChartMark>& marks) {
  std::size_t years = 0;
  for (const ChartMark& mark : marks) years = std::max(years, mark.values.size());
  std::vector<double> above(years, 0), below(years, 0);
  for (ChartMark& mark : marks) {
    mark.low.resize(mark.values.size());
    mark.high.resize(mark.values.size());
    for (std::size_t i = 0; i < mark.values.size(); ++i) {
      const double value = is_number(mark.values[i]) ? mark.values[i] : 0;
      double& from = value < 0 ? below[i] : above[i];
      mark.low[i] = std::min(from, from + value);
      mark.high[i] = std::max(from, from + value);
      from += value;
    }
  }
}

FigureFiles draw_time_chart(const TimeChart& chart, FigureText text, const FigureOptions& options) {
  TimeChart shown = chart;
  for (ChartPanel& panel : shown.panels)
    for (ChartMark& mark : panel.marks)
      if (mark.kind == ChartMark::Kind::line) mark.swatch.colour = line_colour(mark.swatch.colour);
  Drawing drawing(shown, options);
  text.unit = drawing.unit();
  if (std::string note = drawing.events_note(); !note.empty()) text.notes.push_back(std::move(note));
  return files_of(drawing, text, options);
}

}  // namespace lode

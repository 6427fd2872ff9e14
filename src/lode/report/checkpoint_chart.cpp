// SPDX-License-Identifier: Apache-2.0
#include "lode/report/checkpoint_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "lode/report/axis.hpp"
#include "lode/report/scene.hpp"

namespace lode {
namespace {

using Status = CheckpointRow::Status;

struct Look {
  Status status;
  const char *name, *english, *chinese, *colour;
  Hatch hatch;
  Marker marker;
};
/// Dark, red and light: apart in grey too, and by their signs.
constexpr std::array<Look, 5> looks = {
    {{Status::agrees, "agrees", "agree", "一致", "#2b6c8f", Hatch::none, Marker::circle},
     {Status::differs, "differs", "differ", "不一致", "#c8321e", Hatch::rising, Marker::diamond},
     {Status::by_construction, "by_construction", "by construction", "由构造相等", "#9fc3d6", Hatch::none,
      Marker::square},
     {Status::input, "input", "inputs", "输入值", "#c9c9c9", Hatch::none, Marker::square},
     {Status::not_computable, "not_computable", "not computable", "不可计算", "#8a8a8a", Hatch::dots,
      Marker::cross}}};
const Look& look_of(Status status) {
  return *std::find_if(looks.begin(), looks.end(), [&](const Look& look) { return look.status == status; });
}
Swatch swatch_of(Status status) {
  const Look& look = look_of(status);
  return {look.colour, look.hatch, look.marker, ""};
}

constexpr TextStyle small{6, false}, small_bold{6, true}, heading{7, true};
constexpr double row_height = 9.2, dot = 3.4;
constexpr std::size_t most_rows = 40;

/// Ratios named on the axis, for one that reaches `reach` and its inverse.
std::vector<double> ratio_ticks(double reach) {
  if (reach <= 1.06) return {0.96, 0.98, 1, 1.02, 1.04};
  if (reach <= 1.3) return {0.8, 0.9, 1, 1.1, 1.2};
  if (reach <= 2.2) return {0.5, 0.75, 1, 1.5, 2};
  if (reach <= 5.5) return {0.2, 0.5, 1, 2, 5};
  return {0.1, 0.2, 0.5, 1, 2, 5, 10};
}

/// Four digits without zeros at the end; a year as it is.
std::string number_text(const std::optional<double>& value, bool is_year) {
  if (!value) return "–";
  if (is_year) return fmt::format("{:.0f}", *value);
  const double size = std::abs(*value);
  if (size != 0 && (size < 1e-3 || size >= 1e7)) return fmt::format("{:.3g}", *value);
  std::string text = format_significant(*value, 4);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

/// The text cut to a width, with "…" where it is.
std::string cut(const std::string& text, const TextStyle& style, double width) {
  const std::vector<std::string> lines = wrap_text(text, style, width, 1);
  return lines.empty() ? "" : lines.front();
}

class Drawing {
 public:
  Drawing(const std::vector<CheckpointRow>& rows, const FigureOptions& options)
      : rows_(rows), options_(options), zh_(is_chinese(options.language)) {
    for (const CheckpointRow& row : rows) {
      ++counts_[static_cast<std::size_t>(row.status)];
      const auto ratio = row.ratio();
      if (!ratio) continue;
      if (row.status == Status::agrees || row.status == Status::differs) swarm_.push_back(&row);
    }
    for (const CheckpointRow& row : rows)
      if (row.status == Status::differs) listed_.push_back(&row);
    std::stable_sort(listed_.begin(), listed_.end(), [](const CheckpointRow* a, const CheckpointRow* b) {
      return distance(*a) > distance(*b);
    });
    left_out_ = listed_.size() > most_rows ? listed_.size() - most_rows : 0;
    if (left_out_ > 0) listed_.resize(most_rows);
    double reach = 1.05;
    for (const CheckpointRow* row : swarm_) reach = std::max(reach, std::exp(distance(*row)));
    ticks_ = ratio_ticks(std::min(reach, 10.0));
    reach_ = std::min(std::max(reach, 1 / ticks_.front()), 10.0) * 1.06;
    arrange();
  }

  double height() const { return height_; }
  std::size_t left_out() const { return left_out_; }
  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    for (const Look& look : looks)
      if (std::any_of(swarm_.begin(), swarm_.end(),
                      [&](const CheckpointRow* row) { return row->status == look.status; }))
        entries.push_back({zh_ ? look.chinese : look.english,
                           {look.colour, Hatch::none, look.marker, ""},
                           LegendEntry::Kind::marker});
    return entries;
  }

  void draw(Figure& figure) {
    SvgWriter& svg = figure.svg();
    const Rect& picture = figure.picture();
    std::vector<Swatch> swatches;
    for (const Look& look : looks) swatches.push_back(swatch_of(look.status));
    define_hatches(svg, swatches);
    draw_counts(svg, {picture.x, picture.y, picture.width, 22});
    if (swarm_.empty()) return;
    plot_.x += picture.x;
    plot_.y += picture.y;
    draw_axis(svg);
    draw_swarm(svg);
    draw_rows(svg, picture);
  }

  std::string scene(const Figure& figure) const {
    using nlohmann::ordered_json;
    ordered_json scene = begin_scene("checkpoints", options_.language, figure);
    for (const Look& look : looks)
      scene["counts"][look.name] = counts_[static_cast<std::size_t>(look.status)];
    scene["rows"] = ordered_json::array();
    for (const CheckpointRow& row : rows_) {
      ordered_json one = {{"id", row.id},
                          {"what", row.what},
                          {"unit", row.unit},
                          {"relation", row.relation},
                          {"status", look_of(row.status).name}};
      if (row.ours) one["ours"] = *row.ours;
      if (row.published) one["published"] = *row.published;
      if (row.ratio()) one["ratio"] = *row.ratio();
      scene["rows"].push_back(std::move(one));
    }
    return scene_text(scene);
  }

  FigureTable table() const {
    FigureTable table;
    table.headings =
        zh_ ? std::vector<std::string>{"编号", "内容", "单位", "关系", "文献值", "计算值", "比值", "结论"}
            : std::vector<std::string>{"Id",        "What", "Unit",  "Relation",
                                       "Published", "Ours", "Ratio", "Status"};
    const auto exact = [](const std::optional<double>& value) {
      return value ? fmt::format("{:.6g}", *value) : std::string();
    };
    for (const CheckpointRow& row : rows_)
      table.rows.push_back({row.id, row.what, row.unit, row.relation, exact(row.published), exact(row.ours),
                            exact(row.ratio()),
                            zh_ ? look_of(row.status).chinese : look_of(row.status).english});
    return table;
  }

 private:
  static double distance(const CheckpointRow& row) {
    const auto ratio = row.ratio();
    return ratio ? std::abs(std::log(*ratio)) : 0;
  }

  /// Dots that would touch stand above one another.
  void arrange() {
    const bool wide = options_.width > 380;
    const double inner = options_.width - 8;
    id_width_ = 0;
    for (const CheckpointRow* row : listed_) id_width_ = std::max(id_width_, text_width(row->id, small_bold));
    id_width_ = std::min(id_width_ + 4, 0.2 * inner);
    what_width_ = wide ? 0.34 * inner : 0;
    numbers_width_ = 0;
    for (const CheckpointRow* row : listed_)
      numbers_width_ = std::max(numbers_width_, text_width(numbers(*row), small));
    numbers_width_ = std::min(numbers_width_ + 6, 0.36 * inner);
    const double left = listed_.empty() ? 12 : id_width_ + what_width_;
    plot_ = {left + 6, 44, inner - left - 6 - (listed_.empty() ? 12 : numbers_width_ + 4), 0};
    scale_ = {-std::log(reach_), std::log(reach_), 0, plot_.width};

    std::vector<const CheckpointRow*> order = swarm_;
    std::stable_sort(order.begin(), order.end(), [](const CheckpointRow* a, const CheckpointRow* b) {
      return std::log(*a->ratio()) < std::log(*b->ratio());
    });
    std::vector<double> ends;  // right edge of the last dot of each level
    for (const CheckpointRow* row : order) {
      const double x = at(*row);
      std::size_t level = 0;
      while (level < ends.size() && ends[level] > x - dot - 0.3) ++level;
      if (level == ends.size()) ends.push_back(0);
      ends[level] = x;
      dots_.push_back({row, x, level});
    }
    // A tall pile is squeezed, not cut.
    const double step = ends.empty() ? 0 : std::min(dot + 0.3, 64.0 / static_cast<double>(ends.size()));
    dot_step_ = step;
    swarm_height_ = static_cast<double>(ends.size()) * step + 6;
    const double listed = listed_.empty() ? 0 : 14 + static_cast<double>(listed_.size()) * row_height;
    plot_.height = swarm_height_ + listed;
    height_ = swarm_.empty() ? 24 : plot_.y + plot_.height + 22;
  }
  double at(const CheckpointRow& row) const {
    return scale_(std::clamp(std::log(*row.ratio()), scale_.low, scale_.high));
  }
  std::string numbers(const CheckpointRow& row) const {
    std::string text = number_text(row.ours, row.unit == "year") + (zh_ ? "，文献" : " against ") +
                       (row.relation == "=" || row.relation == "~" ? "" : row.relation + " ") +
                       number_text(row.published, row.unit == "year");
    const std::string unit = unit_in(row.unit, options_.language);
    return unit.empty() || row.unit == "year" ? text : text + " " + unit;
  }

  void draw_counts(SvgWriter& svg, const Rect& where) const {
    svg.open("g", {{"id", "counts"}});
    const double all = static_cast<double>(rows_.size());
    double x = where.x, text_right = where.x;
    for (const Look& look : looks) {
      const std::size_t count = counts_[static_cast<std::size_t>(look.status)];
      if (count == 0) continue;
      const double width = where.width * static_cast<double>(count) / all;
      svg.rect({x, where.y + 10, width, 9},
               {{"fill", fill_of(swatch_of(look.status))}, {"stroke", "#ffffff"}, {"stroke-width", 0.6}});
      const std::string words = fmt::format("{} {}", count, zh_ ? look.chinese : look.english);
      const double left = std::max(x, text_right);
      if (left + text_width(words, small_bold) <= where.right() + 0.5) {
        svg.text({left, where.y + 7}, words, small_bold, TextAnchor::start, {{"fill", "#222222"}});
        text_right = left + text_width(words, small_bold) + 6;
      }
      x += width;
    }
    svg.close();
  }

  void draw_axis(SvgWriter& svg) const {
    svg.text({plot_.x + plot_.width / 2, plot_.y - 5},
             zh_ ? "计算值与文献值之比（对数）" : "Ours over published (logarithmic)", small,
             TextAnchor::middle, {{"fill", axis_colour}});
    for (const double ratio : ticks_) {
      const double x = plot_.x + scale_(std::log(ratio));
      const bool one = ratio == 1;
      svg.line({x, plot_.y}, {x, plot_.bottom()},
               {{"stroke", one ? axis_colour : grid_colour}, {"stroke-width", one ? 0.7 : 0.4}});
      svg.text({x, plot_.bottom() + 8}, fmt::format("{:g}", ratio), axis_style, TextAnchor::middle,
               {{"fill", axis_colour}});
    }
  }

  void draw_swarm(SvgWriter& svg) const {
    svg.open("g", {{"id", "swarm"}});
    for (const auto& [row, x, level] : dots_) {
      const double y = plot_.y + swarm_height_ - 4 - static_cast<double>(level) * dot_step_;
      svg.open_with_title("g", {}, row->id + ": " + numbers(*row));
      draw_marker(svg, {plot_.x + x, y}, dot, swatch_of(row->status));
      svg.close();
    }
    svg.close();
  }

  void draw_rows(SvgWriter& svg, const Rect& picture) const {
    if (listed_.empty()) return;
    double y = plot_.y + swarm_height_ + 8;
    svg.text({picture.x, y}, zh_ ? "不一致，由远到近" : "Differing, farthest first", small_bold,
             TextAnchor::start, {{"fill", "#222222"}});
    y += 9;
    svg.open("g", {{"id", "rows"}});
    for (const CheckpointRow* row : listed_) {
      svg.open_with_title("g", {}, row->id + ": " + row->what);
      const double middle = y - 2.2;
      svg.text({picture.x, y}, cut(row->id, small_bold, id_width_), small_bold);
      if (what_width_ > 0)
        svg.text({picture.x + id_width_, y}, cut(row->what, small, what_width_ - 4), small, TextAnchor::start,
                 {{"fill", "#444444"}});
      svg.line({plot_.x, middle}, {plot_.right(), middle}, {{"stroke", "#eeeeee"}, {"stroke-width", 0.4}});
      if (row->ratio()) {
        const double x = plot_.x + at(*row), one = plot_.x + scale_(0);
        svg.line({one, middle}, {x, middle},
                 {{"stroke", look_of(row->status).colour}, {"stroke-width", 1.1}});
        const bool beyond = std::abs(std::log(*row->ratio())) > scale_.high;
        if (beyond) {
          const double to = x > one ? 1 : -1;
          SvgPath head;
          head.move_to({x + 3 * to, middle})
              .line_to({x - to, middle - 2.4})
              .line_to({x - to, middle + 2.4})
              .close();
          svg.path(head, {{"fill", look_of(row->status).colour}});
        } else {
          draw_marker(svg, {x, middle}, 4.4, swatch_of(row->status));
        }
      }
      svg.text({plot_.right() + 8, y}, cut(numbers(*row), small, numbers_width_ - 4), small);
      svg.close();
      y += row_height;
    }
    svg.close();
  }

  struct Dot {
    const CheckpointRow* row;
    double x;
    std::size_t level;
  };
  const std::vector<CheckpointRow>& rows_;
  const FigureOptions& options_;
  bool zh_;
  std::array<std::size_t, 5> counts_{};
  std::vector<const CheckpointRow*> swarm_, listed_;
  std::vector<Dot> dots_;
  std::vector<double> ticks_;
  std::size_t left_out_ = 0;
  double reach_ = 2, id_width_ = 0, what_width_ = 0, numbers_width_ = 0, swarm_height_ = 0, dot_step_ = 0,
         height_ = 0;
  Rect plot_;
  LinearScale scale_;
};

}  // namespace

std::optional<double> CheckpointRow::ratio() const {
  if (!ours || !published || !std::isfinite(*ours) || !std::isfinite(*published)) return std::nullopt;
  if (*ours == 0 || *published == 0 || (*ours > 0) != (*published > 0)) return std::nullopt;
  if (unit == "year" || unit == "yr") return std::nullopt;
  return *ours / *published;
}

FigureFiles draw_checkpoints(const std::vector<CheckpointRow>& rows, FigureText text,
                             const FigureOptions& options) {
  Drawing drawing(rows, options);
  const bool zh = is_chinese(options.language);
  if (drawing.left_out() > 0)
    text.notes.push_back(zh ? fmt::format("另有{}项不一致，见数据表。", drawing.left_out())
                            : fmt::format("{} more that differ are in the table.", drawing.left_out()));
  return files_of(drawing, text, options);
}

}  // namespace lode

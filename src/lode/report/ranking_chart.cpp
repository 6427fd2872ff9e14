// SPDX-License-Identifier: Apache-2.0
#include "lode/report/ranking_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/report/axis.hpp"
#include "lode/report/panels.hpp"
#include "lode/report/scene.hpp"

namespace lode {
namespace {

constexpr std::size_t most_inputs = 12;
constexpr double negligible = 0.005;
constexpr TextStyle name_style{6.5, false};
const Swatch alone_look{"#2b6c8f", Hatch::none, Marker::square, ""};
const Swatch total_look{"#a9cbdc", Hatch::none, Marker::square, ""};
const Swatch low_look{"#5e4b8b", Hatch::none, Marker::square, ""};
const Swatch high_look{"#e0a458", Hatch::none, Marker::square, ""};
constexpr double between_plots = 16;

class Drawing {
 public:
  Drawing(const std::vector<RankedResult>& results, const FigureOptions& options)
      : results_(results), options_(options), zh_(is_chinese(options.language)) {
    const double inner = options.width - 8;
    for (const RankedResult& result : results) {
      std::size_t count = 0;
      for (const RankedInput& input : result.inputs)
        if (count < most_inputs && share(input) >= negligible) ++count;
      // An empty panel would say nothing: the first stands there in any case.
      shown_.push_back(std::max<std::size_t>(count, result.inputs.empty() ? 0 : 1));
      for (std::size_t i = 0; i < shown_.back(); ++i) {
        const RankedInput& input = result.inputs[i];
        names_width_ =
            std::max(names_width_, std::min(text_width(input.name, name_style) * 1.04 + 6, 0.4 * inner));
        numbers_width_ = std::max(numbers_width_, text_width(number(input), name_style) + 6);
        most_ = std::max({most_, input.alone.high, input.with_others ? input.with_others->high : 0});
        swings_ = swings_ || input.swing;
      }
    }
    shares_ = !swings_ || options.width > 380;
    names_width_ = std::clamp(names_width_, 40.0, swings_ && shares_ ? 0.27 * inner : inner);
    ticks_ = nice_ticks(0, std::clamp(most_, 0.1, 1.0) * 100, 5);
    double y = 0;
    for (std::size_t r = 0; r < results.size(); ++r) {
      tops_.push_back(y);
      for (std::size_t i = 0; i < shown_[r]; ++i) rows_.push_back({r, i, lines(results[r].inputs[i])});
      y += head();
      for (const Row& row : rows_)
        if (row.result == r) y += height_of(row);
      y += 18;
    }
    height_ = y;
  }

  double height() const { return height_; }
  std::size_t left_out() const {
    std::size_t count = 0;
    for (std::size_t r = 0; r < results_.size(); ++r) count += results_[r].inputs.size() - shown_[r];
    return count;
  }
  std::vector<LegendEntry> legend() const {
    const bool totals = std::any_of(results_.begin(), results_.end(), [](const RankedResult& result) {
      return std::any_of(result.inputs.begin(), result.inputs.end(),
                         [](const RankedInput& input) { return input.with_others.has_value(); });
    });
    std::vector<LegendEntry> entries;
    const auto add = [&](const char* english, const char* chinese, const Swatch& look) {
      entries.push_back({zh_ ? chinese : english, look, LegendEntry::Kind::area});
    };
    if (swings_) {
      add("Input at its 5 % point", "输入取5%分位值", low_look);
      add("at its 95 % point", "取95%分位值", high_look);
    }
    if (totals && shares_) {
      add("Share alone (first order)", "自身占比（一阶）", alone_look);
      add("with others (total)", "含交互（总效应）", total_look);
    }
    return entries;
  }

  void draw(Figure& figure) const {
    const Rect& picture = figure.picture();
    SvgWriter& svg = figure.svg();
    // Left the swings, right the shares, each as wide as the other.
    const double room = picture.width - names_width_ - numbers_width_;
    const double swing_width = !swings_ ? 0 : shares_ ? (room - between_plots) * 0.55 : room;
    const Rect swings{picture.x + names_width_, 0, swing_width, 0};
    const double left = picture.x + names_width_ + (swings_ ? swing_width + between_plots : 0);
    const LinearScale share{0, ticks_.values.back(), left, picture.right() - numbers_width_};
    for (std::size_t r = 0; r < results_.size(); ++r) {
      double y = picture.y + tops_[r];
      svg.open("g", {{"class", "panel"}});
      if (results_.size() > 1)
        draw_panel_title(svg, {picture.x, y}, r, {results_[r].title});
      else
        svg.text({picture.x, y + ascent(panel_title_style)}, results_[r].title, panel_title_style);
      y += head();
      double bottom = y;
      for (const Row& row : rows_)
        if (row.result == r) bottom += height_of(row);
      if (shares_) {
        draw_axis(svg, share, ticks_, y, bottom, 0);
        if (swings_)
          svg.text({left, y - 3}, zh_ ? "占方差比例（%）" : "Share of the variance (%)", axis_style,
                   TextAnchor::start, {{"fill", axis_colour}});
      }
      const SwingScale swing = swing_scale(results_[r], shown_[r], swings);
      if (swings_ && std::isfinite(results_[r].centre)) {
        draw_axis(svg, swing.x, swing.ticks, y, bottom, results_[r].centre);
        svg.text({swings.x, y - 3},
                 (zh_ ? "结果" : "Result") + unit_in_brackets(results_[r].unit, options_.language),
                 axis_style, TextAnchor::start, {{"fill", axis_colour}});
      }
      for (const Row& row : rows_) {
        if (row.result != r) continue;
        draw_row(svg, picture, share, swing.x, y, row);
        y += height_of(row);
      }
      svg.close();
    }
  }

  std::string scene(const Figure& figure) const {
    using nlohmann::ordered_json;
    ordered_json scene = begin_scene("tornado", options_.language, figure);
    const auto of = [](const RankedShare& share) {
      return ordered_json{{"value", share.value}, {"low", share.low}, {"high", share.high}};
    };
    scene["results"] = ordered_json::array();
    for (const RankedResult& result : results_) {
      ordered_json out = {{"title", result.title},
                          {"unit", result.unit},
                          {"centre", result.centre},
                          {"inputs", ordered_json::array()}};
      for (const RankedInput& input : result.inputs) {
        ordered_json one = {{"id", input.id}, {"name", input.name}, {"first", of(input.alone)}};
        if (input.with_others) one["total"] = of(*input.with_others);
        if (input.swing) one["swing"] = {{"low", input.swing->low}, {"high", input.swing->high}};
        out["inputs"].push_back(std::move(one));
      }
      scene["results"].push_back(std::move(out));
    }
    return scene_text(scene);
  }

  FigureTable table() const {
    FigureTable table;
    table.headings =
        zh_ ? std::vector<std::string>{"结果", "输入",        "名称", "一阶（%）", "下限",
                                       "上限", "总效应（%）", "下限", "上限"}
            : std::vector<std::string>{"Result",    "Input", "Name", "First order (%)", "Low", "High",
                                       "Total (%)", "Low",   "High"};
    if (swings_)
      for (const char* heading :
           {zh_ ? "5%分位时的结果" : "Result at 5 %", zh_ ? "95%分位时的结果" : "Result at 95 %",
            zh_ ? "中位时的结果" : "Result at the medians", zh_ ? "单位" : "Unit"})
        table.headings.emplace_back(heading);
    const auto percent = [](double share) { return fmt::format("{:.4g}", 100 * share); };
    const auto exact = [](double value) { return fmt::format("{:.6g}", value); };
    for (const RankedResult& result : results_)
      for (const RankedInput& input : result.inputs) {
        std::vector<std::string> row = {result.title, input.id, input.name};
        const auto add = [&](const RankedShare& share) {
          for (const double part : {share.value, share.low, share.high}) row.push_back(percent(part));
        };
        add(input.alone);
        if (input.with_others)
          add(*input.with_others);
        else
          row.insert(row.end(), 3, "");
        if (swings_)
          for (const std::string& cell :
               {input.swing ? exact(input.swing->low) : "", input.swing ? exact(input.swing->high) : "",
                exact(result.centre), result.unit})
            row.push_back(cell);
        table.rows.push_back(std::move(row));
      }
    return table;
  }

 private:
  struct Row {
    std::size_t result, input;
    std::vector<std::string> lines;
  };
  static double share(const RankedInput& input) {
    return std::max(input.alone.value, input.with_others ? input.with_others->value : 0);
  }
  double head() const { return line_height(panel_title_style) + 4 + (swings_ ? line_height(axis_style) : 0); }

  static void draw_axis(SvgWriter& svg, const LinearScale& x, const Ticks& ticks, double top, double bottom,
                        double origin) {
    for (const double tick : ticks.values) {
      const double at = x(tick);
      svg.line({at, top}, {at, bottom}, {{"stroke", grid_colour}, {"stroke-width", 0.4}});
      svg.text({at, bottom + 8}, format_fixed(tick, ticks.decimals), axis_style, TextAnchor::middle,
               {{"fill", axis_colour}});
    }
    svg.line({x(origin), top}, {x(origin), bottom}, {{"stroke", axis_colour}, {"stroke-width", 0.6}});
  }

  struct SwingScale {
    LinearScale x;
    Ticks ticks;
  };
  static constexpr const char* no_value = "no value";
  /// From the least to the most that any input does, with room for the numbers at the bars' ends.
  static SwingScale swing_scale(const RankedResult& result, std::size_t shown, const Rect& plot) {
    const double centre = std::isfinite(result.centre) ? result.centre : 0;
    double low = centre, high = centre, numbers = 0;
    for (std::size_t i = 0; i < shown; ++i) {
      if (!result.inputs[i].swing) continue;
      for (const double end : {result.inputs[i].swing->low, result.inputs[i].swing->high}) {
        if (!std::isfinite(end)) {
          numbers = std::max(numbers, text_width(no_value, axis_style) + 5);
          continue;
        }
        low = std::min(low, end);
        high = std::max(high, end);
        numbers = std::max(numbers, text_width(format_significant(end), axis_style) + 5);
      }
    }
    if (high - low <= 1e-12 * std::max(std::abs(high), std::abs(low))) {
      const double half = low == 0 ? 1 : 0.1 * std::abs(low);
      low -= half;
      high += half;
    }
    const double inner = std::max(plot.width - 2 * numbers, 0.3 * plot.width);
    const double margin = (high - low) * (plot.width / inner - 1) / 2;
    return {{low - margin, high + margin, plot.x, plot.right()}, nice_ticks(low, high, 4, true)};
  }
  std::vector<std::string> lines(const RankedInput& input) const {
    return wrap_text(input.name, name_style, names_width_ - 5, 2);
  }
  static double height_of(const Row& row) {
    return std::max(15.0, static_cast<double>(row.lines.size()) * line_height(name_style) + 3);
  }
  std::string number(const RankedInput& input) const {
    const RankedShare& main = input.with_others ? *input.with_others : input.alone;
    return fmt::format("{} %",
                       format_significant(100 * std::max(main.value, 0.0), main.value < 0.0995 ? 1 : 2));
  }

  void draw_row(SvgWriter& svg, const Rect& picture, const LinearScale& x, const LinearScale& swing, double y,
                const Row& row) const {
    const RankedInput& input = results_[row.result].inputs[row.input];
    svg.open_with_title("g", {}, input.name + ": " + number(input));
    const double height = height_of(row), middle = y + height / 2;
    double baseline = middle - static_cast<double>(row.lines.size()) * line_height(name_style) / 2 +
                      ascent(name_style) + 0.8;
    for (const std::string& line : row.lines) {
      svg.text({picture.x + names_width_ - 5, baseline}, line, name_style, TextAnchor::end);
      baseline += line_height(name_style);
    }
    if (input.swing) draw_swing(svg, swing, middle, results_[row.result].centre, *input.swing);
    if (shares_) draw_shares(svg, x, middle, input);
    svg.text({picture.right(), middle + 0.35 * name_style.size}, number(input), {name_style.size, true},
             TextAnchor::end);
    svg.close();
  }

  void draw_swing(SvgWriter& svg, const LinearScale& x, double middle, double centre,
                  const RankedInput::Swing& swing) const {
    const bool both = std::isfinite(swing.low) && std::isfinite(swing.high);
    const bool one_side = both && (swing.low - centre) * (swing.high - centre) > 0;
    const bool low_is_longer = std::abs(swing.low - centre) > std::abs(swing.high - centre);
    // Where both ends lie on one side the shorter bar lies on the longer one.
    for (const bool low : {low_is_longer, !low_is_longer}) {
      const double value = low ? swing.low : swing.high, other = low ? swing.high : swing.low;
      if (!std::isfinite(value)) {  // beside the bar that there is, if any
        const bool left = std::isfinite(other) ? other >= centre : low;
        svg.text({x(centre) + (left ? -2.0 : 2.0), middle + 0.35 * axis_style.size}, zh_ ? "无值" : no_value,
                 axis_style, left ? TextAnchor::end : TextAnchor::start);
        continue;
      }
      const double from = x(centre), to = x(value);
      const bool shorter = low != low_is_longer;
      const double thick = one_side && shorter ? 4 : 8;
      svg.rect({std::min(from, to), middle - thick / 2, std::abs(to - from), thick},
               {{"fill", fill_of(low ? low_look : high_look)}});
      if (one_side && shorter) continue;
      svg.text({to + (to < from ? -2.0 : 2.0), middle + 0.35 * axis_style.size}, format_significant(value),
               axis_style, to < from ? TextAnchor::end : TextAnchor::start);
    }
  }

  static void draw_shares(SvgWriter& svg, const LinearScale& x, double middle, const RankedInput& input) {
    const auto to_page = [&](double value) { return x(std::clamp(100 * value, 0.0, x.high)); };
    const auto bar = [&](const RankedShare& share, double top, double thick, const Swatch& look) {
      svg.rect({x(0), top, std::max(to_page(share.value) - x(0), 0.0), thick}, {{"fill", fill_of(look)}});
      const double at = top + thick / 2, low = to_page(share.low), high = to_page(share.high);
      if (high - low < 0.8) return;
      const SvgAttributes stroke = {{"stroke", "#222222"}, {"stroke-width", 0.6}};
      svg.line({low, at}, {high, at}, stroke);
      for (const double end : {low, high}) svg.line({end, at - 1.3}, {end, at + 1.3}, stroke);
    };
    if (input.with_others) {
      bar(*input.with_others, middle + 0.2, 4.8, total_look);
      bar(input.alone, middle - 5, 4.8, alone_look);
    } else {
      bar(input.alone, middle - 3, 6, alone_look);
    }
  }

  const std::vector<RankedResult>& results_;
  const FigureOptions& options_;
  bool zh_, swings_ = false, shares_ = true;
  std::vector<std::size_t> shown_;
  std::vector<double> tops_;
  std::vector<Row> rows_;
  Ticks ticks_;
  double names_width_ = 0, numbers_width_ = 0, most_ = 0, height_ = 0;
};

}  // namespace

FigureFiles draw_ranking(const std::vector<RankedResult>& results, FigureText text,
                         const FigureOptions& options) {
  const Drawing drawing(results, options);
  const bool zh = is_chinese(options.language);
  if (drawing.left_out() > 0)
    text.notes.push_back(
        zh ? fmt::format("未画出{}个占比不足0.5%或排序靠后的输入，见数据表。", drawing.left_out())
           : fmt::format("{} inputs below 0.5 % or further down are in the table only.", drawing.left_out()));
  return files_of(drawing, text, options);
}

}  // namespace lode

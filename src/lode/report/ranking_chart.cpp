// SPDX-License-Identifier: Apache-2.0
#include "lode/report/ranking_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/report/axis.hpp"

namespace lode {
namespace {

constexpr std::size_t most_inputs = 12;
constexpr double negligible = 0.005;
constexpr TextStyle name_style{6.5, false}, title_style{7, false}, letter_style{7, true};
constexpr double letter_width = 9;
const Swatch alone_look{"#2b6c8f", Hatch::none, Marker::square, ""};
const Swatch total_look{"#a9cbdc", Hatch::none, Marker::square, ""};

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
      }
    }
    names_width_ = std::max(names_width_, 40.0);
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
    if (!totals) return {};
    return {{zh_ ? "自身（一阶）" : "Alone (first order)", alone_look, LegendEntry::Kind::area},
            {zh_ ? "连同与其他输入的交互（总效应）" : "With others (total)", total_look,
             LegendEntry::Kind::area}};
  }

  void draw(Figure& figure) const {
    const Rect& picture = figure.picture();
    SvgWriter& svg = figure.svg();
    const Rect across{picture.x + names_width_, 0, picture.width - names_width_ - numbers_width_, 0};
    const LinearScale x{0, ticks_.values.back(), across.x, across.right()};
    for (std::size_t r = 0; r < results_.size(); ++r) {
      double y = picture.y + tops_[r];
      svg.open("g", {{"class", "panel"}});
      if (results_.size() > 1)
        svg.text({picture.x, y + ascent(letter_style)}, std::string(1, static_cast<char>('a' + r % 26)),
                 letter_style);
      svg.text({picture.x + (results_.size() > 1 ? letter_width : 0), y + ascent(title_style)},
               results_[r].title, title_style);
      y += head();
      double bottom = y;
      for (const Row& row : rows_)
        if (row.result == r) bottom += height_of(row);
      for (const double tick : ticks_.values) {
        const double at = x(tick);
        svg.line(
            {at, y}, {at, bottom},
            {{"stroke", tick == 0 ? axis_colour : grid_colour}, {"stroke-width", tick == 0 ? 0.6 : 0.4}});
        svg.text({at, bottom + 8}, format_fixed(tick, ticks_.decimals), axis_style, TextAnchor::middle,
                 {{"fill", axis_colour}});
      }
      for (const Row& row : rows_) {
        if (row.result != r) continue;
        draw_row(svg, picture, x, y, row);
        y += height_of(row);
      }
      svg.close();
    }
  }

  std::string scene(const Figure& figure) const {
    using nlohmann::ordered_json;
    ordered_json scene = {{"kind", "tornado"},
                          {"language", options_.language},
                          {"width", std::round(figure.width() * 100) / 100},
                          {"height", std::round(figure.height() * 100) / 100}};
    const auto of = [](const RankedShare& share) {
      return ordered_json{{"value", share.value}, {"low", share.low}, {"high", share.high}};
    };
    scene["results"] = ordered_json::array();
    for (const RankedResult& result : results_) {
      ordered_json out = {{"title", result.title}, {"inputs", ordered_json::array()}};
      for (const RankedInput& input : result.inputs) {
        ordered_json one = {{"id", input.id}, {"name", input.name}, {"first", of(input.alone)}};
        if (input.with_others) one["total"] = of(*input.with_others);
        out["inputs"].push_back(std::move(one));
      }
      scene["results"].push_back(std::move(out));
    }
    return scene.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }

  FigureTable table() const {
    FigureTable table;
    table.headings =
        zh_ ? std::vector<std::string>{"结果", "输入",        "名称", "一阶（%）", "下限",
                                       "上限", "总效应（%）", "下限", "上限"}
            : std::vector<std::string>{"Result",    "Input", "Name", "First order (%)", "Low", "High",
                                       "Total (%)", "Low",   "High"};
    const auto percent = [](double share) { return fmt::format("{:.4g}", 100 * share); };
    for (const RankedResult& result : results_)
      for (const RankedInput& input : result.inputs) {
        std::vector<std::string> row = {result.title,
                                        input.id,
                                        input.name,
                                        percent(input.alone.value),
                                        percent(input.alone.low),
                                        percent(input.alone.high),
                                        "",
                                        "",
                                        ""};
        if (input.with_others) {
          row[6] = percent(input.with_others->value);
          row[7] = percent(input.with_others->low);
          row[8] = percent(input.with_others->high);
        }
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
  static double head() { return line_height(title_style) + 4; }
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

  void draw_row(SvgWriter& svg, const Rect& picture, const LinearScale& x, double y, const Row& row) const {
    const RankedInput& input = results_[row.result].inputs[row.input];
    svg.open_with_title("g", {}, input.name + ": " + number(input));
    const double height = height_of(row), middle = y + height / 2;
    double baseline = middle - static_cast<double>(row.lines.size()) * line_height(name_style) / 2 +
                      ascent(name_style) + 0.8;
    for (const std::string& line : row.lines) {
      svg.text({picture.x + names_width_ - 5, baseline}, line, name_style, TextAnchor::end);
      baseline += line_height(name_style);
    }
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
    svg.text({picture.right(), middle + 0.35 * name_style.size}, number(input), {name_style.size, true},
             TextAnchor::end);
    svg.close();
  }

  const std::vector<RankedResult>& results_;
  const FigureOptions& options_;
  bool zh_;
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

// SPDX-License-Identifier: Apache-2.0
#include "lode/report/figure.hpp"

#include <algorithm>
#include <map>

#include "lode/report/numbers.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

constexpr TextStyle heading_style{8.5, true}, legend_style{6.5, false}, foot_style{6, false};
constexpr double margin = 4, gap_below_heading = 6, gap_above_foot = 6, mark_width = 11, mark_gap = 3,
                 entry_gap = 10;

struct PlacedEntry {
  Point where;
  const LegendEntry* entry;
};

}  // namespace

std::string figure_word(const std::string& english, const std::string& language) {
  static const std::map<std::string, std::string> chinese = {
      {"Source", "来源"}, {"Scenario", "情景"}, {"Note", "注"}, {"Year", "年份"}};
  const auto found = chinese.find(english);
  return is_chinese(language) && found != chinese.end() ? found->second : english;
}

std::string FigureTable::csv() const {
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) out += (i ? "," : "") + csv_cell(cells[i]);
    out += '\n';
  };
  line(headings);
  for (const auto& row : rows) line(row);
  return out;
}

struct Figure::Layout {
  FigureOptions options;
  std::string title, description;
  std::vector<std::string> heading, foot;
  std::vector<PlacedEntry> legend;
  std::vector<Swatch> swatches;
  double height = 0;
  Rect picture;
  double foot_top = 0;
};

Figure::Layout Figure::lay_out(const FigureOptions& options, const FigureText& text, double picture_height,
                               const std::vector<LegendEntry>& legend) {
  Layout layout;
  layout.options = options;
  layout.title = text.heading + unit_in_brackets(text.unit, options.language);
  layout.description = text.description;
  const double inner = options.width - 2 * margin;
  layout.heading = wrap_text(layout.title, heading_style, inner, 4);
  double y = margin + static_cast<double>(layout.heading.size()) * line_height(heading_style);

  double x = margin;
  if (!legend.empty()) {
    y += 4;
    for (const LegendEntry& entry : legend) {
      const double width = mark_width + mark_gap + text_width(entry.text, legend_style);
      if (x > margin && x + width > margin + inner) {
        x = margin;
        y += line_height(legend_style) + 1.5;
      }
      layout.legend.push_back({{x, y}, &entry});
      layout.swatches.push_back(entry.swatch);
      x += width + entry_gap;
    }
    y += line_height(legend_style);
  }
  y += gap_below_heading;
  layout.picture = {margin, y, inner, picture_height};
  y += picture_height + gap_above_foot;

  const std::string colon = is_chinese(options.language) ? "：" : ": ";
  const auto paragraph = [&](const std::string& paragraph_text) {
    for (std::string& line : wrap_text(paragraph_text, foot_style, inner, 6))
      layout.foot.push_back(std::move(line));
  };
  for (const std::string& note : text.notes) paragraph(note);
  if (!text.scenario.empty()) paragraph(figure_word("Scenario", options.language) + colon + text.scenario);
  if (!text.source.empty()) paragraph(figure_word("Source", options.language) + colon + text.source);
  layout.foot_top = y;
  y += static_cast<double>(layout.foot.size()) * line_height(foot_style);
  layout.height = y + margin;
  return layout;
}

Figure::Figure(const FigureOptions& options, const FigureText& text, double picture_height,
               const std::vector<LegendEntry>& legend)
    : Figure(lay_out(options, text, picture_height, legend)) {}

Figure::Figure(const Layout& layout)
    : width_(layout.options.width),
      height_(layout.height),
      picture_(layout.picture),
      svg_(layout.options.width, layout.height, layout.options.language, layout.title, layout.description) {
  define_hatches(svg_, layout.swatches);
  svg_.open("g", {{"id", "heading"}});
  svg_.text_lines({margin, margin + ascent(heading_style)}, layout.heading, heading_style);
  svg_.close();
  if (!layout.legend.empty()) {
    svg_.open("g", {{"id", "legend"}});
    for (const auto& [where, entry] : layout.legend) {
      const double middle = where.y + line_height(legend_style) / 2;
      switch (entry->kind) {
        case LegendEntry::Kind::area:
          svg_.rect({where.x, middle - 3, mark_width, 6}, {{"fill", fill_of(entry->swatch)}});
          break;
        case LegendEntry::Kind::line: {
          SvgAttributes stroke = {{"stroke", entry->swatch.colour}, {"stroke-width", 1.4}};
          if (!entry->swatch.dashes.empty()) stroke.emplace_back("stroke-dasharray", entry->swatch.dashes);
          svg_.line({where.x, middle}, {where.x + mark_width, middle}, stroke);
          break;
        }
        case LegendEntry::Kind::marker:
          draw_marker(svg_, {where.x + mark_width / 2, middle}, 5, entry->swatch);
          break;
      }
      svg_.text({where.x + mark_width + mark_gap, middle + 0.35 * legend_style.size}, entry->text,
                legend_style);
    }
    svg_.close();
  }
  if (!layout.foot.empty()) {
    svg_.open("g", {{"id", "notes"}, {"fill", "#444444"}});
    svg_.text_lines({margin, layout.foot_top + ascent(foot_style)}, layout.foot, foot_style);
    svg_.close();
  }
}

}  // namespace lode

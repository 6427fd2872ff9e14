// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/draws.hpp"
#include "lode/api/figure_kinds.hpp"
#include "lode/api/figure_series.hpp"
#include "lode/report/numbers.hpp"
#include "lode/report/sankey_data.hpp"
#include "lode/report/sankey_svg.hpp"

namespace lode {
namespace {

SankeySelection selection_of(const FigureSpec& spec, int first, int last) {
  return {first, last, spec.only, spec.by, spec.outside};
}

/// The smallest scale that any year of the model needs.
double scale_for_all_years(const Session& session, const ResultSet& results, const FigureSpec& spec,
                           const SankeyFigureOptions& options) {
  const Dimensions& dims = session.bound->dimensions;
  double least = 0;
  for (std::size_t period = dims.lead; period < dims.years.size(); ++period) {
    const int year = dims.years[period];
    const SankeyData data = take_sankey(*session.bound, results, selection_of(spec, year, year));
    if (!data.problem.empty()) continue;
    const double scale = sankey_scale(data.input, options);
    least = least == 0 ? scale : std::min(least, scale);
  }
  return least;
}

/// Standard deviations of what a diagram shows. Those of sums are asked of draws anew, for they do not follow
/// from those of their parts.
class Deviations {
 public:
  Deviations(const Session& session, const SankeySelection& selection, const SankeyData& data)
      : session_(session), dims_(session.bound->dimensions), selection_(selection), data_(data) {}

  /// Puts them beside the flows and processes of `input`; what is certain has none.
  void add(SankeyInput& input) {
    std::vector<Asked> asked;
    std::vector<std::string> formulas;
    DrawRequest request;
    request.draws = session_.draws->draws;
    request.seed = session_.draws->design.seed;
    const auto ask = [&](std::optional<double>& target, std::string formula) {
      if (formula.empty()) return;
      asked.push_back({&target, formulas.size()});
      formulas.push_back(std::move(formula));
    };
    for (std::size_t l = 0; l < input.links.size(); ++l)
      if (input.links[l].drawn() && !input.links[l].plus_minus) ask(input.links[l].plus_minus, formula_of(l));
    for (std::size_t n = 0; n < input.nodes.size(); ++n)
      if (!input.nodes[n].is_end() || flows_of(n, true).size() + flows_of(n, false).size() > 1)
        ask(input.nodes[n].plus_minus, throughput_of(n));
    if (asked.empty()) return;
    Session own = open_session(session_.as_read, session_.model->scenario);
    Team alone;
    if (!bind_numbers(own, formulas) || !compute(own) ||
        !run_draws(own, request, alone, DrawScope::questions))
      return;
    const auto shown_unit = parse_unit(data_.unit).unit;
    for (const Asked& each : asked) {
      const Session::DrawQuestion& question = own.draw_questions[each.question];
      if (question.cells.size() != 1 || !shown_unit) continue;
      const DrawnCell& cell = own.draw_model->cells()[question.cells.front()];
      const Quantity& quantity = own.bound->quantities[cell.quantity];
      const Unit unit = unit_of_cell(quantity.unit, quantity.dims, cell.series, own.bound->dimensions);
      const auto factor = conversion(unit, *shown_unit, own.model->substance);
      const double deviation = own.draws->cells[question.cells.front()].deviation / unit.scale();
      if (factor && deviation > 0) *each.target = deviation * std::abs(*factor);
    }
  }

 private:
  struct Asked {
    std::optional<double>* target;
    std::size_t question;
  };

  static std::string quoted(const std::string& label) { return "\"" + label + "\""; }

  /// A formula for a part of a dimension; empty where it cannot be said.
  std::string part(const std::string& formula, std::vector<DimensionId>& left, const std::string& dimension,
                   const std::string& label) const {
    const DimensionId chosen = *dims_.find(dimension);
    for (auto axis = left.begin(); axis != left.end(); ++axis) {
      const bool same = dims_.share_root(chosen, *axis);
      const bool grouped = !same && dims_[chosen].kind == Dimension::Kind::groups &&
                           dims_.share_root(dims_[chosen].parent, *axis);
      if (!same && !grouped) continue;
      const std::string name = dims_[same ? *axis : chosen].name;
      std::string picked =
          fmt::format("{}[{} = {}]", grouped ? fmt::format("sum({} by {})", formula, name) : formula, name,
                      quoted(label));
      left.erase(axis);
      return picked;
    }
    return "";
  }

  /// What a link shows, as a formula that gives one number.
  std::string formula_of(std::size_t link) const {
    const SankeyLink& shown = data_.input.links[link];
    const auto id = session_.bound->find_quantity(shown.id);
    if (!id) return "";
    const Quantity& flow = session_.bound->quantities[*id];
    std::vector<DimensionId> left = flow.dims.labels;
    std::string formula = shown.id;
    for (const auto& [dimension, label] : selection_.only)
      if ((formula = part(formula, left, dimension, label)).empty()) return "";
    if (!shown.group.empty() && (formula = part(formula, left, selection_.by, shown.group)).empty())
      return "";
    if (!left.empty()) {
      std::vector<std::string> names;
      for (const DimensionId axis : left) names.push_back(dims_[axis].name);
      formula = fmt::format("sum({} over {})", formula, fmt::join(names, " and "));
    }
    if (selection_.first_year != selection_.last_year)
      return flow.dims.time ? fmt::format("total({} from {} to {})", formula, selection_.first_year,
                                          selection_.last_year)
                            : "";
    return flow.dims.time ? fmt::format("{}[{}]", formula, selection_.first_year) : formula;
  }

  std::vector<std::size_t> flows_of(std::size_t node, bool in) const {
    std::vector<std::size_t> flows;
    for (std::size_t l = 0; l < data_.input.links.size(); ++l) {
      const SankeyLink& link = data_.input.links[l];
      if (link.drawn() && (in ? link.target : link.source) == node) flows.push_back(l);
    }
    return flows;
  }
  /// The larger side of a process.
  std::string throughput_of(std::size_t node) const {
    double most = 0;
    std::string formula;
    for (const bool in : {true, false}) {
      double sum = 0;
      std::vector<std::string> terms;
      for (const std::size_t l : flows_of(node, in)) {
        sum += data_.input.links[l].value;
        const auto id = session_.bound->find_quantity(data_.input.links[l].id);
        // Which way a signed flow runs may change from draw to draw.
        terms.push_back(id && session_.bound->quantities[*id].is_signed ? "" : formula_of(l));
      }
      if (sum <= most * (1 + 1e-9)) continue;
      most = sum;
      const bool said =
          std::none_of(terms.begin(), terms.end(), [](const auto& term) { return term.empty(); });
      formula = said ? fmt::format("{}", fmt::join(terms, " + ")) : "";
    }
    return formula;
  }

  const Session& session_;
  const Dimensions& dims_;
  const SankeySelection& selection_;
  const SankeyData& data_;
};

void colour_by(const Session& session, const ResultSet& results, const FigureSpec& spec,
               SankeyFigureOptions& options) {
  const Dimensions& dims = session.bound->dimensions;
  const DimensionId by = *dims.find(spec.by);
  options.palette = dimension_palette(dims, by);
  for (std::size_t i = 0; i < dims[by].labels.size(); ++i)
    options.groups.emplace_back(dims[by].labels[i], label_title(results, by, i, is_chinese(spec.language)));
}

}  // namespace

FigureResult sankey_figure(Session& session, const FigureSpec& spec) {
  const int last = spec.last_year != 0 ? spec.last_year : session.bound->dimensions.last_year();
  const int first = spec.first_year != 0 ? spec.first_year : last;
  ResultSet results = results_of(session);
  add_draws(session, results);
  const SankeySelection selection = selection_of(spec, first, last);
  SankeyData data = take_sankey(*session.bound, results, selection);
  if (!data.problem.empty()) return no_figure(data.problem);
  if (session.draws) Deviations(session, selection, data).add(data.input);
  SankeyFigureOptions options;
  options.figure = spec.options();
  options.unit = data.unit;
  if (!spec.by.empty()) colour_by(session, results, spec, options);
  if (spec.one_scale && first == last) options.scale = scale_for_all_years(session, results, spec, options);
  FigureText text = figure_text(session, results, spec, case_title(results, spec.language));
  const bool chinese = is_chinese(spec.language);
  if (first == last)
    text.heading += chinese ? fmt::format("，{}年", first) : fmt::format(", {}", first);
  else
    text.heading +=
        chinese ? fmt::format("，{}—{}年累计", first, last) : fmt::format(", total {}–{}", first, last);
  const bool uncertain = std::any_of(data.input.links.begin(), data.input.links.end(),
                                     [](const SankeyLink& link) { return link.plus_minus.has_value(); });
  if (uncertain)
    text.notes.push_back(chinese ? fmt::format("±与浅色边缘：{}次抽样的一个标准差。",
                                               format_fixed(static_cast<double>(session.draws->draws), 0))
                                 : fmt::format("± and lighter edges: one standard deviation of {} draws.",
                                               format_fixed(static_cast<double>(session.draws->draws), 0)));
  std::vector<std::string> remarks;
  if (!data.left_out.empty()) {
    text.notes.push_back(chinese
                             ? fmt::format("未画出（单位不可换算）：{}。", fmt::join(data.left_out, "、"))
                             : fmt::format("Not drawn, for their unit: {}.", fmt::join(data.left_out, ", ")));
    remarks.push_back(text.notes.back());
  }
  FigureResult result = figure_result(draw_sankey(data.input, text, options));
  result.remarks = std::move(remarks);
  return result;
}

}  // namespace lode

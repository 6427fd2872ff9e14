// SPDX-License-Identifier: Apache-2.0
#include "lode/api/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "lode/api/draw_report.hpp"
#include "lode/api/draws.hpp"
#include "lode/api/input_groups.hpp"
#include "lode/engine/sensitivity.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

constexpr std::size_t most_lines = 15;

std::string bar(double share) {
  if (!(share > 0)) return "";
  const auto eighths = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 20 * 8));
  static constexpr const char* parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + parts[eighths % 8];
}

void scale(IndexEstimate& estimate, double unit) {
  for (double* part : {&estimate.value, &estimate.standard_error, &estimate.low, &estimate.high})
    *part /= unit;
}

/// Whether draws that have a value all have the same, to rounding.
bool stays(const CellSummary& cell) {
  constexpr double rounding = 1e-13;
  return cell.not_finite == cell.draws ||
         cell.maximum - cell.minimum <= rounding * std::max(std::abs(cell.minimum), std::abs(cell.maximum));
}

/// What cannot be told, for lack of values, comes last.
double rank_of(const IndexEstimate& estimate) {
  return std::isnan(estimate.value) ? -std::numeric_limits<double>::infinity() : estimate.value;
}

IndexEstimate of_effect(double value, double error, std::size_t repetitions) {
  const double half = student_t_975(std::max(5.0, static_cast<double>(repetitions) - 1)) * error;
  return {value, error, value - half, value + half};
}

}  // namespace

std::optional<Sensitivity> find_sensitivity(Session& session, const SensitivityRequest& request) {
  Sensitivity result;
  result.request = request;
  DrawRequest draws;
  draws.draws = request.draws;
  draws.seed = request.seed;
  draws.threads = request.threads;
  draws.correlations = request.method == "draws";
  draws.progress = [&](std::uint64_t) { return !request.progress || request.progress(); };
  // Plain draws first: which results vary and how much, and what drives them by conditional means.
  Team alone;
  if (!run_draws(session, draws, alone, DrawScope::questions)) return std::nullopt;
  const auto stopped = [&]() -> std::optional<Sensitivity> {
    session.diagnostics.error("stopped", {}, "stopped before all runs of the model were made");
    return std::nullopt;
  };
  if (!session.draws->complete) return stopped();
  result.in_draws = draw_events(session);
  const DrawModel& model = *session.draw_model;
  for (const Session::DrawQuestion& question : session.draw_questions)
    if (question.cells.empty()) result.constant.push_back(question.text);
  std::vector<std::size_t> focus, at;  // the cells that are ranked, and their places among those drawn
  for (std::size_t k = 0; k < session.draws->focus.size(); ++k) {
    const std::size_t place = session.draws->focus[k];
    const CellSummary& cell = session.draws->cells[place];
    if (!stays(cell)) {
      focus.push_back(place);
      at.push_back(k);
      continue;
    }
    (cell.not_finite == cell.draws ? result.absent : result.constant).push_back(drawn_name(session, place));
  }
  if (focus.empty()) {
    const auto names = [](const std::vector<std::string>& each) {
      return fmt::format("`{}`", fmt::join(each, "`, `"));
    };
    session.diagnostics
        .error("nothing-varies", {},
               result.absent.empty() ? fmt::format("{} {} not vary in the draws", names(result.constant),
                                                   result.constant.size() == 1 ? "does" : "do")
                                     : fmt::format("{} {} no value in any draw", names(result.absent),
                                                   result.absent.size() == 1 ? "has" : "have"))
        .help = result.absent.empty() ? "only what uncertain parameters change has a variance to share out"
                                      : "`lode run --draws` tells what goes wrong in draws";
    return std::nullopt;
  }
  const std::optional<InputGroups> chosen = input_groups(session, request);
  if (!chosen) return std::nullopt;
  const InputGroups& groups = *chosen;
  SensitivityOptions options;
  options.focus = focus;
  options.draws = rounded_draws(DesignKind::sobol, request.draws);
  options.seed = request.seed;
  options.threads = request.threads;
  options.progress = [&](double) { return !request.progress || request.progress(); };

  std::vector<double> units;
  for (const std::size_t place : focus) {
    const DrawnNumber shown = drawn_number(session, model.cells()[place]);
    const CellSummary& cell = session.draws->cells[place];
    Ranking ranking;
    ranking.what = shown.name;
    ranking.unit = shown.unit;
    ranking.mean = cell.mean / shown.scale;
    ranking.deviation = cell.deviation / shown.scale;
    ranking.told = mean_text(cell, shown);
    units.push_back(shown.scale);
    result.rankings.push_back(std::move(ranking));
  }
  const std::size_t results = focus.size();
  if (request.method == "draws") {
    result.runs = session.draws->draws;
    const InputGroups numbers = groups_by_number(model);
    for (std::size_t c = 0; c < numbers.names.size(); ++c)
      for (std::size_t k = 0; k < results; ++k)
        result.rankings[k].lines.push_back(
            {numbers.names[c], session.draws->first_order[c * session.draws->focus.size() + at[k]],
             IndexEstimate{}});
  } else if (request.method == "screening") {
    const std::size_t repetitions = std::max<std::size_t>(10, request.draws / 64);
    result.runs = repetitions * (groups.names.size() + 1);
    const auto estimates = morris_sensitivity(model, groups, repetitions, options);
    if (!estimates) return stopped();
    for (std::size_t g = 0; g < groups.names.size(); ++g)
      for (std::size_t k = 0; k < results; ++k) {
        const MorrisEstimate& estimate = (*estimates)[g * results + k];
        Ranking::Line line{
            groups.names[g],
            of_effect(estimate.mean_absolute, estimate.mean_absolute_error, estimate.repetitions),
            of_effect(estimate.deviation, estimate.deviation_error, estimate.repetitions)};
        const double unit = drawn_number(session, model.cells()[focus[k]]).scale;
        scale(line.first, unit);
        scale(line.second, unit);
        result.rankings[k].lines.push_back(std::move(line));
      }
  } else {
    result.runs = options.draws * (groups.names.size() + 2);
    const auto indices = sobol_sensitivity(model, groups, options);
    if (!indices) return stopped();
    const Swings swings = input_swings(model, groups, focus);
    for (std::size_t g = 0; g < groups.names.size(); ++g)
      for (std::size_t k = 0; k < results; ++k)
        result.rankings[k].lines.push_back(
            {groups.names[g], indices->first[g * results + k], indices->total[g * results + k],
             swings.low[g * results + k] / units[k], swings.high[g * results + k] / units[k]});
    for (std::size_t k = 0; k < results; ++k) result.rankings[k].centre = swings.centre[k] / units[k];
  }
  const bool by_total = request.method == "sobol";
  for (Ranking& ranking : result.rankings)
    std::stable_sort(ranking.lines.begin(), ranking.lines.end(),
                     [by_total](const Ranking::Line& a, const Ranking::Line& b) {
                       return rank_of(by_total ? a.second : a.first) > rank_of(by_total ? b.second : b.first);
                     });
  return result;
}

namespace {

/// Whether there is interaction shows only where the shares alone leave more than their own error.
std::string together_text(double sum, double interval) {
  return fmt::format("  alone they explain {:.1f} % ± {:.1f} of the variance; {}\n", sum * 100,
                     interval * 100, 1 - sum > interval ? "the rest is interaction" : "no interaction shows");
}

}  // namespace

std::string sensitivity_text(const Sensitivity& sensitivity) {
  const std::string& method = sensitivity.request.method;
  std::string out;
  for (const Ranking& ranking : sensitivity.rankings) {
    if (!out.empty()) out += "\n";
    out += fmt::format("{}: {}\n", ranking.what, ranking.told);
    std::size_t width = 12;
    for (std::size_t i = 0; i < std::min(most_lines, ranking.lines.size()); ++i)
      width = std::max(width, std::min<std::size_t>(40, display_width(ranking.lines[i].input)));
    if (method == "screening") {
      out += fmt::format(
          "  {}  {:>12} {:>10}  {:>12}   elementary effects, {}: change over a step of half an input's "
          "probability, / ½\n",
          padded("", width), "mean |effect|", "±", "spread", ranking.unit);
    } else {
      out += fmt::format("  {}  {:>14}  {:>14}\n", padded("share of variance", width), "alone",
                         method == "sobol" ? "with others" : "");
    }
    double sum = 0, squares = 0, rest = 0;
    const double most = ranking.lines.empty() ? 0 : ranking.lines.front().first.value;
    std::size_t untold = 0, valueless = 0;
    for (std::size_t i = 0; i < ranking.lines.size(); ++i) {
      const Ranking::Line& line = ranking.lines[i];
      if (std::isnan(line.first.value)) {
        ++valueless;
        continue;
      }
      if (method == "draws" && line.first.low <= 0) {
        ++untold;
        continue;
      }
      sum += line.first.value;
      squares += (line.first.high - line.first.low) * (line.first.high - line.first.low);
      if (i >= most_lines) {
        rest += line.first.value;
        continue;
      }
      if (method == "screening") {
        out += fmt::format("  {}  {:>12.4g} {:>10.2g}  {:>12.4g}   {}\n", padded(line.input, width),
                           line.first.value, (line.first.high - line.first.low) / 2, line.second.value,
                           bar(most > 0 ? line.first.value / most : 0));
        continue;
      }
      const auto share = [](const IndexEstimate& estimate) {
        return fmt::format("{:.1f} % ± {:.1f}", estimate.value * 100, (estimate.high - estimate.low) * 50);
      };
      out += fmt::format("  {}  {:>14}  {:>14}   {}\n", padded(line.input, width), share(line.first),
                         method == "sobol" ? share(line.second) : std::string(),
                         bar(method == "sobol" ? line.second.value : line.first.value));
    }
    const std::size_t told = ranking.lines.size() - untold - valueless;
    if (told > most_lines)
      out += fmt::format("  and {} more{}\n", told - most_lines,
                         method == "screening" ? "" : fmt::format(", together {:.1f} % alone", rest * 100));
    if (untold > 0) out += fmt::format("  {} more cannot be told from nothing by so few draws\n", untold);
    if (valueless > 0)
      out += fmt::format("  {} cannot be told: too few runs in which every result asked for has a value\n",
                         valueless);
    if (method == "sobol" && valueless == 0) out += together_text(sum, std::sqrt(squares) / 2);
  }
  if (!sensitivity.constant.empty() || !sensitivity.absent.empty()) out += "\n";
  for (const std::string& name : sensitivity.constant) out += name + " does not vary\n";
  for (const std::string& name : sensitivity.absent) out += name + " has no value in any draw\n";
  out += fmt::format("\n{} runs of the model; ± is a 95 % interval\n", sensitivity.runs);
  for (const std::string& event : sensitivity.in_draws) out += event + "\n";
  return out;
}

std::string sensitivity_json(const Sensitivity& sensitivity) {
  nlohmann::ordered_json out;
  const bool sobol = sensitivity.request.method == "sobol";
  out["method"] = sensitivity.request.method;
  out["runs"] = sensitivity.runs;
  out["in_draws"] = sensitivity.in_draws;
  if (!sensitivity.constant.empty()) out["without_variance"] = sensitivity.constant;
  if (!sensitivity.absent.empty()) out["without_value"] = sensitivity.absent;
  out["results"] = nlohmann::ordered_json::array();
  const auto estimate = [](const IndexEstimate& value) {
    return nlohmann::ordered_json{{"value", value.value},
                                  {"standard_error", value.standard_error},
                                  {"low", value.low},
                                  {"high", value.high}};
  };
  for (const Ranking& ranking : sensitivity.rankings) {
    nlohmann::ordered_json each{{"what", ranking.what},
                                {"unit", ranking.unit},
                                {"mean", ranking.mean},
                                {"deviation", ranking.deviation}};
    if (sobol) each["at_medians"] = ranking.centre;
    each["inputs"] = nlohmann::ordered_json::array();
    for (const Ranking::Line& line : ranking.lines) {
      nlohmann::ordered_json input{{"input", line.input}};
      if (sensitivity.request.method == "screening") {
        input["mean_absolute_effect"] = estimate(line.first);
        input["deviation_of_effects"] = estimate(line.second);
      } else {
        input["first_order"] = estimate(line.first);
        if (sobol) {
          input["total"] = estimate(line.second);
          input["at_p5"] = line.low;
          input["at_p95"] = line.high;
        }
      }
      each["inputs"].push_back(std::move(input));
    }
    out["results"].push_back(std::move(each));
  }
  return out.dump(2);
}

}  // namespace lode

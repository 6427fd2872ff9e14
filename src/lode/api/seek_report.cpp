// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/seek.hpp"

namespace lode {

namespace {

std::string range_text(const LeverRange& input) {
  return fmt::format("from {} to {}", lever_value_text(input.lever, *input.low),
                     lever_value_text(input.lever, *input.high));
}

std::string wishes_text(const Seek& seek) {
  std::string text;
  for (const Wish& wish : seek.wishes) text += (text.empty() ? "" : " and ") + wish.text;
  return text;
}

/// "gap[2035] = 12 t/yr". What an equation leaves of rounding is not told.
std::string result_text(const Seek& seek, std::size_t k, const Seek::At& at) {
  const Wish& wish = seek.wishes[k];
  const Seek::At::Result& result = at.results[k];
  if (std::isnan(result.shown)) return fmt::format("{}{} cannot be computed", wish.formula, result.cell);
  double shown = result.shown;
  const double size = std::max({std::abs(seek.low_value), std::abs(seek.high_value), std::abs(wish.at),
                                seek.now ? std::abs(seek.now->results[k].value) : 0.0});
  if (wish.relation == Wish::Relation::equal && std::abs(result.value - wish.at) <= 1e-9 * size)
    shown = result.value != 0 ? wish.at * (result.shown / result.value) : 0;
  return fmt::format("{}{} = {}", wish.formula, result.cell, shown_text(shown, result.unit, result.is_year));
}

std::string results_text(const Seek& seek, const Seek::At& at) {
  std::string text;
  for (std::size_t k = 0; k < seek.wishes.size(); ++k) {
    if (k > 0) text += ", ";
    if (seek.wishes[k].cells.size() > 1) text += "at worst ";
    text += result_text(seek, k, at);
  }
  return text;
}

class Lines {
 public:
  void add(const std::string& heading, const std::string& text) {
    out_ += fmt::format("{:<9} {}\n", heading, text);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void tell_one(const Seek& seek, Lines& lines) {
  const LeverRange& input = seek.inputs.front();
  const Lever& lever = input.lever;
  const auto value = [&](double x) { return lever_value_text(lever, x); };
  if (!seek.found) {
    lines.add("answer", fmt::format("no value of {} {} does it", lever.name, range_text(input)));
    lines.add("best",
              fmt::format("{}, where {}", value(seek.best.values.front()), results_text(seek, seek.best)));
  } else if (seek.equal) {
    for (std::size_t i = 0; i < seek.answers.size(); ++i) {
      const Root& root = seek.roots[i];
      std::string text =
          root.kind == Root::Kind::stretch
              ? fmt::format("every value of {} from {} to {}", lever.name, value(root.x), value(root.to))
              : lever_setting(lever, root.x);
      text += fmt::format(", where {}", results_text(seek, seek.answers[i]));
      if (root.kind == Root::Kind::touching) text += " (touched, not crossed)";
      lines.add(i == 0 ? "answer" : "", text);
    }
  } else {
    for (std::size_t i = 0; i < seek.intervals.size(); ++i) {
      const Below& interval = seek.intervals[i];
      lines.add(i == 0 ? "answer" : "",
                interval.low == interval.high
                    ? lever_setting(lever, interval.low)
                    : fmt::format("{} from {} to {}", lever.name, value(interval.low), value(interval.high)));
      if (interval.low > *input.low)
        lines.add("", fmt::format("at {}: {}", value(interval.low), results_text(seek, seek.answers[2 * i])));
      if (interval.high < *input.high && interval.high > interval.low)
        lines.add(
            "", fmt::format("at {}: {}", value(interval.high), results_text(seek, seek.answers[2 * i + 1])));
    }
    const bool everywhere = seek.intervals.size() == 1 && seek.intervals.front().low == *input.low &&
                            seek.intervals.front().high == *input.high;
    if (everywhere) lines.add("", "it holds in the whole range: the limits are not reached");
  }
  for (const Jump& jump : seek.jumps) {
    const double scale = seek.best.results.front().value != 0
                             ? seek.best.results.front().shown / seek.best.results.front().value
                             : 1;
    lines.add(
        "jump",
        fmt::format("at {} it passes the wish without meeting it: from {:.5g} to {:.5g} {} beside it",
                    value(jump.x), jump.before * scale, jump.after * scale, seek.best.results.front().unit));
  }
  if (!seek.limits_given.front())
    lines.add("range", fmt::format("{}, as none was given (`--between`)", range_text(input)));
}

void tell_several(const Seek& seek, Lines& lines) {
  const Seek::At& at = seek.best;
  if (!seek.found) lines.add("answer", "nothing in these ranges does it");
  for (std::size_t i = 0; i < seek.inputs.size(); ++i) {
    const LeverRange& input = seek.inputs[i];
    const double by = (at.values[i] - input.lever.now) / (*input.high - *input.low);
    lines.add(i > 0        ? ""
              : seek.found ? "answer"
                           : "best",
              fmt::format("{}  (now {}, moved by {:+.3g} % of its range, {})",
                          lever_setting(input.lever, at.values[i]),
                          lever_value_text(input.lever, input.lever.now), 100 * by, range_text(input)));
  }
  lines.add("there", results_text(seek, at));
  if (seek.found)
    lines.add("",
              "the least change: of all ways, the shares of the ranges that the inputs move by are smallest");
}

}  // namespace

std::string seek_text(const Session& session, const Seek& seek) {
  Lines lines;
  lines.add("sought", wishes_text(seek));
  const std::string scenario = scenario_text(session.model->scenario);
  if (!scenario.empty()) lines.add("scenario", scenario);
  if (seek.now) {
    std::string now;
    for (const LeverRange& input : seek.inputs)
      now += (now.empty() ? "" : ", ") + lever_setting(input.lever, input.lever.now);
    lines.add("now", fmt::format("{}, where {}", now, results_text(seek, *seek.now)));
  }
  if (seek.inputs.size() == 1)
    tell_one(seek, lines);
  else
    tell_several(seek, lines);
  if (seek.without_value > 0 && !seek.problem.empty())
    lines.add("gaps",
              fmt::format("at {} of {} values tried the case cannot be computed{}: {}", seek.without_value,
                          seek.evaluations,
                          seek.inputs.size() == 1
                              ? fmt::format(", first at {}",
                                            lever_value_text(seek.inputs.front().lever, seek.no_value_at))
                              : "",
                          seek.problem));
  if (seek.draws) {
    const Seek::Draws& draws = *seek.draws;
    const Lever& lever = seek.inputs.front().lever;
    const auto share = [&](std::uint64_t count) {
      return fmt::format("{:.3g} %", 100.0 * static_cast<double>(count) / static_cast<double>(draws.draws));
    };
    std::string text;
    for (std::size_t q = 0; q < draws.quantiles.size(); ++q)
      text += fmt::format("{}{} ({:g} %)", q ? ", " : "", lever_value_text(lever, draws.quantiles[q]),
                          100 * draws.probabilities[q]);
    lines.add("draws",
              fmt::format("of {}, {} have an answer in the range, {} have none", thousands(draws.draws),
                          share(draws.answered), share(draws.draws - draws.answered)));
    if (draws.answered > 0) {
      const char* which = seek.equal      ? "the lowest answer"
                          : draws.highest ? "the largest value"
                                          : "the least value";
      lines.add("", fmt::format("{}: {}", which, text));
      if (draws.at_limit > 0)
        lines.add("", fmt::format("{} hold at the limit of the range already", share(draws.at_limit)));
      if (draws.several > 0) lines.add("", fmt::format("{} have further answers", share(draws.several)));
    }
  }
  return lines.take();
}

std::string seek_json(const Session& session, const Seek& seek) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  const auto point = [&](const Seek::At& at) {
    Json one;
    for (std::size_t i = 0; i < seek.inputs.size(); ++i)
      one["inputs"].push_back({{"name", seek.inputs[i].lever.name},
                               {"value", number(lever_number(seek.inputs[i].lever, at.values[i]))},
                               {"unit", lever_unit(seek.inputs[i].lever)}});
    for (std::size_t k = 0; k < seek.wishes.size(); ++k)
      one["results"].push_back({{"name", seek.wishes[k].formula + at.results[k].cell},
                                {"value", number(at.results[k].shown)},
                                {"unit", at.results[k].is_year ? "year" : at.results[k].unit}});
    return one;
  };
  Json out;
  out["scenario"] = session.model->scenario;
  for (const Wish& wish : seek.wishes) out["so_that"].push_back(wish.text);
  for (const LeverRange& input : seek.inputs)
    out["between"].push_back({{"name", input.lever.name},
                              {"low", lever_number(input.lever, *input.low)},
                              {"high", lever_number(input.lever, *input.high)},
                              {"unit", lever_unit(input.lever)}});
  out["found"] = seek.found;
  if (seek.now) out["now"] = point(*seek.now);
  out["answers"] = Json::array();
  if (seek.inputs.size() == 1 && !seek.equal) {
    for (std::size_t i = 0; i < seek.intervals.size(); ++i)
      out["answers"].push_back(
          {{"from", point(seek.answers[2 * i])}, {"to", point(seek.answers[2 * i + 1])}});
  } else {
    static const char* const kinds[] = {"crossing", "touching", "stretch"};
    for (std::size_t i = 0; i < seek.answers.size(); ++i) {
      Json one = point(seek.answers[i]);
      if (i < seek.roots.size()) {
        one["kind"] = kinds[static_cast<int>(seek.roots[i].kind)];
        if (seek.roots[i].kind == Root::Kind::stretch)
          one["to"] = lever_number(seek.inputs.front().lever, seek.roots[i].to);
      }
      out["answers"].push_back(std::move(one));
    }
  }
  if (!seek.found) out["best"] = point(seek.best);
  for (const Jump& jump : seek.jumps)
    out["jumps"].push_back(number(lever_number(seek.inputs.front().lever, jump.x)));
  out["evaluations"] = seek.evaluations;
  if (seek.without_value) out["without_value"] = {{"count", seek.without_value}, {"why", seek.problem}};
  if (seek.draws) {
    const Lever& lever = seek.inputs.front().lever;
    Json draws{{"draws", seek.draws->draws},
               {"answered", seek.draws->answered},
               {"which", seek.draws->highest ? "largest" : "lowest"},
               {"at_limit", seek.draws->at_limit},
               {"several", seek.draws->several}};
    draws["quantiles"] = Json::array();
    for (std::size_t q = 0; q < seek.draws->quantiles.size(); ++q)
      draws["quantiles"].push_back({{"probability", seek.draws->probabilities[q]},
                                    {"value", number(lever_number(lever, seek.draws->quantiles[q]))}});
    if (seek.draws->answered > 0) {
      draws["mean"] = number(lever_number(lever, seek.draws->mean));
      draws["deviation"] = number(lever_number(lever, seek.draws->deviation));
    }
    out["draws"] = std::move(draws);
  }
  return out.dump(2);
}

}  // namespace lode

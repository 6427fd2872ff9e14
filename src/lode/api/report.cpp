// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "lode/api/draws.hpp"
#include "lode/api/explain.hpp"
#include "lode/api/report_film.hpp"
#include "lode/api/report_model.hpp"
#include "lode/api/report_provenance.hpp"
#include "lode/api/report_questions.hpp"
#include "lode/api/report_wishes.hpp"
#include "lode/version.hpp"

namespace lode {
namespace {

struct Other {
  ScenarioChoice choice;
  Session session;
  ResultSet results;
};

/// Every case of every axis that was not chosen, one at a time.
std::vector<ScenarioChoice> one_by_one(const Model& model, const ScenarioChoice& choice) {
  std::vector<ScenarioChoice> result;
  for (const ScenarioAxis& axis : model.axes)
    for (const NameAt& name : axis.cases) {
      const auto chosen = model.scenario.find(axis.name.id);
      if (chosen != model.scenario.end() && chosen->second == name.id) continue;
      ScenarioChoice other = choice;
      other[axis.name.id] = name.id;
      result.push_back(std::move(other));
    }
  return result;
}

bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

Json values_json(const std::vector<double>& values, bool exact = true) {
  Json out = Json::array();
  for (const double value : values)
    out.push_back(number_json(exact ? value : significant(value, beside_digits)));
  return out;
}

/// What it says of the model's results, as they are: every variable of the results file.
Json variables_json(const ResultSet& results) {
  Json out = Json::array();
  for (const ResultVariable& variable : results.variables) {
    Json one = {{"id", variable.name},
                {"title", title_json(variable.title, variable.title_zh)},
                {"group", variable.group},
                {"unit", variable.unit}};
    Json dims = Json::array();
    for (const std::size_t axis : variable.dimensions) dims.push_back(results.dimensions[axis].name);
    one["dims"] = std::move(dims);
    if (variable.is_flow) one["rate"] = true;
    if (!variable.label_units.empty()) one["label_units"] = variable.label_units;
    if (!variable.from.empty()) one["from"] = variable.from;
    if (!variable.to.empty()) one["to"] = variable.to;
    out.push_back(std::move(one));
  }
  return out;
}

Json dimensions_json(const ResultSet& results) {
  Json out = Json::array();
  for (const ResultDimension& dimension : results.dimensions) {
    if (dimension.is_time) continue;
    Json labels = Json::array();
    for (std::size_t i = 0; i < dimension.labels.size(); ++i)
      labels.push_back(
          {{"id", dimension.labels[i]}, {"title", title_json(dimension.titles[i], dimension.titles_zh[i])}});
    out.push_back({{"id", dimension.name},
                   {"title", title_json(dimension.title, dimension.title_zh)},
                   {"labels", std::move(labels)}});
  }
  return out;
}

/// Quantiles to four digits, for their sampling error is larger; of what is shown and of what is one series.
Json bands_json(const ResultSet& results, const std::set<std::string>& shown) {
  Json out = Json::object();
  for (const ResultVariable& variable : results.variables) {
    if (!variable.uncertainty || variable.group == "parameter" || variable.group == "balance") continue;
    const bool one_series = std::all_of(variable.dimensions.begin(), variable.dimensions.end(),
                                        [&](std::size_t axis) { return results.dimensions[axis].is_time; });
    if (!one_series && shown.count(variable.name) == 0) continue;
    Json quantiles = Json::array();
    for (const std::vector<double>& values : variable.uncertainty->quantiles) {
      Json list = Json::array();
      for (const double value : values) list.push_back(number_json(significant(value, 4)));
      quantiles.push_back(std::move(list));
    }
    out[variable.name] = std::move(quantiles);
  }
  return out;
}

/// Quantities that the charts and the answer name.
std::set<std::string> named_in(const std::vector<ReportAnswer>& answer,
                               const std::vector<ReportChart>& charts) {
  std::set<std::string> names;
  for (const ReportChart& chart : charts) names.insert(chart.show.begin(), chart.show.end());
  for (const ReportAnswer& each : answer) names.insert(each.number.substr(0, each.number.find('[')));
  return names;
}

/// A number of the answer in one scenario; what has no value there is empty.
Json answer_value(Session& session, const std::string& number) {
  const auto explanation = explain(session, number, 0, 0);
  if (!explanation) return nullptr;
  return Json::array({number_json(explanation->value), explanation->is_year ? "year" : explanation->unit});
}

class Explaining {
 public:
  Explaining(const Session& session, Provenance& kept) : session_(session), kept_(kept) {}

  bool cell(std::size_t quantity, std::size_t series, std::size_t period, std::size_t depth) {
    const BoundModel& model = *session_.bound;
    const Quantity& one = model.quantities[quantity];
    const std::string key = one.name + cell_name(one.dims, series, period, model.dimensions);
    if (!seen_.insert(key).second || !one.defined.at(series, one.dims.time ? period : 0)) return true;
    return kept_.add(key, explain_cell(session_, quantity, series, period, depth, width));
  }

  /// The sum over the labels of a quantity, "manufactured[2017]", by its largest parts.
  bool total(std::size_t quantity, std::size_t period) {
    const BoundModel& model = *session_.bound;
    const Quantity& one = model.quantities[quantity];
    if (one.dims.labels.empty()) return cell(quantity, 0, period, 3);
    Explanation sum;
    sum.name = fmt::format("{}[{}]", one.name, model.dimensions.years[period]);
    if (!seen_.insert(sum.name).second) return true;
    std::vector<Explanation> parts;
    for (std::size_t series = 0; series < one.defined.series(); ++series) {
      if (!one.defined.at(series, one.dims.time ? period : 0)) continue;
      Explanation part = explain_cell(session_, quantity, series, period, 2, width);
      if (!std::isfinite(part.value) || part.value == 0) continue;
      if (!parts.empty() && parts.front().unit != part.unit) return true;  // no sum of different units
      part.sign = part.value < 0 ? "−" : "+";
      sum.value += part.value;
      parts.push_back(std::move(part));
    }
    if (parts.empty()) return true;
    sum.unit = parts.front().unit;
    sum.how = fmt::format("sum over {} labels", parts.size());
    std::stable_sort(parts.begin(), parts.end(), [](const Explanation& a, const Explanation& b) {
      return std::abs(a.value) > std::abs(b.value);
    });
    Explanation rest;
    rest.name = fmt::format("{} more", parts.size() - std::min(parts.size(), width));
    rest.unit = sum.unit;
    rest.sign = "+";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (sum.value != 0) parts[i].share = parts[i].value / sum.value;
      if (i >= width) rest.value += parts[i].value;
      if (i < width) sum.parts.push_back(std::move(parts[i]));
    }
    if (parts.size() > width) {
      rest.share = rest.value / sum.value;
      sum.parts.push_back(std::move(rest));
    }
    return kept_.add(sum.name, sum);
  }

 private:
  static constexpr std::size_t width = 5;
  const Session& session_;
  Provenance& kept_;
  std::set<std::string> seen_;
};

/// Periods in the order in which their numbers are explained: those the answer and the checkpoints speak of,
/// the first and the last, then ever finer between them.
std::vector<std::size_t> periods_in_order(const Session& session, const std::vector<ReportAnswer>& answer) {
  const Dimensions& dims = session.bound->dimensions;
  std::vector<std::size_t> result;
  std::vector<bool> taken(dims.years.size(), false);
  const auto take = [&](std::size_t period) {
    if (period < dims.lead || taken[period]) return;
    taken[period] = true;
    result.push_back(period);
  };
  std::vector<std::size_t> named(dims.years.size(), 0);
  for (std::size_t p = dims.lead; p < dims.years.size(); ++p) {
    const std::string year = fmt::format("[{}", dims.years[p]);
    for (const ReportAnswer& each : answer) named[p] += 10 * (each.number.find(year) != std::string::npos);
    for (const CheckpointDecl& checkpoint : session.model->checkpoints)
      named[p] +=
          checkpoint.what_text.text.find(year) != std::string::npos || checkpoint.year == dims.years[p];
  }
  std::vector<std::size_t> often;
  for (std::size_t p = dims.lead; p < dims.years.size(); ++p)
    if (named[p] > 0) often.push_back(p);
  std::stable_sort(often.begin(), often.end(),
                   [&](std::size_t a, std::size_t b) { return named[a] > named[b]; });
  for (std::size_t i = 0; i < std::min<std::size_t>(often.size(), 3); ++i) take(often[i]);
  take(dims.years.size() - 1);
  take(dims.lead);
  for (std::size_t step = 16; step > 0; step /= 2)
    for (std::size_t p = dims.lead; p < dims.years.size(); p += step) take(p);
  return result;
}

Json provenance_json(Session& session, const std::vector<ReportAnswer>& answer,
                     const std::vector<ReportChart>& charts, std::size_t bytes) {
  Provenance kept(bytes);
  for (const ReportAnswer& each : answer)
    if (const auto explanation = explain(session, each.number, 3, 5)) kept.add(each.number, *explanation);
  Explaining explaining(session, kept);
  const BoundModel& model = *session.bound;
  std::vector<std::size_t> shown;
  for (const ReportChart& chart : charts)
    for (const std::string& name : chart.show)
      if (const auto id = model.find_quantity(name)) shown.push_back(*id);
  bool room = true;
  for (const std::size_t period : periods_in_order(session, answer)) {
    for (std::size_t id = 0; id < model.quantities.size() && room; ++id)
      if (model.quantities[id].kind == Quantity::Kind::flow) room = explaining.total(id, period);
    for (const std::size_t id : shown) {
      if (!room) break;
      room = explaining.total(id, period);
      for (std::size_t s = 0; s < model.quantities[id].defined.series() && room; ++s)
        room = explaining.cell(id, s, model.quantities[id].dims.time ? period : 0, 2);
    }
    if (!room) break;
  }
  return kept.json();
}

Json charts_json(Session& session, const std::vector<ReportChart>& charts, bool& good) {
  Json out = Json::array();
  const BoundModel& model = *session.bound;
  std::vector<std::string> names;
  for (const Quantity& quantity : model.quantities) names.push_back(quantity.name);
  for (const Leaf& leaf : model.leaves) names.push_back(leaf.name);
  for (const ReportChart& chart : charts) {
    for (const std::string& name : chart.show)
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        session.diagnostics
            .error("unknown-name", chart.where, fmt::format("a chart shows `{}`, which there is not", name))
            .help = did_you_mean(name, names);
        good = false;
      }
    out.push_back(
        {{"show", chart.show}, {"title", title_json(chart.title)}, {"note", title_json(chart.note)}});
  }
  return out;
}

/// Quantiles of the sums over all labels of what the charts show, as they are drawn.
Json sums_json(const Session& session, const std::vector<ReportChart>& charts) {
  Json out = Json::object();
  const BoundModel& model = *session.bound;
  const Dimensions& dims = model.dimensions;
  for (const ReportChart& chart : charts)
    for (const std::string& name : chart.show) {
      const auto id = model.find_quantity(name);
      if (!id || out.contains(name) || model.quantities[*id].unit.symbolic()) continue;
      const Quantity& quantity = model.quantities[*id];
      const std::string formula = sum_formula(model, quantity);
      if (formula == name || !quantity.dims.time) continue;
      const Array& values = session.evaluation->quantity(*id);
      Json quantiles = Json::array();
      for (std::size_t q = 0; q < session.draws->quantiles.size(); ++q) quantiles.push_back(Json::array());
      bool any = false;
      for (std::size_t period = dims.lead; period < dims.years.size(); ++period) {
        double sum = 0;
        for (std::size_t s = 0; s < values.series(); ++s)
          if (quantity.defined.at(s, period)) sum += values.value(s, period);
        const std::vector<double> ratios = drawn_ratios(session, formula, period).quantiles;
        any = any || !ratios.empty();
        const double nominal = sum / quantity.unit.scale();
        for (std::size_t q = 0; q < quantiles.size(); ++q)
          quantiles[q].push_back(number_json(significant(ratios.empty() ? nominal : nominal * ratios[q], 4)));
      }
      if (any) out[name] = std::move(quantiles);
    }
  return out;
}

std::vector<Other> open_others(const Session& session, std::vector<ScenarioChoice> choices) {
  std::vector<Other> others;
  for (ScenarioChoice& choice : choices) others.push_back({std::move(choice), {}, {}});
  tbb::parallel_for(std::size_t{0}, others.size(), [&](std::size_t k) {
    Session& other = others[k].session;
    other = open_session(session.as_read, others[k].choice);
    if (other.planned() && compute(other)) others[k].results = results_of(other);
  });
  return others;
}

}  // namespace

Json report_document(Session& session, const ScenarioChoice& choice, const Verification* verification,
                     const ReportRequest& request, std::vector<std::string>& remarks) {
  const Model& model = *session.model;
  const std::size_t mistakes = session.diagnostics.error_count();
  ReportWishes wishes = read_report_wishes(model, session.diagnostics);
  const std::vector<ReportAnswer> answer = wishes.answer.empty() ? default_answer(session) : wishes.answer;
  const std::vector<ReportChart> charts = wishes.charts.empty() ? default_charts(session) : wishes.charts;
  bool good = session.diagnostics.error_count() == mistakes;

  std::vector<Other> others =
      open_others(session, request.also.empty() && !request.alone ? one_by_one(model, choice) : request.also);
  for (const Other& other : others) {
    if (!other.results.variables.empty()) continue;
    if (request.also.empty()) {
      remarks.push_back(
          fmt::format("the scenario {} cannot be computed and is left out", scenario_text(other.choice)));
      continue;
    }
    for (Diagnostic diagnostic : other.session.diagnostics.all())
      if (diagnostic.severity == Severity::error) session.diagnostics.add(std::move(diagnostic));
    good = false;
  }
  ResultSet results = results_of(session);
  add_draws(session, results);
  // A scenario that changes no number has nothing to show.
  std::erase_if(others, [&](const Other& other) {
    if (other.results.variables.empty()) return true;
    for (const ResultVariable& variable : other.results.variables) {
      const ResultVariable* mine = results.find(variable.name);
      if (variable.group != "parameter" && (!mine || !same_numbers(variable.values, mine->values)))
        return false;
    }
    return true;
  });

  Json document = {{"format", "lode-report/1"}, {"engine", version}};
  document["title"] = title_json(model.title);
  document["question"] = title_json(model.question);
  document["summary"] = title_json(wishes.summary);
  document["substance"] = model.substance;
  const Dimensions& dims = session.bound->dimensions;
  const auto lead = static_cast<std::ptrdiff_t>(dims.lead);
  document["years"] = std::vector<int>(dims.years.begin() + lead, dims.years.end());
  document["period_lengths"] = std::vector<double>(dims.steps.begin() + lead, dims.steps.end());
  document["dimensions"] = dimensions_json(results);
  add_model(document, session, verification);
  document["variables"] = variables_json(results);
  document["quantiles"] = results.quantiles;

  Json scenarios = Json::array();
  Json values = Json::object();
  for (const ResultVariable& variable : results.variables)
    values[variable.name] = values_json(variable.values);
  scenarios.push_back({{"choice", model.scenario}, {"values", std::move(values)}});
  if (session.draws) {
    scenarios.back()["bands"] = bands_json(results, named_in(answer, charts));
    scenarios.back()["sums"] = sums_json(session, charts);
  }
  for (const Other& other : others) {
    Json changed = Json::object();
    for (const ResultVariable& variable : other.results.variables) {
      const ResultVariable* mine = results.find(variable.name);
      if (variable.group == "parameter" || variable.group == "balance" ||
          (mine && same_numbers(variable.values, mine->values)))
        continue;
      changed[variable.name] = values_json(variable.values, false);
    }
    scenarios.push_back({{"choice", other.session.model->scenario}, {"values", std::move(changed)}});
  }
  document["scenarios"] = std::move(scenarios);

  Json told = Json::array();
  for (const ReportAnswer& each : answer) {
    Json one = {{"number", each.number}, {"title", title_json(each.title)}, {"note", title_json(each.note)}};
    one["values"] = Json::array();
    const std::size_t before = session.diagnostics.error_count();
    one["values"].push_back(answer_value(session, each.number));
    if (session.diagnostics.error_count() != before) {
      session.diagnostics.error("bad-answer", each.where,
                                fmt::format("`{}` gives no number for the answer", each.number));
      good = false;
    }
    for (Other& other : others) one["values"].push_back(answer_value(other.session, each.number));
    if (const Json& first = one["values"][0]; first.is_array() && first[0].is_number())
      if (const auto ratios = drawn_ratios(session, each.number, 0).quantiles; ratios.size() > 1) {
        const double value = first[0].get<double>(), a = significant(value * ratios.front(), 4),
                     b = significant(value * ratios.back(), 4);
        if (a != b) one["band"] = Json::array({a, b});
      }
    told.push_back(std::move(one));
  }
  document["answer"] = std::move(told);
  document["charts"] = charts_json(session, charts, good);
  if (!good) return nullptr;

  std::vector<ReportScenario> drawn = {{&session, &results}};
  for (const Other& other : others) drawn.push_back({&other.session, &other.results});
  std::string problem;
  document["sankey"] = sankey_film(drawn, problem);
  if (!problem.empty()) remarks.push_back("no Sankey diagram: " + problem);
  document["explanations"] = provenance_json(session, answer, charts, request.explanation_bytes);
  if (session.draws) document["draws"] = Json::parse(draws_json(session));
  Json manifest = Json::array();
  for (const auto& [key, value] : results.manifest) manifest.push_back(Json::array({key, value}));
  document["manifest"] = std::move(manifest);
  document["timestamp"] = results.timestamp;
  return document;
}

}  // namespace lode

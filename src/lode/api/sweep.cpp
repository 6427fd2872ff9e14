// SPDX-License-Identifier: Apache-2.0
#include "lode/api/sweep.hpp"

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/lever_runs.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {

namespace {

constexpr std::size_t most_points = 200'000, most_columns = 12, most_rows = 101;

/// A cell of what was asked.
struct Asked {
  std::size_t quantity, series, period;
};

ResultDimension axis_of(const LeverRange& input, const BoundModel& model) {
  const Lever& lever = input.lever;
  ResultDimension axis;
  axis.name = lever.factor ? lever.name + " factor" : lever.name;
  axis.title = model.leaves[lever.leaf].declaration->title.in("en");
  if (axis.title.empty()) axis.title = lever.name;
  axis.unit = lever_unit(lever);
  axis.udunits = axis.unit.empty() ? "1" : lever.unit.udunits();
  for (const double value : input.values) {
    axis.labels.push_back(lever_value_text(lever, value));
    axis.numbers.push_back(lever_number(lever, value));
  }
  axis.titles.resize(axis.labels.size());
  axis.titles_zh.resize(axis.labels.size());
  return axis;
}

}  // namespace

std::size_t Sweep::place(std::size_t input, std::size_t point) const {
  std::size_t run = 1;
  for (std::size_t k = input + 1; k < inputs.size(); ++k) run *= inputs[k].values.size();
  return point / run % inputs[input].values.size();
}

std::optional<Sweep> run_sweep(Session& session, const SweepRequest& request) {
  const BoundModel& model = *session.bound;
  const Dimensions& dims = model.dimensions;
  Sweep sweep;
  bool good = true;
  for (const std::string& text : request.inputs) {
    auto input = read_lever(session, text, session.diagnostics);
    good = good && input;
    if (!input) continue;
    if (input->values.empty()) {
      session.diagnostics
          .error("bad-values", input->lever.where, fmt::format("`{}` runs through no values", text))
          .help = fmt::format("write `{} = a..b : 21`, `{} = a, b, c`, or factors `{} * 0.5..2 : 16`", text,
                              text, text);
      good = false;
      continue;
    }
    sweep.inputs.push_back(std::move(*input));
  }
  if (!good) return std::nullopt;
  if (sweep.inputs.empty() || sweep.inputs.size() > 2) {
    session.diagnostics.error("bad-sweep", {}, "a sweep is over one or two inputs").help =
        "more of them together: `lode sensitivity`";
    return std::nullopt;
  }
  if (sweep.inputs.size() == 2 && sweep.inputs[0].lever.leaf == sweep.inputs[1].lever.leaf)
    for (std::size_t i = 0; i < sweep.inputs[0].lever.cells.size(); ++i)
      if (sweep.inputs[0].lever.cells[i] && sweep.inputs[1].lever.cells[i]) {
        session.diagnostics.error("same-input", sweep.inputs[1].lever.where,
                                  "both inputs move the same numbers");
        return std::nullopt;
      }
  std::size_t points = 1;
  for (const LeverRange& input : sweep.inputs) points *= input.values.size();

  std::vector<std::size_t> quantities;
  std::vector<Asked> cells;
  for (const auto& question : session.draw_questions) {
    const Quantity& quantity = model.quantities[question.quantity];
    quantities.push_back(question.quantity);
    for (std::size_t s = 0; s < quantity.defined.series(); ++s)
      for (std::size_t p = dims.first_period(quantity.dims.time); p < quantity.defined.periods(); ++p)
        cells.push_back({question.quantity, s, p});
  }
  if (points > most_points || points * cells.size() > 100 * most_points) {
    session.diagnostics
        .error("too-many", {},
               fmt::format("{} points of {} values each are too many", thousands(points),
                           thousands(cells.size())))
        .help = "take fewer values, or ask for single numbers: `--what 'gap[2035]'`";
    return std::nullopt;
  }
  std::vector<Lever> levers;
  for (const LeverRange& input : sweep.inputs) levers.push_back(input.lever);
  const LeverRuns first(session, levers, quantities);
  if (!first.connected()) {
    session.diagnostics
        .warning("not-connected", levers.front().where, "none of the results depends on the inputs")
        .help = "`lode explain` shows what a result depends on";
  }
  sweep.problems.resize(points);
  std::vector<double> values(points * cells.size(), std::numeric_limits<double>::quiet_NaN());
  const auto scale_of = [&](const Asked& cell) {
    const Quantity& quantity = model.quantities[cell.quantity];
    return quantity.type == Node::Type::year
               ? 1.0
               : unit_of_cell(quantity.unit, quantity.dims, cell.series, dims).scale();
  };
  tbb::enumerable_thread_specific<LeverRuns> runs([&] { return first.another(); });
  tbb::task_arena arena(request.threads ? static_cast<int>(request.threads) : tbb::task_arena::automatic);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, points, [&](std::size_t point) {
      LeverRuns& own = runs.local();
      std::vector<double> at;
      for (std::size_t k = 0; k < sweep.inputs.size(); ++k)
        at.push_back(sweep.inputs[k].values[sweep.place(k, point)]);
      if (!own.compute(at)) {
        sweep.problems[point] = own.problem();
        return;
      }
      for (std::size_t c = 0; c < cells.size(); ++c)
        values[c * points + point] =
            own.quantity(cells[c].quantity).value(cells[c].series, cells[c].period) / scale_of(cells[c]);
    });
  });

  // Tables of single numbers; all of it with its dimensions.
  if (cells.size() <= most_columns)
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const Quantity& quantity = model.quantities[cells[c].quantity];
      Sweep::Column column;
      column.name = quantity.name + (quantity.dims.cells(dims) == 1
                                         ? ""
                                         : cell_name(quantity.dims, cells[c].series, cells[c].period, dims));
      column.is_year = quantity.type == Node::Type::year;
      column.unit =
          column.is_year ? "" : unit_of_cell(quantity.unit, quantity.dims, cells[c].series, dims).str();
      column.values.assign(values.begin() + static_cast<std::ptrdiff_t>(c * points),
                           values.begin() + static_cast<std::ptrdiff_t>((c + 1) * points));
      column.now = session.evaluation->quantity(cells[c].quantity).value(cells[c].series, cells[c].period) /
                   scale_of(cells[c]);
      sweep.columns.push_back(std::move(column));
    }
  ResultSet all = results_of(session);
  sweep.results = std::move(all);
  sweep.results.variables.clear();
  const std::size_t first_axis = sweep.results.dimensions.size();
  for (const LeverRange& input : sweep.inputs) sweep.results.dimensions.push_back(axis_of(input, model));
  std::size_t c = 0;
  for (const auto& question : session.draw_questions) {
    const Quantity& quantity = model.quantities[question.quantity];
    ResultVariable variable;
    variable.name = question.text;
    variable.group = "quantity";
    variable.unit = quantity.type == Node::Type::year ? "year" : quantity.unit.str();
    variable.udunits =
        quantity.unit.symbolic() || quantity.type == Node::Type::year ? "1" : quantity.unit.udunits();
    for (std::size_t k = 0; k < sweep.inputs.size(); ++k) variable.dimensions.push_back(first_axis + k);
    if (quantity.dims.time) variable.dimensions.push_back(time_dimension);
    variable.dimensions.insert(variable.dimensions.end(), quantity.dims.labels.begin(),
                               quantity.dims.labels.end());
    variable.is_flow = quantity.dims.time && quantity.unit.power_of("yr") == -1;
    const std::size_t series = quantity.defined.series(),
                      periods = quantity.defined.periods() - dims.first_period(quantity.dims.time);
    variable.values.resize(points * series * periods);
    for (std::size_t point = 0; point < points; ++point)
      for (std::size_t s = 0; s < series; ++s)
        for (std::size_t p = 0; p < periods; ++p)
          variable.values[(point * periods + p) * series + s] =
              values[(c + s * periods + p) * points + point];
    c += series * periods;
    sweep.results.variables.push_back(std::move(variable));
  }
  for (const std::string& text : request.inputs) sweep.results.manifest.emplace_back("sweep", text);
  return sweep;
}

namespace {

std::string value_text(const Sweep::Column& column, double value) {
  return std::isnan(value) && !column.is_year ? "–" : shown_text(value, column.unit, column.is_year);
}

}  // namespace

std::string sweep_text(const Session& session, const Sweep& sweep) {
  std::string out;
  const std::string scenario = scenario_text(session.model->scenario);
  if (!scenario.empty()) out += "scenario  " + scenario + "\n";
  for (const LeverRange& input : sweep.inputs)
    if (input.lever.single && !input.lever.factor)
      out += fmt::format("{} is {} in the case\n", input.lever.name,
                         lever_value_text(input.lever, input.lever.now));
  if (!out.empty()) out += "\n";
  if (sweep.columns.empty()) {
    out +=
        "series of years and labels go to files: `-o` names a folder; a table here shows single numbers, "
        "like "
        "`--what 'gap[2035]'`\n";
  } else if (sweep.inputs.size() == 1) {
    std::vector<std::vector<std::string>> rows(1);
    rows[0].push_back(sweep.inputs[0].lever.name);
    for (const Sweep::Column& column : sweep.columns) rows[0].push_back(column.name);
    for (std::size_t point = 0; point < std::min(sweep.points(), most_rows); ++point) {
      auto& row = rows.emplace_back();
      row.push_back(lever_value_text(sweep.inputs[0].lever, sweep.inputs[0].values[point]));
      for (const Sweep::Column& column : sweep.columns)
        row.push_back(value_text(column, column.values[point]));
    }
    out += aligned_table(rows, "r");
  } else {
    const LeverRange &down = sweep.inputs[0], &across = sweep.inputs[1];
    const std::size_t columns = across.values.size();
    for (const Sweep::Column& column : sweep.columns) {
      out += fmt::format("{}{}: {} downwards, {} across\n", column.name,
                         column.unit.empty() || column.unit == "1" ? "" : " [" + column.unit + "]",
                         down.lever.name, across.lever.name);
      std::vector<std::vector<std::string>> rows(1);
      rows[0].push_back("");
      for (const double value : across.values) rows[0].push_back(lever_value_text(across.lever, value));
      for (std::size_t i = 0; i < std::min(down.values.size(), most_rows); ++i) {
        auto& row = rows.emplace_back();
        row.push_back(lever_value_text(down.lever, down.values[i]));
        for (std::size_t j = 0; j < columns; ++j)
          row.push_back(value_text(column, column.values[i * columns + j]));
      }
      out += aligned_table(rows, "r") + (&column == &sweep.columns.back() ? "" : "\n");
    }
  }
  std::size_t failed = 0, first = 0;
  for (std::size_t point = sweep.points(); point-- > 0;)
    if (!sweep.problems[point].empty()) {
      ++failed;
      first = point;
    }
  if (failed) {
    std::string at;
    for (std::size_t k = 0; k < sweep.inputs.size(); ++k)
      at += (k ? ", " : "") +
            lever_setting(sweep.inputs[k].lever, sweep.inputs[k].values[sweep.place(k, first)]);
    out += fmt::format("\n{} of {} could not be computed, first at {}: {}\n", failed, sweep.points(), at,
                       sweep.problems[first]);
  }
  return out;
}

std::string sweep_json(const Session& session, const Sweep& sweep) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) { return std::isnan(value) ? Json(nullptr) : Json(value); };
  Json out;
  out["scenario"] = session.model->scenario;
  out["inputs"] = Json::array();
  for (const LeverRange& input : sweep.inputs) {
    Json one{{"name", input.lever.name}, {"unit", lever_unit(input.lever)}, {"factor", input.lever.factor}};
    one["now"] = input.lever.single ? Json(lever_number(input.lever, input.lever.now)) : Json(nullptr);
    for (const double value : input.values) one["values"].push_back(lever_number(input.lever, value));
    out["inputs"].push_back(std::move(one));
  }
  out["results"] = Json::array();
  for (const Sweep::Column& column : sweep.columns) {
    Json one{
        {"name", column.name}, {"unit", column.is_year ? "year" : column.unit}, {"now", number(column.now)}};
    one["values"] = Json::array();
    for (const double value : column.values) one["values"].push_back(number(value));
    out["results"].push_back(std::move(one));
  }
  out["problems"] = Json::array();
  for (std::size_t point = 0; point < sweep.points(); ++point)
    if (!sweep.problems[point].empty())
      out["problems"].push_back({{"point", point}, {"why", sweep.problems[point]}});
  return out.dump(2);
}

std::string sweep_csv(const Sweep& sweep) {
  const auto heading = [&](const std::string& name, const std::string& unit) {
    return csv_cell(unit.empty() || unit == "1" ? name : fmt::format("{} [{}]", name, unit));
  };
  std::string out;
  for (const LeverRange& input : sweep.inputs)
    out += heading(input.lever.name, input.lever.factor ? "factor" : lever_unit(input.lever)) + ",";
  for (const Sweep::Column& column : sweep.columns) out += heading(column.name, column.unit) + ",";
  out.back() = '\n';
  for (std::size_t point = 0; point < sweep.points(); ++point) {
    for (std::size_t k = 0; k < sweep.inputs.size(); ++k)
      out += fmt::format("{}",
                         lever_number(sweep.inputs[k].lever, sweep.inputs[k].values[sweep.place(k, point)])) +
             ",";
    for (const Sweep::Column& column : sweep.columns)
      out += (std::isnan(column.values[point]) ? "" : fmt::format("{}", column.values[point])) + ",";
    out.back() = '\n';
  }
  return out;
}

}  // namespace lode

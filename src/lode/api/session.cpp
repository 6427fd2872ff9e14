// SPDX-License-Identifier: Apache-2.0
#include "lode/api/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <set>

#include "lode/api/figure_spec.hpp"
#include "lode/api/lenders.hpp"
#include "lode/api/trace.hpp"
#include "lode/support/digest.hpp"
#include "lode/version.hpp"

namespace lode {

namespace {

void check(Session& session, Model model, const ScenarioChoice& choice) {
  apply_scenario(model, choice, session.diagnostics);
  borrow_results(model, session.diagnostics);
  session.model = std::make_shared<const Model>(std::move(model));
  session.bound = std::make_shared<BoundModel>(bind_model(session.model, session.diagnostics));
  if (!session.only_checkpoints && !session.diagnostics.has_errors())
    session.uncertainty = bind_uncertainty(*session.bound, session.diagnostics);
  if (!session.diagnostics.has_errors()) {
    auto plan = std::make_unique<Plan>(make_plan(session.bound, session.diagnostics));
    if (!session.diagnostics.has_errors()) session.plan = std::move(plan);
  }
  session.diagnostics.sort_and_unique();
}

}  // namespace

Session open_session(const std::filesystem::path& folder, const ScenarioChoice& choice) {
  return open_session(folder, choice, std::make_shared<Lenders>(folder));
}

Session open_session(const std::filesystem::path& folder, const ScenarioChoice& choice,
                     std::shared_ptr<Lenders> lenders) {
  Session session;
  auto model = read_case(folder, session.diagnostics);
  if (!model) return session;
  model->lenders = std::move(lenders);
  session.as_read = std::make_shared<const Model>(std::move(*model));
  check(session, *session.as_read, choice);
  take_figures(session, read_figures(session.as_read->folder, session.diagnostics));
  session.diagnostics.sort_and_unique();
  return session;
}

Session open_session(const std::shared_ptr<const Model>& as_read, const ScenarioChoice& choice) {
  Session session;
  session.as_read = as_read;
  check(session, *as_read, choice);
  return session;
}

Session open_session(const std::shared_ptr<const Model>& as_read, const ScenarioChoice& choice,
                     const std::vector<bool>& wanted) {
  Session session;
  session.only_checkpoints = true;
  session.as_read = as_read;
  Model model = *as_read;
  for (std::size_t i = 0; i < model.checkpoints.size(); ++i)
    if (!wanted[i]) model.checkpoints[i].what = nullptr;
  check(session, std::move(model), choice);
  return session;
}

namespace {

void tell(const Event& event, const Session& session, Diagnostics& diagnostics) {
  std::string more;
  if (event.count > 1)
    more = fmt::format(" (and {} more cell{})", event.count - 1, event.count == 2 ? "" : "s");
  const std::string at = event.cell.empty() ? "" : " at " + event.cell;
  switch (event.kind) {
    case Event::Kind::not_finite: {
      auto& diagnostic = diagnostics.error("not-finite", event.where,
                                           fmt::format("`{}` has no finite value{}{}", event.what, at, more));
      diagnostic.why = std::isnan(event.value) ? "zero divided by zero, or a function outside its range"
                                               : "a division by zero, or a number too large";
      diagnostic.help = fmt::format("`lode explain '{}{}'` shows the parts",
                                    event.what.substr(0, event.what.find(' ')), event.cell);
      break;
    }
    case Event::Kind::negative_inflow: {
      std::string value = fmt::format("{:.6g}", event.value);
      for (const BoundStock& stock : session.bound->stocks)
        if (stock.name == event.what && !stock.unit.symbolic()) {
          const Unit rate = stock.unit / *parse_unit("yr").unit;
          value = fmt::format("{:.6g} {}", event.value / rate.scale(), rate.str());
        }
      auto& diagnostic = diagnostics.error(
          "negative-inflow", event.where,
          fmt::format("stock `{}` falls faster than its lifetime allows: the inflow{} would be {}{}",
                      event.what, at, value, more));
      diagnostic.why = "the stock is given, and what leaves by age is less than the given decrease";
      diagnostic.help =
          "check the given stock and the lifetime, or declare `negative_inflow:` allow, oldest-first, "
          "proportional or "
          "scale-hazard";
      break;
    }
    case Event::Kind::nothing_survives: {
      auto& diagnostic =
          diagnostics.error("nothing-survives", event.where,
                            fmt::format("nothing of what enters `{}`{}{} is left at the end of the step",
                                        event.what, at, more));
      diagnostic.why = "no inflow can make the given stock";
      diagnostic.help =
          "the lifetime is too short for the step; `inflow_at: end` counts it from the step's end";
      break;
    }
    case Event::Kind::used_up: {
      auto& diagnostic = diagnostics.error(
          "used-up", event.where,
          fmt::format("`{}` has nothing left to take from, or no life left to take in, at {}{}", event.what,
                      event.cell, more));
      diagnostic.why = "what enters or leaves with an age must be possible at that age";
      diagnostic.help = "check `used_in` and `used_out` against `cohorts.stock`, and the lifetime";
      break;
    }
    case Event::Kind::nothing_left: {
      auto& diagnostic =
          diagnostics.error("nothing-left", event.where,
                            fmt::format("`{}` has something left of {} that its lifetime does not leave{}",
                                        event.what, event.cell, more));
      diagnostic.why = "nothing that entered then can be there when the first year begins";
      diagnostic.help = "check the years of entry and the lifetime";
      break;
    }
    case Event::Kind::not_corrected: {
      auto& diagnostic =
          diagnostics.error("not-corrected", event.where,
                            fmt::format("stock `{}`{} falls faster than `negative_inflow:` can correct{}",
                                        event.what, at, more));
      diagnostic.why = "the given stock is below zero, or too little of it is at an age at which items leave";
      diagnostic.help = "check the given stock, or take `negative_inflow: oldest-first`";
      break;
    }
    case Event::Kind::density_sum: {
      auto& diagnostic = diagnostics.note("density-sum", event.where,
                                          fmt::format("of what enters `{}`{} {:.4g} % leave in all{}",
                                                      event.what, at, (1 + event.value) * 100, more));
      diagnostic.why = "with `outflow_by: density` the densities at yearly ages are taken for shares";
      break;
    }
    case Event::Kind::corrected:
      break;  // the summary tells it
    case Event::Kind::ages_unknown: {
      auto& diagnostic = diagnostics.warning(
          "ages-unknown", event.where,
          fmt::format("{:.3g} % of the first stock of `{}`{} are older than 10,000 periods{}",
                      event.value * 100, event.what, at, more));
      diagnostic.why = "with this lifetime a constant inflow leaves a tail that hardly ends";
      diagnostic.help = "give the first stock by years of entry: `initial: {cohorts: x}`";
      break;
    }
    case Event::Kind::negative_hazard:
    case Event::Kind::bad_lifetime: {
      diagnostics.error(
          "bad-lifetime", event.where,
          fmt::format("the lifetime of `{}`{}{} cannot be: {}", event.what, at, more, event.detail));
      break;
    }
    case Event::Kind::odd_lifetime: {
      diagnostics
          .warning("odd-lifetime", event.where,
                   fmt::format("the lifetime of `{}`{}{}: {}", event.what, at, more, event.detail))
          .help = "check the parameters and their order against the source";
      break;
    }
    case Event::Kind::singular: {
      const bool unknown = event.what.rfind("unknown flows", 0) == 0;
      auto& diagnostic = diagnostics.error(
          "singular-loop", event.where,
          unknown ? fmt::format("the {} have no single solution{}{}", event.what, at, more)
                  : fmt::format("the loop of {} has no single solution{}{}", event.what, at, more));
      diagnostic.why = event.detail;
      diagnostic.help =
          unknown ? "two relations say the same, or one follows from a balance: put another in its place"
                  : "shares around a loop that sum to 100 % leave nothing that enters or leaves it";
      break;
    }
    case Event::Kind::not_converged: {
      auto& diagnostic =
          diagnostics.error("not-converged", event.where,
                            fmt::format("the loop of {} was not solved{}{}", event.what, at, more));
      diagnostic.why = fmt::format("the equations still differ by {:.3g}", event.value);
      diagnostic.help = "it may have no solution; `prev(…)` in one of its equations opens the loop";
      break;
    }
  }
}

/// Whether a missing value only comes of one that was told before: its operation reads, perhaps through
/// temporaries, what an earlier event spoilt.
bool follows(const std::vector<Event>& events, std::size_t event, const Plan& plan) {
  if (events[event].kind != Event::Kind::not_finite) return false;
  std::vector<const Operation*> operations;
  const std::function<void(const std::vector<Operation>&)> collect = [&](const std::vector<Operation>& list) {
    for (const Operation& operation : list) {
      operations.push_back(&operation);
      collect(operation.body);
    }
  };
  collect(plan.operations);
  std::set<ArrayId> spoilt, seen;
  std::vector<ArrayId> open;
  for (const Operation* operation : operations) {
    for (std::size_t i = 0; i < event; ++i)
      if (operation->label == events[i].what && operation->label != events[event].what)
        spoilt.insert(operation->writes.begin(), operation->writes.end());
    if (operation->label == events[event].what)
      for (const Access& read : operation->reads) open.push_back(read.array);
  }
  while (!open.empty()) {
    const ArrayId array = open.back();
    open.pop_back();
    if (!seen.insert(array).second) continue;
    if (spoilt.count(array)) return true;
    if (plan.arrays[array].kind != PlanArray::Kind::temporary) continue;
    for (const Operation* operation : operations)
      if (std::find(operation->writes.begin(), operation->writes.end(), array) != operation->writes.end())
        for (const Access& read : operation->reads) open.push_back(read.array);
  }
  return false;
}

}  // namespace

namespace {

void tell(const Calibration& calibration, const Session& session, Diagnostics& diagnostics) {
  using Kind = Calibration::Problem::Kind;
  const BoundSolve& solve = session.bound->solves[calibration.solve];
  const Location& where = solve.declaration->so_that->where;
  std::size_t told = 0;
  for (const Calibration::Problem& problem : calibration.problems) {
    if (++told > 3) break;
    const std::string at = problem.cell.empty() ? "" : " at " + problem.cell;
    switch (problem.kind) {
      case Kind::too_few: {
        auto& diagnostic = diagnostics.error(
            "solve-too-few", where,
            fmt::format("`{}` has too few equations{}: {}", solve.declaration->name.id, at, problem.detail));
        diagnostic.why = "each unknown needs a cell of its own in which both sides have a value";
        diagnostic.help = "give more data, or find fewer parameters";
        break;
      }
      case Kind::not_met: {
        auto& diagnostic = diagnostics.error(
            "solve-not-met", where, fmt::format("nothing in the range makes `{}` hold{}", solve.text, at));
        diagnostic.why = "nearest: " + problem.detail;
        diagnostic.help = "widen the range, or look for what else differs between the two sides";
        break;
      }
      case Kind::undetermined: {
        auto& diagnostic =
            diagnostics.error("solve-undetermined", where,
                              fmt::format("`{}` does not determine {}{}", solve.text, problem.detail, at));
        diagnostic.why = "other values of these give the same";
        diagnostic.help = "fix one of them, or give data that tell them apart";
        break;
      }
      case Kind::not_settled:
        diagnostics
            .warning(
                "solve-not-settled", where,
                fmt::format("the search for `{}` did not come to an end{}", solve.declaration->name.id, at))
            .help = "begin nearer, or narrow the range";
        break;
      case Kind::outside_range:
        diagnostics
            .error("solve-outside", where, fmt::format("{} lies outside its own range{}", problem.detail, at))
            .help = "the search begins at the parameter's value";
        break;
      case Kind::not_finite:
        diagnostics
            .error(
                "solve-not-finite", where,
                fmt::format("the left side of `{}` has no value{} where the search begins", solve.text, at))
            .help = "begin with other values of the parameters";
        break;
    }
  }
  if (calibration.problems.size() > 3)
    diagnostics.note("solve-more", where,
                     fmt::format("and {} more like these", calibration.problems.size() - 3));
}

/// Relations that meet no unknown flow are held against the results.
void check_relations(Session& session) {
  const BoundModel& model = *session.bound;
  const Trace trace(session);
  for (const BoundRelation& relation : model.relations) {
    if (!unknowns_in(model, relation.residual).empty()) continue;
    const DimSet& dims = relation.residual->dims;
    std::size_t count = 0, series = 0;
    double left = 0, right = 0, worst = 0;
    std::string cell;
    for (std::size_t s = 0; s < dims.series(model.dimensions); ++s)
      for (std::size_t p = model.dimensions.first_period(dims.time); p < dims.periods(model.dimensions);
           ++p) {
        const Place at = trace.place(dims, s, p);
        const double a = trace.value(relation.left, at), b = trace.value(relation.right, at);
        if (std::isnan(a) || std::isnan(b)) continue;
        const double off = std::abs(a - b);
        if (off <= 1e-9 * std::max(std::abs(a), std::abs(b))) continue;
        ++count;
        if (off <= worst) continue;
        worst = off;
        left = a;
        right = b;
        series = s;
        cell = cell_name(dims, s, p, model.dimensions);
      }
    if (count == 0) continue;
    const Unit unit = unit_of_cell(relation.residual->unit, dims, series, model.dimensions);
    std::string more;
    if (count > 1) more = fmt::format(" (and in {} more cell{})", count - 1, count == 2 ? "" : "s");
    auto& diagnostic = session.diagnostics.warning(
        "relation-off", relation.where,
        fmt::format("`{}` does not hold{}{}: {} and {}", relation.text, cell.empty() ? "" : " at " + cell,
                    more, shown_text(left / unit.scale(), unit.str()),
                    shown_text(right / unit.scale(), unit.str())));
    diagnostic.why = "no unknown flow depends on it: it determines nothing and is only checked";
  }
}

}  // namespace

bool find_parameters(Session& session, const std::vector<bool>& entries) {
  std::vector<std::size_t> sides;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i])
      sides.insert(sides.end(), {session.bound->solves[i].left, session.bound->solves[i].right});
  session.evaluation->run(session.evaluation->needed_for(sides));
  for (const Event& event : session.evaluation->events())
    if (is_failure(event) && event.kind != Event::Kind::negative_inflow &&
        event.kind != Event::Kind::not_finite)
      return true;  // told when all is computed
  auto calibrations = calibrate(*session.evaluation, entries);
  session.calibrations.resize(entries.size());
  bool good = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i] && !session.calibrations[i].found.empty()) continue;  // found before
    Calibration& calibration = session.calibrations[i] = std::move(calibrations[i]);
    tell(calibration, session, session.diagnostics);
    for (const auto& problem : calibration.problems)
      good = good && problem.kind == Calibration::Problem::Kind::not_settled;
    const BoundSolve& solve = session.bound->solves[calibration.solve];
    for (std::size_t k = 0; k < calibration.found.size(); ++k) {
      Leaf& leaf = session.bound->leaves[solve.find[k].leaf];
      leaf.values = calibration.found[k];
      leaf.solved_by = calibration.solve;
      for (LeafCell& cell : leaf.cells)
        if (cell.rule != FillRule::none) cell.rule = FillRule::solved;
    }
  }
  return good;
}

bool tell_events(Session& session) {
  bool good = true;
  const std::vector<Event>& events = session.evaluation->events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (is_failure(events[i])) good = false;
    if (!follows(events, i, *session.plan)) tell(events[i], session, session.diagnostics);
  }
  if (good && !session.only_checkpoints) check_relations(session);
  return good;
}

bool compute(Session& session) {
  if (!session.plan) return false;
  session.evaluation = std::make_unique<Evaluation>(*session.plan);
  bool good = true;
  const auto& solves = session.bound->solves;
  std::vector<bool> operations(session.plan->operations.size(), true), entries(solves.size(), true);
  if (session.only_checkpoints) {
    std::vector<std::size_t> wanted;
    for (const BoundCheckpoint& checkpoint : session.bound->checkpoints)
      if (checkpoint.quantity) wanted.push_back(*checkpoint.quantity);
    entries.assign(solves.size(), false);
    for (bool more = true; more;) {
      more = false;
      operations = session.evaluation->needed_for(wanted);
      for (std::size_t i = 0; i < solves.size(); ++i) {
        if (entries[i]) continue;
        for (const BoundSolve::Unknown& unknown : solves[i].find)
          entries[i] = entries[i] || session.evaluation->reads(operations, unknown.leaf);
        if (!entries[i]) continue;
        more = true;
        wanted.insert(wanted.end(), {solves[i].left, solves[i].right});
      }
    }
  }
  if (std::find(entries.begin(), entries.end(), true) != entries.end())
    good = find_parameters(session, entries);
  session.evaluation->run(operations);
  return tell_events(session) && good;
}

ShownValue shown(const Session& session, std::size_t quantity_id, std::size_t series, std::size_t period) {
  const Quantity& quantity = session.bound->quantities[quantity_id];
  const Unit unit = unit_of_cell(quantity.unit, quantity.dims, series, session.bound->dimensions);
  const double value = session.evaluation->quantity(quantity_id).value(series, period);
  return {value / unit.scale(), quantity.type == Node::Type::year ? "" : unit.str()};
}

std::string thousands(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
    text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string scenario_text(const ScenarioChoice& choice) {
  std::string text;
  for (const auto& [axis, name] : choice) text += (text.empty() ? "" : ", ") + axis + "=" + name;
  return text;
}

std::string shown_text(double value, const std::string& unit, bool is_year) {
  if (std::isnan(value)) return is_year ? "never" : "absent";
  if (is_year) return fmt::format("{:.0f}", value);
  if (unit == "1" || unit.empty()) {
    if (value != 0 && std::abs(value) <= 1.5) return fmt::format("{:.4g} %", value * 100);
    return fmt::format("{:.5g}", value);
  }
  std::string number = fmt::format("{:.5g}", value);
  if (std::abs(value) >= 1000 && std::abs(value) < 1e15) {
    // To the nearest, ties to even, as it would be printed.
    number = thousands(static_cast<std::uint64_t>(std::nearbyint(std::abs(value))));
    if (value < 0) number.insert(0, "-");
  }
  return number + " " + unit;
}

ResultSet results_of(const Session& session) {
  const BoundModel& bound = *session.bound;
  const Model& model = *session.model;
  const Dimensions& dims = bound.dimensions;
  ResultSet results;
  results.title = model.title.in("en");
  if (model.title.by_language.count("zh")) results.title_zh = model.title.by_language.at("zh");

  for (std::size_t d = 0; d < dims.all.size(); ++d) {
    const Dimension& dimension = dims[d];
    ResultDimension out;
    out.name = dimension.name;
    out.labels = dimension.labels;
    out.titles.resize(dimension.size());
    out.titles_zh.resize(dimension.size());
    out.is_time = d == time_dimension;
    if (out.is_time) {
      const auto lead = static_cast<std::ptrdiff_t>(dims.lead);
      out.labels.erase(out.labels.begin(), out.labels.begin() + lead);
      out.titles.resize(out.labels.size());
      out.titles_zh.resize(out.labels.size());
      out.period_lengths.assign(dims.steps.begin() + lead, dims.steps.end());
    }
    out.title = dimension.name;
    // Titles stand with the listed dimension a label comes from.
    DimensionId source = d;
    while (dims[source].kind == Dimension::Kind::part_of || dims[source].kind == Dimension::Kind::same_as)
      source = dims[source].parent;
    for (const DimensionDecl& declaration : model.dimensions) {
      if (declaration.name.id == dimension.name && !declaration.title.empty()) {
        out.title = declaration.title.in("en");
        if (declaration.title.by_language.count("zh")) out.title_zh = declaration.title.by_language.at("zh");
      }
      if (declaration.name.id != dims[source].name) continue;
      for (const LabelDecl& label : declaration.labels)
        for (std::size_t i = 0; i < dimension.size(); ++i)
          if (dimension.labels[i] == label.id) {
            if (!label.title.empty()) out.titles[i] = label.title.in("en");
            if (label.title.by_language.count("zh")) out.titles_zh[i] = label.title.by_language.at("zh");
          }
    }
    if (dimension.kind == Dimension::Kind::groups) {
      // A group is its own name; a column `category_zh` beside `category` says it in Chinese.
      const Dimension& parent = dims[dimension.parent];
      const auto chinese = parent.attributes.find(dimension.name + "_zh");
      out.titles = dimension.labels;
      if (chinese != parent.attributes.end())
        for (std::size_t i = 0; i < parent.size(); ++i)
          out.titles_zh[static_cast<std::size_t>(dimension.group_of[i])] = chinese->second[i];
    }
    results.dimensions.push_back(std::move(out));
  }

  const auto add = [&](const std::string& name, const std::string& group, const Title& title,
                       const DimSet& set, const Unit& unit, const Array& values, const Mask& defined,
                       Node::Type type) -> ResultVariable& {
    ResultVariable variable;
    variable.name = name;
    variable.group = group;
    if (!title.empty()) variable.title = title.in("en");
    if (title.by_language.count("zh")) variable.title_zh = title.by_language.at("zh");
    variable.unit = type == Node::Type::year ? "year" : unit.str();
    variable.udunits = unit.symbolic() || type == Node::Type::year ? "1" : unit.udunits();
    if (set.time) variable.dimensions.push_back(time_dimension);
    variable.dimensions.insert(variable.dimensions.end(), set.labels.begin(), set.labels.end());
    const std::size_t n = values.series(), begin = dims.first_period(set.time),
                      periods = values.periods() - begin;
    variable.values.assign(n * periods, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> scales(n);
    std::vector<std::string> units(n);
    for (std::size_t s = 0; s < n; ++s) {
      const Unit concrete = unit_of_cell(unit, set, s, dims);
      scales[s] = concrete.scale();
      if (unit.symbolic()) units[s] = concrete.str();
    }
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t p = 0; p < periods; ++p)
        if (defined.series() == 0 || defined.at(s, begin + p))
          variable.values[p * n + s] = values.value(s, begin + p) / scales[s];
    if (unit.symbolic()) {
      // The unit runs along one dimension: give its labels'.
      for (const DimensionId axis : set.labels) {
        std::vector<std::string> per_label(dims[axis].size());
        bool consistent = true;
        std::size_t k = 0;
        while (set.labels[k] != axis) ++k;
        for (std::size_t s = 0; s < n; ++s) {
          auto& text = per_label[set.unravel(s, dims)[k]];
          if (text.empty()) text = units[s];
          consistent = consistent && text == units[s];
        }
        if (consistent) {
          variable.label_units = per_label;
          break;
        }
      }
    }
    results.variables.push_back(std::move(variable));
    return results.variables.back();
  };
  for (std::size_t id = 0; id < bound.quantities.size(); ++id) {
    const Quantity& quantity = bound.quantities[id];
    std::string group;
    switch (quantity.kind) {
      case Quantity::Kind::flow:
        group = "flow";
        break;
      case Quantity::Kind::named:
        group = "quantity";
        break;
      case Quantity::Kind::stock_level:
      case Quantity::Kind::stock_inflow:
      case Quantity::Kind::stock_outflow:
      case Quantity::Kind::stock_change:
      case Quantity::Kind::stock_cohorts:
        group = "stock";
        break;
      case Quantity::Kind::balance:
        group = "balance";
        break;
      case Quantity::Kind::throughput:
      case Quantity::Kind::checkpoint:
        continue;
    }
    ResultVariable& variable = add(quantity.name, group, quantity.title, quantity.dims, quantity.unit,
                                   session.evaluation->quantity(id), quantity.defined, quantity.type);
    variable.is_flow = quantity.dims.time && quantity.unit.power_of("yr") == -1;
    if (quantity.from) variable.from = bound.processes[*quantity.from].name;
    if (quantity.to) variable.to = bound.processes[*quantity.to].name;
    for (const BoundPiece& piece : quantity.pieces) {
      if (!variable.formula.empty()) variable.formula += "; ";
      variable.formula += piece.condition.empty() ? piece.formula : piece.condition + ": " + piece.formula;
    }
  }
  for (std::size_t id = 0; id < bound.leaves.size(); ++id) {
    const Leaf& leaf = bound.leaves[id];
    ResultVariable& variable = add(leaf.name, "parameter", leaf.declaration->title, leaf.dims, leaf.unit,
                                   session.evaluation->leaf(id), leaf.defined, Node::Type::number);
    variable.is_flow = leaf.dims.time && leaf.unit.power_of("yr") == -1;
  }

  for (const Calibration& calibration : session.calibrations) {
    if (calibration.found.empty()) continue;
    const BoundSolve& solve = bound.solves[calibration.solve];
    const std::string name = "solve." + solve.declaration->name.id;
    for (std::size_t k = 0; k < solve.find.size(); ++k) {
      const Leaf& leaf = bound.leaves[solve.find[k].leaf];
      add(name + "." + leaf.name + ".error", "quantity", {}, leaf.dims, leaf.unit, calibration.error[k],
          leaf.defined, Node::Type::number);
    }
    const Quantity& left = bound.quantities[solve.left];
    Array residual = session.evaluation->quantity(solve.left);
    const Array& right = session.evaluation->quantity(solve.right);
    for (std::size_t i = 0; i < residual.size(); ++i) residual.data()[i] -= right.data()[i];
    add(name + ".residual", "quantity", {}, left.dims, left.unit, residual, left.defined, Node::Type::number)
        .formula = solve.text;
  }

  std::string files;
  for (const auto& [path, hash] : model.files) files += path + ":" + hash + "\n";
  results.manifest = {{"engine", fmt::format("lode {}", version)},
                      {"case", model.shown_folder},
                      {"model_and_data_hash", digest(files)},
                      {"scenario", scenario_text(model.scenario)},
                      {"substance", model.substance},
                      {"draws", "0"}};
  for (const auto& [path, hash] : model.files) results.manifest.emplace_back("file " + path, hash);
  for (const auto& [name, lender] : lenders_of(model))
    results.manifest.emplace_back("case " + name,
                                  fmt::format("{}, {}, {}", lender->place, lender->scenario, lender->hash));
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
  results.timestamp = stamp;
  return results;
}

}  // namespace lode

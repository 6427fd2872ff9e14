// SPDX-License-Identifier: Apache-2.0
#include "lode/api/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/classify.hpp"
#include "lode/api/draws.hpp"
#include "lode/api/trace.hpp"

namespace lode {

std::string chinese_name(const Session& session, const Quantity& quantity) {
  const auto chinese = [](const Title& title) {
    const auto found = title.by_language.find("zh");
    return found == title.by_language.end() ? std::string() : found->second;
  };
  // The parts of a stock share its title.
  static constexpr std::pair<const char*, const char*> parts[] = {
      {".stock", "：存量"}, {".inflow", "：流入"}, {".outflow", "：流出"}, {".change", "：净增量"}};
  for (const BoundStock& stock : session.bound->stocks)
    for (const auto& [part, words] : parts)
      if (quantity.name == stock.name + part)
        if (const std::string title = chinese(stock.declaration->title); !title.empty())
          return title + words + " " + quantity.name;
  const std::string title = chinese(quantity.title);
  return title.empty() ? quantity.name : title + " " + quantity.name;
}

namespace {

std::string several(std::size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

void balances(const Session& session, RunSummary& summary) {
  const BoundModel& model = *session.bound;
  for (const BoundProcess& process : model.processes) {
    if (!process.balance) continue;
    const Quantity& balance = model.quantities[*process.balance];
    const Array& values = session.evaluation->quantity(*process.balance);
    BalanceLine line;
    line.process = process.name;
    line.unit = balance.unit.str();
    for (std::size_t s = 0; s < values.series(); ++s)
      for (std::size_t p = model.dimensions.first_period(balance.dims.time); p < values.periods(); ++p) {
        const double b = values.value(s, p);
        double through =
            process.throughput ? std::abs(session.evaluation->quantity(*process.throughput).value(s, p)) : 0;
        if (b == 0) continue;
        // What leaves and what the stock takes count too: a process may only be drawn from.
        through = std::max(through, std::abs(b - through));
        const double relative = through > 0 ? std::abs(b) / through : 1.0;
        if (relative <= line.worst) continue;
        line.worst = relative;
        line.amount = b / unit_of_cell(balance.unit, balance.dims, s, model.dimensions).scale();
        line.unit = unit_of_cell(balance.unit, balance.dims, s, model.dimensions).str();
        line.cell = cell_name(balance.dims, s, p, model.dimensions);
      }
    const auto closers = [&](const Quantity& quantity, const std::string& name) {
      for (const BoundPiece& piece : quantity.pieces)
        if (piece.closes && &model.processes[*piece.closes] == &process)
          line.closed_by.push_back(piece.condition.empty() ? name : name + " (" + piece.condition + ")");
    };
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list) {
        closers(model.quantities[flow], model.quantities[flow].name);
        if (model.quantities[flow].unknown)
          line.closed_by.push_back(model.quantities[flow].name + " (unknown)");
      }
    for (const std::size_t stock : process.stocks)
      closers(model.quantities[model.stocks[stock].change], model.stocks[stock].name + ".change");
    summary.balances.push_back(std::move(line));
  }
  std::stable_sort(summary.balances.begin(), summary.balances.end(),
                   [](const BalanceLine& a, const BalanceLine& b) { return a.worst > b.worst; });
}

void filled(const Session& session, RunSummary& summary) {
  const Dimensions& dims = session.bound->dimensions;
  for (const Leaf& leaf : session.bound->leaves) {
    // The years before the first are no years of the model.
    const std::size_t periods = leaf.values.periods();
    std::size_t cells = 0, interpolated = 0, extrapolated = 0, defaulted = 0;
    for (std::size_t s = 0; s < leaf.values.series(); ++s)
      for (std::size_t p = dims.first_period(leaf.dims.time); p < periods; ++p) {
        const FillRule rule = leaf.cells[s * periods + p].rule;
        cells += leaf.exists.at(s, p);
        interpolated += rule == FillRule::interpolated;
        extrapolated += rule == FillRule::extrapolated;
        defaulted += rule == FillRule::missing_value;
      }
    std::vector<std::string> parts;
    if (interpolated) {
      static const char* rules[] = {"", "linear", "geometric", "step"};
      parts.push_back(fmt::format("{} interpolated ({})", interpolated,
                                  rules[static_cast<int>(leaf.declaration->interpolate)]));
    }
    if (extrapolated) {
      static const char* rules[] = {"", "hold", "trend", "zero"};
      parts.push_back(fmt::format("{} extrapolated ({})", extrapolated,
                                  rules[static_cast<int>(leaf.declaration->extrapolate)]));
    }
    if (defaulted)
      parts.push_back(fmt::format("{} set to {:g} (missing)", defaulted, leaf.declaration->missing_value));
    if (!parts.empty())
      summary.filled.push_back(fmt::format("{}: of {} cells {}", leaf.name, cells, fmt::join(parts, ", ")));
  }
}

void clamped_and_negative(const Session& session, RunSummary& summary) {
  const BoundModel& model = *session.bound;
  const Trace trace(session);
  for (std::size_t id = 0; id < model.quantities.size(); ++id) {
    const Quantity& quantity = model.quantities[id];
    if (quantity.kind == Quantity::Kind::flow && !quantity.is_signed) {
      const Array& values = session.evaluation->quantity(id);
      double scale = 0;
      for (const double v : values.data()) scale = std::max(scale, std::abs(v));
      std::size_t count = 0;
      double lowest = 0;
      std::string cell;
      for (std::size_t s = 0; s < values.series(); ++s)
        for (std::size_t p = model.dimensions.first_period(quantity.dims.time); p < values.periods(); ++p)
          if (const double v = values.value(s, p); v < -1e-9 * scale) {
            ++count;
            if (v < lowest) {
              lowest = v;
              const ShownValue show = shown(session, id, s, p);
              cell = fmt::format("{}{} = {}", quantity.name, cell_name(quantity.dims, s, p, model.dimensions),
                                 shown_text(show.value, show.unit));
            }
          }
      if (count) {
        summary.negative.push_back(
            fmt::format("{} in {} cell{}, lowest {}", quantity.name, count, count == 1 ? "" : "s", cell));
        summary.chinese.negative.push_back(
            fmt::format("{}：{}个数据点为负，最低{}", chinese_name(session, quantity), count, cell));
      }
    }
    if (quantity.kind != Quantity::Kind::flow && quantity.kind != Quantity::Kind::named) continue;
    for (const BoundPiece& piece : quantity.pieces) {
      const Node& root = *piece.expression;
      if (root.kind != Node::Kind::map ||
          (root.function != Function::minimum && root.function != Function::maximum))
        continue;
      std::size_t count = 0, total = 0;
      std::string first;
      for (std::size_t s = 0; s < piece.mask->series(); ++s)
        for (std::size_t p = model.dimensions.first_period(quantity.dims.time); p < piece.mask->periods();
             ++p) {
          if (!piece.mask->at(s, p)) continue;
          ++total;
          const Place at = trace.place(quantity.dims, s, p);
          // The last argument is the limit: max(x, 0), min(x, ceiling), clamp(x, 0, 1).
          const double own = trace.value(root.operands[0], at), limit = trace.value(root.operands[1], at);
          bool bound = root.function == Function::maximum ? own < limit : own > limit;
          const Node& inner = *root.operands[0];
          if (!bound && inner.kind == Node::Kind::map && inner.function == Function::maximum &&
              root.function == Function::minimum)
            bound = trace.value(inner.operands[0], at) < trace.value(inner.operands[1], at);
          if (!bound) continue;
          if (count++ == 0) first = cell_name(quantity.dims, s, p, model.dimensions);
        }
      if (count) {
        summary.clamped.push_back(fmt::format("{}: {} of {} cells at the limit of `{}`, first {}",
                                              quantity.name, count, total, piece.formula, first));
        summary.chinese.clamped.push_back(fmt::format("{}：{}个数据点中有{}个取到 {} 的限值，首个为{}",
                                                      chinese_name(session, quantity), total, count,
                                                      piece.formula, first));
      }
    }
  }
}

void corrected(const Session& session, RunSummary& summary) {
  for (const Event& event : session.evaluation->events()) {
    if (event.kind != Event::Kind::corrected) continue;
    for (const BoundStock& stock : session.bound->stocks) {
      if (stock.name != event.what) continue;
      const std::string early =
          stock.unit.symbolic() ? "" : shown_text(event.value / stock.unit.scale(), stock.unit.str());
      summary.clamped.push_back(
          fmt::format("{}: in {} cell{} the stock falls faster than it ages, {} left early ({}), first {}",
                      stock.name, event.count, event.count == 1 ? "" : "s", early.empty() ? "items" : early,
                      stock.declaration->negative_inflow.text, event.cell));
      summary.chinese.clamped.push_back(fmt::format(
          "{}：{}个数据点中存量的下降快于老化，{}提前退出（{}），首个为{}",
          chinese_name(session, session.bound->quantities[stock.level]), event.count,
          early.empty() ? "部分单元" : early, stock.declaration->negative_inflow.text, event.cell));
    }
  }
}

void found(const Session& session, RunSummary& summary) {
  const BoundModel& model = *session.bound;
  for (const Calibration& calibration : session.calibrations) {
    const BoundSolve& solve = model.solves[calibration.solve];
    const Quantity& left = model.quantities[solve.left];
    std::vector<std::string> values, chinese;
    for (std::size_t k = 0; k < solve.find.size(); ++k) {
      const Leaf& leaf = model.leaves[solve.find[k].leaf];
      std::size_t shown_values = 0, defined = 0;
      for (std::size_t s = 0; s < leaf.values.series(); ++s) {
        if (!leaf.defined.at(s, model.dimensions.first_period(leaf.dims.time))) continue;
        ++defined;
        if (++shown_values > 3) continue;
        const Unit unit = unit_of_cell(leaf.unit, leaf.dims, s, model.dimensions);
        const std::size_t p = model.dimensions.first_period(leaf.dims.time);
        const double error = calibration.error[k].value(s, p);
        values.push_back(
            fmt::format("{}{} = {:.5g}{}{}", leaf.name, cell_name(leaf.dims, s, p, model.dimensions),
                        calibration.found[k].value(s, p) / unit.scale(),
                        std::isfinite(error) ? fmt::format(" ± {:.2g}", error / unit.scale()) : "",
                        unit.dimensionless() ? "" : " " + unit.str()));
      }
      chinese.insert(chinese.end(), values.begin() + static_cast<std::ptrdiff_t>(chinese.size()),
                     values.end());
      if (defined > 3) {
        values.push_back(fmt::format("… of {}", defined));
        chinese.push_back(fmt::format("…共{}个", defined));
      }
    }
    const double scale = left.unit.symbolic() ? 1.0 : left.unit.scale();
    const std::string fit =
        calibration.equations == calibration.unknowns
            ? "solved"
            : fmt::format("fitted to {} values, root mean square difference {}", calibration.equations,
                          shown_text(calibration.rms / scale, left.unit.symbolic() ? "" : left.unit.str()));
    summary.found.push_back(
        fmt::format("{}: {} ({})", solve.declaration->name.id, fmt::join(values, ", "), fit));
    const std::string fit_chinese =
        calibration.equations == calibration.unknowns
            ? "求解"
            : fmt::format("由{}个数值拟合，均方根差为{}", calibration.equations,
                          shown_text(calibration.rms / scale, left.unit.symbolic() ? "" : left.unit.str()));
    summary.chinese.found.push_back(
        fmt::format("{}：{}（{}）", solve.declaration->name.id, fmt::join(chinese, "，"), fit_chinese));
  }
}

void seams(const Session& session, RunSummary& summary) {
  const BoundModel& model = *session.bound;
  for (const BoundStock& stock : model.stocks) {
    if (!stock.lifetime || stock.carrier || !stock.level_mask.any()) continue;
    struct Jump {
      double ratio;
      std::string text, chinese;
    };
    std::vector<Jump> jumps;
    for (std::size_t s = 0; s < stock.level_mask.series(); ++s)
      for (std::size_t p = model.dimensions.lead + 1; p < stock.level_mask.periods(); ++p) {
        if (stock.level_mask.at(s, p) == stock.level_mask.at(s, p - 1)) continue;
        const ShownValue before = shown(session, stock.inflow, s, p - 1),
                         after = shown(session, stock.inflow, s, p);
        const double ratio =
            before.value > 0 && after.value > 0 ? std::abs(std::log(after.value / before.value)) : INFINITY;
        if (ratio < std::log(1.25)) continue;
        const std::string cell = cell_name(stock.dims, s, p, model.dimensions),
                          was = shown_text(before.value, before.unit),
                          is = shown_text(after.value, after.unit);
        jumps.push_back({ratio, fmt::format("{}.inflow{}: {} after {}", stock.name, cell, is, was),
                         fmt::format("{}{}：前一年为{}，当年为{}",
                                     chinese_name(session, model.quantities[stock.inflow]), cell, was, is)});
      }
    std::stable_sort(jumps.begin(), jumps.end(),
                     [](const Jump& a, const Jump& b) { return a.ratio > b.ratio; });
    for (std::size_t i = 0; i < std::min<std::size_t>(jumps.size(), 3); ++i)
      summary.seams.push_back(jumps[i].text), summary.chinese.seams.push_back(jumps[i].chinese);
    if (jumps.size() > 3) {
      summary.seams.push_back(fmt::format("… and {} more in {}", jumps.size() - 3, stock.name));
      summary.chinese.seams.push_back(fmt::format("{} 另有{}处", stock.name, jumps.size() - 3));
    }
  }
}

void alerts(const Session& session, RunSummary& summary) {
  const BoundModel& model = *session.bound;
  for (const BoundAlert& alert : model.alerts) {
    const Quantity &margin = model.quantities[alert.margin], &held = model.quantities[alert.quantity];
    const Array& margins = session.evaluation->quantity(alert.margin);
    for (std::size_t s = 0; s < margins.series(); ++s) {
      std::vector<std::size_t> beyond;
      for (std::size_t p = model.dimensions.first_period(margin.dims.time); p < margins.periods(); ++p)
        if (margin.defined.at(s, p) && margins.value(s, p) < 0) beyond.push_back(p);
      if (beyond.empty()) continue;
      const std::size_t first = beyond.front();
      const ShownValue value = shown(session, alert.quantity, s, held.dims.time ? first : 0);
      const auto limit = [&](std::size_t id) { return shown(session, id, s, first).value; };
      const bool below = alert.at_least && !(alert.at_most && value.value > limit(*alert.at_most));
      const std::string severity = alert.declaration->severity.text;
      summary.alerts.push_back(fmt::format(
          "{}: {}{} is {}, {} the limit of {}; {} year{}", severity, held.name,
          cell_name(margin.dims, s, first, model.dimensions), shown_text(value.value, value.unit),
          below ? "below" : "above", shown_text(limit(below ? *alert.at_least : *alert.at_most), value.unit),
          beyond.size(), beyond.size() == 1 ? "" : "s"));
      summary.chinese.alerts.push_back(fmt::format(
          "{}：{}{}为{}，{}限值{}；共{}年",
          severity == "error"  ? "错误"
          : severity == "note" ? "提示"
                               : "警告",
          chinese_name(session, held), cell_name(margin.dims, s, first, model.dimensions),
          shown_text(value.value, value.unit), below ? "低于" : "高于",
          shown_text(limit(below ? *alert.at_least : *alert.at_most), value.unit), beyond.size()));
      if (severity == "error") summary.alert_error = true;
    }
  }
}

void list(std::string& out, const char* heading, const std::vector<std::string>& lines, std::size_t most) {
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i)
    out += fmt::format("{:<12}{}\n", i == 0 ? heading : "", lines[i]);
  if (lines.size() > most) out += fmt::format("{:<12}… and {} more\n", "", lines.size() - most);
}

}  // namespace

RunSummary summarise(const Session& session) {
  RunSummary summary;
  const BoundModel& model = *session.bound;
  for (std::size_t id = 0; id < model.quantities.size(); ++id) {
    const Quantity& quantity = model.quantities[id];
    if (quantity.kind == Quantity::Kind::flow) ++summary.flows;
    if (quantity.kind == Quantity::Kind::named) ++summary.quantities;
    if (quantity.kind != Quantity::Kind::checkpoint && quantity.kind != Quantity::Kind::throughput)
      for (std::size_t s = 0; s < quantity.defined.series(); ++s)
        for (std::size_t p = model.dimensions.first_period(quantity.dims.time);
             p < quantity.defined.periods(); ++p)
          summary.cells += quantity.defined.at(s, p);
  }
  summary.stocks = model.stocks.size();
  summary.parameters = model.leaves.size();
  balances(session, summary);
  filled(session, summary);
  clamped_and_negative(session, summary);
  found(session, summary);
  corrected(session, summary);
  seams(session, summary);
  alerts(session, summary);
  summary.unclassified = unclassified_lines(session);
  return summary;
}

std::string summary_text(const Session& session, const RunSummary& summary, const Verification* verification,
                         const std::vector<std::string>& files, double milliseconds) {
  const Dimensions& dims = session.bound->dimensions;
  std::string out = session.model->title.in("en");
  if (session.model->title.by_language.count("zh")) out += "  " + session.model->title.by_language.at("zh");
  const std::string first = std::to_string(dims.first_year()), last = std::to_string(dims.last_year());
  // Many titles name their years already.
  if (out.find(first) == std::string::npos || out.find(last) == std::string::npos)
    out += first == last ? "  " + first : "  " + first + "–" + last;
  out += "\n";
  const std::string scenario = scenario_text(session.model->scenario);
  if (!scenario.empty()) out += fmt::format("{:<12}{}\n", "scenario", scenario);
  out += fmt::format("{:<12}{}, {}, {} from {}: {} values in {:.0f} ms\n", "computed",
                     several(summary.flows, "flow", "flows"), several(summary.stocks, "stock", "stocks"),
                     several(summary.quantities, "quantity", "quantities"),
                     several(summary.parameters, "parameter", "parameters"), thousands(summary.cells),
                     milliseconds);
  const auto open = static_cast<std::size_t>(
      std::count_if(summary.balances.begin(), summary.balances.end(),
                    [](const BalanceLine& b) { return b.worst > balance_tolerance; }));
  const auto closed =
      static_cast<std::size_t>(std::count_if(summary.balances.begin(), summary.balances.end(),
                                             [](const BalanceLine& b) { return !b.closed_by.empty(); }));
  if (!summary.balances.empty())
    out += fmt::format(
        "{:<12}{} of {} processes balance within 1e-9 of their throughput; {} are closed by a residual, "
        "worst "
        "first:\n",
        "balance", summary.balances.size() - open, summary.balances.size(), closed);
  for (std::size_t i = 0; i < std::min<std::size_t>(summary.balances.size(), std::max<std::size_t>(open, 4));
       ++i) {
    const BalanceLine& line = summary.balances[i];
    std::string text = fmt::format("{:<12}  {:<18} {:>8.1e}", "", line.process, line.worst);
    if (line.worst > balance_tolerance)
      text += fmt::format("  off by {:.4g} {} at {}", line.amount, line.unit, line.cell);
    if (!line.closed_by.empty()) text += fmt::format("  closed by {}", fmt::join(line.closed_by, ", "));
    out += text + "\n";
  }
  list(out, "negative", summary.negative, 6);
  list(out, "found", summary.found, 12);
  list(out, "filled", summary.filled, 6);
  list(out, "clamped", summary.clamped, 6);
  list(out, "seam", summary.seams, 6);
  list(out, "alerts", summary.alerts, 8);
  list(out, "classes", summary.unclassified, 8);
  out += draws_text(session);
  if (verification && !verification->rows.empty()) {
    out += fmt::format("{:<12}{}\n", "checkpoints",
                       verification_line(*verification).substr(0, std::string::npos));
    std::vector<const Comparison*> worst;
    for (const Comparison& row : verification->rows)
      if (row.status == Comparison::Status::differs) worst.push_back(&row);
    std::stable_sort(worst.begin(), worst.end(), [](const Comparison* a, const Comparison* b) {
      return std::abs(a->relative_difference.value_or(1e9)) > std::abs(b->relative_difference.value_or(1e9));
    });
    for (std::size_t i = 0; i < std::min<std::size_t>(worst.size(), 3); ++i) {
      const Comparison& row = *worst[i];
      const auto number = [&](const std::optional<double>& value, const char* none) {
        return value ? fmt::format("{:.5g}{}{}", *value, row.unit.empty() ? "" : " ", row.unit) : none;
      };
      out += fmt::format("{:<12}  {} {}: ours {}, published {}\n", "", row.id, row.what,
                         number(row.ours, "never"), number(row.published, "–"));
    }
    if (worst.size() > 3) out += fmt::format("{:<12}  … `lode verify` lists all\n", "");
  }
  list(out, "files", files, 20);
  return out;
}

std::string summary_json(const Session& session, const RunSummary& summary, const Verification* verification,
                         const std::vector<std::string>& files) {
  nlohmann::ordered_json out;
  out["title"] = session.model->title.in("en");
  out["years"] = std::vector<int>(
      session.bound->dimensions.years.begin() + static_cast<std::ptrdiff_t>(session.bound->dimensions.lead),
      session.bound->dimensions.years.end());
  out["scenario"] = session.model->scenario;
  out["computed"] = {{"flows", summary.flows},
                     {"stocks", summary.stocks},
                     {"quantities", summary.quantities},
                     {"parameters", summary.parameters},
                     {"values", summary.cells}};
  out["balances"] = nlohmann::ordered_json::array();
  for (const BalanceLine& line : summary.balances)
    out["balances"].push_back({{"process", line.process},
                               {"worst_relative", line.worst},
                               {"amount", line.amount},
                               {"unit", line.unit},
                               {"cell", line.cell},
                               {"closed_by", line.closed_by},
                               {"balances", line.worst <= balance_tolerance}});
  out["negative"] = summary.negative;
  out["found"] = summary.found;
  out["filled"] = summary.filled;
  out["clamped"] = summary.clamped;
  out["seams"] = summary.seams;
  out["alerts"] = summary.alerts;
  if (!session.bound->classifications.empty()) out["unclassified"] = summary.unclassified;
  if (verification) {
    nlohmann::ordered_json counts;
    using Status = Comparison::Status;
    for (const Status status :
         {Status::agrees, Status::differs, Status::by_construction, Status::input, Status::not_computable})
      counts[status_name(status)] = verification->count(status);
    counts["not_compared"] = verification->undrawn;
    out["checkpoints"] = std::move(counts);
  }
  if (session.draws) out["draws"] = nlohmann::ordered_json::parse(draws_json(session));
  out["files"] = files;
  return out.dump(2);
}

}  // namespace lode

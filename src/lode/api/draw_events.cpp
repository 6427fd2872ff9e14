// SPDX-License-Identifier: Apache-2.0
//
// What went wrong in single draws, in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/api/draw_report.hpp"
#include "lode/api/draws.hpp"
#include "lode/api/summary.hpp"

namespace lode {

namespace {

std::string at(const Event& event) {
  return event.cell.empty() ? "" : " at " + event.cell;
}

std::string failure_text(const Event& event) {
  switch (event.kind) {
    case Event::Kind::singular:
      return fmt::format("the loop of {} does not determine {}", event.what, event.cell);
    case Event::Kind::not_converged:
      return fmt::format("the loop of {} was not solved at {}", event.what, event.cell);
    case Event::Kind::negative_inflow:
      return fmt::format("{} falls faster at {} than it ages", event.what, event.cell);
    case Event::Kind::nothing_survives:
      return fmt::format("nothing that enters {} at {} lasts until the end of its year", event.what,
                         event.cell);
    case Event::Kind::corrected:
      return fmt::format("{} falls faster at {} than it ages, and more leaves", event.what, event.cell);
    case Event::Kind::not_corrected:
      return fmt::format("{} falls faster at {} than `negative_inflow:` can correct", event.what, event.cell);
    case Event::Kind::used_up:
      return fmt::format("{} has nothing left to take from, or no life left to take in, at {}", event.what,
                         event.cell);
    case Event::Kind::nothing_left:
      return fmt::format("{} has something left of {} that its lifetime does not leave", event.what,
                         event.cell);
    case Event::Kind::ages_unknown:
      return fmt::format("part of the first stock of {}{} is older than 10,000 periods", event.what,
                         at(event));
    case Event::Kind::negative_hazard:
      return fmt::format("the factor of the hazard of {} is below 0{}", event.what, at(event));
    case Event::Kind::not_finite:
      return fmt::format("{}{} is infinite", event.what, event.cell);
    default:
      return fmt::format("the lifetime of {}{} cannot be{}{}", event.what, at(event),
                         event.detail.empty() ? "" : ": ", event.detail);
  }
}

std::string titled_in_chinese(const Title& title, const std::string& name) {
  const auto chinese = title.by_language.find("zh");
  return chinese == title.by_language.end() ? name : chinese->second + " " + name;
}

/// A stock or a quantity as Chinese readers know it; the names of a loop as they are.
std::string chinese_name_of(const Session& session, const std::string& what) {
  const BoundModel& bound = *session.bound;
  for (const BoundStock& stock : bound.stocks)
    if (stock.name == what) return titled_in_chinese(stock.declaration->title, what);
  const auto quantity = bound.find_quantity(what);
  return quantity ? chinese_name(session, bound.quantities[*quantity]) : what;
}

std::string failure_chinese(const Session& session, const Event& event) {
  const std::string what = chinese_name_of(session, event.what), &cell = event.cell;
  switch (event.kind) {
    case Event::Kind::singular:
      return fmt::format("{}的循环方程不能确定{}", what, cell);
    case Event::Kind::not_converged:
      return fmt::format("{}的循环方程在{}处未能解出", what, cell);
    case Event::Kind::negative_inflow:
      return fmt::format("{}在{}处的下降快于老化", what, cell);
    case Event::Kind::nothing_survives:
      return fmt::format("{}在{}处的进入量到当年末已无留存", what, cell);
    case Event::Kind::corrected:
      return fmt::format("{}在{}处的下降快于老化，已按规则加大退出", what, cell);
    case Event::Kind::not_corrected:
      return fmt::format("{}在{}处的下降过快，negative_inflow 规则不能修正", what, cell);
    case Event::Kind::used_up:
      return fmt::format("{}在{}处已无可取出的数量，或放入者已无剩余寿命", what, cell);
    case Event::Kind::nothing_left:
      return fmt::format("{}给定了{}的留存，而按其寿命应已无留存", what, cell);
    case Event::Kind::ages_unknown:
      return fmt::format("{}{}的初始存量中有一部分超过10,000个时段", what, cell);
    case Event::Kind::negative_hazard:
      return fmt::format("{}{}的风险率系数小于0", what, cell);
    case Event::Kind::not_finite:
      return fmt::format("{}{}为无穷大", what, cell);
    default:
      return fmt::format("{}{}的寿命不成立", what, cell);
  }
}

std::string process_chinese(const BoundProcess& process) {
  return process.declaration ? titled_in_chinese(process.declaration->title, process.name) : process.name;
}

/// Processes whose balance does not close in draws although it does with the nominal values; the cell in
/// which most is missing for what goes through.
void open_balances(const Session& session, std::vector<DrawEvent>& lines) {
  const BoundModel& bound = *session.bound;
  const auto through = [&](const BoundProcess& process, const DrawnCell& cell) {
    return process.throughput
               ? std::abs(session.evaluation->quantity(*process.throughput).value(cell.series, cell.period))
               : 0.0;
  };
  for (const BoundProcess& process : bound.processes) {
    if (!process.balance || !session.draw_model->varies(*process.balance)) continue;
    const auto& cells = session.draw_model->cells();
    std::size_t worst = cells.size();
    double most = 1e-9;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].quantity != *process.balance) continue;
      const double nominal =
          session.evaluation->quantity(*process.balance).value(cells[i].series, cells[i].period);
      const double size = through(process, cells[i]);
      const CellSummary& summary = session.draws->cells[i];
      const double off = std::max(std::abs(summary.minimum), std::abs(summary.maximum)) / size;
      if (!(size > 0) || !(off > most) || std::abs(nominal) > 1e-9 * size) continue;
      most = off;
      worst = i;
    }
    if (worst == cells.size()) continue;
    const double size = through(process, cells[worst]);
    const std::string cell = cell_name(bound.quantities[*process.balance].dims, cells[worst].series,
                                       cells[worst].period, bound.dimensions);
    const double least = 100 * session.draws->cells[worst].minimum / size,
                 greatest = 100 * session.draws->cells[worst].maximum / size;
    lines.push_back(
        {fmt::format("{} does not balance in draws: {:+.2g} % … {:+.2g} % of what goes through it{}",
                     process.name, least, greatest, cell.empty() ? "" : " at " + cell),
         fmt::format("{}在抽样中不平衡：{}差额为通量的{:+.2g} %至{:+.2g} %", process_chinese(process),
                     cell.empty() ? "" : cell + "处", least, greatest)});
  }
}

}  // namespace

std::vector<DrawEvent> draw_events_in_both(const Session& session) {
  std::vector<DrawEvent> lines;
  const DrawResult& draws = *session.draws;
  const BoundModel& bound = *session.bound;
  struct Worst {
    std::size_t cell = 0, cells = 0;
    std::uint64_t draws = 0;
  };
  const auto times = [&](std::uint64_t count) {
    return fmt::format("{}次抽样中有{}次：", thousands(draws.draws), thousands(count));
  };
  const auto tell = [&](const auto& counts, const char* what, const char* what_chinese) {
    std::map<std::size_t, Worst> by_quantity;
    for (std::size_t i = 0; i < draws.cells.size(); ++i) {
      const std::uint64_t count = counts(i);
      // What a checkpoint is computed from is told where it stands.
      const std::size_t quantity = session.draw_model->cells()[i].quantity;
      if (count == 0 || bound.quantities[quantity].name.front() == '@') continue;
      Worst& worst = by_quantity[quantity];
      ++worst.cells;
      if (count > worst.draws) worst.cell = i, worst.draws = count;
    }
    for (const auto& [quantity, worst] : by_quantity) {
      const Quantity& of = bound.quantities[quantity];
      const DrawnCell& cell = session.draw_model->cells()[worst.cell];
      lines.push_back(
          {fmt::format("in {} of {} draws {} {}{}", thousands(worst.draws), thousands(draws.draws),
                       drawn_name(session, worst.cell), what,
                       worst.cells > 1 ? fmt::format(" (most of {} cells)", worst.cells) : ""),
           fmt::format("{}{}{}{}{}", times(worst.draws), chinese_name(session, of),
                       cell_name(of.dims, cell.series, cell.period, bound.dimensions), what_chinese,
                       worst.cells > 1 ? fmt::format("（{}个数据点中以此为最多）", worst.cells) : "")});
    }
  };
  for (const DrawFailure& failure : draws.failures)
    lines.push_back(
        {fmt::format("in {} of {} draws {} (first in draw {})", thousands(failure.draws),
                     thousands(draws.draws), failure_text(failure.event), thousands(failure.first_draw + 1)),
         fmt::format("{}{}（首见于第{}次）", times(failure.draws), failure_chinese(session, failure.event),
                     thousands(failure.first_draw + 1))});
  const auto& cells = session.draw_model->cells();
  tell(
      [&](std::size_t i) {
        const Quantity& quantity = bound.quantities[cells[i].quantity];
        const bool counts = (quantity.kind == Quantity::Kind::flow && !quantity.is_signed) ||
                            quantity.kind == Quantity::Kind::stock_level ||
                            quantity.kind == Quantity::Kind::stock_inflow;
        if (!counts) return std::uint64_t{0};
        // Rounding around a stock that is used up is no event.
        const double most = std::max(std::abs(draws.cells[i].maximum), std::abs(draws.cells[i].mean));
        return draws.cells[i].minimum < -1e-9 * most ? draws.cells[i].negative : std::uint64_t{0};
      },
      "< 0", "小于0");
  tell(
      [&](std::size_t i) {
        return bound.quantities[cells[i].quantity].may_be_absent ? std::uint64_t{0}
                                                                 : draws.cells[i].not_finite;
      },
      "has no finite value", "没有有限值");
  open_balances(session, lines);
  return lines;
}

std::vector<std::string> draw_events(const Session& session) {
  std::vector<std::string> lines;
  for (DrawEvent& each : draw_events_in_both(session)) lines.push_back(std::move(each.english));
  return lines;
}

std::string draw_events_text(const Session& session) {
  constexpr std::size_t most_lines = 6;
  const std::vector<std::string> lines = draw_events(session);
  std::string out;
  for (std::size_t i = 0; i < std::min(lines.size(), most_lines); ++i)
    out += (i == 0 ? "in draws    " : "            ") + lines[i] + "\n";
  if (lines.size() > most_lines)
    out += fmt::format("            and {} more like these\n", lines.size() - most_lines);
  return out;
}

}  // namespace lode

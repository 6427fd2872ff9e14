// SPDX-License-Identifier: Apache-2.0
//
// Where the numbers that an expression reads lie: reads of reads are joined to one.
#include <fmt/format.h>

#include "lode/arrays/align.hpp"
#include "lode/plan/lower.hpp"
#include "lode/support/contract.hpp"

namespace lode {

Access Lowering::direct(const DimSet& target, const DimSet& source) const {
  Access access;
  if (target.labels != source.labels) access.series = series_map(target, source, dims());
  access.time = source.time ? Access::Time::same : Access::Time::none;
  return access;
}

Access Lowering::gather_access(const Node& gather) const {
  const DimSet& source = gather.operands[0]->dims;
  Access access;
  const std::size_t n = gather.dims.series(dims());
  access.series.assign(n, 0);
  for (std::size_t k = 0; k < source.labels.size(); ++k) {
    access.stride *= dims()[source.labels[k]].size();
    if (gather.picks[k].along_time) access.stride = 1;
  }
  for (std::size_t s = 0; s < n; ++s) {
    const auto index = gather.dims.unravel(s, dims());
    std::int64_t at = 0;
    for (std::size_t k = 0; k < source.labels.size(); ++k) {
      const Pick& pick = gather.picks[k];
      std::int64_t label = -1;
      if (pick.along_time) {
        label = 0;
      } else if (pick.fixed) {
        label = static_cast<std::int64_t>(*pick.fixed);
      } else {
        for (std::size_t j = 0; j < gather.dims.labels.size(); ++j)
          if (gather.dims.labels[j] == pick.target) label = pick.index[index[j]];
      }
      if (label < 0) {
        at = -1;
        break;
      }
      at = at * static_cast<std::int64_t>(dims()[source.labels[k]].size()) + label;
    }
    access.series[s] = static_cast<std::int32_t>(at);
  }
  if (!source.time) {
    access.time = Access::Time::none;
  } else if (gather.fixed_period) {
    access.time = Access::Time::fixed;
    access.period = *gather.fixed_period;
  } else if (!gather.periods.empty()) {
    access.time = Access::Time::mapped;
    access.periods = gather.periods;
  }
  return access;
}

CellRead cell_read(const Access& access, std::size_t series, std::size_t period) {
  CellRead cell{access.series.empty() ? static_cast<std::int64_t>(series) : access.series[series],
                static_cast<std::int64_t>(period)};
  if (cell.series >= 0) cell.series += static_cast<std::int64_t>(access.stride * period);
  switch (access.time) {
    case Access::Time::none:
      cell.period = 0;
      break;
    case Access::Time::fixed:
      cell.period = static_cast<std::int64_t>(access.period);
      break;
    case Access::Time::mapped:
      cell.period = access.periods[period];
      break;
    case Access::Time::same:
      break;
  }
  return cell;
}

Access Lowering::compose(const Access& outer, const Access& inner, const DimSet& target) const {
  Access result;
  const std::size_t n = target.series(dims());
  result.series.resize(n);
  for (std::size_t s = 0; s < n; ++s) {
    const std::int32_t middle = outer.series.empty() ? static_cast<std::int32_t>(s) : outer.series[s];
    result.series[s] =
        middle < 0 || inner.series.empty() ? middle : inner.series[static_cast<std::size_t>(middle)];
  }
  LODE_EXPECT(inner.stride == 0 || outer.time == Access::Time::same);
  result.stride = inner.stride;
  switch (inner.time) {
    case Access::Time::none:
    case Access::Time::fixed:
      result.time = inner.time;
      result.period = inner.period;
      break;
    case Access::Time::same:
      result.time = outer.time;
      result.period = outer.period;
      result.periods = outer.periods;
      break;
    case Access::Time::mapped:
      if (outer.time == Access::Time::same) {
        result.time = Access::Time::mapped;
        result.periods = inner.periods;
      } else if (outer.time == Access::Time::fixed) {
        const std::int32_t period = inner.periods[outer.period];
        if (period < 0) {
          // x[time − 3][2001] before the start: no such cell for any of ours
          result.time = Access::Time::mapped;
          result.periods.assign(target.periods(dims()), -1);
        } else {
          result.time = Access::Time::fixed;
          result.period = static_cast<std::size_t>(period);
        }
      } else {
        result.time = Access::Time::mapped;
        for (const std::int32_t p : outer.periods)
          result.periods.push_back(p < 0 ? -1 : inner.periods[static_cast<std::size_t>(p)]);
      }
      break;
  }
  return result;
}

Mask Lowering::needed_of(const Access& access, const Mask& needed, const DimSet& source) const {
  Mask result(source.series(dims()), source.periods(dims()), false);
  for (std::size_t s = 0; s < needed.series(); ++s)
    for (std::size_t p = 0; p < needed.periods(); ++p) {
      if (!needed.at(s, p)) continue;
      const CellRead cell = cell_read(access, s, p);
      if (cell.series >= 0 && cell.period >= 0)
        result.set(static_cast<std::size_t>(cell.series), static_cast<std::size_t>(cell.period));
    }
  return result;
}

Mask cells_read(const Operation& operation, std::size_t read, const Plan& plan) {
  const Access& access = operation.reads[read];
  const PlanArray& array = plan.arrays[access.array];
  Mask result(array.series, array.periods, false);
  if (operation.kind == Operation::Kind::reduce) {
    for (std::size_t s = 0; s < operation.mask.series(); ++s)
      for (std::size_t p = 0; p < operation.mask.periods(); ++p)
        if (operation.mask.at(s, p))
          for (const std::int32_t from : operation.sources[s])
            result.set(static_cast<std::size_t>(from), array.periods == 1 ? 0 : p);
    return result;
  }
  if (operation.kind == Operation::Kind::over_time) {
    for (std::size_t s = 0; s < operation.mask.series(); ++s)
      for (std::size_t p = operation.first; p <= operation.last; ++p)
        if (operation.mask.at(s, 0) || operation.mask.periods() > 1) result.set(s, p);
    return result;
  }
  // A stock asks for an inflow only where it is not given itself.
  const bool entering = operation.kind == Operation::Kind::cohort && read == 0 && operation.given.any();
  for (std::size_t s = 0; s < operation.mask.series(); ++s)
    for (std::size_t p = 0; p < operation.mask.periods(); ++p) {
      if (!operation.mask.at(s, p) || (entering && operation.given.at(s, p))) continue;
      const CellRead cell = cell_read(access, s, p);
      if (cell.series >= 0 && cell.period >= 0)
        result.set(static_cast<std::size_t>(cell.series), static_cast<std::size_t>(cell.period));
    }
  return result;
}

void Lowering::check_defined(const NodePtr& node, const Mask& defined, const Access& access,
                             const DimSet& target, const Mask& needed, const DimSet& source,
                             const std::string& name) {
  for (std::size_t s = 0; s < needed.series(); ++s)
    for (std::size_t p = 0; p < needed.periods(); ++p) {
      if (!needed.at(s, p)) continue;
      const auto [from, period] = cell_read(access, s, p);
      if (period >= 0 && from >= 0 &&
          defined.at(static_cast<std::size_t>(from), static_cast<std::size_t>(period)))
        continue;
      const std::string cell = cell_name(target, s, p, dims());
      if (period < 0) {
        auto& diagnostic =
            diagnostics_.error("before-the-start", node->where,
                               fmt::format("at {} this reads `{}` before the first year", cell, name));
        std::size_t early = dims().lead;
        while (early < access.periods.size() && access.periods[early] < 0) ++early;
        if (early == dims().lead + 1)
          diagnostic.help =
              fmt::format("give the first year its own condition, or write `prev({}, first = …)`", name);
        else
          diagnostic.help =
              fmt::format("give the years before {} their own condition",
                          early < dims().periods() ? dims().years[early] : dims().last_year() + 1);
        return;
      }
      auto& diagnostic =
          diagnostics_.error("undefined-cell", node->where,
                             from < 0 ? fmt::format("`{}` has no label for {}", name, cell)
                                      : fmt::format("`{}` does not exist at {}", name,
                                                    cell_name(source, static_cast<std::size_t>(from),
                                                              static_cast<std::size_t>(period), dims())));
      if (from < 0) {
        diagnostic.labels.push_back({node->kind == Node::Kind::leaf
                                         ? model_.leaves[node->id].declaration->name.where
                                         : model_.quantities[node->id].where,
                                     "over " + source.str(dims())});
        diagnostic.help = "two different subsets meet here: declare one that is part of both";
      } else if (node->kind == Node::Kind::leaf) {
        diagnostic.labels.push_back({model_.leaves[node->id].declaration->name.where, "declared here"});
        diagnostic.help =
            period < static_cast<std::int64_t>(dims().lead) && node->dims.time
                ? "a stock that begins early asks for it there: give it values for those years, or "
                  "`extrapolate:`"
                : "use it only under a condition where it exists, or widen its `where:`";
      } else if (node->kind == Node::Kind::quantity) {
        diagnostic.labels.push_back({model_.quantities[node->id].where, "defined here"});
        diagnostic.help = "use it only under a condition where it exists";
      }
      return;
    }
}

Access Lowering::resolve(const NodePtr& node, Access access, const DimSet& target, const Mask& needed,
                         const std::string& label) {
  switch (node->kind) {
    case Node::Kind::gather: {
      const Access inner = gather_access(*node);
      // Two series that both move with time, or one behind a lag, have no stride of their own.
      const bool apart = (inner.stride != 0 && access.time != Access::Time::same) ||
                         (access.stride != 0 && node->operands[0]->kind == Node::Kind::gather) ||
                         (access.stride != 0 && inner.stride != 0);
      if (apart) {
        access.array = materialise(node, needed_of(access, needed, node->dims), label);
        return access;
      }
      return resolve(node->operands[0], compose(access, inner, target), target, needed, label);
    }
    case Node::Kind::leaf:
      check_defined(node, model_.leaves[node->id].defined, access, target, needed, node->dims,
                    model_.leaves[node->id].name);
      access.array = plan_.array_of_leaf[node->id];
      return access;
    case Node::Kind::quantity: {
      const Quantity& quantity = model_.quantities[node->id];
      check_defined(node, quantity.defined, access, target, needed, node->dims, quantity.name);
      access.array = plan_.array_of_quantity[node->id];
      return access;
    }
    case Node::Kind::year:
      if (node->dims.time) {
        access.array = years_;
      } else {
        access.array = structure(dims()[node->dims.labels.front()].name, node->dims,
                                 std::vector<double>(dims().years.begin(), dims().years.end()));
      }
      return access;
    case Node::Kind::step:
      access.array = steps_;
      return access;
    case Node::Kind::condition: {
      auto& array = condition_arrays_[node->mask.get()];
      if (array == 0) {
        std::vector<double> values(node->mask->bits().begin(), node->mask->bits().end());
        array = structure("condition", node->dims, std::move(values));
      }
      access.array = array;
      return access;
    }
    default: {
      // A lag that reaches before the start is found here too, whatever it lags.
      if (access.time == Access::Time::mapped)
        for (std::size_t s = 0; s < needed.series(); ++s)
          for (std::size_t p = 0; p < needed.periods(); ++p)
            if (needed.at(s, p) && access.periods[p] < 0) {
              auto& diagnostic = diagnostics_.error(
                  "before-the-start", node->where,
                  fmt::format("at {} this reads before the first year", cell_name(target, s, p, dims())));
              diagnostic.help = "give the first years their own condition, or `prev(x, first = …)`";
              s = needed.series() - 1;
              break;
            }
      access.array = materialise(node, needed_of(access, needed, node->dims), label);
      return access;
    }
  }
}

}  // namespace lode

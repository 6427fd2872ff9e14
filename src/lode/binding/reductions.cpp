// SPDX-License-Identifier: Apache-2.0
//
// Calls that run over labels or years: sum, mean, share, total, …
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/support/contract.hpp"

namespace lode {

/// Sums of an extension: over all dimensions but those asked for and layers. No formula can call it.
NodePtr Binder::bind_sum_to(const Expression& expression, const BindContext& context) {
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  DimSet target;
  for (const DimensionId axis : x->dims.labels)
    if (dims()[axis].balance_each) target.insert(axis);
  for (const NameAt& kept : expression.over) {
    if (kept.id == "time") continue;
    const auto id = dims().find(kept.id);
    const auto axis = id ? aligned_axis(x->dims, *id, dims()) : std::nullopt;
    if (!axis) {
      const std::string text = print(*expression.operands[0]);
      auto& diagnostic = diagnostics_.error(
          id ? "missing-dimension" : "unknown-dimension", expression.where,
          id ? fmt::format("`{}` has no dimension `{}`, which sums are to keep", text, kept.id)
             : fmt::format("no dimension is called `{}`", kept.id));
      diagnostic.labels.push_back({kept.where, over_text(x->dims, dims(), "the part has no dimension")});
      diagnostic.help = id ? "drop it from `by:`, or give an intensity or flow that has it"
                           : did_you_mean(kept.id, dimension_names());
      return nullptr;
    }
    target.insert(*axis);
  }
  return reduce_to(x, target, Reduction::sum, expression.where);
}

NodePtr Binder::bind_reduction(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Location& where = expression.where;
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  if (x->type == Node::Type::year) {
    expect_number(x, fmt::format("`{}`", name).c_str());
    return nullptr;
  }
  DimSet target = x->dims;
  struct Grouping {
    DimensionId source, group;
  };
  std::optional<Grouping> grouping;
  std::vector<DimensionId> summed;
  std::vector<DimensionId>
      asked;  // of each axis summed, the dimension whose labels count: the axis or a part of it
  for (const NameAt& over : expression.over) {
    if (over.id == "time") {
      auto& diagnostic =
          diagnostics_.error("sum-over-time", over.where, fmt::format("`{}` does not run over time", name));
      diagnostic.why = "years may differ in length, and a sum of rates is no amount";
      const std::string text = print(*expression.operands[0]);
      if (x->unit.power_of("yr") < 0)
        diagnostic.help = fmt::format("`total({} from {} to {})` makes an amount of a yearly flow", text,
                                      dims().first_year(), dims().last_year());
      else
        diagnostic.help = fmt::format("`mean({0} over time)` is its mean, `{0}[{1}]` one year's value", text,
                                      dims().last_year());
      return nullptr;
    }
    const auto id = dims().find(over.id);
    const auto axis = id ? aligned_axis(x->dims, *id, dims()) : std::nullopt;
    if (!axis) {
      std::vector<std::string> names;
      for (const DimensionId each : x->dims.labels) names.push_back(dims()[each].name);
      auto& diagnostic = diagnostics_.error(id ? "missing-dimension" : "unknown-dimension", over.where,
                                            id ? fmt::format("what is summed has no dimension `{}`", over.id)
                                               : fmt::format("no dimension is called `{}`", over.id));
      diagnostic.labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      diagnostic.help = did_you_mean(over.id, id ? names : dimension_names());
      return nullptr;
    }
    if (name == "share" && !dims().contains(*id, *axis)) {
      auto& diagnostic =
          diagnostics_.error("missing-dimension", over.where,
                             fmt::format("`{}` is only a part of `{}`: outside it there is no share", over.id,
                                         dims()[*axis].name));
      diagnostic.labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      diagnostic.help = fmt::format("`share(… over {})` of a quantity that is over `{}`", over.id, over.id);
      return nullptr;
    }
    summed.push_back(*axis);
    asked.push_back(*id);
    target.erase(*axis);
  }
  for (const NameAt& by : expression.by) {
    const auto id = dims().find(by.id);
    if (!id || dims()[*id].kind != Dimension::Kind::groups) {
      auto& diagnostic = diagnostics_.error("unknown-dimension", by.where,
                                            id ? fmt::format("`{}` does not group another dimension", by.id)
                                               : fmt::format("no dimension is called `{}`", by.id));
      diagnostic.help =
          !id ? did_you_mean(by.id, dimension_names())
          : aligned_axis(x->dims, *id, dims())
              ? fmt::format("`over {}` sums it up; `by` takes a dimension declared as `{{groups: …}}`", by.id)
              : "`by` takes a dimension declared as `{groups: …}`";
      return nullptr;
    }
    const auto axis = aligned_axis(x->dims, dims()[*id].parent, dims());
    if (!axis) {
      diagnostics_
          .error("missing-dimension", by.where,
                 fmt::format("`{}` groups `{}`, which `{}` does not have", by.id,
                             dims()[dims()[*id].parent].name, source_text(x->where)))
          .labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      return nullptr;
    }
    grouping = Grouping{*axis, *id};
    if (std::find(summed.begin(), summed.end(), *axis) == summed.end()) {
      summed.push_back(*axis);
      asked.push_back(*axis);
    }
    target.erase(*axis);
    target.insert(*id);
  }
  LODE_EXPECT(!summed.empty());  // the parser asks for `over` or `by`
  for (const DimensionId id : summed)
    if (dims()[id].balance_each) {
      auto& diagnostic = diagnostics_.error(
          "sum-over-layers", where,
          fmt::format("layers are never summed: each label of `{}` closes by itself", dims()[id].name));
      diagnostic.help =
          fmt::format("`{}[{}]` is one of them", source_text(x->where), dims()[id].labels.front());
      return nullptr;
    }
  std::optional<StaticMask> filter;
  if (expression.filter) {
    filter = bind_condition(*expression.filter);
    if (!filter) return nullptr;
    bool good = !filter->dims.time;
    for (const DimensionId id : filter->dims.labels) good = good && aligned_axis(x->dims, id, dims());
    if (!good) {
      diagnostics_
          .error("bad-condition", expression.filter->where,
                 "`where` inside a sum may speak only of the labels of what is summed")
          .labels.push_back({x->where, over_text(x->dims, dims(), "one value")});
      return nullptr;
    }
  }
  // The unit must be the same for all that is added up.
  Unit unit = x->unit;
  const StaticMask* cells = filter ? &*filter : context.cells;
  for (std::size_t each = 0; each < summed.size(); ++each) {
    const DimensionId id = summed[each];
    const DimensionId root = dims()[id].root;
    const Dimension& counted = dims().contains(id, asked[each]) ? dims()[asked[each]] : dims()[id];
    for (const auto& [column, texts] : dims()[root].attributes) {
      const std::string symbol = symbol_of(root, column);
      if (unit.power_of(symbol) == 0) continue;
      std::optional<Unit> common;
      std::string first_label;
      std::vector<std::size_t> active = active_labels(root, cells);
      for (const std::size_t label : active) {
        const bool counts = std::find(counted.to_root.begin(), counted.to_root.end(),
                                      static_cast<std::int32_t>(label)) != counted.to_root.end();
        if (!counts) continue;
        const auto concrete = unit_of_label(root, column, label);
        if (!concrete) continue;
        if (!common) {
          common = concrete;
          first_label = dims()[root].labels[label];
        } else if (!common->same_kind(*concrete)) {
          auto& diagnostic = diagnostics_.error(
              "unit-mismatch", x->where,
              fmt::format("`{}` is counted in {}, `{}` in {}: they do not add up", first_label, common->str(),
                          dims()[root].labels[label], concrete->str()));
          diagnostic.labels.front().text = x->unit.str();
          diagnostic.help = "multiply by a content first, or sum a part with `where`";
          return nullptr;
        }
      }
      if (common) unit = unit.substitute(symbol, *common).internal();
    }
  }
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::reduce;
  node->reduction = name == "mean"  ? Reduction::mean
                    : name == "min" ? Reduction::minimum
                    : name == "max" ? Reduction::maximum
                                    : Reduction::sum;
  node->dims = target;
  node->unit = unit;
  node->where = where;
  node->sources.resize(target.series(dims()));
  std::vector<std::int32_t> filter_map;
  if (filter) filter_map = series_map(x->dims, filter->dims, dims());
  std::vector<std::vector<std::int32_t>> places(
      x->dims.labels.size());  // of each label in the part asked for
  for (std::size_t k = 0; k < places.size(); ++k)
    if (const auto at = std::find(summed.begin(), summed.end(), x->dims.labels[k]); at != summed.end())
      places[k] = dims().alignment(*at, asked[static_cast<std::size_t>(at - summed.begin())]);
  const std::size_t n = x->dims.series(dims());
  for (std::size_t s = 0; s < n; ++s) {
    if (filter && (filter_map[s] < 0 || !filter->mask.at(static_cast<std::size_t>(filter_map[s]), 0)))
      continue;
    const auto index = x->dims.unravel(s, dims());
    bool counts = true;
    for (std::size_t k = 0; k < places.size(); ++k)
      counts = counts && (places[k].empty() || places[k][index[k]] >= 0);
    if (!counts) continue;
    std::size_t at = 0;
    for (const DimensionId id : target.labels) {
      std::size_t label = 0;
      for (std::size_t k = 0; k < x->dims.labels.size(); ++k) {
        if (grouping && id == grouping->group && x->dims.labels[k] == grouping->source) {
          // group_of is per label of the parent; the axis may be a subset of it
          const Dimension& axis = dims()[grouping->source];
          const Dimension& parent = dims()[dims()[grouping->group].parent];
          std::size_t parent_label = index[k];
          if (&axis != &parent) {
            const auto in_parent = dims().alignment(grouping->source, dims()[grouping->group].parent);
            parent_label = static_cast<std::size_t>(in_parent[index[k]]);
          }
          label = static_cast<std::size_t>(dims()[id].group_of[parent_label]);
        } else if (x->dims.labels[k] == id) {
          label = index[k];
        }
      }
      at = at * dims()[id].size() + label;
    }
    node->sources[at].push_back(static_cast<std::int32_t>(s));
  }
  if (name == "min" || name == "max" || name == "mean")
    for (std::size_t s = 0; s < node->sources.size(); ++s)
      if (node->sources[s].empty()) {
        DimSet labels = target;
        labels.time = false;
        const std::string cell = cell_name(labels, s, 0, dims());
        auto& diagnostic = diagnostics_.error(
            "empty-reduction", where,
            fmt::format("`{}` has nothing to choose from{}", name, cell.empty() ? "" : " at " + cell));
        diagnostic.why = filter ? "no label satisfies the condition" : "the group is empty";
        return nullptr;
      }
  node->operands = {x};
  if (name != "share") return node;
  NodePtr total = node;
  if (grouping) {
    // Each label reads its group's sum.
    auto back = std::const_pointer_cast<Node>(make_lag(total, {}, where));
    back->dims = x->dims;
    for (Pick& pick : back->picks) {
      if (pick.target != grouping->group) continue;
      pick.target = grouping->source;
      pick.index.clear();
      const auto in_parent = dims().alignment(grouping->source, dims()[grouping->group].parent);
      for (const std::int32_t label : in_parent)
        pick.index.push_back(dims()[grouping->group].group_of[static_cast<std::size_t>(label)]);
    }
    total = back;
  }
  return make_map(Function::divide, {x, total}, where);
}

NodePtr Binder::bind_over_time(const Expression& expression, const BindContext& context) {
  const std::string& name = expression.text;
  const Location& where = expression.where;
  const NodePtr x = bind(*expression.operands[0], context);
  if (!x) return nullptr;
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::over_time;
  node->where = where;
  node->dims = x->dims;
  node->dims.time = false;
  node->unit = x->unit;
  node->first = dims().lead;
  node->last = dims().periods() - 1;
  if (!x->dims.time) {
    diagnostics_.error("no-time", x->where, fmt::format("`{}` needs something that changes over time", name))
        .labels.front()
        .text = over_text(x->dims, dims(), "one value");
    return nullptr;
  }
  const auto year_of = [&](const ExpressionPtr& text, std::size_t fallback) -> std::optional<std::size_t> {
    if (!text) return fallback;
    const auto period = text->kind == Expression::Kind::number
                            ? dims().year_index(static_cast<int>(text->number))
                            : std::nullopt;
    if (!period)
      diagnostics_.error(
          "unknown-year", text->where,
          fmt::format("this is no year of this model ({}–{})", dims().first_year(), dims().last_year()));
    return period;
  };
  const auto first = year_of(expression.from, node->first), last = year_of(expression.to, node->last);
  if (!first || !last) return nullptr;
  node->first = *first;
  node->last = *last;
  if (node->first > node->last) {
    diagnostics_.error("empty-span", where, "`from` comes after `to`");
    return nullptr;
  }
  if (name == "total" || name == "cumulate") {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    if (x->unit.power_of("yr") >= 0) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", x->where, fmt::format("`{}` adds up a rate over years", name));
      diagnostic.labels.front().text = x->unit.dimensionless() ? "no unit" : x->unit.str();
      diagnostic.why = "only what is per year becomes an amount";
      diagnostic.help = fmt::format("`mean({0} over time)` is its mean, `{0}[{1}]` one year's value",
                                    print(*expression.operands[0]), dims().last_year());
      return nullptr;
    }
    node->time_function = name == "total" ? TimeFunction::total : TimeFunction::cumulate;
    node->unit = (x->unit * year_unit()).internal();
    node->dims.time = name == "cumulate";
  } else if (name == "first_year" || name == "last_year") {
    if (x->type != Node::Type::truth) {
      auto& diagnostic = diagnostics_.error("not-a-condition", x->where,
                                            fmt::format("`{}` needs a condition such as `gap > 0`", name));
      diagnostic.help = "`max_year(x)` is the year of the largest value";
      return nullptr;
    }
    node->time_function = name == "first_year" ? TimeFunction::first_year : TimeFunction::last_year;
    node->type = Node::Type::year;
    node->unit = Unit();
    node->may_be_absent = true;
  } else if (name == "max_year" || name == "min_year") {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    node->time_function = name == "max_year" ? TimeFunction::max_year : TimeFunction::min_year;
    node->type = Node::Type::year;
    node->unit = Unit();
  } else {
    if (!expect_number(x, fmt::format("`{}`", name).c_str())) return nullptr;
    node->time_function = name == "mean"  ? TimeFunction::mean
                          : name == "min" ? TimeFunction::minimum
                                          : TimeFunction::maximum;
  }
  node->operands = {x};
  return node;
}

}  // namespace lode

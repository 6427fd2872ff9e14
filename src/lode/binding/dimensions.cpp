// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

namespace {

std::vector<std::int32_t> identity(std::size_t n) {
  std::vector<std::int32_t> result(n);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

}  // namespace

std::vector<std::string> Binder::dimension_names() const {
  std::vector<std::string> names;
  for (const Dimension& dimension : dims().all) names.push_back(dimension.name);
  return names;
}

/// Years of entry before the first year, in steps as long as the first one.
void Binder::add_years_before(Dimensions& dimensions) {
  std::optional<int> from;
  if (model().time.cohorts_from) from = model().time.cohorts_from->year;
  for (const StockDecl& stock : model().stocks)
    if (stock.spin_up && (!from || stock.spin_up->year < *from)) from = stock.spin_up->year;
  const int first = dimensions.years.front();
  if (!from || *from >= first) return;
  const int step = std::max(1, static_cast<int>(std::lround(dimensions.steps.front())));
  dimensions.lead = static_cast<std::size_t>((first - *from + step - 1) / step);
  std::vector<int> years;
  for (std::size_t k = dimensions.lead; k > 0; --k) years.push_back(first - static_cast<int>(k) * step);
  dimensions.years.insert(dimensions.years.begin(), years.begin(), years.end());
  dimensions.steps.insert(dimensions.steps.begin(), years.size(), static_cast<double>(step));
}

void Binder::bind_dimensions() {
  Dimensions& dimensions = bound_.dimensions;
  dimensions.years = model().time.years;
  dimensions.steps = model().time.steps;
  if (dimensions.years.empty()) {
    // The reader has said why; one year lets the rest be checked.
    dimensions.years = {2000};
    dimensions.steps = {1.0};
  }
  add_years_before(dimensions);
  Dimension time;
  time.name = "time";
  time.kind = Dimension::Kind::time;
  for (const int year : dimensions.years) time.labels.push_back(std::to_string(year));
  time.to_root = identity(time.size());
  dimensions.all.push_back(std::move(time));

  // Derived dimensions may stand before the one they derive from: take them in rounds.
  std::vector<const DimensionDecl*> waiting;
  for (const DimensionDecl& declaration : model().dimensions) waiting.push_back(&declaration);
  while (!waiting.empty()) {
    std::vector<const DimensionDecl*> later;
    for (const DimensionDecl* declaration : waiting) {
      Dimension dimension;
      dimension.name = declaration->name.id;
      dimension.balance_each = declaration->balance_each;
      const DimensionId own = dimensions.all.size();
      dimension.root = own;
      if (declaration->kind == DimensionDecl::Kind::listed) {
        for (const LabelDecl& label : declaration->labels) dimension.labels.push_back(label.id);
        for (const auto& [column, cells] : declaration->attributes)
          for (const Cell& cell : cells) dimension.attributes[column].push_back(cell.text);
        dimension.to_root = identity(dimension.size());
        dimensions.all.push_back(std::move(dimension));
        continue;
      }
      if (!declaration->parent) continue;
      const auto parent_id = dimensions.find(declaration->parent->id);
      if (!parent_id) {
        later.push_back(declaration);
        continue;
      }
      const Dimension& parent = dimensions[*parent_id];
      dimension.parent = *parent_id;
      if (declaration->kind == DimensionDecl::Kind::same_as) {
        dimension.kind = Dimension::Kind::same_as;
        dimension.labels = parent.labels;
        dimension.attributes = parent.attributes;
        dimension.to_root = identity(dimension.size());
      } else if (declaration->kind == DimensionDecl::Kind::groups) {
        dimension.kind = Dimension::Kind::groups;
        const std::string column = declaration->column ? declaration->column->id : dimension.name;
        const auto attribute = parent.attributes.find(column);
        if (attribute == parent.attributes.end()) {
          std::vector<std::string> names;
          for (const auto& [name, texts] : parent.attributes) names.push_back(name);
          auto& diagnostic = diagnostics_.error(
              "unknown-attribute", declaration->column ? declaration->column->where : declaration->name.where,
              fmt::format("`{}` has no column `{}` to group by", parent.name, column));
          diagnostic.why = "a dimension of groups takes its labels from a column of the dimension it groups";
          diagnostic.help = did_you_mean(column, names);
          // One group of all stands in, so that what follows can be looked at too.
          dimension.labels.emplace_back("all");
          dimension.group_of.assign(parent.size(), 0);
          dimension.to_root = identity(1);
          dimensions.all.push_back(std::move(dimension));
          continue;
        }
        for (std::size_t i = 0; i < parent.size(); ++i) {
          const std::string& group = attribute->second[i];
          auto at = dimension.index_of(group);
          if (!at) {
            at = dimension.labels.size();
            dimension.labels.push_back(group);
          }
          dimension.group_of.push_back(static_cast<std::int32_t>(*at));
        }
        dimension.to_root = identity(dimension.size());
      } else {
        dimension.kind = Dimension::Kind::part_of;
        dimension.root = parent.root;
        std::vector<bool> keep(parent.size(), true);
        if (declaration->where) {
          const auto mask = bind_condition(*declaration->where);
          if (mask && !mask->dims.time && mask->dims.labels == std::vector<DimensionId>{*parent_id}) {
            for (std::size_t i = 0; i < parent.size(); ++i) keep[i] = mask->mask.at(i, 0);
          } else if (mask) {
            diagnostics_.error(
                "bad-subset", declaration->where->where,
                fmt::format("the condition of `{}` must speak of `{}` alone", dimension.name, parent.name));
          }
        }
        for (std::size_t i = 0; i < parent.size(); ++i) {
          if (!keep[i]) continue;
          dimension.labels.push_back(parent.labels[i]);
          dimension.to_root.push_back(parent.to_root[i]);
          for (const auto& [column, texts] : parent.attributes)
            dimension.attributes[column].push_back(texts[i]);
        }
        if (dimension.labels.empty())
          diagnostics_.error(
              "empty-dimension", declaration->name.where,
              fmt::format("no label of `{}` satisfies the condition of `{}`", parent.name, dimension.name));
      }
      dimensions.all.push_back(std::move(dimension));
    }
    if (later.size() == waiting.size()) {
      for (const DimensionDecl* declaration : later) {
        auto& diagnostic =
            diagnostics_.error("unknown-dimension", declaration->parent->where,
                               fmt::format("no dimension is called `{}`", declaration->parent->id));
        diagnostic.help = did_you_mean(declaration->parent->id, dimension_names());
      }
      break;
    }
    waiting = std::move(later);
  }
}

bool Binder::too_large(const DimSet& set, const Location& where, const std::string& what) const {
  // Counted in floating point: the product itself may not fit.
  double cells = set.time ? static_cast<double>(dims().periods()) : 1.0;
  for (const DimensionId id : set.labels) cells *= static_cast<double>(dims()[id].size());
  if (cells <= static_cast<double>(largest_array)) return false;
  auto& diagnostic = diagnostics_.error(
      "too-large", where, fmt::format("{} over {} would have {:.3g} cells", what, set.str(dims()), cells));
  diagnostic.why = fmt::format("the largest array has {} million cells", largest_array / 1'000'000);
  diagnostic.help = "check the years and labels; sum over a dimension early";
  return true;
}

std::optional<DimSet> Binder::bind_over(const std::vector<NameAt>& names) {
  DimSet result;
  bool good = true;
  for (const NameAt& name : names) {
    const auto id = dims().find(name.id);
    if (!id) {
      auto& diagnostic = diagnostics_.error("unknown-dimension", name.where,
                                            fmt::format("no dimension is called `{}`", name.id));
      diagnostic.help = did_you_mean(name.id, dimension_names());
      good = false;
      continue;
    }
    if (const auto other = aligned_axis(result, *id, dims()); other && *id != time_dimension) {
      auto& diagnostic =
          diagnostics_.error("repeated-dimension", name.where,
                             fmt::format("`{}` cannot stand beside `{}`: both run over the same labels",
                                         name.id, dims()[*other].name));
      diagnostic.help = "declare a second axis with `same_as:` to use one list twice";
      good = false;
      continue;
    }
    result.insert(*id);
  }
  if (!good || (!names.empty() && too_large(result, names.front().where, "this"))) return std::nullopt;
  return result;
}

std::string Binder::symbol_of(DimensionId id, std::string_view attribute) const {
  return fmt::format("{}.{}", dims()[dims()[id].root].name, attribute);
}

std::optional<std::pair<DimensionId, std::string>> Binder::split_symbol(std::string_view symbol) const {
  const auto dot = symbol.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto id = dims().find(symbol.substr(0, dot));
  if (!id) return std::nullopt;
  return std::pair{*id, std::string(symbol.substr(dot + 1))};
}

std::optional<Unit> Binder::unit_of_label(DimensionId root, const std::string& attribute,
                                          std::size_t label) const {
  const auto& attributes = dims()[root].attributes;
  const auto found = attributes.find(attribute);
  if (found == attributes.end() || label >= found->second.size()) return std::nullopt;
  return parse_unit(found->second[label]).unit;
}

std::optional<Unit> Binder::bind_unit(const std::string& text, const Location& where, const DimSet* over,
                                      const std::string& owner) {
  const auto is_attribute = [&](std::string_view dimension, std::string_view attribute) {
    const auto id = dims().find(dimension);
    return id && dims()[*id].attributes.count(std::string(attribute)) > 0;
  };
  UnitParse parse = parse_unit(text, is_attribute);
  if (!parse.unit) {
    Location at = where;
    if (at.file && parse.length > 0 && where.length >= text.size()) {
      // Quotes shift the text by one.
      at.offset += parse.offset + (where.length == text.size() + 2 ? 1 : 0);
      at.length = parse.length;
    }
    auto& diagnostic = diagnostics_.error("unknown-unit", at, parse.error);
    diagnostic.help = parse.help;
    return std::nullopt;
  }
  Unit unit = *parse.unit;
  for (const UnitFactor& factor : std::vector<UnitFactor>(unit.factors())) {
    if (!factor.symbolic) continue;
    const auto symbol = split_symbol(factor.base);
    if (!symbol) continue;
    if (over && !aligned_axis(*over, symbol->first, dims())) {
      diagnostics_
          .error("unit-without-dimension", where,
                 fmt::format("the unit of `{}` differs by `{}`, but `{}` is not over it", owner,
                             dims()[symbol->first].name, owner))
          .help = fmt::format("add `{}` to the `over:` of `{}`", dims()[symbol->first].name, owner);
      return std::nullopt;
    }
    const Dimension& dimension = dims()[symbol->first];
    for (std::size_t i = 0; i < dimension.size(); ++i) {
      const std::string& label_unit = dimension.attributes.at(symbol->second)[i];
      if (label_unit != "none" && !parse_unit(label_unit).unit) {
        diagnostics_.error("unknown-unit", where,
                           fmt::format("`{}` of `{}` is `{}`, which is no unit", factor.base,
                                       dimension.labels[i], label_unit));
        return std::nullopt;
      }
    }
    unit = unit.rename_symbol(factor.base, symbol_of(symbol->first, symbol->second));
  }
  return unit;
}

std::vector<std::size_t> Binder::active_labels(DimensionId root, const StaticMask* cells) const {
  std::vector<bool> active(dims()[root].size(), true);
  if (cells) {
    const auto axis = aligned_axis(cells->dims, root, dims());
    if (axis) {
      std::fill(active.begin(), active.end(), false);
      std::size_t position = 0;
      while (cells->dims.labels[position] != *axis) ++position;
      for (std::size_t s = 0; s < cells->mask.series(); ++s) {
        bool any = false;
        for (std::size_t p = 0; p < cells->mask.periods() && !any; ++p) any = cells->mask.at(s, p);
        if (any)
          active[static_cast<std::size_t>(dims()[*axis].to_root[cells->dims.unravel(s, dims())[position]])] =
              true;
      }
    }
  }
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < active.size(); ++i)
    if (active[i]) result.push_back(i);
  return result;
}

bool Binder::units_agree(const Unit& a, const Unit& b, const StaticMask* cells) const {
  if (a.same_kind(b)) return true;
  // Label by label: under a condition "per household" and "household" may be the same.
  for (const Unit* unit : {&a, &b}) {
    for (const UnitFactor& factor : unit->factors()) {
      if (!factor.symbolic) continue;
      const auto symbol = split_symbol(factor.base);
      if (!symbol) return false;
      const DimensionId root = dims()[symbol->first].root;
      for (const std::size_t label : active_labels(root, cells)) {
        Unit left = a, right = b;
        for (const auto& [column, texts] : dims()[root].attributes) {
          const std::string name = symbol_of(root, column);
          if (left.power_of(name) == 0 && right.power_of(name) == 0) continue;
          const auto concrete = unit_of_label(root, column, label);
          if (!concrete) return false;
          left = left.substitute(name, *concrete);
          right = right.substitute(name, *concrete);
        }
        if (!units_agree(left, right, cells)) return false;
      }
      return true;
    }
  }
  return false;
}

Unit unit_of_cell(const Unit& unit, const DimSet& dims, std::size_t series, const Dimensions& dimensions) {
  if (!unit.symbolic()) return unit;
  Unit result = unit;
  const auto index = dims.unravel(series, dimensions);
  for (const UnitFactor& factor : unit.factors()) {
    if (!factor.symbolic) continue;
    const auto dot = factor.base.find('.');
    const auto root = dimensions.find(std::string_view(factor.base).substr(0, dot));
    if (!root) continue;
    const std::string attribute = factor.base.substr(dot + 1);
    for (std::size_t k = 0; k < dims.labels.size(); ++k) {
      if (dimensions[dims.labels[k]].root != *root) continue;
      const auto& texts = dimensions[dims.labels[k]].attributes;
      const auto found = texts.find(attribute);
      if (found == texts.end()) continue;
      if (const auto concrete = parse_unit(found->second[index[k]]).unit)
        result = result.substitute(factor.base, *concrete);
    }
  }
  return result;
}

}  // namespace lode

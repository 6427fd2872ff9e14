// SPDX-License-Identifier: Apache-2.0
#include "lode/binding/rebind.hpp"

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

void Binder::bind_parameters(const std::set<std::string>& names) {
  bind_conditions();
  for (const ParameterDecl& declaration : model().parameters)
    if (names.count(declaration.name.id)) bind_leaf(declaration);
}

std::optional<std::vector<std::pair<std::size_t, Leaf>>> rebind_parameters(const BoundModel& bound,
                                                                           std::shared_ptr<const Model> model,
                                                                           const std::set<std::string>& names,
                                                                           Diagnostics& diagnostics) {
  BoundModel own;
  own.model = std::move(model);
  own.dimensions = bound.dimensions;
  Binder(own, diagnostics).bind_parameters(names);
  std::vector<std::pair<std::size_t, Leaf>> result;
  for (Leaf& leaf : own.leaves) {
    const auto id = bound.find_leaf(leaf.name);
    if (!id) return std::nullopt;
    const Leaf& before = bound.leaves[*id];
    const bool same = leaf.dims == before.dims && leaf.unit.str() == before.unit.str() &&
                      leaf.may_be_absent == before.may_be_absent && leaf.exists == before.exists &&
                      leaf.defined == before.defined;
    if (!same) return std::nullopt;
    result.emplace_back(*id, std::move(leaf));
  }
  return result;
}

std::optional<Mask> Binder::named_cells(const std::string& name, const DimSet& target) {
  const auto mask = condition({name, {}});
  if (!mask || (mask->dims.time && !target.time)) return std::nullopt;
  for (const DimensionId id : mask->dims.labels)
    if (!aligned_axis(target, id, dims())) return std::nullopt;
  return expand(mask->mask, mask->dims, target, dims());
}

std::optional<Mask> condition_cells(const BoundModel& bound, const std::string& name, const DimSet& dims) {
  BoundModel own;
  own.model = bound.model;
  own.dimensions = bound.dimensions;
  Diagnostics ignored;
  return Binder(own, ignored).named_cells(name, dims);
}

}  // namespace lode

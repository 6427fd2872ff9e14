// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lode/binding/bound_model.hpp"

namespace lode {

/// Parameters of a bound model as another declaration of the same model has them, by id; nothing if one has
/// other cells, dimensions or units than before, so that the model must be bound anew.
std::optional<std::vector<std::pair<std::size_t, Leaf>>> rebind_parameters(const BoundModel& bound,
                                                                           std::shared_ptr<const Model> model,
                                                                           const std::set<std::string>& names,
                                                                           Diagnostics& diagnostics);

/// The cells of these dimensions in which a condition of `when:` holds; empty where there is no such
/// condition or it speaks of other dimensions.
std::optional<Mask> condition_cells(const BoundModel& bound, const std::string& name, const DimSet& dims);

}  // namespace lode

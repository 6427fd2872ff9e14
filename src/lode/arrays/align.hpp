// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "lode/arrays/array.hpp"
#include "lode/arrays/dimension.hpp"

namespace lode {

/// The axis of `dims` that shares a root with `axis`; the axis itself where `dims` has it.
std::optional<DimensionId> aligned_axis(const DimSet& dims, DimensionId axis, const Dimensions& dimensions);

/// Union by name; of a subset and its whole the subset stays.
DimSet unify(const DimSet& a, const DimSet& b, const Dimensions& dimensions);

/// For every series of `target`, the series of `source` it reads; −1 where a label is not in the source.
/// Every label axis of `source` must have an aligned axis in `target`.
std::vector<std::int32_t> series_map(const DimSet& target, const DimSet& source,
                                     const Dimensions& dimensions);

/// The mask copied along the axes it lacks; cells whose labels it does not have are false.
Mask expand(const Mask& mask, const DimSet& from, const DimSet& to, const Dimensions& dimensions);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/arrays/align.hpp"

namespace lode {

std::optional<DimensionId> aligned_axis(const DimSet& dims, DimensionId axis, const Dimensions& dimensions) {
  if (axis == time_dimension) return dims.time ? std::optional<DimensionId>(time_dimension) : std::nullopt;
  if (dims.has(axis)) return axis;
  for (const DimensionId id : dims.labels)
    if (dimensions.share_root(id, axis)) return id;
  return std::nullopt;
}

DimSet unify(const DimSet& a, const DimSet& b, const Dimensions& dimensions) {
  DimSet result = a;
  result.time = a.time || b.time;
  for (const DimensionId id : b.labels) {
    const auto other = aligned_axis(result, id, dimensions);
    if (!other) {
      result.insert(id);
    } else if (*other != id && dimensions.contains(*other, id)) {
      result.erase(*other);
      result.insert(id);
    }
  }
  return result;
}

std::vector<std::int32_t> series_map(const DimSet& target, const DimSet& source,
                                     const Dimensions& dimensions) {
  const std::size_t n = target.series(dimensions);
  if (source.labels.empty()) return std::vector<std::int32_t>(n, 0);
  struct Part {
    std::size_t position;             // of the target axis
    std::vector<std::int32_t> index;  // target label → source label
    std::size_t stride;
  };
  std::vector<Part> parts;
  std::size_t stride = 1;
  for (std::size_t k = source.labels.size(); k-- > 0;) {
    const DimensionId id = source.labels[k];
    const auto axis = aligned_axis(target, id, dimensions);
    LODE_EXPECT(axis.has_value());
    std::size_t position = 0;
    while (target.labels[position] != *axis) ++position;
    parts.push_back({position, dimensions.alignment(*axis, id), stride});
    stride *= dimensions[id].size();
  }
  std::vector<std::int32_t> result(n);
  std::vector<std::size_t> counter(target.labels.size(), 0);
  for (std::size_t s = 0; s < n; ++s) {
    std::int64_t at = 0;
    for (const Part& part : parts) {
      const std::int32_t i = part.index[counter[part.position]];
      if (i < 0) {
        at = -1;
        break;
      }
      at += static_cast<std::int64_t>(i) * static_cast<std::int64_t>(part.stride);
    }
    result[s] = static_cast<std::int32_t>(at);
    for (std::size_t k = counter.size(); k-- > 0;) {
      if (++counter[k] < dimensions[target.labels[k]].size()) break;
      counter[k] = 0;
    }
  }
  return result;
}

Mask expand(const Mask& mask, const DimSet& from, const DimSet& to, const Dimensions& dimensions) {
  const auto map = series_map(to, from, dimensions);
  Mask result(to.series(dimensions), to.periods(dimensions), false);
  for (std::size_t s = 0; s < result.series(); ++s) {
    if (map[s] < 0) continue;
    for (std::size_t p = 0; p < result.periods(); ++p)
      if (mask.at(static_cast<std::size_t>(map[s]), from.time ? p : 0)) result.set(s, p);
  }
  return result;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/arrays/dimension.hpp"

#include <algorithm>
#include <unordered_map>

namespace lode {

std::optional<std::size_t> Dimension::index_of(std::string_view label) const {
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found == labels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - labels.begin());
}

std::optional<DimensionId> Dimensions::find(std::string_view name) const {
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].name == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> Dimensions::year_index(int year) const {
  const auto begin = years.begin() + static_cast<std::ptrdiff_t>(lead);
  const auto found = std::lower_bound(begin, years.end(), year);
  if (found == years.end() || *found != year) return std::nullopt;
  return static_cast<std::size_t>(found - years.begin());
}

bool Dimensions::is_years(DimensionId id) const {
  return all[id].kind == Dimension::Kind::same_as && all[id].parent == time_dimension;
}

std::vector<std::int32_t> Dimensions::alignment(DimensionId to, DimensionId from) const {
  const Dimension& target = all[to];
  const Dimension& source = all[from];
  std::unordered_map<std::int32_t, std::int32_t> place;
  for (std::size_t i = 0; i < source.size(); ++i) place[source.to_root[i]] = static_cast<std::int32_t>(i);
  std::vector<std::int32_t> result(target.size(), -1);
  for (std::size_t i = 0; i < target.size(); ++i)
    if (const auto found = place.find(target.to_root[i]); found != place.end()) result[i] = found->second;
  return result;
}

bool Dimensions::contains(DimensionId whole, DimensionId part) const {
  if (!share_root(whole, part)) return false;
  const auto map = alignment(part, whole);
  return std::all_of(map.begin(), map.end(), [](std::int32_t i) { return i >= 0; });
}

bool DimSet::has(DimensionId id) const {
  if (id == time_dimension) return time;
  return std::binary_search(labels.begin(), labels.end(), id);
}

void DimSet::insert(DimensionId id) {
  if (id == time_dimension) {
    time = true;
  } else if (!has(id)) {
    labels.insert(std::upper_bound(labels.begin(), labels.end(), id), id);
  }
}

void DimSet::erase(DimensionId id) {
  if (id == time_dimension) {
    time = false;
  } else {
    std::erase(labels, id);
  }
}

std::size_t DimSet::series(const Dimensions& dimensions) const {
  std::size_t n = 1;
  for (const DimensionId id : labels) n *= dimensions[id].size();
  return n;
}

std::size_t DimSet::stride(DimensionId axis, const Dimensions& dimensions) const {
  std::size_t result = 1;
  for (std::size_t k = labels.size(); labels[--k] != axis;) result *= dimensions[labels[k]].size();
  return result;
}

std::size_t DimSet::widen(std::size_t series_index, DimensionId axis, const Dimensions& dimensions) const {
  const std::size_t behind = stride(axis, dimensions);
  return series_index / behind * behind * dimensions[axis].size() + series_index % behind;
}

std::vector<std::size_t> DimSet::unravel(std::size_t series_index, const Dimensions& dimensions) const {
  std::vector<std::size_t> result(labels.size());
  for (std::size_t i = labels.size(); i-- > 0;) {
    const std::size_t n = dimensions[labels[i]].size();
    result[i] = series_index % n;
    series_index /= n;
  }
  return result;
}

std::string DimSet::str(const Dimensions& dimensions) const {
  std::string text = "[";
  if (time) text += "time";
  for (const DimensionId id : labels) {
    if (text.size() > 1) text += ", ";
    text += dimensions[id].name;
  }
  return text + "]";
}

std::string cell_name(const DimSet& dims, std::size_t series, std::size_t period,
                      const Dimensions& dimensions) {
  if (dims.scalar()) return "";
  std::string text = "[";
  if (dims.time) text += std::to_string(dimensions.years[period]);
  const auto index = dims.unravel(series, dimensions);
  for (std::size_t i = 0; i < dims.labels.size(); ++i) {
    if (text.size() > 1) text += ", ";
    text += dimensions[dims.labels[i]].labels[index[i]];
  }
  return text + "]";
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

/// Index into Dimensions; 0 is time.
using DimensionId = std::size_t;
inline constexpr DimensionId time_dimension = 0;

/// An axis with its labels. A subset (`part_of`) aligns with its root by itself; an alias (`same_as`) is an
/// axis of its own.
struct Dimension {
  enum class Kind { time, listed, groups, part_of, same_as };
  std::string name;
  Kind kind = Kind::listed;
  std::vector<std::string> labels;
  DimensionId parent = 0;              ///< groups, part_of, same_as
  DimensionId root = 0;                ///< the axis a subset belongs to; itself for all other kinds
  std::vector<std::int32_t> to_root;   ///< per label: its index in the root (identity unless part_of)
  std::vector<std::int32_t> group_of;  ///< groups: per label of the parent, its group
  std::map<std::string, std::vector<std::string>> attributes;  ///< column → text per label
  bool balance_each = false;

  std::size_t size() const { return labels.size(); }
  std::optional<std::size_t> index_of(std::string_view label) const;
};

/// All axes of a model and the lengths of its periods.
struct Dimensions {
  std::vector<Dimension> all;
  std::vector<int> years;
  std::vector<double> steps;  ///< yr per period
  /// So many periods lie before the first year of the model: years of entry of what is in stock by then. Only
  /// stocks that begin early, and what they need, exist there.
  std::size_t lead = 0;

  const Dimension& operator[](DimensionId id) const { return all[id]; }
  std::optional<DimensionId> find(std::string_view name) const;
  std::optional<std::size_t> year_index(int year) const;  ///< of a year of the model
  std::size_t periods() const { return years.size(); }
  std::size_t first_period(bool time) const { return time ? lead : 0; }  ///< of the model's own
  int first_year() const { return years[lead]; }
  int last_year() const { return years.back(); }
  bool is_years(DimensionId id) const;  ///< a list of years of entry: `same_as: time`

  /// For each label of `to`, the index of the same label in `from`; both must share a root. −1 where `from`
  /// lacks it.
  std::vector<std::int32_t> alignment(DimensionId to, DimensionId from) const;
  bool share_root(DimensionId a, DimensionId b) const { return all[a].root == all[b].root; }
  /// True if every label of `part` is one of `whole` (same root).
  bool contains(DimensionId whole, DimensionId part) const;
};

/// The dimensions of a quantity: time or not, and label axes in ascending order.
struct DimSet {
  bool time = false;
  std::vector<DimensionId> labels;

  bool operator==(const DimSet&) const = default;
  bool has(DimensionId id) const;
  void insert(DimensionId id);
  void erase(DimensionId id);
  bool scalar() const { return !time && labels.empty(); }

  std::size_t series(const Dimensions& dimensions) const;  ///< product of the label axes' sizes
  std::size_t periods(const Dimensions& dimensions) const { return time ? dimensions.periods() : 1; }
  std::size_t cells(const Dimensions& dimensions) const { return series(dimensions) * periods(dimensions); }
  /// Label indices of a series, one per axis; the last axis runs fastest.
  std::vector<std::size_t> unravel(std::size_t series, const Dimensions& dimensions) const;
  /// How far apart the series of neighbouring labels of one of the axes lie.
  std::size_t stride(DimensionId axis, const Dimensions& dimensions) const;
  /// The series of the axis's first label that belongs to a series of the same dimensions without the axis.
  std::size_t widen(std::size_t series, DimensionId axis, const Dimensions& dimensions) const;
  std::string str(const Dimensions& dimensions) const;  ///< "[time, product]"
};

/// "[2017, AC]" for a cell of an array with these dimensions; "" for a scalar.
std::string cell_name(const DimSet& dims, std::size_t series, std::size_t period,
                      const Dimensions& dimensions);

}  // namespace lode

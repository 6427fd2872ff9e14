// SPDX-License-Identifier: Apache-2.0
//
// A block of up to 128 draws of a cell is read twice while it lies in the first-level cache: for moments and
// range, then for the histogram. The range tells which tests the second reading can do without, and a sum of
// squares that is not finite tells that some value is not, or that its square overflows: then the first
// reading is repeated under masks. Lanes keep their own sums in the order of draws, so blocks leave no trace
// in them.
#include "lode/statistics/cell_count.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/statistics/cell_count.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/statistics/cell_chunk.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<double, draw_lanes>;
using Vector = hn::Vec<Lanes>;
using Narrow = hn::Rebind<std::int32_t, Lanes>;
using Counts = hn::Rebind<std::uint16_t, Lanes>;

constexpr std::size_t block_draws = 128;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Values of one cell in one block, and where they are counted.
struct Block {
  const double* values;
  std::size_t draws;
  double* sums;
  double* range;
  std::uint16_t* slots;
  std::uint16_t* special;
  double low = infinity;  // of the finite values of this block
  double high = -infinity;
  bool all_finite = true;
};

/// Lanes [lane, lane + Lanes(d)) of all packets: d = x − shift, s1 += d, s2 += d².
struct Column {
  Vector s1, s2, low, high;
};

HWY_INLINE void sum_into(Lanes d, const double* values, Vector shift, Column& column) {
  const Vector x = hn::LoadU(d, values);
  const Vector distance = hn::Sub(x, shift);
  column.s1 = hn::Add(column.s1, distance);
  column.s2 = hn::Add(column.s2, hn::Mul(distance, distance));
  column.low = hn::Min(column.low, x);
  column.high = hn::Max(column.high, x);
}

/// False, and nothing is changed, where a square is not finite.
HWY_INLINE bool sum_finite(Block& block, double shift_of_cell) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  const Vector shift = hn::Set(d, shift_of_cell);
  HWY_ALIGN double sums[2 * draw_lanes];
  Vector low = hn::Set(d, infinity);
  Vector high = hn::Set(d, -infinity);
  Vector check = hn::Zero(d);
  const auto begin = [&](std::size_t lane) {
    return Column{hn::LoadU(d, block.sums + lane), hn::LoadU(d, block.sums + draw_lanes + lane),
                  hn::Set(d, infinity), hn::Set(d, -infinity)};
  };
  const auto end = [&](std::size_t lane, const Column& column) {
    hn::Store(column.s1, d, sums + lane);
    hn::Store(column.s2, d, sums + draw_lanes + lane);
    check = hn::Add(check, column.s2);
    low = hn::Min(low, column.low);
    high = hn::Max(high, column.high);
  };
  std::size_t lane = 0;
  // Two columns at a time hide the latency of additions.
  for (; lane + 2 * n <= draw_lanes; lane += 2 * n) {
    Column first = begin(lane);
    Column second = begin(lane + n);
    for (std::size_t i = lane; i < block.draws; i += draw_lanes) {
      sum_into(d, block.values + i, shift, first);
      sum_into(d, block.values + i + n, shift, second);
    }
    end(lane, first);
    end(lane + n, second);
  }
  for (; lane < draw_lanes; lane += n) {
    Column column = begin(lane);
    for (std::size_t i = lane; i < block.draws; i += draw_lanes) {
      sum_into(d, block.values + i, shift, column);
    }
    end(lane, column);
  }
  if (!hn::AllTrue(d, hn::Lt(check, hn::Set(d, infinity)))) return false;
  std::copy_n(sums, 2 * draw_lanes, block.sums);
  block.low = hn::GetLane(hn::MinOfLanes(d, low));
  block.high = hn::GetLane(hn::MaxOfLanes(d, high));
  return true;
}

/// Whole numbers 0 … 65,535, cut off.
HWY_INLINE hn::Vec<Counts> demoted(Vector x) {
  return hn::DemoteTo(Counts(), hn::DemoteTo(Narrow(), x));
}

HWY_INLINE void add_to(std::uint16_t* counts, Vector more) {
  hn::StoreU(hn::Add(hn::LoadU(Counts(), counts), demoted(more)), Counts(), counts);
}

HWY_INLINE hn::Mask<Lanes> is_finite(Lanes d, Vector x) {
  return hn::Le(hn::Abs(x), hn::Set(d, std::numeric_limits<double>::max()));
}

/// The same sums, leaving out what is not finite.
HWY_NOINLINE void sum_masked(Block& block, double shift_of_cell) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  const Vector shift = hn::Set(d, shift_of_cell);
  Vector low = hn::Set(d, infinity);
  Vector high = hn::Set(d, -infinity);
  for (std::size_t lane = 0; lane < draw_lanes; lane += n) {
    Vector s1 = hn::LoadU(d, block.sums + lane);
    Vector s2 = hn::LoadU(d, block.sums + draw_lanes + lane);
    Vector missing = hn::Zero(d);
    for (std::size_t i = lane; i < block.draws; i += draw_lanes) {
      const Vector x = hn::LoadU(d, block.values + i);
      const auto finite = is_finite(d, x);
      const Vector distance = hn::IfThenElseZero(finite, hn::Sub(x, shift));
      s1 = hn::Add(s1, distance);
      s2 = hn::Add(s2, hn::Mul(distance, distance));
      low = hn::Min(low, hn::IfThenElse(finite, x, hn::Set(d, infinity)));
      high = hn::Max(high, hn::IfThenElse(finite, x, hn::Set(d, -infinity)));
      missing = hn::Add(missing, hn::IfThenElse(finite, hn::Zero(d), hn::Set(d, 1.0)));
    }
    add_to(block.special + count_not_finite + lane, missing);
    if (!hn::AllTrue(d, hn::Eq(missing, hn::Zero(d)))) block.all_finite = false;
    hn::StoreU(s1, d, block.sums + lane);
    hn::StoreU(s2, d, block.sums + draw_lanes + lane);
  }
  block.low = hn::GetLane(hn::MinOfLanes(d, low));
  block.high = hn::GetLane(hn::MaxOfLanes(d, high));
}

HWY_INLINE void count_negative_values(const Block& block) {
  if (!(block.low < 0)) return;
  if (block.high < 0 && block.all_finite) {
    block.special[count_negative] = static_cast<std::uint16_t>(block.special[count_negative] + block.draws);
    return;
  }
  const Lanes d;
  std::size_t negative = 0;
  for (std::size_t i = 0; i < block.draws; i += hn::Lanes(d)) {
    const Vector x = hn::LoadU(d, block.values + i);
    auto here = hn::Lt(x, hn::Zero(d));
    if (!block.all_finite) here = hn::And(here, is_finite(d, x));
    negative += hn::CountTrue(d, here);
  }
  block.special[count_negative] = static_cast<std::uint16_t>(block.special[count_negative] + negative);
}

/// Values of each lane below a mark, −∞ not among them.
HWY_NOINLINE void count_below_mark(const Block& block, double mark, std::uint16_t* below) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  if (!(block.low < mark)) return;
  const Vector at = hn::Set(d, mark);
  for (std::size_t lane = 0; lane < draw_lanes; lane += n) {
    Vector count = hn::Zero(d);
    for (std::size_t i = lane; i < block.draws; i += draw_lanes) {
      const Vector x = hn::LoadU(d, block.values + i);
      const auto here = hn::And(hn::Lt(x, at), is_finite(d, x));
      count = hn::Add(count, hn::IfThenElseZero(here, hn::Set(d, 1.0)));
    }
    add_to(below + lane, count);
  }
}

/// Values of each lane in slots below a mark's bin; several packets at a time.
HWY_INLINE void count_below_bin(const std::uint16_t* slot, std::size_t draws, std::uint16_t bin,
                                std::uint16_t* below) {
  const hn::CappedTag<std::uint16_t, 2 * draw_lanes> d;
  const std::size_t n = hn::Lanes(d);
  const auto at = hn::Set(d, bin);
  if (n < draw_lanes || draws % n != 0) {
    for (std::size_t i = 0; i < draws; ++i) {
      below[i % draw_lanes] = static_cast<std::uint16_t>(below[i % draw_lanes] + (slot[i] < bin ? 1 : 0));
    }
    return;
  }
  auto count = hn::Zero(d);
  for (std::size_t i = 0; i < draws; i += n) {
    count = hn::Sub(count, hn::VecFromMask(d, hn::Lt(hn::Load(d, slot + i), at)));
  }
  HWY_ALIGN std::uint16_t found[2 * draw_lanes];
  hn::Store(count, d, found);
  const hn::CappedTag<std::uint16_t, draw_lanes> packet;
  for (std::size_t i = 0; i < n; i += draw_lanes) {
    hn::StoreU(hn::Add(hn::LoadU(packet, below), hn::Load(packet, found + i)), packet, below);
  }
}

/// Position in the core in bins from 0; outside of the core it means nothing but its sign.
struct UniformPosition {
  Vector low, per_bin;
  UniformPosition(const CellLayouts& layouts, std::size_t cell)
      : low(hn::Set(Lanes(), layouts.layout(cell).low)),
        per_bin(hn::Set(Lanes(), layouts.layout(cell).per_bin)) {}
  HWY_INLINE Vector operator()(Vector x) const { return hn::Mul(hn::Sub(x, low), per_bin); }
  HWY_INLINE hn::Mask<Lanes> inside(Vector x) const {
    const Lanes d;
    const Vector at = (*this)(x);
    return hn::And(hn::Ge(at, hn::Zero(d)), hn::Lt(at, hn::Set(d, static_cast<double>(core_bins))));
  }
};

struct SegmentedPosition {
  const SegmentedCore& core;
  SegmentedPosition(const CellLayouts& layouts, std::size_t cell) : core(layouts.segments(cell)) {}
  HWY_INLINE Vector operator()(Vector x) const {
    const Lanes d;
    const Vector full = hn::Set(d, static_cast<double>(segment_bins));
    Vector at = hn::Zero(d);
    for (std::size_t s = 0; s < layout_segments; ++s) {
      const Vector bins = hn::Mul(hn::Sub(x, hn::Set(d, core.edge[s])), hn::Set(d, core.per_bin[s]));
      at = hn::Add(at, hn::Min(hn::Max(bins, hn::Zero(d)), full));
    }
    return at;
  }
  HWY_INLINE hn::Mask<Lanes> inside(Vector x) const {
    const Lanes d;
    return hn::And(hn::Ge(x, hn::Set(d, core.edge.front())), hn::Lt(x, hn::Set(d, core.edge.back())));
  }
};

template <class Position>
HWY_INLINE bool all_inside(const Block& block, const Position& position) {
  const Lanes d;
  return block.all_finite && hn::AllTrue(d, position.inside(hn::Set(d, block.low))) &&
         hn::AllTrue(d, position.inside(hn::Set(d, block.high)));
}

/// slot[i]: where value i is counted. All values lie in the core.
template <class Position>
HWY_INLINE void find_core_slots(const Block& block, const Position& position, std::uint16_t* slot) {
  const Lanes d;
  const auto first = hn::Set(Counts(), std::uint16_t{tail_bins});
  for (std::size_t i = 0; i < block.draws; i += hn::Lanes(d)) {
    const Vector at = position(hn::LoadU(d, block.values + i));
    hn::StoreU(hn::Add(demoted(at), first), Counts(), slot + i);
  }
}

/// The same for any values, atoms taken out.
template <class Position>
HWY_NOINLINE void find_slots(const Block& block, const Position& position, const CellLayouts& layouts,
                             std::size_t cell, std::uint16_t* slot) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  const std::span<const double> atoms = layouts.atoms(cell);
  const Vector elsewhere = hn::Iota(d, static_cast<double>(histogram_bins));
  for (std::size_t i = 0; i < block.draws; i += n) {
    const Vector x = hn::LoadU(d, block.values + i);
    const Vector lane = hn::Add(elsewhere, hn::Set(d, static_cast<double>(i % draw_lanes)));
    Vector at = hn::Add(position(x), hn::Set(d, static_cast<double>(tail_bins)));
    auto known = position.inside(x);
    for (std::size_t atom = 0; atom < atoms.size(); ++atom) {
      const auto here = hn::Eq(x, hn::Set(d, atoms[atom]));
      std::uint16_t& count = block.special[count_atoms + atom];
      count = static_cast<std::uint16_t>(count + hn::CountTrue(d, here));
      at = hn::IfThenElse(here, lane, at);
      known = hn::Or(known, here);
    }
    hn::StoreU(demoted(hn::IfThenElse(known, at, lane)), Counts(), slot + i);
    if (hn::AllTrue(d, known)) continue;
    HWY_ALIGN double in_core[draw_lanes];
    hn::Store(hn::IfThenElseZero(known, hn::Set(d, 1.0)), d, in_core);
    for (std::size_t j = 0; j < n; ++j) {
      const double value = block.values[i + j];
      if (in_core[j] == 0 && std::isfinite(value)) {
        slot[i + j] = static_cast<std::uint16_t>(layouts.bin(cell, value));
      }
    }
  }
}

template <class Position>
HWY_INLINE void count_block(const Block& block, const CellLayouts& layouts, std::size_t cell) {
  const Position position(layouts, cell);
  HWY_ALIGN std::uint16_t slot[block_draws];
  if (layouts.layout(cell).atoms == 0 && all_inside(block, position)) {
    find_core_slots(block, position, slot);
  } else {
    find_slots(block, position, layouts, cell, slot);
  }
  for (std::size_t i = 0; i < block.draws; i += draw_lanes) {
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) ++block.slots[slot[i + lane]];
  }
  if (!layouts.options().scrambled) return;
  for (std::size_t q = 0; q < layouts.options().quantiles.size(); ++q) {
    std::uint16_t* below = block.special + count_below + q * draw_lanes;
    if (layouts.layout(cell).atoms == 0) {
      count_below_bin(slot, block.draws, layouts.mark_bins(cell)[q], below);
    } else {
      count_below_mark(block, layouts.marks(cell)[q], below);
    }
  }
}

void CountCells(const CellCounting& counting) {
  const CellLayouts& layouts = *counting.layouts;
  for (std::size_t c = 0; c < counting.cells; ++c) {
    const std::size_t cell = counting.first_cell + c;
    const CellLayout& layout = layouts.layout(cell);
    for (std::size_t done = 0; done < counting.draws; done += block_draws) {
      Block block{counting.values + c * counting.stride + done,
                  std::min(block_draws, counting.draws - done),
                  counting.sums + c * sums_per_cell,
                  counting.ranges + 2 * c,
                  counting.counts + c * histogram_slots,
                  counting.special + c * counting.special_each};
      if (!sum_finite(block, layout.shift)) sum_masked(block, layout.shift);
      // Adding 0 turns −0 into 0: which of them is kept would depend on the order.
      block.range[0] = std::min(block.range[0], block.low + 0.0);
      block.range[1] = std::max(block.range[1], block.high + 0.0);
      count_negative_values(block);
      if (layout.segmented) {
        count_block<SegmentedPosition>(block, layouts, cell);
      } else {
        count_block<UniformPosition>(block, layouts, cell);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(CountCells);

void count_cells(const CellCounting& counting) {
  HWY_DYNAMIC_DISPATCH(CountCells)(counting);
}

}  // namespace lode
#endif

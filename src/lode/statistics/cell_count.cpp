// SPDX-License-Identifier: Apache-2.0
//
// A few draws of every cell come at a time, as a model computes them. Values in the core and within the range
// that the chunk has seen of a cell are finite and need no other test: sums and bins are found in one
// reading. Other values take a longer way. Bins are remembered, one byte each, until a cell has so many that
// its histogram is worth a visit. Lanes keep their own sums in the order of draws, so blocks leave no trace
// in them.
#include "lode/statistics/cell_count.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

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

using Bytes = hn::Rebind<std::uint8_t, Lanes>;

constexpr double infinity = std::numeric_limits<double>::infinity();
/// What a model computes at a time where it has kernels of their own.
constexpr std::size_t usual_draws = 16;

/// Values of one cell in one block, at most `counted_together`, and where they are counted.
struct Block {
  const double* values;
  std::size_t draws;
  double* sums;
  double* range;
  double* bounds;
  std::uint8_t* slot;  ///< of each value: 8 of a packet, then `packet` farther those of the next
  std::size_t packet;
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

HWY_INLINE void add_to(std::uint16_t* counts, Vector more) {
  const auto whole = hn::DemoteTo(Counts(), hn::DemoteTo(Narrow(), more));
  hn::StoreU(hn::Add(hn::LoadU(Counts(), counts), whole), Counts(), counts);
}

/// The slots of positions in the core, 0 ≤ at < 240; of others anything.
HWY_INLINE hn::Vec<Bytes> slots_of(Vector at) {
#if HWY_TARGET <= HWY_AVX3
  // Added to 2^52 and rounded down, a position has its bin in the last byte.
  const __m512d bins = _mm512_add_round_pd(at.raw, _mm512_set1_pd(0x1p52 + tail_bins),
                                           _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  return hn::Vec<Bytes>{_mm512_cvtepi64_epi8(_mm512_castpd_si512(bins))};
#else
  const hn::RebindToUnsigned<Narrow> words;
  const auto whole = hn::TruncateTo(Bytes(), hn::BitCast(words, hn::DemoteTo(Narrow(), at)));
  return hn::Add(whole, hn::Set(Bytes(), std::uint8_t{tail_bins}));
#endif
}

HWY_INLINE std::uint8_t* slot_at(const Block& block, std::size_t draw) {
  return block.slot + draw / draw_lanes * block.packet + draw % draw_lanes;
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

#if HWY_TARGET != HWY_SCALAR
using Packet = hn::CappedTag<std::uint16_t, draw_lanes>;

/// Sums of every eighth byte.
template <class D, class V>
HWY_INLINE hn::Vec<Packet> fold_packets(D d, V bytes) {
  if constexpr (hn::MaxLanes(d) > draw_lanes) {
    const hn::Half<D> half;
    return fold_packets(half, hn::Add(hn::LowerHalf(half, bytes), hn::UpperHalf(half, bytes)));
  } else {
    return hn::PromoteTo(Packet(), bytes);
  }
}
#endif

/// Values of each lane in slots below the bins of `marks` marks, one eight of counts after another.
template <std::size_t marks>
HWY_INLINE void count_below_bins(const std::uint8_t* slot, std::size_t draws, const std::uint16_t* bins,
                                 std::uint16_t* below) {
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<std::uint8_t, 64> d;
  using Slots = decltype(hn::Zero(d));
  const std::size_t n = hn::Lanes(d);
  Slots at[marks], count[marks];
  for (std::size_t q = 0; q < marks; ++q) {
    at[q] = hn::Set(d, static_cast<std::uint8_t>(bins[q]));
    count[q] = hn::Zero(d);
  }
  for (; i + n <= draws; i += n) {
    const Slots slots = hn::LoadU(d, slot + i);
    for (std::size_t q = 0; q < marks; ++q)
      count[q] = hn::Sub(count[q], hn::VecFromMask(d, hn::Lt(slots, at[q])));
  }
  // A byte is counted up at most `counted_together` / 8 times, and no sum overflows.
  for (std::size_t q = 0; q < marks; ++q) {
    std::uint16_t* const sums = below + q * draw_lanes;
    hn::StoreU(hn::Add(hn::LoadU(Packet(), sums), fold_packets(d, count[q])), Packet(), sums);
  }
#endif
  for (; i < draws; ++i)
    for (std::size_t q = 0; q < marks; ++q) {
      std::uint16_t& sum = below[q * draw_lanes + i % draw_lanes];
      sum = static_cast<std::uint16_t>(sum + (slot[i] < bins[q] ? 1 : 0));
    }
}
static_assert(counted_together / draw_lanes < 256);

/// Position in the core in bins from 0; outside of the core it means nothing but its sign.
struct UniformPosition {
  Vector low, per_bin;
  explicit UniformPosition(const CellLayout& layout)
      : low(hn::Set(Lanes(), layout.low)), per_bin(hn::Set(Lanes(), layout.per_bin)) {}
  UniformPosition(const CellLayouts& layouts, std::size_t cell) : UniformPosition(layouts.layout(cell)) {}
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

/// Counts a block of a cell without atoms whose values all lie in the core and within the range so far.
/// False, and nothing is changed but slots, where one does not. All sums stay in registers until that is
/// known.
template <class Position>
HWY_INLINE bool count_within(const Block& block, double low, double high, const Position& position,
                             double shift, std::size_t packets) {
  const Lanes d;
  constexpr std::size_t n = hn::MaxLanes(d), parts = draw_lanes / n;
  const Vector least = hn::Set(d, low), most = hn::Set(d, high), middle = hn::Set(d, shift);
  Vector s1[parts], s2[parts];
  for (std::size_t part = 0; part < parts; ++part) {
    s1[part] = hn::Load(d, block.sums + part * n);
    s2[part] = hn::Load(d, block.sums + draw_lanes + part * n);
  }
  auto within = hn::Eq(middle, middle);
  const double* values = block.values;
  std::uint8_t* slot = block.slot;
  for (std::size_t packet = 0; packet < packets; ++packet, values += draw_lanes, slot += block.packet)
    for (std::size_t part = 0; part < parts; ++part) {
      const Vector x = hn::LoadU(d, values + part * n);
      within = hn::And(within, hn::And(hn::Ge(x, least), hn::Le(x, most)));
      const Vector distance = hn::Sub(x, middle);
      s1[part] = hn::Add(s1[part], distance);
      s2[part] = hn::Add(s2[part], hn::Mul(distance, distance));
      hn::StoreU(slots_of(position(x)), Bytes(), slot + part * n);
    }
  if (HWY_UNLIKELY(!hn::AllTrue(d, within))) return false;
  for (std::size_t part = 0; part < parts; ++part) {
    hn::Store(s1[part], d, block.sums + part * n);
    hn::Store(s2[part], d, block.sums + draw_lanes + part * n);
  }
  return true;
}

/// The same where all values are the first atom: a constant, or a clamp.
HWY_INLINE bool count_atom(const Block& block, const CellLayouts& layouts, std::size_t cell) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  const double value = layouts.atoms(cell)[0];
  const Vector atom = hn::Set(d, value);
  auto same = hn::Eq(atom, atom);
  for (std::size_t i = 0; i < block.draws; i += n) {
    same = hn::And(same, hn::Eq(hn::LoadU(d, block.values + i), atom));
  }
  if (!hn::AllTrue(d, same)) return false;
  const double distance = value - layouts.layout(cell).shift;
  if (distance != 0) {
    const Vector once = hn::Set(d, distance);
    const Vector square = hn::Set(d, distance * distance);
    for (std::size_t lane = 0; lane < draw_lanes; lane += n) {
      Vector s1 = hn::LoadU(d, block.sums + lane);
      Vector s2 = hn::LoadU(d, block.sums + draw_lanes + lane);
      for (std::size_t i = 0; i < block.draws; i += draw_lanes) {
        s1 = hn::Add(s1, once);
        s2 = hn::Add(s2, square);
      }
      hn::StoreU(s1, d, block.sums + lane);
      hn::StoreU(s2, d, block.sums + draw_lanes + lane);
    }
  }
  block.range[0] = std::min(block.range[0], value + 0.0);
  block.range[1] = std::max(block.range[1], value + 0.0);
  const auto draws = static_cast<std::uint16_t>(block.draws);
  block.special[count_atoms] = static_cast<std::uint16_t>(block.special[count_atoms] + draws);
  if (value < 0)
    block.special[count_negative] = static_cast<std::uint16_t>(block.special[count_negative] + draws);
  std::uint8_t elsewhere[draw_lanes];
  for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
    elsewhere[lane] = static_cast<std::uint8_t>(histogram_bins + lane);
  }
  for (std::size_t i = 0; i < block.draws; i += draw_lanes) {
    std::copy_n(elsewhere, draw_lanes, slot_at(block, i));
  }
  if (!layouts.options().scrambled) return true;
  for (std::size_t q = 0; q < layouts.options().quantiles.size(); ++q) {
    if (!(value < layouts.marks(cell)[q])) continue;
    std::uint16_t* below = block.special + count_below + q * draw_lanes;
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
      below[lane] = static_cast<std::uint16_t>(below[lane] + draws / draw_lanes);
    }
  }
  return true;
}

/// Slots of any values, atoms taken out.
template <class Position>
HWY_INLINE void find_slots(const Block& block, const Position& position, const CellLayouts& layouts,
                           std::size_t cell) {
  const Lanes d;
  const std::size_t n = hn::Lanes(d);
  const std::span<const double> atoms = layouts.atoms(cell);
  const Vector elsewhere = hn::Iota(d, static_cast<double>(histogram_bins - tail_bins));
  for (std::size_t i = 0; i < block.draws; i += n) {
    const Vector x = hn::LoadU(d, block.values + i);
    const Vector lane = hn::Add(elsewhere, hn::Set(d, static_cast<double>(i % draw_lanes)));
    Vector at = position(x);
    auto known = position.inside(x);
    for (std::size_t atom = 0; atom < atoms.size(); ++atom) {
      const auto here = hn::Eq(x, hn::Set(d, atoms[atom]));
      std::uint16_t& count = block.special[count_atoms + atom];
      count = static_cast<std::uint16_t>(count + hn::CountTrue(d, here));
      at = hn::IfThenElse(here, lane, at);
      known = hn::Or(known, here);
    }
    hn::StoreU(slots_of(hn::IfThenElse(known, at, lane)), Bytes(), slot_at(block, i));
    if (hn::AllTrue(d, known)) continue;
    HWY_ALIGN double in_core[draw_lanes];
    hn::Store(hn::IfThenElseZero(known, hn::Set(d, 1.0)), d, in_core);
    for (std::size_t j = 0; j < n; ++j) {
      const double value = block.values[i + j];
      if (in_core[j] == 0 && std::isfinite(value)) {
        *slot_at(block, i + j) = static_cast<std::uint8_t>(layouts.bin(cell, value));
      }
    }
  }
}

template <class Position>
HWY_NOINLINE void count_unusual(Block& block, const Position& position, const CellLayouts& layouts,
                                std::size_t cell) {
  const double shift = layouts.layout(cell).shift;
  if (!sum_finite(block, shift)) sum_masked(block, shift);
  // Adding 0 turns −0 into 0: which of them is kept would depend on the order.
  block.range[0] = std::min(block.range[0], block.low + 0.0);
  block.range[1] = std::max(block.range[1], block.high + 0.0);
  count_negative_values(block);
  find_slots(block, position, layouts, cell);
  // Bins tell which values lie below a mark, but not of atoms.
  if (layouts.layout(cell).atoms == 0 || !layouts.options().scrambled) return;
  for (std::size_t q = 0; q < layouts.options().quantiles.size(); ++q) {
    count_below_mark(block, layouts.marks(cell)[q], block.special + count_below + q * draw_lanes);
  }
}

template <class Position>
HWY_INLINE void count_block(Block& block, const CellLayouts& layouts, std::size_t cell) {
  const Position position(layouts, cell);
  if (layouts.layout(cell).atoms > 0) {
    if (count_atom(block, layouts, cell)) return;
  } else if (const CellLayout& layout = layouts.layout(cell); count_within(
                 block, std::max(block.range[0], layout.least), std::min(block.range[1], layout.most),
                 position, layout.shift, block.draws / draw_lanes)) {
    if (block.range[0] < 0) {
      block.low = block.range[0];
      block.high = block.range[1];
      count_negative_values(block);
    }
    return;
  }
  count_unusual(block, position, layouts, cell);
}

/// Adds a cell's last draws to its histogram.
HWY_NOINLINE void count_slots(const CellLayouts& layouts, std::size_t cell, const std::uint8_t* packets,
                              std::size_t packet, std::size_t draws, std::uint16_t* counts,
                              std::uint16_t* special) {
  HWY_ALIGN std::uint8_t slot[counted_together];
  for (std::size_t i = 0; i < draws; i += draw_lanes, packets += packet) {
    std::copy_n(packets, draw_lanes, slot + i);
  }
  for (std::size_t i = 0; i < draws; i += draw_lanes) {
    std::uint64_t slots;  // of all lanes in one read: the histogram keeps the ports for memory busy
    std::memcpy(&slots, slot + i, sizeof slots);
    for (std::size_t lane = 0; lane < draw_lanes; ++lane, slots >>= 8) ++counts[slots & 0xff];
  }
  if (!layouts.options().scrambled || layouts.layout(cell).atoms > 0) return;
  const std::span<const std::uint16_t> bins = layouts.mark_bins(cell);
  // Several at a time, so that slots are read once.
  std::size_t q = 0;
  for (; q + 5 <= bins.size(); q += 5)
    count_below_bins<5>(slot, draws, &bins[q], special + count_below + q * draw_lanes);
  for (; q < bins.size(); ++q)
    count_below_bins<1>(slot, draws, &bins[q], special + count_below + q * draw_lanes);
}

/// A cell's next draws, of which `waiting` wait already, and where they go.
HWY_INLINE Block block_of(const CellCounting& counting, std::size_t c, std::size_t done, std::size_t draws,
                          std::size_t waiting) {
  return {counting.values + c * counting.stride + done,
          draws,
          counting.sums + c * sums_per_cell,
          counting.ranges + 2 * c,
          counting.bounds + 2 * c,
          counting.slots + c * draw_lanes + waiting / draw_lanes * counting.packet,
          counting.packet,
          counting.special + c * counting.special_each};
}

HWY_NOINLINE void count_cell(const CellCounting& counting, std::size_t c, std::size_t done, std::size_t draws,
                             std::size_t waiting) {
  const CellLayouts& layouts = *counting.layouts;
  const std::size_t cell = counting.first_cell + c;
  Block block = block_of(counting, c, done, draws, waiting);
  if (layouts.layout(cell).segmented) {
    count_block<SegmentedPosition>(block, layouts, cell);
  } else {
    count_block<UniformPosition>(block, layouts, cell);
  }
}

/// What a later block can be counted by without looking at more; see CellChunk.
void set_bounds(const CellLayout& layout, const double* range, double* bounds) {
  if (layout.atoms > 0 || layout.segmented || !(range[0] >= 0)) return;
  bounds[0] = std::max(range[0], layout.least);
  bounds[1] = std::min(range[1], layout.most);
}

/// Any draws of a cell.
HWY_NOINLINE void count_any(const CellCounting& counting, std::size_t c) {
  const CellLayouts& layouts = *counting.layouts;
  std::size_t seen = counting.seen[c];
  for (std::size_t done = 0; done < counting.draws;) {
    const std::size_t waiting = seen % counted_together;
    const std::size_t draws = std::min(counted_together - waiting, counting.draws - done);
    count_cell(counting, c, done, draws, waiting);
    done += draws;
    seen += draws;
    if (waiting + draws == counted_together || seen == counting.draws_of_chunk)
      count_slots(layouts, counting.first_cell + c, counting.slots + c * draw_lanes, counting.packet,
                  waiting + draws, counting.counts + c * histogram_slots,
                  counting.special + c * counting.special_each);
  }
  counting.seen[c] = static_cast<std::uint16_t>(seen);
  set_bounds(layouts.layout(counting.first_cell + c), counting.ranges + 2 * c, counting.bounds + 2 * c);
}

/// What count_slots will ask for: the next cell's histogram, and a part of the slots of the eight cells after
/// these, which share their cache lines.
HWY_INLINE void prefetch_next(const CellCounting& counting, std::size_t c, std::size_t draws) {
  const std::uint16_t* const next = counting.counts + std::min(c + 1, counting.cells - 1) * histogram_slots;
  for (std::size_t i = 0; i < histogram_slots; i += 32) hwy::Prefetch(next + i);
  constexpr std::size_t together = 64 / draw_lanes;
  if (c + together >= counting.cells) return;
  const std::size_t packets = draws / draw_lanes, part = (counting.first_cell + c) % together;
  const std::uint8_t* const slots = counting.slots + (c + together) * draw_lanes;
  for (std::size_t i = part * packets / together; i < (part + 1) * packets / together; ++i)
    hwy::Prefetch(slots + i * counting.packet);
}

/// Counts cells from the c-th on that have seen as many draws as that one and whose next values need nothing
/// special: nearly all. The first that is different, or the end.
template <class Draws>
HWY_INLINE std::size_t count_usual(const CellCounting& counting, std::size_t c, Draws draws) {
  const CellLayouts& layouts = *counting.layouts;
  const std::size_t seen = counting.seen[c], waiting = seen % counted_together, end = counting.cells;
  if (waiting + draws > counted_together) return c;
  const bool full = waiting + draws == counted_together || seen + draws == counting.draws_of_chunk;
  const auto seen_then = static_cast<std::uint16_t>(seen + draws);
  const CellLayout* layout = &layouts.layout(counting.first_cell + c);
  Block block = block_of(counting, c, 0, draws, waiting);
  const std::size_t stride = counting.stride;
  std::uint16_t* const its_seen = counting.seen;
  for (; c < end; ++c, ++layout) {
    if (its_seen[c] != seen || !count_within(block, block.bounds[0], block.bounds[1],
                                             UniformPosition(*layout), layout->shift, draws / draw_lanes))
      return c;
    its_seen[c] = seen_then;
    if (HWY_UNLIKELY(full)) {
      prefetch_next(counting, c, waiting + draws);
      count_slots(layouts, counting.first_cell + c, counting.slots + c * draw_lanes, counting.packet,
                  waiting + draws, counting.counts + c * histogram_slots,
                  counting.special + c * counting.special_each);
    }
    block.values += stride;
    block.sums += sums_per_cell;
    block.bounds += 2;
    block.slot += draw_lanes;
  }
  return c;
}

void CountCells(const CellCounting& of_caller) {
  // Slots are bytes, which might lie anywhere for all the compiler knows: what it need not read again is
  // here.
  const CellCounting counting = of_caller;
  const std::integral_constant<std::size_t, usual_draws> usual;
  for (std::size_t c = 0; c < counting.cells; ++c) {
    c = counting.draws == usual_draws ? count_usual(counting, c, usual)
                                      : count_usual(counting, c, counting.draws);
    if (c < counting.cells) count_any(of_caller, c);
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

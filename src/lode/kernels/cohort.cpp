// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/cohort.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lode/kernels/cohort_repair.hpp"
#include "lode/support/contract.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#define LODE_X86_TIERS 1
#endif
#if defined(__GNUC__)
#define LODE_INLINE inline __attribute__((always_inline))
#else
#error "the kernels are written with the vector types of GCC and Clang"
#endif

namespace lode {
namespace {

std::size_t triangle_index(std::size_t periods, std::size_t cohort, std::size_t period) {
  return cohort * periods - cohort * (cohort + 1) / 2 + period;
}

constexpr std::size_t slots = 8;

struct alignas(64) Slots {
  double value[slots];
};

struct alignas(64) Flags {
  std::int64_t value[slots];  // all bits or none
};

// 8 series side by side, all curves of one kind.
struct Packet {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t reach = 0;
  bool any_given = false;
  bool any_older = false;
  bool no_negative = false;   // inflows below 0 become 0
  std::vector<Slots> amount;  // I(c) Δ(c)
  std::vector<Slots> inflow;
  std::vector<Slots> stock;
  std::vector<Slots> outflow;
  std::vector<Slots> older_stock;  // sized only where any_older
  std::vector<Slots> older_outflow;
  std::vector<Flags> given;
  std::vector<Flags> failed;  // bit 0: negative inflow, bit 1: nothing survives
};

// Where S and D of a packet are read: add() adds amount × share of the slots from `slot` on to a sum.
enum class Curve { remaining, leaving };

template <bool by_age>
struct SharedCurves {
  const double* remaining;
  const double* leaving;
  std::size_t periods;

  LODE_INLINE std::size_t index(std::size_t cohort, std::size_t period) const {
    return by_age ? period - cohort : cohort * periods - cohort * (cohort + 1) / 2 + period;
  }
  template <Curve curve, typename Vector>
  LODE_INLINE void add(Vector& sum, const Vector& amount, std::size_t cohort, std::size_t period,
                       std::size_t) const {
    sum += amount * (curve == Curve::remaining ? remaining : leaving)[index(cohort, period)];
  }
};

// By age, a curve for each slot: [age][8].
struct SlotCurves {
  const double* remaining;
  const double* leaving;

  template <Curve curve, typename Vector>
  LODE_INLINE void add(Vector& sum, const Vector& amount, std::size_t cohort, std::size_t period,
                       std::size_t slot) const {
    Vector share;
    const double* const values = curve == Curve::remaining ? remaining : leaving;
    std::memcpy(&share, values + (period - cohort) * slots + slot, sizeof share);
    sum += amount * share;
  }
};

// Any mixture: by age or by cohort, another one in each slot.
struct MixedCurves {
  const SurvivalCurves* const* curves;

  template <Curve curve, typename Vector>
  LODE_INLINE void add(Vector& sum, const Vector& amount, std::size_t cohort, std::size_t period,
                       std::size_t slot) const {
    Vector share = {};
    for (std::size_t i = 0; i < sizeof(Vector) / sizeof(double); ++i) {
      const SurvivalCurves& own = *curves[slot + i];
      const std::vector<double>& values = curve == Curve::remaining ? own.remaining : own.leaving;
      share[i] = values[own.by_age ? period - cohort : triangle_index(own.periods, cohort, period)];
    }
    sum += amount * share;
  }
};

template <int width>
struct Simd;
template <>
struct Simd<2> {
  using Vector __attribute__((vector_size(16))) = double;
  using Mask __attribute__((vector_size(16))) = std::int64_t;
};
template <>
struct Simd<4> {
  using Vector __attribute__((vector_size(32))) = double;
  using Mask __attribute__((vector_size(32))) = std::int64_t;
};
template <>
struct Simd<8> {
  using Vector __attribute__((vector_size(64))) = double;
  using Mask __attribute__((vector_size(64))) = std::int64_t;
};

template <typename Vector, typename Store>
LODE_INLINE void load(Vector& vector, const Store& store, std::size_t part) {
  std::memcpy(&vector, store.value + part * (sizeof(Vector) / sizeof(double)), sizeof vector);
}

template <typename Vector, typename Store>
LODE_INLINE void save(const Vector& vector, Store& store, std::size_t part) {
  std::memcpy(store.value + part * (sizeof(Vector) / sizeof(double)), &vector, sizeof vector);
}

// Sums of S and of D over the cohorts [from, to) for `years` neighbouring periods. Eight accumulators stay in
// registers on every tier: more would be spilled.
template <int width, int years, typename Curves>
LODE_INLINE void add_cohorts(
    const Packet& packet, const Curves& curves, std::size_t from, std::size_t to, std::size_t period,
    typename Simd<width>::Vector (&carried)[static_cast<std::size_t>(years)][slots / width],
    typename Simd<width>::Vector (&left)[static_cast<std::size_t>(years)][slots / width]) {
  using Vector = typename Simd<width>::Vector;
  constexpr std::size_t parts = slots / width;
  for (std::size_t c = from; c < to; ++c) {
    for (std::size_t part = 0; part < parts; ++part) {
      Vector amount;
      load(amount, packet.amount[c], part);
      for (std::size_t year = 0; year < static_cast<std::size_t>(years); ++year) {
        curves.template add<Curve::remaining>(carried[year][part], amount, c, period + year, part * width);
        curves.template add<Curve::leaving>(left[year][part], amount, c, period + year, part * width);
      }
    }
  }
}

// The period itself, once the older cohorts are summed.
template <int width, typename Curves>
LODE_INLINE void finish_period(Packet& packet, const Curves& curves, std::size_t t, double step,
                               const typename Simd<width>::Vector* carried,
                               const typename Simd<width>::Vector* left) {
  using Vector = typename Simd<width>::Vector;
  using Mask = typename Simd<width>::Mask;
  constexpr std::size_t parts = slots / width;
  for (std::size_t part = 0; part < parts; ++part) {
    Vector amount;
    Vector stock;
    load(amount, packet.amount[t], part);
    if (packet.any_given) {
      Vector one = {};
      one += 1.0;
      Vector own = {};
      curves.template add<Curve::remaining>(own, one, t, t, part * width);
      Mask given;
      load(given, packet.given[t], part);
      load(stock, packet.stock[t], part);
      const Mask survives = own >= std::numeric_limits<double>::min();
      const Mask solved = given & survives;
      const Vector lacking = stock - carried[part];
      const Vector divisor = solved ? own * step : one;
      const Vector zero = {};
      Vector inflow;
      load(inflow, packet.inflow[t], part);
      inflow = given ? (survives ? lacking / divisor : zero) : inflow;
      if (packet.no_negative) inflow = (solved & (lacking < zero)) ? zero : inflow;
      save(inflow, packet.inflow[t], part);
      amount = given ? inflow * step : amount;
      save(amount, packet.amount[t], part);

      const Vector given_size = stock < zero ? -stock : stock;
      const Vector carried_size = carried[part] < zero ? -carried[part] : carried[part];
      const Vector size = given_size > carried_size ? given_size : carried_size;
      const Mask negative = solved & (lacking < -1e-12 * size);
      const Mask lost = given & ~survives;
      save(Mask((negative & 1) | (lost & 2)), packet.failed[t], part);
    }
    stock = carried[part];
    curves.template add<Curve::remaining>(stock, amount, t, t, part * width);
    save(stock, packet.stock[t], part);
    Vector outflow = left[part];
    curves.template add<Curve::leaving>(outflow, amount, t, t, part * width);
    outflow /= step;
    save(outflow, packet.outflow[t], part);
  }
}

template <int width, int years, typename Curves>
LODE_INLINE void run_tile(Packet& packet, const Curves& curves, std::span<const double> steps,
                          std::size_t period) {
  using Vector = typename Simd<width>::Vector;
  constexpr std::size_t parts = slots / width;
  Vector carried[static_cast<std::size_t>(years)][parts] = {};
  Vector left[static_cast<std::size_t>(years)][parts] = {};
  if (packet.any_older) {
    for (std::size_t year = 0; year < static_cast<std::size_t>(years); ++year) {
      for (std::size_t part = 0; part < parts; ++part) {
        load(carried[year][part], packet.older_stock[period + year], part);
        load(left[year][part], packet.older_outflow[period + year], part);
      }
    }
  }
  const std::size_t from = period >= packet.reach ? period - packet.reach + 1 : 0;
  add_cohorts<width, years>(packet, curves, from, period, period, carried, left);
  for (std::size_t year = 0; year < static_cast<std::size_t>(years); ++year) {
    const std::size_t t = period + year;
    for (std::size_t c = period; c < t; ++c) {
      for (std::size_t part = 0; part < parts; ++part) {
        Vector amount;
        load(amount, packet.amount[c], part);
        curves.template add<Curve::remaining>(carried[year][part], amount, c, t, part * width);
        curves.template add<Curve::leaving>(left[year][part], amount, c, t, part * width);
      }
    }
    finish_period<width>(packet, curves, t, steps[t], carried[year], left[year]);
  }
}

template <int width, typename Curves>
LODE_INLINE void run(Packet& packet, const Curves& curves, std::span<const double> steps) {
  constexpr int years = width / 2;
  std::size_t t = packet.first;
  for (; t + static_cast<std::size_t>(years) <= packet.last; t += static_cast<std::size_t>(years)) {
    run_tile<width, years>(packet, curves, steps, t);
  }
  for (; t < packet.last; ++t) run_tile<width, 1>(packet, curves, steps, t);
}

template <typename Curves>
void run_portable(Packet& packet, const Curves& curves, std::span<const double> steps) {
  run<2>(packet, curves, steps);
}

#ifdef LODE_X86_TIERS
template <typename Curves>
__attribute__((target("avx2"))) void run_avx2(Packet& packet, const Curves& curves,
                                              std::span<const double> steps) {
  run<4>(packet, curves, steps);
}

template <typename Curves>
__attribute__((target("avx512f,avx512dq,avx512vl"))) void run_avx512(Packet& packet, const Curves& curves,
                                                                     std::span<const double> steps) {
  run<8>(packet, curves, steps);
}
#endif

template <typename Curves>
void run_on(InstructionTier tier, Packet& packet, const Curves& curves, std::span<const double> steps) {
#ifdef LODE_X86_TIERS
  if (tier == InstructionTier::avx512) return run_avx512(packet, curves, steps);
  if (tier == InstructionTier::avx2) return run_avx2(packet, curves, steps);
#endif
  static_cast<void>(tier);
  run_portable(packet, curves, steps);
}

// Values that are not given are not read: they may be uninitialised.
void pack(Packet& packet, std::span<const CohortSeries> series, std::span<const double> steps) {
  packet.any_given = false;
  packet.any_older = std::any_of(series.begin(), series.end(),
                                 [](const CohortSeries& one) { return one.older_stock != nullptr; });
  if (packet.any_older) {
    packet.older_stock.resize(packet.last);
    packet.older_outflow.resize(packet.last);
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const bool older = slot < series.size() && series[slot].older_stock != nullptr;
      for (std::size_t t = packet.first; t < packet.last; ++t) {
        packet.older_stock[t].value[slot] = older ? series[slot].older_stock[t] : 0;
        packet.older_outflow[t].value[slot] = older ? series[slot].older_outflow[t] : 0;
      }
    }
  }
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const CohortSeries* one = slot < series.size() ? &series[slot] : nullptr;
    for (std::size_t t = 0; t < packet.first; ++t) {
      packet.amount[t].value[slot] = one == nullptr ? 0 : one->inflow[t] * steps[t];
    }
    const bool has_given = one != nullptr && one->stock_given != nullptr;
    for (std::size_t t = packet.first; t < packet.last; ++t) {
      const bool given = has_given && one->stock_given[t] != 0;
      const double inflow = one == nullptr || given ? 0 : one->inflow[t];
      packet.inflow[t].value[slot] = inflow;
      packet.amount[t].value[slot] = inflow * steps[t];
      packet.stock[t].value[slot] = given ? one->stock[t] : 0;
      packet.given[t].value[slot] = given ? -1 : 0;
      packet.any_given |= given;
    }
  }
}

void unpack(const Packet& packet, std::span<const CohortSeries> series) {
  for (std::size_t slot = 0; slot < series.size(); ++slot) {
    const CohortSeries& one = series[slot];
    for (std::size_t t = packet.first; t < packet.last; ++t) {
      if (packet.given[t].value[slot] != 0) {
        one.inflow[t] = packet.inflow[t].value[slot];
      } else {
        one.stock[t] = packet.stock[t].value[slot];
      }
      one.outflow[t] = packet.outflow[t].value[slot];
      if (one.correction != nullptr && !one.follows) one.correction[t] = 0;
    }
  }
}

// Whether a series of a packet that has been run has to be run again, one cohort at a time.
bool needs_repair(const Packet& packet, const CohortSeries& series, std::size_t slot) {
  if (series.correction != nullptr) {
    const std::size_t end = series.follows ? packet.last : packet.first;
    if (std::any_of(series.correction, series.correction + end, [](double value) { return value != 0; }))
      return true;
  }
  for (std::size_t t = packet.first; packet.any_given && t < packet.last; ++t)
    if (packet.given[t].value[slot] != 0 && packet.failed[t].value[slot] != 0) return true;
  return false;
}

}  // namespace

std::vector<CohortFailure> advance(std::span<const CohortSeries> series, std::span<const double> steps,
                                   std::size_t first, std::size_t last, NegativeInflow policy,
                                   std::size_t limit, InstructionTier tier) {
  LODE_EXPECT(first <= last && last <= steps.size());
  tier = std::min(tier, best_tier());
  std::vector<CohortFailure> failures;
  Packet packet;
  packet.first = first;
  packet.last = last;
  packet.no_negative = repairs(policy);
  packet.amount.resize(last);
  packet.inflow.resize(last);
  packet.stock.resize(last);
  packet.outflow.resize(last);
  packet.given.resize(last);
  packet.failed.resize(last);
  std::vector<Slots> remaining;
  std::vector<Slots> leaving;

  for (std::size_t begin = 0; begin < series.size(); begin += slots) {
    const auto members = series.subspan(begin, std::min(slots, series.size() - begin));
    const SurvivalCurves* own[slots];
    bool shared = true;
    bool by_age = true;
    packet.reach = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      own[slot] = members[std::min(slot, members.size() - 1)].curves;
      LODE_EXPECT(own[slot]->periods == steps.size());
      shared &= own[slot] == own[0];
      by_age &= own[slot]->by_age;
      packet.reach = std::max(packet.reach, own[slot]->reach);
    }
    pack(packet, members, steps);
    const double* const s = own[0]->remaining.data();
    const double* const d = own[0]->leaving.data();
    if (shared && by_age) {
      run_on(tier, packet, SharedCurves<true>{s, d, steps.size()}, steps);
    } else if (shared) {
      run_on(tier, packet, SharedCurves<false>{s, d, steps.size()}, steps);
    } else if (by_age) {
      remaining.resize(last);
      leaving.resize(last);
      for (std::size_t slot = 0; slot < slots; ++slot) {
        for (std::size_t age = 0; age < last; ++age) {
          remaining[age].value[slot] = own[slot]->remaining[age];
          leaving[age].value[slot] = own[slot]->leaving[age];
        }
      }
      run_on(tier, packet, SlotCurves{remaining[0].value, leaving[0].value}, steps);
    } else {
      run_on(tier, packet, MixedCurves{own}, steps);
    }
    unpack(packet, members);
    if (!packet.any_given && !packet.no_negative) continue;
    for (std::size_t slot = 0; slot < members.size(); ++slot) {
      const CohortSeries& one = members[slot];
      LODE_EXPECT((one.older_stock == nullptr) == (one.older_outflow == nullptr));
      if (packet.no_negative && needs_repair(packet, one, slot)) {
        LODE_EXPECT(one.correction != nullptr || first == 0);
        advance_repaired(one, steps, first, last, policy, begin + slot, limit, failures);
        continue;
      }
      if (!packet.any_given) continue;
      for (std::size_t t = first; t < last && failures.size() < limit; ++t) {
        if (packet.given[t].value[slot] == 0) continue;
        const std::int64_t failed = packet.failed[t].value[slot];
        if (failed == 2) {
          failures.push_back({CohortFailure::Kind::nothing_survives, begin + slot, t, 0});
        } else if (failed == 1 && policy == NegativeInflow::error) {
          failures.push_back(
              {CohortFailure::Kind::negative_inflow, begin + slot, t, packet.inflow[t].value[slot]});
        }
      }
    }
  }
  return failures;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/sobol.hpp"

#include <array>
#include <bit>
#include <boost/random/detail/sobol_table.hpp>

#include "lode/sampling/design.hpp"
#include "lode/sampling/philox.hpp"
#include "lode/support/contract.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/sampling/sobol.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void points_on_tier(const SobolColumns& columns, std::uint64_t first, std::size_t count, double* out,
                    std::size_t stride, std::uint32_t* ahead, bool known) {
  const hn::CappedTag<double, 8> d;
  const hn::RebindToUnsigned<decltype(d)> w;
  const hn::Rebind<std::uint32_t, decltype(d)> digits;
  const std::size_t lanes = hn::Lanes(d);
  const auto exponent = hn::Set(w, std::uint64_t{0x3FF0000000000000});
  const auto offset = hn::Set(d, 1 - 0x1p-33);
  const auto changed = [](std::uint64_t point) { return static_cast<std::size_t>(std::countr_zero(point)); };
  const bool ends = changed(first + count) >= columns.bits;
  for (std::size_t column = 0; column < columns.columns; ++column) {
    for (std::size_t part = 0; part < 8; part += lanes) {
      const std::uint32_t* const row = columns.scrambled + column * 8 + part;
      std::uint32_t* const next = ahead ? ahead + column * 8 + part : nullptr;
      auto y = hn::LoadU(digits, known ? next : row);
      if (!known)
        for (std::uint64_t rest = first ^ (first >> 1); rest != 0; rest &= rest - 1)
          y = hn::Xor(y, hn::LoadU(digits, row + columns.stride * (1 + changed(rest))));
      for (std::size_t i = 0;;) {
        // 32 bits after the point of a number from 1 to 2; the difference is exact.
        const auto number = hn::Or(hn::ShiftLeft<20>(hn::PromoteTo(w, y)), exponent);
        hn::StoreU(hn::Sub(hn::BitCast(d, number), offset), d, out + column * stride + 8 * i + part);
        if (++i == count) break;
        y = hn::Xor(y, hn::LoadU(digits, row + columns.stride * (1 + changed(first + i))));
      }
      if (!next) continue;
      if (!ends) y = hn::Xor(y, hn::LoadU(digits, row + columns.stride * (1 + changed(first + count))));
      hn::StoreU(y, digits, next);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(points_on_tier);

void sobol_directions(std::size_t column, std::span<std::uint32_t> out) {
  using Table = boost::random::detail::qrng_tables::sobol;
  static_assert(Table::max_dimension == sobol_columns);
  LODE_EXPECT(column < sobol_columns && out.size() <= 32);
  // Column 0 is van der Corput's sequence.
  const std::uint32_t polynomial = column == 0 ? 1 : Table::polynomial(column - 1);
  const auto degree = static_cast<std::size_t>(std::bit_width(polynomial)) - 1;
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (column == 0) {
      out[k] = std::uint32_t{1} << (31 - k);
    } else if (k < degree) {
      out[k] = static_cast<std::uint32_t>(Table::minit(column - 1, k)) << (31 - k);
    } else {
      // v_k = v_{k−s} / 2^s ⊕ Σ a_i v_{k−i}, a_i the polynomial's coefficient of power s − i.
      std::uint32_t v = out[k - degree] ^ (out[k - degree] >> degree);
      for (std::size_t i = 1; i < degree; ++i)
        if ((polynomial >> (degree - i)) & 1u) v ^= out[k - i];
      out[k] = v;
    }
  }
}

void scramble_directions(std::uint64_t seed, std::size_t column, std::span<const std::uint32_t> directions,
                         std::span<std::uint32_t> out) {
  LODE_EXPECT(out.size() == 8 * (1 + directions.size()));
  // Counters of scrambles lie where no draw's do: 9 blocks, 36 words for each column and scramble.
  constexpr std::uint64_t scramble_counter = std::uint64_t{1} << 63;
  using Rows = std::array<std::array<std::uint32_t, 8>, 36>;
  Rows random;
  for (std::size_t scramble = 0; scramble < 8; ++scramble) {
    for (std::size_t block = 0; block < 9; ++block) {
      const PhiloxBlock words = philox(seed, scramble_counter + 16 * scramble + block, column);
      for (std::size_t i = 0; i < 4; ++i) random[4 * block + i][scramble] = words[i];
    }
  }
  for (std::size_t lane = 0; lane < 8; ++lane) out[lane] = random[32][lane];
  // Column j of L: a one in digit j, chance in the digits below it.
  for (std::size_t j = 0; j < 32; ++j) {
    const std::uint32_t one = std::uint32_t{1} << (31 - j);
    for (std::uint32_t& word : random[j]) word = one | (word & (one - 1));
  }
  for (std::size_t k = 0; k < directions.size(); ++k) {
    std::array<std::uint32_t, 8> sum{};
    for (std::uint32_t rest = directions[k]; rest != 0; rest &= rest - 1) {
      const auto& row = random[31 - static_cast<std::size_t>(std::countr_zero(rest))];
      for (std::size_t lane = 0; lane < 8; ++lane) sum[lane] ^= row[lane];
    }
    for (std::size_t lane = 0; lane < 8; ++lane) out[8 * (1 + k) + lane] = sum[lane];
  }
}

void sobol_uniforms(const SobolColumns& columns, std::uint64_t first, std::size_t count, double* out,
                    std::size_t stride, std::uint32_t* ahead, bool known) {
  if (count > 0) HWY_DYNAMIC_DISPATCH(points_on_tier)(columns, first, count, out, stride, ahead, known);
}

}  // namespace lode
#endif

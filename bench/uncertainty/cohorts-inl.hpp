// SPDX-License-Identifier: Apache-2.0
//
// Outflow of cohorts that share one survival curve, in tiles of four years and a pair of draws.
#if defined(LODE_BENCH_COHORTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef LODE_BENCH_COHORTS_INL
#undef LODE_BENCH_COHORTS_INL
#else
#define LODE_BENCH_COHORTS_INL
#endif

#include "uncertainty/vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode::handwritten::HWY_NAMESPACE {

constexpr std::size_t tile = 4;

/// Shares that leave in each year after entry, D(a) = S(a-1) - S(a) with S(a) = exp(-(age/scale)^shape) and
/// `powers` age^shape: differences of 1 - S, which keeps the digits of the first ones.
HWY_INLINE void weibull_losses(Pair scale, double shape, const double* powers, std::size_t years,
                               double* losses) {
  const Pair hazard = both(0) - exp(both(-shape) * log(scale));
  Pair before = both(0);
  for (std::size_t a = 0; a < years; ++a) {
    const Pair gone = one_minus_exp(hazard * both(powers[a]));
    store(gone - before, losses + a * pair_size);
    before = gone;
  }
}

/// What leaves in the years year … year + 3 of the cohorts before `year`: Σ_{c<year} I(c) D(t-c).
HWY_INLINE void carried(const double* inflow, const double* losses, std::size_t year, Pair (&sums)[tile]) {
  Pair s0 = both(0), s1 = s0, s2 = s0, s3 = s0;
  const double* loss = losses + year * pair_size;
  for (std::size_t c = 0; c < year; ++c, loss -= pair_size) {
    const Pair in = load(inflow + c * pair_size);
    s0 = mul_add(in, load(loss), s0);
    s1 = mul_add(in, load(loss + pair_size), s1);
    s2 = mul_add(in, load(loss + 2 * pair_size), s2);
    s3 = mul_add(in, load(loss + 3 * pair_size), s3);
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

}  // namespace lode::handwritten::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

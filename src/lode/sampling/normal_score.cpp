// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/normal_score.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lode/sampling/normal_score.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "lode/sampling/normal_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace lode {
namespace HWY_NAMESPACE {

void scores_on_tier(const double* p, double* z, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 512) score_strip(p + i, z + i, std::min<std::size_t>(512, n - i));
}

void probabilities_on_tier(const double* z, double* p, std::size_t n) {
  const Doubles d;
  for_vectors(z, p, n, [&](const double* from, double* to) HWY_ATTR {
    hn::StoreU(probability(hn::LoadU(d, from)), d, to);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace lode
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lode {

HWY_EXPORT(scores_on_tier);
HWY_EXPORT(probabilities_on_tier);

void normal_scores(const double* p, double* z, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(scores_on_tier)(p, z, n);
}

void normal_probabilities(const double* z, double* p, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(probabilities_on_tier)(z, p, n);
}

}  // namespace lode
#endif

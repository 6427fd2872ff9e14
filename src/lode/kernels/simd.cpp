// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/simd.hpp"

namespace lode {

InstructionTier best_tier() {
#if defined(__x86_64__) && defined(__GNUC__)
  static const InstructionTier best = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      return InstructionTier::avx512;
    }
    return __builtin_cpu_supports("avx2") ? InstructionTier::avx2 : InstructionTier::portable;
  }();
  return best;
#else
  return InstructionTier::portable;
#endif
}

}  // namespace lode

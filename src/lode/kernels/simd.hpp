// SPDX-License-Identifier: Apache-2.0
//
// The instruction sets a kernel is compiled for, chosen when the program runs. Kernels use no fused
// multiply-add, so all tiers give the same bits.
#pragma once

namespace lode {

enum class InstructionTier { portable, avx2, avx512 };

/// The highest tier of this build that this processor runs.
InstructionTier best_tier();

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// The instruction sets that are compiled for: AVX-512, AVX2 and what every processor of the kind has.
#pragma once
#include <hwy/detect_targets.h>

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)

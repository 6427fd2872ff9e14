// SPDX-License-Identifier: Apache-2.0
//
// Included before Highway by every kernel that it compiles several times: the instruction sets in between
// cost time to compile and run no faster here.
#pragma once
#include <hwy/detect_targets.h>

#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_AVX3_ZEN4 | HWY_ALL_SVE)
#endif

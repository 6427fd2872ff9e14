// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>

// A broken contract is a programmer's mistake. Checked where LODE_CONTRACTS is set (dev, asan).
#if defined(LODE_CONTRACTS) && LODE_CONTRACTS
#define LODE_EXPECT(condition)                                                              \
  do {                                                                                      \
    if (!(condition)) {                                                                     \
      std::fprintf(stderr, "%s:%d: contract broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                         \
    }                                                                                       \
  } while (false)
#else
#define LODE_EXPECT(condition) static_cast<void>(0)
#endif

// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/sensitivity.hpp"

namespace lode {

double student_t_975(double degrees) {
  // Cornish-Fisher expansion in 1/degrees about the normal point z (Fisher & Cornish 1960).
  constexpr double z = 1.959963984540054;
  constexpr double z2 = z * z;
  const double terms[] = {z * (z2 + 1) / 4, z * ((5 * z2 + 16) * z2 + 3) / 96,
                          z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
                          z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160};
  double power = 1;
  double point = z;
  for (const double term : terms) point += term * (power /= degrees);
  return point;
}

}  // namespace lode

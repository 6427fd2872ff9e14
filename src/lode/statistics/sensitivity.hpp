// SPDX-License-Identifier: Apache-2.0
//
// What the estimators of sensitivity have in common. Indices refer to independent scores: where inputs share
// or mix scores (correlated inputs), the index of a score is the share of variance that comes with *it*, not
// with the input that it is named after. Groups of scores that are exchanged together have one index.
#pragma once

namespace lode {

/// An estimate with its standard error and a 95 % interval.
struct IndexEstimate {
  double value = 0;
  double standard_error = 0;
  double low = 0;
  double high = 0;
};

/// 97.5 % point of Student's t, within 1e-3 from 5 degrees of freedom on: the factor of a 95 % interval from
/// degrees + 1 independent estimates.
double student_t_975(double degrees);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// Series whose cohorts lose more than they do by age, one at a time. f(c,t) is the share of cohort c that the
// corrections up to period t have spared; the amount of c at the end of t is I(c) Δ(c) f(c,t) S(c,t).
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "lode/kernels/cohort.hpp"

namespace lode {

bool repairs(NegativeInflow policy);

/// As advance(), for one series; with the same bits as long as there is no correction. `index` goes into the
/// failures.
void advance_repaired(const CohortSeries& series, std::span<const double> steps, std::size_t first,
                      std::size_t last, NegativeInflow policy, std::size_t index, std::size_t limit,
                      std::vector<CohortFailure>& failures);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// Coefficients of variation from scores of data quality, 1 (best) to 4: one of reliability; of completeness,
// time, geography and other correlation by how sensitive the number is to them; one of an expert's estimate,
// which has no other score. Independent errors add in squares,
//
//   cv² = Σ_i c_i(s_i)²,   i over the indicators that are scored, s_i in 1 … 4, c_i a share of the value.
//
// Meant to be those of D. Laner, J. Feketitsch, H. Rechberger, J. Fellner, "A novel approach to characterize
// data uncertainty in material flow analysis and its application to plastics flows in Austria", J. Ind. Ecol.
// 20 (2016) 1050, doi:10.1111/jiec.12326, but never compared with a copy of it; docs/language.md shows them
// and says so.
#pragma once
#include <string_view>

namespace lode {

enum class PedigreeSensitivity { low = 1, medium, high };

/// The coefficient of variation of one score; `indicator` is a key of `pedigree:` (reliability, completeness,
/// time, geography, other, expert), `score` from 1 to 4. Sensitivity is of no weight for reliability and
/// expert.
double pedigree_cv(std::string_view indicator, int score, PedigreeSensitivity sensitivity);

}  // namespace lode

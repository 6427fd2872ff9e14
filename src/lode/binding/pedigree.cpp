// SPDX-License-Identifier: Apache-2.0
#include "lode/binding/pedigree.hpp"

#include <array>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

using ByScore = std::array<double, 4>;

constexpr ByScore reliability{0.023, 0.068, 0.206, 0.623};
constexpr ByScore expert{0.045, 0.137, 0.413, 1.238};
constexpr std::array<ByScore, 3> others_by_sensitivity{
    {{0, 0.011, 0.034, 0.103}, {0, 0.023, 0.068, 0.206}, {0, 0.045, 0.137, 0.413}}};

}  // namespace

double pedigree_cv(std::string_view indicator, int score, PedigreeSensitivity sensitivity) {
  LODE_EXPECT(score >= 1 && score <= 4);
  const ByScore& by_score = indicator == "reliability" ? reliability
                            : indicator == "expert"
                                ? expert
                                : others_by_sensitivity.at(static_cast<std::size_t>(sensitivity) - 1);
  return by_score.at(static_cast<std::size_t>(score) - 1);
}

}  // namespace lode

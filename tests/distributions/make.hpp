// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lode/distributions/lifetime.hpp"

namespace lode {

inline std::unique_ptr<Lifetime> make(std::string_view family, std::size_t form, std::vector<double> values) {
  std::string problem;
  auto lifetime = make_lifetime(family, form, values, problem);
  EXPECT_NE(lifetime, nullptr) << problem;
  EXPECT_EQ(problem, "");
  return lifetime;
}

inline std::string problem_of(std::string_view family, std::size_t form, std::vector<double> values) {
  std::string problem;
  EXPECT_EQ(make_lifetime(family, form, values, problem), nullptr);
  return problem;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// The operations that small models become, in their order, and what they compute.
#include <gtest/gtest.h>

#include <filesystem>

#include "../binding/text_cases.hpp"

namespace lode {
namespace {

class Plans : public ::testing::TestWithParam<std::string> {};
TEST_P(Plans, AreAsWritten) {
  testing::run_case_file(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Plan, Plans, ::testing::ValuesIn(testing::case_files("plan/plans")),
                         [](const ::testing::TestParamInfo<std::string>& file) {
                           std::string name = std::filesystem::path(file.param).stem().string();
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace lode

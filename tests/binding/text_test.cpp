// SPDX-License-Identifier: Apache-2.0
//
// What a user gets to read for the mistakes of a model, and what correct models mean in numbers.
#include <gtest/gtest.h>

#include <filesystem>

#include "text_cases.hpp"

namespace lode {
namespace {

std::string name_of(const ::testing::TestParamInfo<std::string>& file) {
  std::string name = std::filesystem::path(file.param).stem().string();
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

class Messages : public ::testing::TestWithParam<std::string> {};
TEST_P(Messages, AreAsWritten) {
  testing::run_case_file(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Binding, Messages, ::testing::ValuesIn(testing::case_files("binding/messages")),
                         name_of);

class Values : public ::testing::TestWithParam<std::string> {};
TEST_P(Values, AreAsWorkedOutByHand) {
  testing::run_case_file(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Binding, Values, ::testing::ValuesIn(testing::case_files("binding/values")),
                         name_of);

}  // namespace
}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "lode/language/expression.hpp"
#include "lode/support/diagnostics.hpp"

// Any bytes give either a tree that survives printing, or exactly one message that can be shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lode;
  const auto parse = [](const std::string& text, Diagnostics& diagnostics) {
    auto file = std::make_shared<const SourceFile>("formula", text);
    return parse_formula(FormulaText::plain(file, 0, text.size()), diagnostics);
  };
  Diagnostics diagnostics;
  const ExpressionPtr tree = parse(std::string(reinterpret_cast<const char*>(data), size), diagnostics);
  if (tree == nullptr) {
    if (diagnostics.all().size() != 1 || render(diagnostics).empty()) std::abort();
    return 0;
  }
  if (!diagnostics.all().empty()) std::abort();
  const std::string printed = print(*tree);
  Diagnostics again;
  const ExpressionPtr second = parse(printed, again);
  // A canonical spelling may be longer than its original, and longer than a formula may be.
  if (second == nullptr && again.all().size() == 1 && again.all()[0].code == "long-formula") return 0;
  if (second == nullptr || !same_tree(*tree, *second) || print(*second) != printed) std::abort();
  return 0;
}

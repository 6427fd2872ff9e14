// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "lode/language/expression.hpp"

namespace lode::test {

inline FormulaText formula_text(const std::string& text) {
  auto file = std::make_shared<const SourceFile>("model.yaml", text);
  return FormulaText::plain(file, 0, text.size());
}

/// The tree with every bracket written out: `(+ a (* b c))`.
std::string tree(const Expression& e);

/// The tree of a formula, or the first message as "code@begin-end: message".
std::string parsed(const std::string& text);

}  // namespace lode::test

// SPDX-License-Identifier: Apache-2.0
//
// Formulas that no text of the model holds, for sections that stand for equations. `where` is what messages
// about them point at.
#pragma once
#include <string>
#include <vector>

#include "lode/language/expression.hpp"

namespace lode {

ExpressionPtr make_number(double number, const Location& where);
ExpressionPtr make_name(const std::string& name, const Location& where);
ExpressionPtr make_quoted(const std::string& text, const Location& where);
ExpressionPtr make_binary(const char* sign, ExpressionPtr left, ExpressionPtr right, const Location& where);
/// if condition then yes else no
ExpressionPtr make_conditional(ExpressionPtr condition, ExpressionPtr yes, ExpressionPtr no,
                               const Location& where);
/// function(operands over …)
ExpressionPtr make_call(const std::string& function, std::vector<ExpressionPtr> operands,
                        std::vector<NameAt> over, const Location& where);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// One number and what it is made of.
struct Explanation {
  std::string name;  ///< "in_use.stock[2017, AC]"
  double value = 0;  ///< in `unit`
  std::string unit;
  bool is_year = false;
  std::optional<double> share;       ///< of the number above, where that is a sum
  std::optional<double> elasticity;  ///< of a product: by how many percent it changes if this changes by one
  std::string sign;                  ///< "+", "−", "×", "÷" as it enters the number above
  std::string how;                   ///< the formula or rule that made it
  std::string place;                 ///< file:line
  std::string source;                ///< source, quality, note
  std::vector<Explanation> parts;
};

/// Explains "in_use.stock[2017, AC]", "in_use[2017, AC]" (a stock's amount), "illegal_ore[2017]" or any
/// formula that gives one number. `depth` is the number of levels below it, `width` the parts of a sum that
/// are shown one by one.
std::optional<Explanation> explain(Session& session, const std::string& question, std::size_t depth,
                                   std::size_t width);

/// The same of one cell of a quantity: nothing is bound, so that many can be asked for.
Explanation explain_cell(const Session& session, std::size_t quantity, std::size_t series, std::size_t period,
                         std::size_t depth, std::size_t width);

std::string explanation_text(const Explanation& explanation);
std::string explanation_json(const Explanation& explanation);

}  // namespace lode

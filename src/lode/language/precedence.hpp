// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lode {

/// How tightly parts of a formula hold together, loosest first.
enum Precedence {
  conditional_level,
  or_level,
  and_level,
  not_level,
  comparison_level,
  sum_level,
  term_level,
  sign_level,
  power_level,
  postfix_level
};

}  // namespace lode

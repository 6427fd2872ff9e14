// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lode {

/// What a formula can do element by element.
enum class Function {
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  minimum,
  maximum,
  exp,
  log,
  log10,
  sqrt,
  absolute,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  logical_not,
  select,
  known
};

}  // namespace lode

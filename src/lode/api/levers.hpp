// SPDX-License-Identifier: Apache-2.0
//
// Inputs that a sweep or a search moves: a parameter, some of its cells, or a factor on either.
//
//   collection                    all its cells
//   collection[projection]        where a condition of `when:` holds
//   price[2030], price[2020..2030], yield[AC], yield[form = NdFeB]
//
// `x = 0 %..100 % : 21` gives the values, `x * 0.5..2 : 16` factors on the values that x has. A cell takes
// the value as it is; cells between given numbers that are moved follow them, as the parameter fills its
// gaps.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

struct Lever {
  std::string name;  ///< "collection[projection]"
  Location where;
  std::size_t leaf = 0;
  std::vector<bool> cells;  ///< per cell of the parameter, whether it is moved
  bool factor = false;
  bool single = true;  ///< what is moved has one value now
  double now = 0;      ///< that value [internal units]; 1 for a factor
  Unit unit;           ///< of values as shown; "%" for plain shares
};

/// A lever with what stands behind it.
struct LeverRange {
  Lever lever;
  std::optional<double> low, high;  ///< of "a..b" [internal units]
  std::size_t count = 0;            ///< of "a..b : n"; 0 where none is written
  std::vector<double> values;       ///< of a list; of a range with its count, or 11, evenly spaced
};

/// Reads "x", "x = a..b : n", "x = a, b, c", "x * a..b". Empty, with located messages, after a mistake.
std::optional<LeverRange> read_lever(const Session& session, const std::string& text,
                                     Diagnostics& diagnostics);
/// A value in the lever's unit: "60 %", "17 kt/yr", "0.6".
std::optional<double> read_lever_value(const Session& session, const Lever& lever, const FormulaText& text,
                                       Diagnostics& diagnostics);

/// The parameter's values with the lever at `value`, made from those it has in `values`; one lane.
void move_lever(const BoundModel& model, const Lever& lever, double value, Array& values);

/// "12.5 %", "8 %/yr", "× 1.25", "17,000 t/yr".
std::string lever_value_text(const Lever& lever, double value);
/// "collection = 12.5 %", "life × 1.25".
std::string lever_setting(const Lever& lever, double value);
/// The number alone in the lever's unit.
double lever_number(const Lever& lever, double value);
std::string lever_unit(const Lever& lever);

}  // namespace lode

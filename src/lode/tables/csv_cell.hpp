// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace lode {

/// A cell of a table that Lode writes: in quotation marks, with those inside doubled, where another reader or
/// read_table could take it for something else — it holds the delimiter or any usual one, a quotation mark or
/// a line end, begins as a comment does, or has a blank at an end. read_table gives it back as it was,
/// without blanks at its ends.
std::string csv_cell(std::string_view text, char delimiter = ',');

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// Numbers and units as readers of English and of Chinese expect them.
#pragma once
#include <string>
#include <string_view>

namespace lode {

/// "en" or "zh": anything that begins with zh is Chinese, all else English.
bool is_chinese(std::string_view language);

/// With a comma between thousands and a true minus sign: "12,300", "−0.5".
std::string format_fixed(double value, int decimals);
/// Rounded to so many significant digits, never in exponents: "12,300", "4.69", "0.0021".
std::string format_significant(double value, int digits = 3);

/// A unit in which the numbers of one figure are easy to read.
struct DisplayUnit {
  double divisor = 1;  ///< value in the given unit / divisor = value shown
  std::string text;    ///< "kt/yr", "万吨/年"; empty for a plain number
};

/// Chosen so that the largest value shown has two to five digits before the point: t/yr becomes kt/yr and
/// Mt/yr, in Chinese 万吨/年 and 亿吨/年; other units get "thousand" and "million", 万 and 亿.
DisplayUnit display_unit(std::string_view unit, double largest, std::string_view language);

/// "t/yr" as "吨/年"; what is not known stays.
std::string unit_in(std::string_view unit, std::string_view language);

/// " (kt/yr)" or "（万吨/年）", empty for no unit: follows a heading.
std::string unit_in_brackets(std::string_view unit_text, std::string_view language);

}  // namespace lode

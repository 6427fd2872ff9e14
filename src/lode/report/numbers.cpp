// SPDX-License-Identifier: Apache-2.0
#include "lode/report/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace lode {
namespace {

struct Named {
  std::string_view symbol, chinese;
};
constexpr std::array<Named, 22> unit_names = {
    {{"t", "吨"},       {"kg", "千克"},    {"g", "克"},    {"kt", "千吨"},   {"Mt", "百万吨"},
     {"Gt", "十亿吨"},  {"yr", "年"},      {"year", "年"}, {"person", "人"}, {"item", "件"},
     {"vehicle", "辆"}, {"MW", "兆瓦"},    {"GW", "吉瓦"}, {"kW", "千瓦"},   {"MWh", "兆瓦时"},
     {"GWh", "吉瓦时"}, {"TWh", "太瓦时"}, {"CNY", "元"},  {"USD", "美元"},  {"household", "户"},
     {"m2", "平方米"},  {"m^2", "平方米"}}};

struct MassUnit {
  std::string_view symbol;
  double tonnes;
};
constexpr std::array<MassUnit, 6> masses = {
    {{"g", 1e-6}, {"kg", 1e-3}, {"t", 1}, {"kt", 1e3}, {"Mt", 1e6}, {"Gt", 1e9}}};

/// "kt(Nd2O3)/yr" is "kt", "(Nd2O3)/yr".
std::pair<std::string_view, std::string_view> split_base(std::string_view unit) {
  const std::size_t end = unit.find_first_of("/([ *·^");
  return end == std::string_view::npos ? std::pair{unit, std::string_view{}}
                                       : std::pair{unit.substr(0, end), unit.substr(end)};
}

}  // namespace

bool is_chinese(std::string_view language) {
  return language.substr(0, 2) == "zh";
}

std::string format_fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  std::string digits = fmt::format("{:.{}f}", std::abs(value), std::max(decimals, 0));
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  std::size_t at = std::min(digits.find('.'), digits.size());
  while (at > 3) {
    at -= 3;
    digits.insert(at, ",");
  }
  return value < 0 && !zero ? "−" + digits : digits;
}

std::string format_significant(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  if (value == 0) return "0";
  // Rounding may carry into another digit: 9.996 is 10.0 at three digits.
  const std::string rounded = fmt::format("{:.{}e}", value, digits - 1);
  const int exponent = std::stoi(rounded.substr(rounded.find('e') + 1));
  return format_fixed(std::stod(rounded), std::max(digits - 1 - exponent, 0));
}

std::string unit_in(std::string_view unit, std::string_view language) {
  if (unit == "1") return "";
  if (!is_chinese(language)) return std::string(unit);
  std::string out;
  for (std::size_t at = 0; at < unit.size();) {
    const std::size_t end = std::min(unit.find_first_of("/ ·*()[]", at), unit.size());
    const std::string_view word = unit.substr(at, end - at);
    const auto* const named = std::find_if(unit_names.begin(), unit_names.end(),
                                           [&](const Named& each) { return each.symbol == word; });
    out += named == unit_names.end() ? word : named->chinese;
    if (end < unit.size()) out += unit[end];
    at = end + 1;
    // What stands in brackets is a compound or a tag, no unit.
    if (end < unit.size() && (unit[end] == '(' || unit[end] == '[')) {
      const std::size_t close = std::min(unit.find_first_of(")]", at), unit.size());
      out += unit.substr(at, close - at);
      at = close;
    }
  }
  return out;
}

DisplayUnit display_unit(std::string_view unit, double largest, std::string_view language) {
  const double size = std::isfinite(largest) ? std::abs(largest) : 0;
  const auto [base, rest] = split_base(unit);
  const auto* const mass = std::find_if(masses.begin(), masses.end(),
                                        [&, b = base](const MassUnit& each) { return each.symbol == b; });
  const bool chinese = is_chinese(language);
  if (mass != masses.end()) {
    // From the largest unit down, the first that the largest value fills at least ten times.
    const double tonnes = size * mass->tonnes;
    using Choices = std::vector<std::pair<double, std::string>>;
    const Choices choices =
        chinese ? Choices{{1e8, "亿吨"}, {1e4, "万吨"}, {1, "吨"}, {1e-3, "千克"}, {1e-6, "克"}}
                : Choices{{1e9, "Gt"}, {1e6, "Mt"}, {1e3, "kt"}, {1, "t"}, {1e-3, "kg"}, {1e-6, "g"}};
    const std::string tail = unit_in(rest, language);
    for (const auto& [in_tonnes, name] : choices)
      if (tonnes >= 10 * in_tonnes || (in_tonnes == 1 && (tonnes == 0 || tonnes >= 0.1)))
        return {in_tonnes / mass->tonnes, name + tail};
    return {choices.back().first / mass->tonnes, choices.back().second + tail};
  }
  const std::string text = unit_in(unit, language);
  if (chinese) {
    if (size >= 1e9) return {1e8, "亿" + text};
    if (size >= 1e5) return {1e4, "万" + text};
    return {1, text};
  }
  const std::string space = text.empty() ? "" : " ";
  if (size >= 1e10) return {1e9, "billion" + space + text};
  if (size >= 1e7) return {1e6, "million" + space + text};
  if (size >= 1e5) return {1e3, "thousand" + space + text};
  return {1, text};
}

std::string unit_in_brackets(std::string_view unit_text, std::string_view language) {
  if (unit_text.empty()) return "";
  return is_chinese(language) ? fmt::format("（{}）", unit_text) : fmt::format(" ({})", unit_text);
}

}  // namespace lode

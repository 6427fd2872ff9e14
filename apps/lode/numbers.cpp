// SPDX-License-Identifier: Apache-2.0
#include "numbers.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

namespace {

/// 9007199254740992: beyond it doubles are no longer every whole number.
constexpr double most_exact = 9007199254740992.0;

/// Nothing where the text is no whole number from 0 on.
std::optional<std::uint64_t> whole(const std::string& text) {
  const char *const begin = text.data(), *const end = begin + text.size();
  std::uint64_t number = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, number); error == std::errc() && stop == end)
    return number;
  double written = 0;
  const auto [stop, error] = std::from_chars(begin, end, written);
  if (error != std::errc() || stop != end || !(written >= 0 && written <= most_exact) ||
      written != std::floor(written))
    return std::nullopt;
  return static_cast<std::uint64_t>(written);
}

}  // namespace

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const bool limited = high < std::numeric_limits<std::uint64_t>::max();
  const std::string range = limited ? "from " + std::to_string(low) + " to " + std::to_string(high)
                                    : "from " + std::to_string(low) + " on";
  return CLI::Validator(
      [low, high, range](std::string& text) {
        const auto number = whole(text);
        if (!number || *number < low || *number > high) return "`" + text + "` is no whole number " + range;
        text = std::to_string(*number);
        return std::string();
      },
      range);
}

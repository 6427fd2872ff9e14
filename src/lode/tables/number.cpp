// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "lode/support/text.hpp"
#include "lode/support/utf8.hpp"
#include "lode/tables/table.hpp"
#include "lode/units/unit.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_number = 300;  // bytes of a cell that may still be one

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Half-width text; every kind of space becomes one, every kind of minus becomes `-`, every apostrophe `'`.
std::string plain_text(std::string_view text) {
  std::string result;
  for (const char32_t character : to_utf32(text)) {
    char32_t c = half_width(character);
    switch (c) {
      case 0x00A0:
      case 0x2007:
      case 0x2009:
      case 0x202F:
      case U'\t':
      case U'\n':
      case U'\r':
      case 0xFEFF:
      case 0x200B:
        c = U' ';
        break;
      case U'−':
      case U'–':
        c = U'-';
        break;
      case U'’':
        c = U'\'';
        break;
      case U'≦':
        c = U'≤';
        break;
      default:
        break;
    }
    append_utf8(result, c);
  }
  return std::string(trimmed(result));
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool means_absent(std::string_view text) {
  static constexpr std::array<std::string_view, 18> marks{"-",  "--",   "—",    "――", "——",  "―",
                                                          "…",  "……",   "...",  "NA", "N/A", "n/a",
                                                          "na", "n.a.", "N.A.", "无", "缺",  "不详"};
  return is_one_of(text, marks);
}

std::string_view spreadsheet_error(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> errors{
      {{"#N/A", "a value that was not found"},
       {"#DIV/0!", "a division by zero"},
       {"#REF!", "a reference to a deleted cell"},
       {"#VALUE!", "a formula given the wrong kind of value"},
       {"#NAME?", "a misspelt function or name"},
       {"#NUM!", "a number out of range"},
       {"#NULL!", "an empty intersection of ranges"}}};
  for (const auto& [name, meaning] : errors) {
    if (text == name) return meaning;
  }
  return {};
}

/// Removes separators of thousands: one to three digits, then groups of three. False if the groups are
/// uneven.
bool ungroup(std::string& digits, char separator) {
  if (digits.find(separator) == std::string::npos) return true;
  std::size_t group = 0;
  bool first = true;
  for (const char c : digits + separator) {
    if (c != separator) {
      ++group;
      continue;
    }
    if (first ? (group < 1 || group > 3) : group != 3) return false;
    first = false;
    group = 0;
  }
  // 0,200 is no thousand: it can only be a decimal.
  if (digits.front() == '0') return false;
  std::erase(digits, separator);
  return true;
}

/// Reads "×10^4", "x10⁴", "*10^-3" at `at` as an exponent of ten and moves past it.
std::optional<int> times_power_of_ten(std::string_view text, std::size_t& at) {
  std::size_t i = text.find_first_not_of(' ', at);
  if (i == std::string_view::npos) return std::nullopt;
  if (text.substr(i).starts_with("×")) {
    i += std::string_view("×").size();
  } else if (text[i] == 'x' || text[i] == 'X' || text[i] == '*') {
    ++i;
  } else {
    return std::nullopt;
  }
  i = text.find_first_not_of(' ', i);
  if (i == std::string_view::npos || !text.substr(i).starts_with("10")) return std::nullopt;
  i += 2;
  int exponent = 0;
  bool negative = false;
  bool any = false;
  if (i < text.size() && text[i] == '^') {
    ++i;
    if (i < text.size() && text[i] == '-') {
      negative = true;
      ++i;
    }
    for (; i < text.size() && is_digit(text[i]) && exponent < 1000; ++i, any = true)
      exponent = 10 * exponent + (text[i] - '0');
  } else {
    if (i < text.size() && text.substr(i).starts_with("⁻")) {
      negative = true;
      i += std::string_view("⁻").size();
    }
    while (i < text.size() && exponent < 1000) {
      const CodePoint c = decode_utf8(text, i);
      const std::optional<int> digit = superscript_digit(c.value);
      if (!digit) break;
      exponent = 10 * exponent + *digit;
      i += c.length;
      any = true;
    }
  }
  if (!any) return std::nullopt;
  at = i;
  return negative ? -exponent : exponent;
}

/// 万, 亿, 百万 directly after a number as an exponent of ten, if no unit follows.
int chinese_exponent(std::string_view& rest) {
  static constexpr std::array<std::pair<std::string_view, int>, 4> words{
      {{"百", 2}, {"千", 3}, {"万", 4}, {"亿", 8}}};
  std::string_view left = rest;
  int exponent = 0;
  bool found = true;
  while (found && !left.empty()) {
    found = false;
    for (const auto& [word, power] : words) {
      if (!left.starts_with(word)) continue;
      exponent += power;
      left.remove_prefix(word.size());
      found = true;
      break;
    }
  }
  if (!left.empty() || exponent == 0 || exponent > 100) return 0;
  rest = left;
  return exponent;
}

class NumberReader {
 public:
  NumberReader(std::string_view written, bool decimal_comma)
      : written_(written), text_(plain_text(written)), decimal_comma_(decimal_comma) {}

  NumberCell read() {
    if (text_.empty()) return {};
    NumberCell cell;
    if (means_absent(text_)) {
      cell.kind = NumberCell::Kind::absent;
      return cell;
    }
    if (text_ == "W") {
      cell.kind = NumberCell::Kind::censored;
      cell.value = std::numeric_limits<double>::infinity();
      return cell;
    }
    if (text_.size() > longest_number) return problem("the text is too long for a number");
    if (const std::string_view error = spreadsheet_error(text_); !error.empty())
      return problem(fmt::format("`{}` is the error value of a spreadsheet: {}", text_, error));
    bool censored = false;
    for (const std::string_view mark :
         {std::string_view("<"), std::string_view("≤"), std::string_view("〈")}) {
      if (!text_.starts_with(mark)) continue;
      censored = true;
      at_ = mark.size();
      if (at_ < text_.size() && text_[at_] == '=') ++at_;
      break;
    }
    cell = number();
    if (censored && cell.kind == NumberCell::Kind::value) {
      if (cell.value <= 0) return problem("a value below zero or nothing cannot be a limit of detection");
      cell.kind = NumberCell::Kind::censored;
    }
    return cell;
  }

 private:
  NumberCell problem(std::string why) const {
    NumberCell cell;
    cell.kind = NumberCell::Kind::text;
    cell.problem = std::move(why);
    return cell;
  }

  NumberCell number() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    std::string sign;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) {
      if (text_[at_] == '-') sign = "-";
      ++at_;
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    const std::size_t begin = at_;
    at_ = mantissa_end(begin);
    std::string digits = text_.substr(begin, at_ - begin);
    if (digits.find_first_of("0123456789") == std::string::npos) return not_a_number();

    if (std::optional<NumberCell> wrong = separators(digits)) return *wrong;
    std::string exponent = written_exponent();
    if (exponent.empty()) {
      if (const std::optional<int> power = times_power_of_ten(text_, at_))
        exponent = fmt::format("e{}", *power);
    }
    std::string_view rest = std::string_view(text_).substr(at_);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (exponent.empty()) {
      if (const int power = chinese_exponent(rest); power != 0) exponent = fmt::format("e{}", power);
    }

    NumberCell cell;
    cell.kind = NumberCell::Kind::value;
    const std::string clean = sign + digits + exponent;
    const auto read = std::from_chars(clean.data(), clean.data() + clean.size(), cell.value);
    if (read.ec == std::errc::result_out_of_range)
      return problem("the number is beyond what can be computed");
    if (read.ec != std::errc() || read.ptr != clean.data() + clean.size()) return not_a_number();
    if (rest == "%") {
      cell.percent = true;
    } else if (!rest.empty()) {
      return with_unit(cell, rest);
    }
    return cell;
  }

  /// Digits and the separators between them; a space only before exactly three digits.
  std::size_t mantissa_end(std::size_t i) const {
    const auto digit = [&](std::size_t k) { return k < text_.size() && is_digit(text_[k]); };
    while (i < text_.size()) {
      const char c = text_[i];
      const bool spaced = (c == ' ' || c == '\'') && digit(i + 1) && digit(i + 2) && digit(i + 3) &&
                          !digit(i + 4) && i > 0 && is_digit(text_[i - 1]);
      if (!is_digit(c) && c != '.' && c != ',' && !spaced) break;
      ++i;
    }
    return i;
  }

  /// Leaves digits with at most one point; otherwise says what is wrong.
  std::optional<NumberCell> separators(std::string& digits) const {
    const std::string shown = digits;
    const char point = decimal_comma_ ? ',' : '.';
    const char group = decimal_comma_ ? '.' : ',';
    const std::size_t at = digits.find(point);
    std::string whole = digits.substr(0, at);
    std::string fraction = at == std::string::npos ? "" : digits.substr(at + 1);
    const bool odd_fraction = fraction.find_first_not_of("0123456789") != std::string::npos;
    if (!odd_fraction) {
      const bool several = (whole.find(group) != std::string::npos) + (whole.find(' ') != std::string::npos) +
                               (whole.find('\'') != std::string::npos) >
                           1;
      if (!several && ungroup(whole, group) && ungroup(whole, ' ') && ungroup(whole, '\'')) {
        digits = at == std::string::npos ? whole : whole + "." + fraction;
        return std::nullopt;
      }
    }
    if (decimal_comma_)
      return problem(
          fmt::format("`{}`: the table is declared to have a decimal comma, so a point may only separate "
                      "thousands",
                      shown));
    if (std::count(shown.begin(), shown.end(), '.') > 1 && shown.find(',') == std::string::npos)
      return problem(fmt::format(
          "`{}` has several points; if they separate thousands the table needs `decimal: comma`", shown));
    if (shown.find(',') != std::string::npos)
      return problem(
          fmt::format("`{}`: a comma may only separate thousands; for a decimal comma the table needs "
                      "`decimal: comma`",
                      shown));
    return problem(fmt::format("`{}`: the digits are not in groups of three", shown));
  }

  std::string written_exponent() {
    if (at_ >= text_.size() || (text_[at_] != 'e' && text_[at_] != 'E')) return {};
    std::size_t i = at_ + 1;
    std::string exponent = "e";
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) exponent += text_[i++];
    const std::size_t first = i;
    while (i < text_.size() && is_digit(text_[i])) exponent += text_[i++];
    if (i == first) return {};
    std::erase(exponent, '+');
    at_ = i;
    return exponent;
  }

  NumberCell with_unit(NumberCell cell, std::string_view rest) const {
    if (rest.front() == '-' || rest.front() == '~' || rest.starts_with("±") || rest.starts_with("+"))
      return problem(
          "a range or a date is no number; columns `low`, `high` or `sd` hold what is known beside the "
          "value");
    if (is_digit(rest.front())) return problem("two numbers stand in one cell");
    const UnitParse unit = parse_unit(rest);
    if (!unit.unit) return problem(fmt::format("`{}` after the number is not understood", rest));
    cell.unit = std::string(rest);
    return cell;
  }

  NumberCell not_a_number() const {
    const std::string word = lower_case(text_);
    static constexpr std::array<std::string_view, 9> endless{"nan",  "inf",       "infinity", "∞", "-nan",
                                                             "-inf", "-infinity", "+inf",     "-∞"};
    if (is_one_of(word, endless)) return problem(fmt::format("`{}` is no finite number", text_));
    if (text_.front() == '(' && text_.back() == ')')
      return problem(
          "a number in brackets may be a negative one or a remark; write `-` before a negative number");
    for (const std::string_view mark : {std::string_view("≈"), std::string_view("~"), std::string_view("约"),
                                        std::string_view("ca"), std::string_view("about")}) {
      if (text_.starts_with(mark))
        return problem(
            "write the number alone; how sure it is belongs into a column `sd`, `cv`, `low` or `quality`");
    }
    if (text_.front() == '>' || text_.starts_with("≥"))
      return problem("a lower limit is not read; only `<` marks a censored value");
    for (const std::string_view mark :
         {std::string_view("$"), std::string_view("¥"), std::string_view("€")}) {
      if (text_.starts_with(mark)) return problem("the unit stands after the number or in a column `unit`");
    }
    std::string shown(written_.substr(0, 60));
    while (!shown.empty() && !is_valid_utf8(shown)) shown.pop_back();
    return problem(fmt::format("`{}` is no number", shown));
  }

  std::string_view written_;
  std::string text_;
  bool decimal_comma_;
  std::size_t at_ = 0;
};

}  // namespace

NumberCell read_number(std::string_view text, bool decimal_comma) {
  return NumberReader(text, decimal_comma).read();
}

std::optional<int> read_year(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  std::string year = plain_text(text);
  constexpr std::string_view mark = "年";
  if (year.ends_with(mark)) {
    year = trimmed(year.substr(0, year.size() - mark.size()));
  }
  if (year.ends_with(".0")) year.resize(year.size() - 2);
  if (year.size() != 4 || !std::all_of(year.begin(), year.end(), is_digit) || year[0] == '0')
    return std::nullopt;
  int value = 0;
  std::from_chars(year.data(), year.data() + year.size(), value);
  return value;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/units/formula.hpp"

#include <charconv>

#include "lode/support/utf8.hpp"
#include "lode/units/unit.hpp"
#include "lode/units/units_table.hpp"

namespace lode {
namespace {

using Atoms = std::map<std::string, double>;

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_dot(char32_t c) {
  return c == U'·' || c == U'•' || c == U'⋅' || c == U'∙' || c == U'*';
}

std::u32string plain(std::string_view formula) {
  std::u32string text;
  for (char32_t c : to_utf32(formula)) {
    if (c >= U'₀' && c <= U'₉') c = U'0' + (c - U'₀');
    text.push_back(is_dot(c) ? U'·' : half_width(c));
  }
  while (!text.empty() && text.back() == U' ') text.pop_back();
  while (!text.empty() && text.front() == U' ') text.erase(text.begin());
  return text;
}

class FormulaParser {
 public:
  explicit FormulaParser(const std::u32string& text) : text_(text) {}

  std::optional<Atoms> parse() {
    Atoms all;
    while (true) {
      const std::optional<double> copies = count();
      Atoms part;
      if (!copies || !group(part, 0)) return std::nullopt;
      for (const auto& [element, atoms] : part) all[element] += atoms * *copies;
      if (at_ == text_.size()) return all;
      if (text_[at_] != U'·') return std::nullopt;
      ++at_;
    }
  }

 private:
  /// A count, one if none is written.
  std::optional<double> count() {
    std::string digits;
    while (at_ < text_.size() && digits.size() < 12 && (is_digit(text_[at_]) || text_[at_] == U'.')) {
      digits.push_back(static_cast<char>(text_[at_++]));
    }
    if (digits.empty()) return 1.0;
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    if (!whole || digits.back() == '.' || digits.front() == '.' || value <= 0 || value > 1e6)
      return std::nullopt;
    return value;
  }

  bool group(Atoms& atoms, int depth) {
    if (depth > 8) return false;
    bool any = false;
    while (at_ < text_.size()) {
      const char32_t c = text_[at_];
      Atoms part;
      if (c == U'(' || c == U'[') {
        ++at_;
        if (!group(part, depth + 1) || at_ == text_.size()) return false;
        if (text_[at_] != (c == U'(' ? U')' : U']')) return false;
        ++at_;
      } else if (c >= U'A' && c <= U'Z') {
        const std::string symbol = element();
        if (symbol.empty()) return false;
        part[symbol] = 1;
      } else {
        break;
      }
      const std::optional<double> times = count();
      if (!times) return false;
      for (const auto& [symbol, number] : part) atoms[symbol] += number * *times;
      any = true;
    }
    return any;
  }

  std::string element() {
    std::string one(1, static_cast<char>(text_[at_]));
    if (at_ + 1 < text_.size() && text_[at_ + 1] >= U'a' && text_[at_ + 1] <= U'z') {
      one.push_back(static_cast<char>(text_[at_ + 1]));
    }
    if (!atomic_weight(one)) return {};
    at_ += one.size();
    return one;
  }

  const std::u32string& text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Atoms> parse_formula(std::string_view formula) {
  if (formula.size() > 200) return std::nullopt;
  const std::u32string text = plain(formula);
  return FormulaParser(text).parse();
}

std::optional<std::string> plain_formula(std::string_view formula) {
  if (formula.size() > 200) return std::nullopt;
  const std::u32string text = plain(formula);
  if (text == U"LCE") return "Li2CO3";
  if (!FormulaParser(text).parse()) return std::nullopt;
  std::string result;
  for (const char32_t c : text) append_utf8(result, c);
  return result;
}

// w(E) = n_E A_E / sum over elements i of n_i A_i, with n atoms in the formula and A standard atomic weights
// (g/mol).
std::optional<double> element_share(std::string_view compound, std::string_view element) {
  const std::optional<std::string> formula = plain_formula(compound);
  if (!formula) return std::nullopt;
  const std::optional<Atoms> atoms = parse_formula(*formula);
  if (!atoms || !atomic_weight(element)) return std::nullopt;
  double whole = 0;
  double part = 0;
  for (const auto& [symbol, number] : *atoms) {
    const double mass = number * *atomic_weight(symbol);
    whole += mass;
    if (symbol == element) part = mass;
  }
  return part / whole;
}

}  // namespace lode

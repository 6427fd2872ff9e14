// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "lode/support/diagnostics.hpp"
#include "lode/support/text.hpp"
#include "lode/support/utf8.hpp"
#include "lode/units/formula.hpp"
#include "lode/units/unit.hpp"
#include "lode/units/units_table.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_text = 400;  // bytes
constexpr int deepest = 16;
constexpr int largest_power = 12;

struct Failure {
  std::string error;
  std::string help;
  std::size_t begin = 0;  // characters
  std::size_t end = 0;
};

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c == U'_';
}
bool is_chinese(char32_t c) {
  return c >= 0x2E80 && c != U'每';
}
bool is_name_start(char32_t c) {
  return is_letter(c) || is_chinese(c) || c == U'%' || c == U'$' || c == U'€' || c == U'¥' || c == U'‰' ||
         c == U'µ' || (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7);
}

/// Spellings that mean the same character here: full-width forms, the two micro signs, the many dots and
/// dashes.
char32_t plain(char32_t c) {
  c = half_width(c);
  switch (c) {
    case U'μ':
      return U'µ';
    case U'\t':
    case U'\u00A0':
    case U'\u2009':
    case U'\u202F':
      return U' ';
    case U'×':
    case U'⋅':
    case U'•':
    case U'∙':
    case U'·':
      return U'*';
    case U'−':
    case U'–':
      return U'-';
    case U'÷':
    case U'∕':
    case U'每':
      return U'/';
    default:
      return c;
  }
}

/// The table by name, so that a column of units is read without searching it cell by cell.
struct UnitIndex {
  std::unordered_map<std::string, const NamedUnit*> exact;
  std::unordered_map<std::string, const NamedUnit*> words;  // in small letters, singular and plural

  UnitIndex() {
    for (const NamedUnit& unit : unit_table()) {
      exact.emplace(unit.name, &unit);
      if (!unit.word) continue;
      words.emplace(lower_case(unit.name), &unit);
      words.emplace(lower_case(unit.name) + "s", &unit);
    }
  }
};

const NamedUnit* find_unit(std::string_view name) {
  static const UnitIndex index;
  const std::string key(name);
  if (const auto found = index.exact.find(key); found != index.exact.end()) return found->second;
  const auto found = index.words.find(lower_case(key));
  return found == index.words.end() ? nullptr : found->second;
}

std::optional<double> multiplier_word(std::string_view name) {
  const std::string folded = lower_case(name);
  for (const Multiplier& m : multipliers()) {
    if (folded == m.name) return m.value;
  }
  return std::nullopt;
}

/// 百万 → 1e6 from the front of a name; the rest is left in `name`.
double strip_multipliers(std::string_view& name) {
  double value = 1;
  while (true) {
    bool found = false;
    for (const Multiplier& m : multipliers()) {
      const bool word = is_letter(static_cast<unsigned char>(m.name[0]));
      if (word || !name.starts_with(m.name)) continue;
      value *= m.value;
      name.remove_prefix(m.name.size());
      found = true;
      break;
    }
    if (!found) return value;
  }
}

class UnitParser {
 public:
  UnitParser(std::string_view source, const AttributeTest& is_attribute)
      : source_(source), is_attribute_(is_attribute) {
    for (std::size_t i = 0; i < source.size();) {
      const CodePoint c = decode_utf8(source, i);
      text_.push_back(c.valid ? plain(c.value) : U'\uFFFD');
      offsets_.push_back(i);
      i += c.length;
    }
    offsets_.push_back(source.size());
  }

  UnitParse parse() {
    UnitParse result;
    std::optional<Unit> unit = start();
    if (unit) {
      result.unit = Unit(unit->scale(), unit->factors(), std::string(trimmed(source_)));
      return result;
    }
    result.error = failure_.error;
    result.help = failure_.help;
    result.offset = offsets_[std::min(failure_.begin, text_.size())];
    result.length = offsets_[std::min(failure_.end, text_.size())] - result.offset;
    return result;
  }

 private:
  std::optional<Unit> start() {
    skip_spaces();
    if (at_ == text_.size())
      return fail(0, text_.size(), "the unit is empty", "a number without unit is written `1`");
    if (text_[at_] == U'*') ++at_;  // the ×10^4 of table headings
    std::optional<Unit> unit = product(0);
    if (unit && at_ < text_.size()) {
      const char32_t c = text_[at_];
      if (c == U')' || c == U']') return fail(at_, at_ + 1, "this bracket closes nothing", "");
      return fail(at_, at_ + 1, fmt::format("`{}` has no place in a unit", slice(at_, at_ + 1)), "");
    }
    if (!unit) return unit;
    if (!(unit->scale() > 0) || !std::isfinite(unit->scale()))
      return fail(0, text_.size(), "the number in the unit is zero or beyond what can be computed", "");
    return unit;
  }

  /// product := term { ("*" | space) term } [ "/" term { "/" term } ]; a product after a division is refused.
  std::optional<Unit> product(int depth) {
    skip_spaces();
    const std::size_t begin = at_;
    std::optional<Unit> unit = term(depth);
    bool divided = false;
    while (unit) {
      skip_spaces();
      if (at_ == text_.size() || text_[at_] == U')' || text_[at_] == U']') break;
      const std::size_t sign = at_;
      bool division = false;
      if (text_[at_] == U'/') {
        division = true;
        ++at_;
      } else if (text_[at_] == U'*') {
        ++at_;
      } else if (word_per()) {
        division = true;
      } else if (!starts_term()) {
        break;
      }
      skip_spaces();
      if (at_ == text_.size())
        return fail(sign, at_, fmt::format("nothing follows `{}`", slice(sign, sign + 1)), "");
      const std::size_t operand = at_;
      if (!division && divided) {
        term(depth);
        const std::string whole = slice(begin, at_);
        return fail(begin, at_, fmt::format("`{}` can be read in two ways", whole),
                    "put the divisor in brackets, as in `g/(person·yr)`, or the division last");
      }
      if (sign == operand && is_digit(text_[operand]))
        return fail(begin, operand + 1, "a number must stand before its unit, and only one",
                    "as in `10^4 t`");
      const std::optional<Unit> next = term(depth);
      if (!next) return std::nullopt;
      unit = division ? *unit / *next : *unit * *next;
      divided = divided || division;
      const bool too_high =
          std::any_of(unit->factors().begin(), unit->factors().end(),
                      [](const UnitFactor& f) { return std::abs(f.power) > largest_power; });
      if (too_high) return fail(begin, at_, fmt::format("a power above {} is no unit", largest_power), "");
    }
    return unit;
  }

  bool starts_term() const {
    const char32_t c = text_[at_];
    return is_digit(c) || is_name_start(c) || c == U'(';
  }

  bool word_per() {
    if (slice(at_, std::min(at_ + 3, text_.size())) != "per") return false;
    if (at_ + 3 < text_.size() && text_[at_ + 3] != U' ') return false;
    at_ += 3;
    return true;
  }

  /// term := number [ name … ] | name … | "(" product ")", each with an optional power
  std::optional<Unit> term(int depth) {
    if (depth > deepest) return fail(at_, at_ + 1, "the brackets are nested too deeply", "");
    const std::size_t begin = at_;
    const char32_t c = text_[at_];
    if (c == U'(') {
      ++at_;
      std::optional<Unit> inside = at_ < text_.size() ? product(depth + 1) : std::nullopt;
      if (!inside && !failure_.error.empty()) return std::nullopt;
      if (!inside || at_ == text_.size() || text_[at_] != U')')
        return fail(begin, begin + 1, "this bracket is not closed", "");
      ++at_;
      return with_power(*inside, begin);
    }
    if (is_digit(c) || (c == U'.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
      return scaled(depth);
    if (is_name_start(c)) return named(depth);
    return fail(begin, begin + 1, fmt::format("`{}` has no place in a unit", slice(begin, begin + 1)), "");
  }

  /// A number belongs to the unit that follows it without an operator: 1/1000 item is 1/(1000 item).
  std::optional<Unit> scaled(int depth) {
    const std::size_t begin = at_;
    const std::optional<double> value = number();
    if (!value) return std::nullopt;
    std::optional<Unit> unit = with_power(Unit(*value, {}), begin);
    if (!unit) return std::nullopt;
    const std::size_t end = at_;
    skip_spaces();
    if (at_ < text_.size() && is_name_start(text_[at_]) && !is_per()) {
      const std::optional<Unit> next = named(depth);
      return next ? std::optional<Unit>(*unit * *next) : std::nullopt;
    }
    at_ = end;
    return unit;
  }

  bool is_per() {
    const std::size_t saved = at_;
    const bool found = word_per();
    at_ = saved;
    return found;
  }

  std::optional<double> number() {
    const std::size_t begin = at_;
    std::string digits;
    while (at_ < text_.size()) {
      const char32_t c = text_[at_];
      const auto digit_at = [&](std::size_t i) { return i < text_.size() && is_digit(text_[i]); };
      if (is_digit(c) || c == U'.') {
        digits.push_back(static_cast<char>(c));
      } else if (c == U',' && digit_at(at_ + 1) && digit_at(at_ + 2) && digit_at(at_ + 3) &&
                 !digit_at(at_ + 4)) {
        // 1,000 items
      } else if ((c == U'e' || c == U'E') && exponent_follows()) {
        digits.push_back('e');
        if (text_[at_ + 1] == U'-') digits.push_back('-');
        if (!is_digit(text_[at_ + 1])) ++at_;
      } else {
        break;
      }
      ++at_;
    }
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
      fail(begin, at_, fmt::format("`{}` is no number", slice(begin, at_)), "");
      return std::nullopt;
    }
    if (value <= 0) {
      fail(begin, at_, "a unit cannot be a multiple of zero", "");
      return std::nullopt;
    }
    return value;
  }

  bool exponent_follows() const {
    std::size_t i = at_ + 1;
    if (i < text_.size() && (text_[i] == U'-' || text_[i] == U'+')) ++i;
    return i < text_.size() && is_digit(text_[i]);
  }

  std::optional<Unit> with_power(const Unit& unit, std::size_t begin) {
    const std::size_t sign_at = at_;
    bool written = false;
    bool negative = false;
    int power = 0;
    if (at_ < text_.size() && (superscript_digit(text_[at_]) || text_[at_] == U'⁻')) {
      if (text_[at_] == U'⁻') {
        negative = true;
        ++at_;
      }
      while (at_ < text_.size() && superscript_digit(text_[at_]) && power <= 1000) {
        power = 10 * power + *superscript_digit(text_[at_++]);
        written = true;
      }
    } else {
      bool caret = false;
      if (at_ < text_.size() && text_[at_] == U'^') {
        caret = true;
        ++at_;
      } else if (at_ + 1 < text_.size() && text_[at_] == U'*' && text_[at_ + 1] == U'*' && source_star(at_)) {
        caret = true;
        at_ += 2;
      }
      const bool bracket = caret && at_ < text_.size() && text_[at_] == U'(';
      if (bracket) ++at_;
      // yr-1 is a power too; after a number a minus would be a difference.
      const bool signed_power = at_ + 1 < text_.size() && text_[at_] == U'-' && is_digit(text_[at_ + 1]);
      if (signed_power && (caret || !unit.dimensionless())) {
        negative = true;
        ++at_;
      } else if (caret && at_ < text_.size() && text_[at_] == U'+') {
        ++at_;
      } else if (!caret) {
        return unit;
      }
      while (at_ < text_.size() && is_digit(text_[at_]) && power <= 1000) {
        power = 10 * power + static_cast<int>(text_[at_++] - U'0');
        written = true;
      }
      if (written && at_ < text_.size() && (text_[at_] == U'.' || (bracket && text_[at_] == U'/')))
        return fail(begin, at_ + 1, "powers of units are whole numbers", "");
      if (bracket && (at_ == text_.size() || text_[at_] != U')'))
        return fail(sign_at, at_, "this power is not closed", "");
      if (bracket) ++at_;
    }
    if (!written)
      return fail(sign_at, at_, "a whole number must follow as the power", "as in `m^2` or `yr^-1`");
    const int limit = unit.dimensionless() ? 300 : largest_power;
    if (power > limit) return fail(begin, at_, fmt::format("a power above {} is no unit", limit), "");
    if (unit.dimensionless()) {
      // 10^-4 must be the double nearest to it, not 1/10^4 rounded twice.
      const std::string text = fmt::format("1e{}{}", negative ? "-" : "", power);
      double ten = 0;
      if (unit.scale() == 10 &&
          std::from_chars(text.data(), text.data() + text.size(), ten).ec == std::errc())
        return Unit(ten, {});
    }
    return unit.pow(negative ? -power : power);
  }

  /// Whether the character is an asterisk in the source, not a dot or a cross.
  bool source_star(std::size_t at) const { return source_[offsets_[at]] == '*'; }

  std::optional<Unit> named(int depth) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_digit(text_[at_]) || dot_inside())) ++at_;
    std::string name = plain_slice(begin, at_);
    if (name.find('.') != std::string::npos) return attribute(name, begin);
    two_words(name);

    if (const NamedUnit* unit = find_unit(name)) return mass_or_power(*unit, 1, begin);
    if (const auto value = multiplier_word(name)) return multiple(*value, depth);
    if (const auto power = written_power(name)) return *power;
    std::string_view rest = name;
    const double value = strip_multipliers(rest);
    if (rest.empty()) return multiple(value, depth);
    if (rest.size() < name.size()) {
      if (const NamedUnit* unit = find_unit(rest)) return mass_or_power(*unit, value, begin);
    }
    return unknown(name, begin);
  }

  bool dot_inside() const {
    return text_[at_] == U'.' && at_ + 1 < text_.size() && is_name_start(text_[at_ + 1]);
  }

  /// "metric ton", "short ton": takes the second word too if the table has both.
  void two_words(std::string& name) {
    std::size_t i = at_;
    while (i < text_.size() && text_[i] == U' ') ++i;
    std::size_t end = i;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    if (i == at_ || end == i) return;
    const std::string both = name + " " + plain_slice(i, end);
    const NamedUnit* unit = find_unit(both);
    if (unit == nullptr || unit->name.find(' ') == std::string_view::npos) return;
    name = both;
    at_ = end;
  }

  /// "m2", "km3": a length with its power written beside.
  std::optional<std::optional<Unit>> written_power(const std::string& name) {
    const char last = name.back();
    if (name.size() < 2 || (last != '2' && last != '3')) return std::nullopt;
    const NamedUnit* unit = find_unit(std::string_view(name).substr(0, name.size() - 1));
    if (unit == nullptr || unit->base != "m" || unit->power != 1) return std::nullopt;
    return std::optional<Unit>(Unit(unit->scale, {{"m", 1, false}}).pow(last - '0'));
  }

  std::optional<Unit> multiple(double value, int depth) {
    skip_spaces();
    if (at_ < text_.size() && (is_name_start(text_[at_]) || text_[at_] == U'(') && !is_per()) {
      const std::optional<Unit> next = text_[at_] == U'(' ? term(depth + 1) : named(depth + 1);
      return next ? std::optional<Unit>(Unit(value, {}) * *next) : std::nullopt;
    }
    return Unit(value, {});
  }

  std::optional<Unit> mass_or_power(const NamedUnit& named, double value, std::size_t begin) {
    std::vector<UnitFactor> factors;
    if (!named.base.empty()) factors.push_back({std::string(named.base), named.power, false});
    if (named.base == "t") {
      std::size_t bracket = at_;
      while (bracket < text_.size() && text_[bracket] == U' ') ++bracket;
      const bool round = bracket < text_.size() && text_[bracket] == U'(';
      const bool square = bracket < text_.size() && text_[bracket] == U'[';
      if (round || square) {
        at_ = bracket;
        const std::optional<std::string> base = round ? compound() : tag();
        if (!base) return std::nullopt;
        factors.front().base = *base;
      }
    }
    return with_power(Unit(named.scale * value, std::move(factors)), begin);
  }

  /// "(Nd2O3)" after a mass.
  std::optional<std::string> compound() {
    const std::size_t open = at_;
    int depth = 0;
    do {
      if (text_[at_] == U'(') ++depth;
      if (text_[at_] == U')') --depth;
      ++at_;
    } while (depth > 0 && at_ < text_.size());
    if (depth > 0) {
      fail(open, open + 1, "this bracket is not closed", "");
      return std::nullopt;
    }
    const std::string content = source_slice(open + 1, at_ - 1);
    const std::optional<std::string> formula = plain_formula(content);
    if (!formula) {
      fail(open + 1, at_ - 1, fmt::format("`{}` is not understood as a chemical formula", content),
           fmt::format("a mass of something without a formula is written `t[{}]`",
                       content.empty() ? "REO" : content));
      return std::nullopt;
    }
    return "t(" + *formula + ")";
  }

  /// "[REO]" after a mass: a kind of mass that converts to no other.
  std::optional<std::string> tag() {
    const std::size_t open = at_;
    while (at_ < text_.size() && text_[at_] != U']') ++at_;
    if (at_ == text_.size()) {
      fail(open, open + 1, "this bracket is not closed", "");
      return std::nullopt;
    }
    const std::string content(trimmed(source_slice(open + 1, at_)));
    ++at_;
    if (content.empty() || content.find_first_of("[(") != std::string::npos) {
      fail(open, at_, "a name must stand in these brackets", "as in `t[REO]`");
      return std::nullopt;
    }
    return "t[" + content + "]";
  }

  /// True, and told, where this is a unit that is known and not read.
  bool refused(const std::string& name, std::size_t begin) {
    for (const RefusedUnit& unit : refused_units()) {
      if (unit.name != name) continue;
      fail(begin, at_, fmt::format("`{}` is not read: {}", name, unit.reason), std::string(unit.help));
      return true;
    }
    return false;
  }

  std::optional<Unit> attribute(const std::string& name, std::size_t begin) {
    if (refused(name, begin)) return std::nullopt;
    const std::size_t dot = name.find('.');
    const std::string dimension = name.substr(0, dot);
    const std::string attribute = name.substr(dot + 1);
    if (find_unit(dimension) != nullptr && find_unit(attribute) != nullptr)
      return fail(begin, at_, fmt::format("`{}`: units are not multiplied with a full stop", name),
                  fmt::format("write `{}·{}`", dimension, attribute));
    const bool known =
        attribute.find('.') == std::string::npos && (!is_attribute_ || is_attribute_(dimension, attribute));
    if (!known)
      return fail(
          begin, at_, fmt::format("`{}` is no attribute that holds units", name),
          "an attribute is a column of the dimension's table, each cell a unit, as in `product.counted_in`");
    return with_power(Unit(1, {{name, 1, true}}), begin);
  }

  std::optional<Unit> unknown(const std::string& name, std::size_t begin) {
    if (refused(name, begin)) return std::nullopt;
    std::vector<std::string> other_case;
    for (const NamedUnit& unit : unit_table()) {
      if (lower_case(unit.name) == lower_case(name)) other_case.emplace_back(unit.name);
    }
    if (!other_case.empty()) {
      std::string help = "did you mean `" + other_case[0] + "`";
      for (std::size_t i = 1; i < other_case.size(); ++i) help += " or `" + other_case[i] + "`";
      return fail(begin, at_, fmt::format("`{}` is no unit: unit names distinguish capitals", name),
                  help + "?");
    }
    if (name.size() > 1 && parse_formula(name))
      return fail(begin, at_, fmt::format("`{}` is a formula, no unit", name),
                  fmt::format("a mass of it is written `t({})`", name));
    std::vector<std::string> names = known_units();
    for (const Multiplier& m : multipliers()) names.emplace_back(m.name);
    std::string help = did_you_mean(name, names);
    if (help.empty()) help = "things are counted in `item`, masses in `t`, shares in `1` or `%`";
    return fail(begin, at_, fmt::format("`{}` is no unit", name), help);
  }

  std::nullopt_t fail(std::size_t begin, std::size_t end, std::string error, std::string help) {
    if (failure_.error.empty()) failure_ = {std::move(error), std::move(help), begin, end};
    return std::nullopt;
  }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == U' ') ++at_;
  }

  std::string source_slice(std::size_t begin, std::size_t end) const {
    return std::string(source_.substr(offsets_[begin], offsets_[end] - offsets_[begin]));
  }
  std::string slice(std::size_t begin, std::size_t end) const {
    return source_slice(begin, std::min(end, text_.size()));
  }
  std::string plain_slice(std::size_t begin, std::size_t end) const {
    std::string result;
    for (std::size_t i = begin; i < end; ++i) append_utf8(result, text_[i]);
    return result;
  }

  std::string_view source_;
  const AttributeTest& is_attribute_;
  std::u32string text_;
  std::vector<std::size_t> offsets_;
  std::size_t at_ = 0;
  Failure failure_;
};

}  // namespace

UnitParse parse_unit(std::string_view text, const AttributeTest& is_attribute) {
  if (text.size() > longest_text) return {std::nullopt, "the unit is absurdly long", "", 0, text.size()};
  return UnitParser(text, is_attribute).parse();
}

}  // namespace lode

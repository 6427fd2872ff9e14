// SPDX-License-Identifier: Apache-2.0
#include "lode/language/lexer.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "lode/support/contract.hpp"
#include "lode/support/text.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

constexpr std::string_view keywords[] = {"if",   "then", "else",  "and",  "or", "not",
                                         "over", "by",   "where", "from", "to"};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_blank(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || (c >= 0xE0000 && c <= 0xE0FFF);
}

/// Letters of any script. Beyond ASCII every character counts as one except the blocks of signs, of
/// full-width forms and of private use: a formula needs no table of scripts to be read.
bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  struct Range {
    char32_t first, last;
  };
  constexpr Range signs[] = {{0x2000, 0x2BFF},   {0x2E00, 0x3004}, {0x3008, 0x3020}, {0x302A, 0x3030},
                             {0x3036, 0x303F},   {0xD800, 0xF8FF}, {0xFD3E, 0xFD3F}, {0xFDFC, 0xFDFF},
                             {0xFE00, 0xFE6F},   {0xFEFF, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF},
                             {0xE0000, 0x10FFFF}};
  return std::ranges::none_of(signs, [&](const Range& range) { return c >= range.first && c <= range.last; });
}

bool continues_word(char32_t c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

struct Foreign {
  char32_t character;
  std::string_view replacement;
};

/// Signs that people paste from elsewhere, and what Lode writes instead.
constexpr Foreign foreign_signs[] = {
    {0xD7, "*"},      {0xB7, "*"},       {0x22C5, "*"},  {0x2022, "*"},     {0x2219, "*"},    {0x2217, "*"},
    {0xF7, "/"},      {0x2215, "/"},     {0x2044, "/"},  {0x2212, "-"},     {0x2013, "-"},    {0x2014, "-"},
    {0x2010, "-"},    {0x2011, "-"},     {0x2264, "<="}, {0x2266, "<="},    {0x2A7D, "<="},   {0x2265, ">="},
    {0x2267, ">="},   {0x2A7E, ">="},    {0x2260, "<>"}, {0x2227, " and "}, {0x2228, " or "}, {0xAC, "not "},
    {0x221A, "sqrt"}, {0xB9, "^1"},      {0xB2, "^2"},   {0xB3, "^3"},      {0xBC, "0.25"},   {0xBD, "0.5"},
    {0xBE, "0.75"},   {0x2030, "/1000"}, {0x2018, "'"},  {0x2019, "'"},     {0x201C, "'"},    {0x201D, "'"},
    {0x2032, "'"},    {0xB4, "'"},       {0x300C, "'"},  {0x300D, "'"},     {0x300E, "'"},    {0x300F, "'"},
    {0x3001, ","},    {0x3002, "."},     {0x3010, "["},  {0x3011, "]"},     {0x3014, "["},    {0x3015, "]"},
    {0x2208, "="},    {0x2248, "="},     {0x2236, ":"},  {0x2223, "or"},
};

std::string_view foreign_replacement(char32_t c) {
  for (const Foreign& sign : foreign_signs) {
    if (sign.character == c) return sign.replacement;
  }
  return {};
}

/// The formula with every foreign sign outside quotes spelt as Lode does.
std::string respelt(std::string_view text) {
  std::string result;
  char quote = 0;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    if (quote != 0 || c.value == '\'' || c.value == '"') {
      if (quote == 0) {
        quote = text[i];
      } else if (text[i] == quote) {
        quote = 0;
      }
      result += text.substr(i, c.length);
    } else if (const auto replacement = foreign_replacement(c.value); !replacement.empty()) {
      result += replacement;
    } else if (half_width(c.value) != c.value) {
      append_utf8(result, half_width(c.value));
    } else if (is_blank(c.value)) {
      result += ' ';
    } else {
      result += text.substr(i, c.length);
    }
    i += c.length;
  }
  return std::string(trimmed(result));
}

struct WrongOperator {
  std::string_view written;
  std::string_view message;
  std::string_view help;
};

// Longer ones first; `<-` and `--` are not here: `a <-b` and `a --b` mean something.
constexpr WrongOperator wrong_operators[] = {
    {"===", "`===` is not an operator", "to compare, write `=`"},
    {"!==", "`!==` is not an operator", "to compare, write `<>`"},
    {"==", "`==` is not an operator", "to compare, write `=`"},
    {"!=", "`!=` is not an operator", "to compare, write `<>`"},
    {"=>", "`=>` is not an operator", "to compare, write `>=`"},
    {"=<", "`=<` is not an operator", "to compare, write `<=`"},
    {"><", "`><` is not an operator", "to compare, write `<>`"},
    {":=", "`:=` is not an operator", "the name stands before the formula, as a key: `name: formula`"},
    {"**", "`**` is not an operator", "for a power, write `^`"},
    {"//", "`//` is not an operator", "to divide, write `/`"},
    {"&&", "`&&` is not an operator", "write `and`"},
    {"||", "`||` is not an operator", "write `or`"},
    {"&", "`&` is not an operator", "write `and`; texts cannot be joined in a formula"},
    {"|", "`|` is not an operator", "write `or`"},
    {"!", "`!` is not an operator", "write `not`"},
    {"~", "`~` is not an operator", "write `not`"},
    {";", "`;` has no meaning in a formula", "separate arguments with `,`"},
    {":", "`:` has no meaning in a formula",
     "a keyword argument is written `name = value`; a span of years `total(x from 2000 to 2017)`"},
    {"{", "braces have no meaning in a formula",
     "group with `(` and `)`, choose labels and years with `[` and `]`"},
    {"}", "braces have no meaning in a formula",
     "group with `(` and `)`, choose labels and years with `[` and `]`"},
    {"?", "`?` is not an operator", "to choose a value, write `if condition then a else b`"},
    {"$", "`$` has no meaning in a formula",
     "names always mean the same thing; nothing needs fixing as in `$B$1`"},
    {"@", "`@` has no meaning in a formula", "write the name alone"},
    {"#", "`#` has no meaning in a formula", "in the file a comment begins with ` #`, after a blank"},
    {"%", "`%` must follow a number", "write `5 %`; there is no remainder operator"},
    {"\\", "`\\` has no meaning in a formula", "to divide, write `/`"},
    {"`", "a backtick has no meaning in a formula", "put a label in single quotes: `'electronic devices'`"},
};

constexpr std::string_view symbols[] = {"<=", ">=", "<>", "+", "-", "*", "/", "^",
                                        "=",  "<",  ">",  "(", ")", "[", "]", ","};

class Lexer {
 public:
  Lexer(const FormulaText& formula, Diagnostics& diagnostics)
      : formula_(formula), text_(formula.text), diagnostics_(diagnostics) {}

  std::optional<std::vector<Token>> run() {
    for (std::size_t i = 0; i < text_.size();) {
      const CodePoint c = decode_utf8(text_, i);
      if (!c.valid) {
        error("invalid-utf8", i, i + 1, "the formula holds a byte that is not UTF-8").help =
            "save the file in UTF-8 and type the character again";
        return std::nullopt;
      }
      i += c.length;
    }
    while (skip_blanks(), at_ < text_.size()) {
      if (!next()) return std::nullopt;
    }
    push(Token::Kind::end, text_.size(), text_.size());
    return std::move(tokens_);
  }

 private:
  Diagnostic& error(std::string code, std::size_t begin, std::size_t end, std::string message) {
    return diagnostics_.error(std::move(code), formula_.at(begin, end), std::move(message));
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      const CodePoint c = decode_utf8(text_, at_);
      if (!is_blank(c.value)) return;
      at_ += c.length;
    }
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool starts_with(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  bool next() {
    const CodePoint c = decode_utf8(text_, at_);
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    if (is_letter(c.value)) return name();
    if (peek() == '\'' || peek() == '"') return quoted();
    if (c.value >= 0x80 || is_invisible(c.value)) return foreign(c);
    for (const WrongOperator& wrong : wrong_operators) {
      if (starts_with(wrong.written)) {
        error("wrong-operator", at_, at_ + wrong.written.size(), std::string(wrong.message)).help =
            wrong.help;
        return false;
      }
    }
    for (const std::string_view symbol : symbols) {
      if (starts_with(symbol)) {
        push(Token::Kind::symbol, at_, at_ + symbol.size());
        return true;
      }
    }
    error("unknown-character", at_, at_ + 1, "`" + std::string(1, peek()) + "` has no meaning in a formula")
        .help =
        "a part stands before the brackets, `in_use.stock[2017]`; the decimal point between digits, `0.5`";
    return false;
  }

  Token& push(Token::Kind kind, std::size_t begin, std::size_t end) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.text = text_.substr(begin, end - begin);
    token.begin = begin;
    token.end = end;
    at_ = end;
    return token;
  }

  std::size_t digits_end(std::size_t from) const {
    while (from < text_.size() && is_digit(text_[from])) ++from;
    return from;
  }

  bool number() {
    const std::size_t begin = at_;
    std::size_t end = digits_end(begin);
    const bool whole_part_only = end > begin && end - begin <= 3 && text_[begin] != '0';
    std::string decimal(text_.substr(begin, end - begin));
    if (end < text_.size() && text_[end] == '.') {
      const std::size_t fraction = digits_end(end + 1);
      if (fraction == end + 1) {
        error("bad-number", begin, end + 1, "the number `" + decimal + ".` ends with a point").help =
            "write `" + decimal + "`";
        return false;
      }
      decimal = (decimal.empty() ? "0" : decimal) + std::string(text_.substr(end, fraction - end));
      end = fraction;
      if (end < text_.size() && text_[end] == '.') {
        error("bad-number", begin, digits_end(end + 1), "this number has two points").help =
            "the decimal point is `.`; nothing separates thousands";
        return false;
      }
    } else if (whole_part_only && !thousands(begin, end)) {
      return false;
    }
    std::string exponent;
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t first = end + 1;
      if (first < text_.size() && (text_[first] == '+' || text_[first] == '-')) ++first;
      const std::size_t last = digits_end(first);
      if (last > first) {
        exponent = text_.substr(end + 1, last - end - 1);
        end = last;
      }
    }
    Token& token = push(Token::Kind::number, begin, end);
    return percent_sign(token) && value(token, decimal, exponent);
  }

  /// False after reporting `1,200`: read on, it would be two arguments.
  bool thousands(std::size_t begin, std::size_t end) {
    std::string joined(text_.substr(begin, end - begin));
    std::size_t last = end;
    while (last + 3 < text_.size() && text_[last] == ',' && digits_end(last + 1) == last + 4) {
      joined += text_.substr(last + 1, 3);
      last += 4;
    }
    if (last == end) return true;
    Diagnostic& diagnostic = error("thousands-separator", begin, last, "a number is written without a comma");
    diagnostic.why = "in a formula the comma separates arguments, so this would be read as several numbers";
    diagnostic.help = "write `" + joined + "`; if these are arguments, put a blank after the comma";
    return false;
  }

  bool percent_sign(Token& token) {
    const std::size_t number_end = at_;
    skip_blanks();
    if (peek() == '%') {
      token.percent = true;
      token.end = ++at_;
      return true;
    }
    if (starts_with("\uFF05")) {
      return foreign(decode_utf8(text_, at_));
    }
    for (const std::string_view word : {"points", "point"}) {
      if (!starts_with(word)) continue;
      const std::size_t after = at_ + word.size();
      if (after < text_.size() && (continues_word(decode_utf8(text_, after).value) || text_[after] == '.'))
        continue;
      token.percent = true;
      token.end = at_ = after;
      return true;
    }
    at_ = number_end;
    return true;
  }

  bool value(Token& token, const std::string& decimal, const std::string& exponent) {
    // The hundredth goes into the exponent: 67.6 % is then the double nearest to 0.676, as 67.6 * 0.01 is
    // not.
    long power = token.percent ? -2 : 0;
    if (!exponent.empty()) {
      long written = 0;
      const char* first = exponent.data() + (exponent.front() == '+' ? 1 : 0);
      if (std::from_chars(first, exponent.data() + exponent.size(), written).ec != std::errc{} ||
          written > 100000 || written < -100000) {
        written = exponent.front() == '-' ? -100000 : 100000;
      }
      power += written;
    }
    const std::string scientific = decimal + "e" + std::to_string(power);
    const auto [end, problem] = std::from_chars(scientific.data(), scientific.data() + scientific.size(),
                                                token.number, std::chars_format::general);
    const bool zero = decimal.find_first_not_of("0.") == std::string::npos;
    if (zero) token.number = 0;
    if (problem != std::errc{} && !zero) {
      error("bad-number", token.begin, token.end,
            "this number is too large or too small to be computed with");
      return false;
    }
    LODE_EXPECT(zero || end == scientific.data() + scientific.size());
    return true;
  }

  std::size_t word_end(std::size_t from) const {
    while (from < text_.size()) {
      const CodePoint c = decode_utf8(text_, from);
      if (!continues_word(c.value)) break;
      from += c.length;
    }
    return from;
  }

  bool name() {
    const std::size_t begin = at_;
    std::size_t end = word_end(begin);
    while (end < text_.size() && text_[end] == '.') {
      const std::size_t part = end + 1;
      const std::string path(text_.substr(begin, end - begin));
      if (part >= text_.size() || !continues_word(decode_utf8(text_, part).value)) {
        error("bad-name", begin, part, "a name is missing after `" + path + ".`").help =
            "write the part without blanks: `in_use.stock`";
        return false;
      }
      const std::size_t part_end = word_end(part);
      if (is_digit(text_[part])) {
        error("bad-name", part, part_end, "a part of a name cannot begin with a digit").help =
            "a year or label stands in brackets: `" + path + "[" +
            std::string(text_.substr(part, part_end - part)) + "]`";
        return false;
      }
      end = part_end;
    }
    const std::string_view written = text_.substr(begin, end - begin);
    push(is_keyword(written) ? Token::Kind::keyword : Token::Kind::name, begin, end);
    return true;
  }

  bool quoted() {
    const std::size_t begin = at_;
    const char quote = peek();
    std::string content;
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (text_[i] != quote) {
        content += text_[i];
      } else if (i + 1 < text_.size() && text_[i + 1] == quote) {
        content += quote;
        ++i;
      } else {
        if (content.empty()) {
          error("empty-label", begin, i + 1, "nothing stands between the quotes");
          return false;
        }
        push(Token::Kind::quoted, begin, i + 1).text = content;
        return true;
      }
    }
    error("unclosed-quote", begin, begin + 1, "this quote is not closed").help =
        std::string("add ") + quote + " after the label";
    return false;
  }

  bool foreign(const CodePoint& c) {
    const std::string written(text_.substr(at_, c.length));
    const char32_t half = half_width(c.value);
    std::string replacement(foreign_replacement(c.value));
    if (replacement.empty() && half != c.value) append_utf8(replacement, half);
    if (!replacement.empty()) {
      Diagnostic& diagnostic = error("foreign-character", at_, at_ + c.length,
                                     half != c.value ? "`" + written + "` is a full-width character"
                                                     : "`" + written + "` is not used in formulas");
      diagnostic.help = "write `" + std::string(trimmed(replacement)) + "`";
      constexpr std::size_t longest_shown = 100;
      if (text_.size() <= longest_shown) diagnostic.help += ": `" + respelt(text_) + "`";
      return false;
    }
    if (is_invisible(c.value)) {
      char code[16] = {};
      const auto end =
          std::to_chars(std::begin(code), std::end(code), static_cast<unsigned long>(c.value), 16).ptr;
      std::string hex(code, end);
      std::ranges::transform(hex, hex.begin(),
                             [](char d) { return d >= 'a' ? static_cast<char>(d - 'a' + 'A') : d; });
      hex.insert(0, hex.size() < 4 ? 4 - hex.size() : 0, '0');
      error("invisible-character", at_, at_ + c.length, "an invisible character (U+" + hex + ") stands here")
          .help = "delete it and type the blank or the sign again";
      return false;
    }
    error("unknown-character", at_, at_ + c.length, "`" + written + "` has no meaning in a formula").help =
        "names consist of letters, digits and `_`; a label with other signs stands in quotes";
    return false;
  }

  const FormulaText& formula_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::optional<std::vector<Token>> tokenize(const FormulaText& formula, Diagnostics& diagnostics) {
  return Lexer(formula, diagnostics).run();
}

bool is_keyword(std::string_view word) {
  return std::ranges::find(keywords, word) != std::end(keywords);
}

bool is_plain_word(std::string_view text) {
  if (text.empty() || is_digit(text.front()) || is_keyword(text)) return false;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    if (!c.valid || !continues_word(c.value)) return false;
    i += c.length;
  }
  return true;
}

}  // namespace lode

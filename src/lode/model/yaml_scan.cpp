// SPDX-License-Identifier: Apache-2.0
#include "lode/model/yaml_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "lode/support/utf8.hpp"

namespace lode {
namespace {

constexpr std::size_t max_flow_depth = 200;

struct Wide {
  std::string_view text;
  char ascii;
};
constexpr std::array<Wide, 10> wide_marks{{{"：", ':'},
                                           {"，", ','},
                                           {"｛", '{'},
                                           {"｝", '}'},
                                           {"［", '['},
                                           {"］", ']'},
                                           {"“", '"'},
                                           {"”", '"'},
                                           {"＂", '"'},
                                           {"＃", '#'}}};

char wide_at(std::string_view text, std::size_t at, std::size_t& length) {
  for (const Wide& wide : wide_marks) {
    if (text.substr(at).starts_with(wide.text)) {
      length = wide.text.size();
      return wide.ascii;
    }
  }
  return 0;
}

/// Scans the file once, keeping just enough of YAML's state to know whether a character is text or structure.
class Scanner {
 public:
  Scanner(SourcePtr file, Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics), text_(file_->text()) {
    result_.repaired = text_;
  }

  ScanResult run() {
    if (!check_characters()) return std::move(result_);
    std::size_t begin = 0;
    while (begin < text_.size()) {
      std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) end = text_.size();
      scan_line(begin, end);
      if (result_.stop) break;
      begin = end + 1;
    }
    report_indentation();
    if (quote_ != Quote::none && !result_.stop) {
      Diagnostic& error =
          diagnostics_.error("unclosed-quote", {file_, quote_at_, 1}, "this quotation mark is never closed");
      error.why = "all text behind it belongs to one value";
      error.help = "close it with the same mark";
      result_.stop = true;
    }
    return std::move(result_);
  }

 private:
  enum class Quote { none, single_quote, double_quote };

  bool check_characters() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const auto c = static_cast<unsigned char>(text_[i]);
      if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t') continue;
      diagnostics_
          .error("control-character", {file_, i, 1},
                 fmt::format("the file holds a control character (0x{:02X})", c))
          .help = "delete it: a model is plain text";
      result_.stop = true;
      return false;
    }
    if (text_.find_first_not_of(" \t\n") == std::string_view::npos) {
      diagnostics_.error("empty-file", {file_, 0, 0}, "the file is empty").help =
          "a model begins with `title:` and `time:`; `lode new` writes one that runs";
      result_.stop = true;
      return false;
    }
    return true;
  }

  void scan_line(std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    line_begin_ = begin;
    if (quote_ == Quote::none) {
      while (at < end && text_[at] == ' ') ++at;
      const std::size_t indent = at - begin;
      if (at == end) return;
      if (in_block_text_) {
        if (indent > block_text_indent_) return;
        in_block_text_ = false;
      }
      if (flow_.empty()) {
        if (!check_indentation(at, end)) return;
        if (text_[at] == '#') return;
        continuation_ = plain_value_ && indent > plain_indent_;
        if (!continuation_) {
          plain_value_ = false;
          line_indent_ = indent;
          key_seen_ = false;
        }
        at_start_ = !continuation_;
      }
    }
    scan_text(at, end);
  }

  /// Blanks other than spaces before a line's text; false if the line is blank or cannot be used.
  bool check_indentation(std::size_t at, std::size_t end) {
    std::size_t p = at;
    bool tab = false;
    bool wide = false;
    while (p < end) {
      if (is_space(text_[p])) {
        tab = tab || text_[p] == '\t';
        ++p;
      } else if (text_.substr(p).starts_with("\u3000") || text_.substr(p).starts_with("\u00A0")) {
        wide = true;
        p += text_[p] == '\xC2' ? 2 : 3;
      } else {
        break;
      }
    }
    if (p >= end || text_[p] == '#') return p < end || !wide;
    if (!tab && !wide) return true;
    if (bad_indents_++ == 0) {
      first_indent_ = {file_, at, p - at};
      first_indent_is_tab_ = tab;
    }
    return false;
  }

  void report_indentation() {
    if (bad_indents_ == 0) return;
    Diagnostic& error = diagnostics_.error(
        "tab-indentation", first_indent_,
        first_indent_is_tab_ ? "a tab indents this line" : "a full-width space indents this line");
    if (bad_indents_ > 1)
      error.message +=
          fmt::format(" (and {} more line{})", bad_indents_ - 1, bad_indents_ > 2 ? "s do" : " does");
    error.why = "YAML counts spaces to know what belongs to what";
    error.help = first_indent_is_tab_ ? "replace it by spaces; editors can do so for every tab key press"
                                      : "replace it by spaces";
    result_.stop = true;
  }

  void scan_text(std::size_t at, std::size_t end) {
    while (at < end) {
      const char c = text_[at];
      if (quote_ != Quote::none) {
        at = scan_quoted(at);
        if (result_.stop) return;
        continue;
      }
      if (is_space(c)) {
        ++at;
        continue;
      }
      if (c == '#' && (at == 0 || is_space(text_[at - 1]) || text_[at - 1] == '\n')) return;
      std::size_t length = 1;
      const char wide = static_cast<unsigned char>(c) >= 0x80 ? wide_at(text_, at, length) : '\0';
      if (at_start_ && scan_start(at, end, wide, length)) continue;
      if (in_block_text_) return;
      if (wide != 0 && scan_wide(at, end, wide, length)) continue;
      if (c == ':' && (at + 1 >= end || is_space(text_[at + 1]) ||
                       (!flow_.empty() && (text_[at + 1] == ',' || text_[at + 1] == '}')))) {
        begin_value();
        ++at;
        continue;
      }
      if (!flow_.empty()) {
        if (c == ',') {
          begin_item();
          ++at;
          continue;
        }
        if (c == '{' || c == '[') {
          push(c, at);
          if (result_.stop) return;
          ++at;
          continue;
        }
        if (c == '}' || c == ']') {
          flow_.pop_back();
          at_start_ = false;
          key_seen_ = true;
          ++at;
          continue;
        }
      }
      if (at_start_ && flow_.empty() && key_seen_) {
        plain_value_ = true;
        plain_indent_ = line_indent_;
      }
      at_start_ = false;
      ++at;
    }
  }

  std::size_t scan_quoted(std::size_t at) {
    if (quote_ == Quote::double_quote && text_[at] == '\\') return at + 2;
    const char mark = quote_ == Quote::double_quote ? '"' : '\'';
    if (text_[at] != mark) return at + 1;
    if (mark == '\'' && at + 1 < text_.size() && text_[at + 1] == '\'') return at + 2;
    quote_ = Quote::none;
    check_after_quote(at, mark);
    return at + 1;
  }

  void check_after_quote(std::size_t at, char mark) {
    std::size_t next = at + 1;
    while (next < text_.size() && is_space(text_[next])) ++next;
    if (next >= text_.size() || text_[next] == '\n' || text_[next] == '#' || text_[next] == ':') return;
    if (!flow_.empty() && std::string_view(",}]").find(text_[next]) != std::string_view::npos) return;
    std::size_t length = 1;
    const char wide = wide_at(text_, next, length);
    if (wide != 0 && (wide == ':' || !flow_.empty())) return;
    Diagnostic& error = diagnostics_.error("text-after-quote", {file_, next, 1},
                                           "the text goes on behind its closing quotation mark");
    error.labels.push_back({{file_, quote_at_, at + 1 - quote_at_}, "closed here"});
    error.help = mark == '\''
                     ? "double the mark inside the text (`'it''s'`), or put double quotes around the whole"
                     : "put single quotes around the whole";
    result_.stop = true;
  }

  /// What may only begin a key, a value or an item. True if `at` was moved on.
  bool scan_start(std::size_t& at, std::size_t end, char wide, std::size_t length) {
    const char c = text_[at];
    if (c == '\'' || c == '"') {
      quote_ = c == '"' ? Quote::double_quote : Quote::single_quote;
      quote_at_ = at;
      at_start_ = false;
      ++at;
      return true;
    }
    if (wide == '"') return scan_wide_quotes(at, end, length);
    if (c == '{' || c == '[' || wide == '{' || wide == '[') {
      if (wide != 0) report(at, length, wide);
      push(wide != 0 ? wide : c, at);
      at += length;
      return !result_.stop || (at = end, true);
    }
    if (c == '-' && flow_.empty() && at + 1 < end && is_space(text_[at + 1])) {
      ++at;
      line_indent_ = at - line_begin_;
      return true;
    }
    if ((c == '|' || c == '>') && flow_.empty()) {
      in_block_text_ = true;
      block_text_indent_ = line_indent_;
      return false;
    }
    if (c == '%') {
      // YAML keeps this sign for itself, units do not.
      result_.repaired[at] = percent_stand_in;
      return false;
    }
    if (c == '&' || c == '!') {
      while (at < end && !is_space(text_[at])) ++at;
      return true;
    }
    return false;
  }

  /// “text” around a whole value.
  bool scan_wide_quotes(std::size_t& at, std::size_t end, std::size_t length) {
    std::size_t stop = end;
    if (flow_.empty()) {
      const std::size_t comment = text_.substr(0, end).find(" #", at);
      if (comment < stop) stop = comment;
    } else {
      const std::size_t delimiter = text_.substr(0, end).find_first_of(",}]", at);
      if (delimiter < stop) stop = delimiter;
    }
    while (stop > at && is_space(text_[stop - 1])) --stop;
    std::size_t last = 0;
    for (std::size_t p = at + length; p < stop; ++p) {
      std::size_t n = 0;
      if (wide_at(text_, p, n) == '"') last = p;
    }
    if (last == 0 || last + 3 != stop) return false;
    Diagnostic& error = diagnostics_.error("full-width", {file_, at, stop - at},
                                           "full-width quotation marks `“ ”` are text to YAML, not quotes");
    error.help = fmt::format("write `\"{}\"`", text_.substr(at + length, last - at - length));
    put(at, length, '"', true);
    put(last, 3, '"', false);
    at_start_ = false;
    at = stop;
    return true;
  }

  bool scan_wide(std::size_t& at, std::size_t end, char wide, std::size_t length) {
    switch (wide) {
      case ':': {
        const bool key_place = flow_.empty() ? !continuation_ && !key_seen_ && plain_key_before(at)
                                             : flow_.back() == '{' && !key_seen_;
        if (!key_place) return false;
        report(at, length, ':');
        begin_value();
        break;
      }
      case ',':
        if (flow_.empty() || (flow_.back() == '{' && !key_follows(at, at + length, end))) return false;
        report(at, length, ',');
        begin_item();
        break;
      case '}':
      case ']':
        if (flow_.empty() || flow_.back() != (wide == '}' ? '{' : '[')) return false;
        report(at, length, wide);
        flow_.pop_back();
        at_start_ = false;
        key_seen_ = true;
        break;
      default:
        return false;
    }
    at += length;
    return true;
  }

  /// The line so far is one word, so that a colon ends a key.
  bool plain_key_before(std::size_t at) const {
    std::size_t p = at;
    while (p > 0 && is_word_byte(text_[p - 1])) --p;
    if (p == at) return false;
    for (std::size_t q = line_begin_; q < p; ++q)
      if (!is_space(text_[q]) && text_[q] != '-') return false;
    return true;
  }

  /// After a full-width comma in braces: does a key follow, or does a Chinese sentence go on?
  bool key_follows(std::size_t comma, std::size_t at, std::size_t end) const {
    while (at < end && is_space(text_[at])) ++at;
    const std::size_t begin = at;
    bool ascii = true;
    while (at < end && is_word_byte(text_[at])) {
      std::size_t length = 1;
      const bool wide = static_cast<unsigned char>(text_[at]) >= 0x80;
      if (wide && wide_at(text_, at, length) != 0) break;
      ascii = ascii && !wide;
      ++at;
    }
    if (at == begin) return false;
    if (at < end && text_[at] == ':') return at + 1 >= end || is_space(text_[at + 1]);
    if (!text_.substr(at).starts_with("：")) return false;
    if (ascii) return true;
    constexpr std::size_t farthest = 200;
    std::size_t value = comma;
    while (value > 0 && comma - value < farthest &&
           std::string_view("{,:\n").find(text_[value - 1]) == std::string_view::npos)
      --value;
    return std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(value),
                       text_.begin() + static_cast<std::ptrdiff_t>(comma),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  }

  void begin_value() {
    key_seen_ = true;
    at_start_ = true;
  }
  void begin_item() {
    key_seen_ = false;
    at_start_ = true;
  }
  void push(char c, std::size_t at) {
    if (flow_.size() >= max_flow_depth) {
      diagnostics_.error("too-deep", {file_, at, 1}, "too many brackets inside one another");
      result_.stop = true;
      return;
    }
    flow_.push_back(c);
    begin_item();
    plain_value_ = false;
  }

  void report(std::size_t at, std::size_t length, char ascii) {
    const std::string_view wide = text_.substr(at, length);
    Diagnostic& error = diagnostics_.error("full-width", {file_, at, length},
                                           fmt::format("`{}` is a full-width character", wide));
    error.why = "YAML knows only the ASCII one";
    error.help = ascii == ':'   ? std::string("write `: `, with a space after it")
                 : ascii == ',' ? std::string("write `, `")
                                : fmt::format("write `{}`", ascii);
    put(at, length, ascii, ascii == '}' || ascii == ']');
  }

  /// Replaces in place, padded with spaces so that every offset stays true.
  void put(std::size_t at, std::size_t length, char ascii, bool padding_first) {
    for (std::size_t i = 0; i < length; ++i) result_.repaired[at + i] = ' ';
    result_.repaired[padding_first ? at + length - 1 : at] = ascii;
  }

  SourcePtr file_;
  Diagnostics& diagnostics_;
  std::string_view text_;
  ScanResult result_;
  std::string flow_;
  Quote quote_ = Quote::none;
  std::size_t quote_at_ = 0;
  bool at_start_ = true;
  bool key_seen_ = false;
  bool in_block_text_ = false;
  std::size_t block_text_indent_ = 0;
  bool plain_value_ = false;
  bool continuation_ = false;
  std::size_t plain_indent_ = 0;
  std::size_t line_indent_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t bad_indents_ = 0;
  Location first_indent_;
  bool first_indent_is_tab_ = false;
};

}  // namespace

ScanResult scan_yaml(const SourcePtr& file, Diagnostics& diagnostics) {
  return Scanner(file, diagnostics).run();
}

}  // namespace lode

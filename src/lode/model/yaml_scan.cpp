// SPDX-License-Identifier: Apache-2.0
#include "lode/model/yaml_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

#include "lode/support/utf8.hpp"

namespace lode {
namespace {

constexpr std::size_t max_flow_depth = 200;

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

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

bool is_word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
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
      Diagnostic& error =
          diagnostics_.error("control-character", {file_, i, 1},
                             c == 0 ? std::string("the file holds NUL bytes")
                                    : fmt::format("the file holds a control character (0x{:02X})", c));
      error.why = "a model is plain text";
      error.help =
          c == 0 ? "it may be a binary file, or text saved as UTF-16: save it as UTF-8" : "delete it";
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
      case '#':
        return false;
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

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") + 1 - first));
}

Location line_location(const SourcePtr& file, std::size_t line) {
  const std::string_view text = file->line(line);
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  return {file, file->line_start(line) + first, text.size() - first};
}

/// The braces that stand open at an offset, innermost last; quotes and comments are respected roughly.
std::vector<std::size_t> open_braces(std::string_view text, std::size_t until) {
  std::vector<std::size_t> open;
  char quote = 0;
  for (std::size_t i = 0; i < until && i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
      continue;
    }
    const bool start =
        i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n' || text[i - 1] == '{' || text[i - 1] == '[';
    if ((c == '"' || c == '\'') && start) quote = c;
    if (c == '#' && start) {
      while (i < until && i < text.size() && text[i] != '\n') ++i;
      continue;
    }
    const bool flow = !open.empty();
    if ((c == '{' || c == '[') && (flow || start)) open.push_back(i);
    if ((c == '}' || c == ']') && flow) open.pop_back();
  }
  return open;
}

/// `key: formula[...` inside braces: where the formula begins and ends, if that is what broke them.
bool formula_in_braces(std::string_view line, std::size_t from, std::size_t& begin, std::size_t& end) {
  for (std::size_t i = from; i + 1 < line.size(); ++i) {
    if (line[i] != '[' && line[i] != '(') continue;
    if (i == 0 || !is_word_byte(line[i - 1])) continue;
    begin = i;
    while (begin > from && !(line[begin - 1] == ' ' && begin >= 2 && line[begin - 2] == ':')) --begin;
    end = line.find('}', i);
    if (end == std::string_view::npos) end = line.size();
    return true;
  }
  return false;
}

/// Within braces on one line: where a second `key: ` begins without a comma before it; 0 if nowhere.
std::size_t second_key(std::string_view text, std::size_t brace, bool is_map) {
  if (!is_map) return 0;
  bool key_seen = false;
  std::size_t word = 0;
  int depth = 0;
  for (std::size_t i = brace + 1; i < text.size() && text[i] != '\n'; ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth-- == 0) return 0;
    if (depth > 0) continue;
    if (c == ',') {
      key_seen = false;
    } else if (c == ':' && i + 1 < text.size() && is_space(text[i + 1])) {
      if (key_seen) return is_word_byte(text[word]) ? word : 0;
      key_seen = true;
    } else if (!is_space(c) && is_space(text[i - 1])) {
      word = i;
    }
  }
  return 0;
}

}  // namespace

ScanResult scan_yaml(const SourcePtr& file, Diagnostics& diagnostics) {
  return Scanner(file, diagnostics).run();
}

void explain_yaml_error(const std::string& message, std::size_t offset, const SourcePtr& file,
                        Diagnostics& diagnostics) {
  const std::string& text = file->text();
  std::size_t line = file->line_of(offset);
  std::string_view content = file->line(line);
  if (content.find_first_not_of(" \t") == std::string_view::npos && line > 1) content = file->line(--line);
  const std::size_t start = file->line_start(line);
  const Location here{file, offset, offset < text.size() && text[offset] != '\n' ? 1u : 0u};

  const std::vector<std::size_t> open = open_braces(text, std::min(offset + 1, text.size()));
  if (!open.empty()) {
    const std::size_t brace_line = file->line_of(open.front());
    const std::string_view brace_text = file->line(brace_line);
    const std::size_t brace_start = file->line_start(brace_line);
    std::size_t begin = 0;
    std::size_t end = 0;
    if (text[open.front()] == '{' && formula_in_braces(brace_text, open.front() - brace_start, begin, end)) {
      Diagnostic& error = diagnostics.error("formula-in-braces", {file, brace_start + begin, end - begin},
                                            "a formula with `,` `[` or `{` does not go in braces");
      error.why = "inside { } YAML takes these signs for its own";
      error.help = "move it under `equations:`, one formula per line, or put it in quotes";
      return;
    }
    if (const std::size_t word = second_key(text, open.back(), text[open.back()] == '{'); word != 0) {
      std::size_t end_of_word = word;
      while (end_of_word < text.size() && is_word_byte(text[end_of_word])) ++end_of_word;
      const std::string_view name = std::string_view(text).substr(word, end_of_word - word);
      Diagnostic& error = diagnostics.error("missing-comma", {file, word, end_of_word - word},
                                            fmt::format("a comma is missing before `{}`", name));
      error.help = fmt::format("write `, {}:`", name);
      return;
    }
    if (message.find("not found") != std::string::npos || message.find("flow end") != std::string::npos) {
      const char closing = text[open.back()] == '{' ? '}' : ']';
      Diagnostic& error =
          diagnostics.error("unclosed-bracket", {file, open.back(), 1},
                            fmt::format("this `{}` is not closed by `{}`", text[open.back()], closing));
      error.why = "a comma or closing bracket is missing, or a key stands where none may";
      error.help = fmt::format("check the commas up to `{}`, one key and value after the other", closing);
      return;
    }
  }
  // A colon that has no space behind it makes no key.
  const std::size_t first = content.find_first_not_of(" -");
  for (const std::size_t candidate : {line, line > 1 ? line - 1 : line}) {
    const std::string_view text_line = file->line(candidate);
    const std::size_t word = text_line.find_first_not_of(" ");
    if (word == std::string_view::npos || text_line[word] == '#') continue;
    std::size_t p = word;
    while (p < text_line.size() && is_word_byte(text_line[p])) ++p;
    if (p > word && p + 1 < text_line.size() && text_line[p] == ':' && !is_space(text_line[p + 1])) {
      Diagnostic& error = diagnostics.error("missing-space", {file, file->line_start(candidate) + p, 1},
                                            "a space is missing after the colon");
      error.help =
          fmt::format("write `{}: {}`", text_line.substr(word, p - word), trimmed(text_line.substr(p + 1)));
      return;
    }
    const bool bare_word = p == text_line.size() || trimmed(text_line.substr(p)).starts_with('#');
    if (p > word && bare_word && message.find("map") != std::string::npos) {
      Diagnostic& error =
          diagnostics.error("missing-colon", {file, file->line_start(candidate) + word, p - word},
                            fmt::format("`{}` has no colon", text_line.substr(word, p - word)));
      error.help = fmt::format("write `{}:`", text_line.substr(word, p - word));
      return;
    }
  }
  if (message == "illegal map value" && first != std::string_view::npos) {
    const std::size_t key_end = content.find(": ");
    if (key_end != std::string_view::npos && key_end + 2 < content.size() &&
        std::string_view(",]}").find(content[key_end + 2]) != std::string_view::npos) {
      diagnostics
          .error("bad-character", {file, start + key_end + 2, 1}, "a value may not begin with this character")
          .help = "put quotes around it";
      return;
    }
    const std::size_t second = key_end == std::string_view::npos ? key_end : content.find(": ", key_end + 2);
    if (second != std::string_view::npos) {
      const bool in_call = content.substr(key_end, second - key_end).find('(') != std::string_view::npos;
      Diagnostic& error =
          diagnostics.error("second-colon", {file, start + second, 1}, "a second `: ` stands in this line");
      error.why = "`: ` ends a key, also inside a formula or a text";
      error.help = in_call ? "write keyword arguments with `=`: `logistic(time, ceiling = K)`"
                           : "put quotes around the text, or begin a new line with more indentation";
      return;
    }
    Diagnostic& error =
        diagnostics.error("indentation", line_location(file, line), "this line is indented wrongly");
    error.why = "it is deeper than its neighbours but belongs to no key above";
    error.help = "give all keys of one section the same number of spaces";
    return;
  }
  struct Meaning {
    const char* theirs;
    const char* code;
    const char* ours;
    const char* help;
  };
  static constexpr std::array<Meaning, 15> meanings{{
      {"end of map not found", "indentation", "this line does not fit its section",
       "give all keys of one section the same number of spaces, and each a colon"},
      {"end of sequence not found", "indentation", "this line does not fit the list above",
       "begin every item of the list with `- ` at the same depth"},
      {"end of map flow", "unclosed-bracket", "a `{` is not closed", "close it with `}`"},
      {"end of sequence flow", "unclosed-bracket", "a `[` is not closed", "close it with `]`"},
      {"illegal flow end", "stray-bracket", "a closing bracket has no opening one",
       "remove it, or put the text in quotes"},
      {"illegal EOF in scalar", "unclosed-quote", "a quotation mark is not closed",
       "close it with the same mark"},
      {"illegal document indicator", "unclosed-quote", "a quotation mark is not closed",
       "close it with the same mark"},
      {"illegal block entry", "list-in-line", "a `- ` may only begin a line of a list",
       "use `[a, b]`, or begin a new line"},
      {"illegal map key", "indentation", "a key may not stand here", "begin a new line for it"},
      {"unknown escape", "bad-escape", "after `\\` inside double quotes only some letters may follow",
       "use single quotes, or write `\\\\`"},
      {"referenced anchor is not defined", "unknown-alias",
       "`*` begins an alias, and there is no such anchor",
       "put quotes around a text or formula that begins with `*`"},
      {"alias", "unknown-alias", "`*` begins an alias here", "put quotes around a text that begins with `*`"},
      {"anchor", "bad-anchor", "`&` begins an anchor here", "put quotes around a text that begins with `&`"},
      {"tab", "tab-indentation", "a tab stands where YAML needs spaces", "replace it by spaces"},
      {"unknown token", "bad-character", "a text may not begin with this character",
       "put quotes around the text"},
  }};
  for (const Meaning& meaning : meanings) {
    if (message.find(meaning.theirs) == std::string::npos) continue;
    diagnostics.error(meaning.code, here.length > 0 ? here : line_location(file, line), meaning.ours).help =
        meaning.help;
    return;
  }
  Diagnostic& error = diagnostics.error("yaml", here.length > 0 ? here : line_location(file, line),
                                        "this cannot be read as YAML");
  error.why = message;
  error.help = "look at colons, quotes and indentation of this line and the one above";
}

namespace {

bool is_number_piece(const std::string& text) {
  return text.size() >= 3 &&
         std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 3 || text[3] == ' ' || text[3] == '.' || text[3] == '%');
}

bool ends_with_digit(const std::string& text) {
  return !text.empty() && text.back() >= '0' && text.back() <= '9';
}

int open_parentheses(const std::string& text) {
  int depth = 0;
  for (const char c : text) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
  return depth;
}

YamlPtr mend(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done);

void report_split(const YamlNode& joined, const YamlNode& first, const YamlNode& last_key, bool number,
                  Diagnostics& diagnostics) {
  if (number) {
    std::string plain = joined.text;
    std::erase(plain, ',');
    Diagnostic& error =
        diagnostics.error("comma-in-braces", joined.where,
                          fmt::format("`{}` in braces is read as {}", joined.text, first.text));
    error.why = "inside { } a comma begins the next key";
    error.help = fmt::format("write `{}`", plain);
    return;
  }
  Diagnostic& error = diagnostics.error("formula-in-braces", joined.where,
                                        "a formula with `,` `[` or `{` does not go in braces");
  error.why = fmt::format("inside {{ }} a comma begins the next key: YAML reads `{}` and a key `{}`",
                          first.text, last_key.text);
  error.help = "move it under `equations:`, one formula per line, or put it in quotes";
}

YamlPtr mend_map(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done) {
  auto result = std::make_shared<YamlNode>(*node);
  for (YamlPtr& value : result->values) value = mend(value, diagnostics, done);
  if (node->style != YamlNode::Style::flow) return result;
  const std::vector<YamlPtr> old_keys = std::move(result->keys);
  const std::vector<YamlPtr> old_values = std::move(result->values);
  result->keys.clear();
  result->values.clear();
  const auto bare = [&](std::size_t i) {  // a key without value, as a comma in a value leaves it
    return old_values[i]->is_null() && old_keys[i]->style == YamlNode::Style::plain &&
           old_values[i]->where.offset == old_keys[i]->where.offset;
  };
  for (std::size_t i = 0; i < old_keys.size(); ++i) {
    YamlPtr value = old_values[i];
    std::size_t last = i;
    bool number = false;
    int open = value->is_scalar() ? open_parentheses(value->text) : 0;
    while (value->is_scalar() && value->style == YamlNode::Style::plain && last + 1 < old_keys.size() &&
           bare(last + 1)) {
      const std::string& piece = old_keys[last + 1]->text;
      const std::string& before = last > i ? old_keys[last]->text : value->text;
      if (open <= 0 && !(ends_with_digit(before) && is_number_piece(piece))) break;
      number = open <= 0;
      open += open_parentheses(piece);
      ++last;
    }
    result->keys.push_back(old_keys[i]);
    if (last > i) {
      auto joined = std::make_shared<YamlNode>(*value);
      joined->where = cover(joined->where, old_keys[last]->where);
      joined->text = joined->where.file->text().substr(joined->where.offset, joined->where.length);
      report_split(*joined, *value, *old_keys[last], number, diagnostics);
      result->values.push_back(std::move(joined));
    } else {
      result->values.push_back(value);
    }
    i = last;
  }
  return result;
}

YamlPtr mend(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done) {
  if (!node || node->is_scalar() || node->is_null()) return node;
  if (const auto found = done.find(node.get()); found != done.end()) return found->second;
  YamlPtr result;
  if (node->is_map()) {
    result = mend_map(node, diagnostics, done);
  } else {
    auto list = std::make_shared<YamlNode>(*node);
    for (YamlPtr& value : list->values) value = mend(value, diagnostics, done);
    result = list;
  }
  done[node.get()] = result;
  return result;
}

}  // namespace

YamlPtr mend_split_values(const YamlPtr& root, Diagnostics& diagnostics) {
  std::map<const YamlNode*, YamlPtr> done;
  return mend(root, diagnostics, done);
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lode/model/yaml_scan.hpp"
#include "lode/support/text.hpp"

namespace lode {
namespace {

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
    const std::size_t word = text_line.find_first_not_of(' ');
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

}  // namespace lode

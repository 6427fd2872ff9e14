// SPDX-License-Identifier: Apache-2.0
//
// Every code and every sentence that binding and planning can say is said by some case.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "text_cases.hpp"

namespace lode {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(LODE_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::stringstream whole;
  whole << file.rdbuf();
  return whole.str();
}

/// From `begin`, just behind an opening parenthesis or an `=`, to its end.
std::string statement(const std::string& source, std::size_t begin) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = begin; i < source.size(); ++i) {
    const char c = source[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (depth < 0 || (c == ';' && depth == 0)) return source.substr(begin, i - begin);
  }
  return source.substr(begin);
}

std::vector<std::string> literals(const std::string& code) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] != '"') continue;
    std::string text;
    for (++i; i < code.size() && code[i] != '"'; ++i) {
      if (code[i] == '\\') ++i;
      text += code[i];
    }
    found.push_back(text);
  }
  return found;
}

struct Sentence {
  std::string file, text;
};

bool is_code(const std::string& text) {
  return text.size() > 3 && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
}

struct Sayable {
  std::map<std::string, std::string> codes;  ///< code → file
  std::vector<Sentence> sentences;
};

Sayable sayable() {
  static const std::vector<std::string> files{
      "src/lode/binding/bind.cpp",         "src/lode/binding/calls.cpp",  "src/lode/binding/conditions.cpp",
      "src/lode/binding/dimensions.cpp",   "src/lode/binding/leaves.cpp", "src/lode/binding/expressions.cpp",
      "src/lode/binding/quantities.cpp",   "src/lode/binding/system.cpp", "src/lode/binding/verdicts.cpp",
      "src/lode/binding/policy_calls.cpp", "src/lode/plan/lower.cpp",     "src/lode/plan/order.cpp",
      "src/lode/api/session.cpp",          "src/lode/api/borrow.cpp",     "src/lode/model/read_borrowed.cpp"};
  static const std::vector<std::string> starts{
      "error(", "warning(", "note(", ".why = ", ".help = ", "explain(", "units_differ("};
  Sayable result;
  for (const std::string& file : files) {
    const std::string source = text_of(file);
    EXPECT_FALSE(source.empty()) << file;
    for (const std::string& start : starts)
      for (std::size_t at = source.find(start); at != std::string::npos; at = source.find(start, at + 1)) {
        const bool diagnostic = start == "error(" || start == "warning(" || start == "note(";
        for (const std::string& text : literals(statement(source, at + start.size()))) {
          if (diagnostic && is_code(text) && text.find('-') != std::string::npos) {
            result.codes[text] = file;
          } else if (text.size() >= 8 && text.find(' ') != std::string::npos) {
            result.sentences.push_back({file, text});
          }
        }
      }
  }
  return result;
}

/// Does the line hold the parts of a format text in order?
bool says(const std::string& line, const std::string& format) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if ((format[i] == '{' || format[i] == '}') && i + 1 < format.size() && format[i + 1] == format[i]) {
      parts.back() += format[i++];
    } else if (format[i] == '{') {
      i = format.find('}', i);
      parts.emplace_back();
    } else {
      parts.back() += format[i];
    }
  }
  std::size_t at = 0;
  for (const std::string& part : parts) {
    const std::size_t found = line.find(part, at);
    if (found == std::string::npos) return false;
    at = found + part.size();
  }
  return true;
}

TEST(Coverage, EveryCodeAndSentenceHasACase) {
  // What cannot be shown by a case folder, and why.
  static const std::map<std::string, std::string> exceptions{
      {"unknown-function",
       "the parser knows all functions; this is for one that it knows and binding does not"},
      {"no function is called `{}`", "the same"},
      {"solve-not-settled", "a search that goes on after 200 steps"},
      {"the search for `{}` did not come to an end{}", "the same"},
      {"begin nearer, or narrow the range", "the same"}};
  std::set<std::string> codes;
  std::vector<std::string> lines;
  for (const char* folder : {"binding/messages", "binding/values", "plan/plans"})
    for (const std::string& file : testing::case_files(folder))
      for (const testing::TextCase& each : testing::read_cases(file)) {
        const std::string* messages = each.section("messages");
        if (!messages) continue;
        std::stringstream stream(*messages);
        for (std::string line; std::getline(stream, line);) {
          if (line.size() > 2 && line.front() == '[' && line.back() == ']')
            codes.insert(line.substr(1, line.size() - 2));
          lines.push_back(line);
        }
      }
  const Sayable all = sayable();
  EXPECT_GT(all.codes.size(), 50u);
  for (const auto& [code, file] : all.codes)
    EXPECT_TRUE(exceptions.count(code) || codes.count(code)) << "no case shows [" << code << "] of " << file;
  for (const Sentence& sentence : all.sentences) {
    if (exceptions.count(sentence.text)) continue;
    bool found = false;
    for (const std::string& line : lines) found = found || says(line, sentence.text);
    EXPECT_TRUE(found) << "no case says \"" << sentence.text << "\" of " << sentence.file;
  }
}

}  // namespace
}  // namespace lode

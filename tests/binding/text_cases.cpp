// SPDX-License-Identifier: Apache-2.0
#include "text_cases.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "lode/api/session.hpp"
#include "lode/language/expression.hpp"

namespace lode::testing {

namespace {

namespace fs = std::filesystem;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A folder with the files of a case, gone with the object.
class Folder {
 public:
  explicit Folder(const TextCase& text) {
    static int counter = 0;
    path_ = fs::temp_directory_path() / fmt::format("lode-text-{}-{}", getpid(), ++counter);
    fs::create_directories(path_);
    for (const auto& [name, content] : text.sections) {
      if (name == "messages" || name == "values" || name == "plan") continue;
      fs::create_directories((path_ / name).parent_path());
      std::ofstream(path_ / name, std::ios::binary) << content;
    }
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string said(const Diagnostics& diagnostics, const fs::path& folder) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (!out.empty()) out += "\n";
    out += "[" + diagnostic.code + "]\n" + render(diagnostic);
  }
  for (const auto& [from, to] :
       {std::pair(folder.string() + "/", std::string()), std::pair(folder.string(), std::string("case"))})
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from, at))
      out.replace(at, from.size(), to);
  return out;
}

std::string option(const TextCase& text, const std::string& name) {
  for (const std::string& line : text.options)
    if (line.rfind(name, 0) == 0) return trimmed(line.substr(name.size()));
  return "";
}

bool has_option(const TextCase& text, const std::string& name) {
  return std::any_of(text.options.begin(), text.options.end(),
                     [&](const std::string& line) { return line.rfind(name, 0) == 0; });
}

std::optional<std::size_t> ask(Session& session, const std::string& question) {
  const auto file = std::make_shared<SourceFile>("question", question);
  const ExpressionPtr formula =
      parse_formula(FormulaText::plain(file, 0, question.size()), session.diagnostics);
  if (!formula) return std::nullopt;
  return bind_question(*session.bound, question, formula, session.diagnostics);
}

struct Wanted {
  std::string formula, number, unit;
};

/// "formula = 12.5 t/yr": the last " = " divides.
Wanted wanted_of(const std::string& line) {
  const auto at = line.rfind(" = ");
  Wanted wanted;
  wanted.formula = trimmed(line.substr(0, at));
  const std::string right = trimmed(line.substr(at + 3));
  const auto space = right.find(' ');
  wanted.number = right.substr(0, space);
  if (space != std::string::npos) wanted.unit = trimmed(right.substr(space));
  return wanted;
}

void compare_values(Session& session, const std::string& text) {
  std::vector<std::pair<Wanted, std::size_t>> asked;
  for (const std::string& line : lines_of(text)) {
    if (trimmed(line).empty() || line[0] == '#') continue;
    ASSERT_NE(line.find(" = "), std::string::npos) << line;
    const Wanted wanted = wanted_of(line);
    const auto id = ask(session, wanted.formula);
    if (!id) {
      ADD_FAILURE() << wanted.formula << "\n" << render(session.diagnostics);
      return;
    }
    asked.emplace_back(wanted, *id);
  }
  ASSERT_FALSE(asked.empty());
  session.plan = std::make_unique<Plan>(make_plan(session.bound, session.diagnostics));
  ASSERT_FALSE(session.diagnostics.has_errors()) << render(session.diagnostics);
  ASSERT_TRUE(compute(session)) << render(session.diagnostics);
  for (const auto& [wanted, id] : asked) {
    const Quantity& quantity = session.bound->quantities[id];
    ASSERT_TRUE(quantity.dims.scalar())
        << wanted.formula << " is over " << quantity.dims.str(session.bound->dimensions);
    const double ours = session.evaluation->quantity(id).value(0, 0);
    if (wanted.number == "never" || wanted.number == "absent") {
      EXPECT_TRUE(std::isnan(ours)) << wanted.formula << " is " << ours;
      continue;
    }
    double scale = 1;
    if (!wanted.unit.empty()) {
      const auto unit = parse_unit(wanted.unit).unit;
      ASSERT_TRUE(unit) << wanted.unit;
      EXPECT_TRUE(quantity.unit.same_kind(*unit)) << wanted.formula << " is in " << quantity.unit.str();
      scale = unit->scale();
    } else {
      EXPECT_TRUE(quantity.unit.dimensionless()) << wanted.formula << " is in " << quantity.unit.str();
    }
    const double theirs = std::stod(wanted.number);
    EXPECT_NEAR(ours / scale, theirs, 1e-9 * std::max(1e-3, std::abs(theirs))) << wanted.formula;
  }
}

std::string operations_of(const Plan& plan) {
  const std::string text = print(plan);
  const auto blank = text.find("\n\n");
  return blank == std::string::npos ? text : text.substr(blank + 2);
}

void set_section(TextCase& text, const std::string& name, const std::string& content) {
  for (auto& [key, value] : text.sections)
    if (key == name) {
      value = content;
      return;
    }
  if (!content.empty()) text.sections.emplace_back(name, content);
}

std::string written(const std::vector<TextCase>& cases) {
  std::string out;
  for (const TextCase& each : cases) {
    if (!out.empty()) out += "\n";
    out += "=== " + each.title + "\n";
    for (const std::string& line : each.remarks) out += line + "\n";
    for (const std::string& line : each.options) out += "@ " + line + "\n";
    for (const auto& [name, content] : each.sections) {
      if (name == "messages" && content.empty()) continue;
      out += "--- " + name + "\n" + content;
    }
  }
  return out;
}

void run_case(TextCase& text, bool update) {
  SCOPED_TRACE("=== " + text.title);
  ScenarioChoice choice;
  for (const std::string& line : text.options)
    if (line.rfind("scenario ", 0) == 0) {
      const std::string pair = trimmed(line.substr(9));
      choice[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    }
  const Folder folder(text);
  Session session = open_session(folder.path(), choice);
  if (has_option(text, "ask") && session.planned()) {
    ask(session, option(text, "ask"));
  } else if (has_option(text, "compute") && session.planned()) {
    compute(session);
  }
  const std::string messages = said(session.diagnostics, folder.path());
  const std::string* expected = text.section("messages");
  if (update) {
    set_section(text, "messages", messages);
    if (text.section("plan") && session.planned()) set_section(text, "plan", operations_of(*session.plan));
    return;
  }
  EXPECT_EQ(messages, expected ? *expected : "");
  if (const std::string* plan = text.section("plan")) {
    ASSERT_TRUE(session.planned());
    EXPECT_EQ(operations_of(*session.plan), *plan);
  }
  if (const std::string* values = text.section("values")) {
    ASSERT_TRUE(session.planned()) << messages;
    compare_values(session, *values);
  }
}

}  // namespace

const std::string* TextCase::section(const std::string& name) const {
  for (const auto& [key, value] : sections)
    if (key == name) return &value;
  return nullptr;
}

std::vector<TextCase> read_cases(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream whole;
  whole << file.rdbuf();
  std::vector<TextCase> cases;
  for (const std::string& line : lines_of(whole.str())) {
    if (line.rfind("=== ", 0) == 0) {
      cases.emplace_back();
      cases.back().title = line.substr(4);
      continue;
    }
    if (cases.empty()) continue;
    TextCase& text = cases.back();
    if (line.rfind("--- ", 0) == 0) {
      text.sections.emplace_back(line.substr(4), "");
    } else if (!text.sections.empty()) {
      text.sections.back().second += line + "\n";
    } else if (line.rfind("@ ", 0) == 0) {
      text.options.push_back(line.substr(2));
    } else if (!trimmed(line).empty()) {
      text.remarks.push_back(line);
    }
  }
  // A blank line before the next case belongs to neither.
  for (TextCase& text : cases)
    for (auto& [name, content] : text.sections)
      while (content.size() > 1 && content.ends_with("\n\n")) content.pop_back();
  return cases;
}

std::vector<std::string> case_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(fs::path(LODE_SOURCE_DIR) / "tests" / folder))
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

void run_case_file(const std::string& path) {
  const bool update = std::getenv("LODE_UPDATE") != nullptr;
  std::vector<TextCase> cases = read_cases(path);
  ASSERT_FALSE(cases.empty()) << path;
  for (TextCase& each : cases) run_case(each, update);
  if (update) std::ofstream(path, std::ios::binary) << written(cases);
}

}  // namespace lode::testing

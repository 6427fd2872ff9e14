// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/row_problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace lode {
namespace {

constexpr std::size_t longest_line = 2000;
// Rows further down are named by number only: the text that a location needs would be nearly all blank lines.
constexpr std::size_t furthest_line = 1'000'000;

}  // namespace

void RowProblems::add(Severity severity, const std::string& code, const Place& place, std::string message,
                      std::string help) {
  ++count_;
  if (++of_kind_[code] > most_of_a_kind) return;
  Problem problem{severity,   code,       std::move(message), std::move(help), std::string(place.row),
                  place.file, place.line, place.offset,       place.length};
  // A quoted cell may go over lines, and a location needs one.
  for (char& c : problem.row)
    if (c == '\n' || c == '\r') c = ' ';
  if (problem.row.size() > longest_line) {
    std::size_t end = longest_line;
    while (end > 0 && (static_cast<unsigned char>(problem.row[end]) & 0xC0u) == 0x80u) --end;
    problem.row.resize(end);
  }
  problem.offset = std::min(problem.offset, problem.row.size());
  problem.length = std::min(problem.length, problem.row.size() - problem.offset);
  problems_.push_back(std::move(problem));
}

void RowProblems::tell(const std::vector<std::string>& files, Diagnostics& diagnostics) const {
  for (std::size_t f = 0; f < files.size(); ++f) {
    std::map<std::size_t, std::string> lines;
    for (const Problem& problem : problems_)
      if (problem.file == f && problem.line <= furthest_line) lines.emplace(problem.line, problem.row);
    std::string text;
    std::map<std::size_t, std::size_t> starts;
    std::size_t line = 1;
    for (const auto& [number, row] : lines) {
      for (; line < number; ++line) text += '\n';
      starts[number] = text.size();
      text += row;
    }
    const auto source = std::make_shared<const SourceFile>(files[f], std::move(text));
    for (const Problem& problem : problems_) {
      if (problem.file != f) continue;
      Diagnostic diagnostic{problem.severity, problem.code, problem.message, {}, {}, problem.help};
      if (const auto start = starts.find(problem.line); start != starts.end()) {
        diagnostic.labels.push_back({{source, start->second + problem.offset, problem.length}, {}});
      } else {
        diagnostic.message = fmt::format("{}:{}: {}", files[f], problem.line, problem.message);
      }
      diagnostics.add(std::move(diagnostic));
    }
  }
  for (const auto& [code, count] : of_kind_) {
    if (count <= most_of_a_kind) continue;
    const auto first = std::find_if(problems_.begin(), problems_.end(),
                                    [&kind = code](const Problem& problem) { return problem.code == kind; });
    diagnostics.add(
        {first->severity, code, fmt::format("{} more of this kind", count - most_of_a_kind), {}, {}, {}});
  }
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/support/text.hpp"

namespace lode {

namespace {

bool has(const ScenarioChoice& choice, const ScenarioChoice& part) {
  return std::all_of(part.begin(), part.end(), [&](const auto& each) {
    const auto found = choice.find(each.first);
    return found != choice.end() && found->second == each.second;
  });
}

/// "supply=high, recycling=today"; nothing where it is none.
std::optional<ScenarioChoice> read_side(const std::string& text) {
  ScenarioChoice choice;
  for (const TextPart& part : split_text(text, ",")) {
    const auto equal = part.text.find('=');
    if (equal == std::string::npos) return std::nullopt;
    const auto axis = trimmed(part.text.substr(0, equal)), name = trimmed(part.text.substr(equal + 1));
    if (axis.empty() || name.empty()) return std::nullopt;
    choice[std::string(axis)] = name;
  }
  return choice;
}

/// The one scenario of the set that a side of "A - B" means.
std::optional<std::size_t> find_side(const ScenarioSet& set, const std::string& text,
                                     const std::string& whole, Diagnostics& diagnostics) {
  const auto file = std::make_shared<SourceFile>("difference", whole);
  const Location where{file, whole.find(text), text.size()};
  const auto choice = read_side(text);
  if (!choice) {
    diagnostics.error("bad-difference", where, "a scenario is written `AXIS=CASE`, several with commas")
        .help = fmt::format("for example `{}`", set.labels.front());
    return std::nullopt;
  }
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < set.choices.size(); ++k)
    if (has(set.choices[k], *choice)) found.push_back(k);
  if (found.size() == 1) return found.front();
  diagnostics
      .error("bad-difference", where,
             found.empty() ? "no scenario of `--scenarios` is this one"
                           : fmt::format("{} scenarios of `--scenarios` are this one", found.size()))
      .help = found.empty() ? fmt::format("they are {}", fmt::join(set.labels, "; "))
                            : fmt::format("name a case of each axis: `{}`", set.labels[found.front()]);
  return std::nullopt;
}

void add_pair(ScenarioPairs& pairs, std::size_t first, std::size_t second) {
  const bool known = std::any_of(pairs.pairs.begin(), pairs.pairs.end(), [&](const ScenarioPair& pair) {
    return pair.first == first && pair.second == second;
  });
  if (first != second && !known) pairs.pairs.push_back({first, second});
}

/// Each scenario less that with the cases of `against` in the place of its own.
void add_against(const Model& as_read, const ScenarioSet& set, const ScenarioChoice& against,
                 ScenarioPairs& pairs, Diagnostics& diagnostics) {
  for (const auto& [name, chosen] : against) {
    const auto axis =
        std::find_if(as_read.axes.begin(), as_read.axes.end(),
                     [&axis_name = name](const ScenarioAxis& each) { return each.name.id == axis_name; });
    const bool good = axis != as_read.axes.end() &&
                      std::any_of(axis->cases.begin(), axis->cases.end(),
                                  [&case_name = chosen](const NameAt& each) { return each.id == case_name; });
    if (good) continue;
    diagnostics.error("unknown-case", {}, fmt::format("there is no scenario `{}={}`", name, chosen));
    return;
  }
  const std::size_t count = set.choices.size();
  for (std::size_t k = 0; k < count; ++k) {
    ScenarioChoice choice = set.choices[k], told;
    for (const ScenarioSet::Axis& axis : set.axes) told[axis.name] = choice[axis.name];
    for (const auto& [axis, name] : against) choice[axis] = told[axis] = name;
    auto found = std::find(pairs.choices.begin(), pairs.choices.end(), choice);
    if (found == pairs.choices.end()) {
      pairs.choices.push_back(choice);
      pairs.labels.push_back(scenario_text(told));
      found = pairs.choices.end() - 1;
    }
    add_pair(pairs, k, static_cast<std::size_t>(found - pairs.choices.begin()));
  }
}

}  // namespace

ScenarioPairs read_scenario_pairs(const Model& as_read, const ScenarioSet& set, const ScenarioChoice& session,
                                  const ScenarioChoice& against, const std::vector<std::string>& differences,
                                  Diagnostics& diagnostics) {
  ScenarioPairs pairs;
  // All axes, so that a scenario is one and the same however it is written.
  for (const ScenarioChoice& choice : set.choices) {
    ScenarioChoice whole = session;
    for (const auto& [axis, name] : choice) whole[axis] = name;
    pairs.choices.push_back(std::move(whole));
  }
  pairs.labels = set.labels;
  ScenarioSet whole = set;
  whole.choices = pairs.choices;
  for (const std::string& text : differences) {
    const auto minus = text.find(" - ");
    if (minus == std::string::npos) {
      const auto file = std::make_shared<SourceFile>("difference", text);
      diagnostics
          .error("bad-difference", Location{file, 0, text.size()},
                 "a difference is written `A - B`, with blanks around the sign")
          .help =
          set.labels.size() > 1 ? fmt::format("for example `{} - {}`", set.labels[1], set.labels[0]) : "";
      return pairs;
    }
    const auto first = find_side(whole, std::string(trimmed(text.substr(0, minus))), text, diagnostics),
               second = find_side(whole, std::string(trimmed(text.substr(minus + 3))), text, diagnostics);
    if (!first || !second) return pairs;
    add_pair(pairs, *first, *second);
  }
  if (!differences.empty()) return pairs;
  if (!against.empty()) {
    add_against(as_read, whole, against, pairs, diagnostics);
    return pairs;
  }
  const auto own = std::find(pairs.choices.begin(), pairs.choices.end(), session);
  const std::size_t base =
      own == pairs.choices.end() ? 0 : static_cast<std::size_t>(own - pairs.choices.begin());
  for (std::size_t k = 0; k < set.choices.size(); ++k) add_pair(pairs, k, base);
  return pairs;
}

}  // namespace lode

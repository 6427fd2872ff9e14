// SPDX-License-Identifier: Apache-2.0
#include "lode/api/scenario_sets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/support/text.hpp"

namespace lode {

namespace {

constexpr std::size_t most_scenarios = 10'000;

std::vector<std::string> names_of(const std::vector<NameAt>& list) {
  std::vector<std::string> names;
  for (const NameAt& name : list) names.push_back(name.id);
  return names;
}

class Reading {
 public:
  Reading(const Model& model, const ScenarioChoice& chosen, Diagnostics& diagnostics)
      : model_(model), chosen_(chosen), diagnostics_(diagnostics), cases_(model.axes.size()) {}

  void read(const std::string& text);
  const std::vector<std::vector<std::string>>& cases() const { return cases_; }

 private:
  void take_all(std::size_t axis) { cases_[axis] = names_of(model_.axes[axis].cases); }
  bool find_axis(const std::string& name, const Location& where, std::size_t& axis);
  void take(std::size_t axis, const std::string& name, const Location& where);

  const Model& model_;
  const ScenarioChoice& chosen_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<std::string>> cases_;  ///< per axis of the model
};

bool Reading::find_axis(const std::string& name, const Location& where, std::size_t& axis) {
  std::vector<std::string> names;
  for (const ScenarioAxis& each : model_.axes) names.push_back(each.name.id);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    Diagnostic& error =
        diagnostics_.error("unknown-axis", where, fmt::format("there is no scenario axis `{}`", name));
    error.help = did_you_mean(name, names);
    if (error.help.empty())
      error.help = names.empty()
                       ? "the case has no `scenarios:`"
                       : fmt::format("axes: {}; `all` stands for all of them", fmt::join(names, ", "));
    return false;
  }
  axis = static_cast<std::size_t>(found - names.begin());
  if (chosen_.count(name)) {
    diagnostics_
        .error("axis-chosen", where, fmt::format("`{}` is chosen already: {}", name, chosen_.at(name)))
        .help = "leave it out here, or out of `--scenario`";
    return false;
  }
  return true;
}

void Reading::take(std::size_t axis, const std::string& name, const Location& where) {
  const std::vector<std::string> names = names_of(model_.axes[axis].cases);
  std::vector<std::string>& list = cases_[axis];
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    if (name == "all") return take_all(axis);
    Diagnostic& error = diagnostics_.error(
        "unknown-case", where, fmt::format("`{}` has no case `{}`", model_.axes[axis].name.id, name));
    error.help = did_you_mean(name, names);
    if (error.help.empty())
      error.help = fmt::format("its cases: {}; `all` stands for all of them", fmt::join(names, ", "));
    return;
  }
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

void Reading::read(const std::string& text) {
  const auto file = std::make_shared<SourceFile>("scenarios", text);
  std::size_t axis = model_.axes.size();
  bool good_axis = true, any = false;
  for (const auto& [written, first] : split_text(text, ",;")) {
    if (written.empty()) continue;
    any = true;
    const std::string part(written);
    const Location where{file, first, part.size()};
    const std::size_t equal = part.find('=');
    if (equal == std::string::npos && axis == model_.axes.size() && good_axis) {
      if (part != "all" || model_.axes.empty()) {
        diagnostics_.error("bad-scenarios", where, "scenarios are `AXIS=CASE,CASE`, or `all`").help =
            model_.axes.empty() ? "the case has no `scenarios:`"
                                : fmt::format("for example `{}=all`", model_.axes.front().name.id);
        return;
      }
      for (std::size_t i = 0; i < model_.axes.size(); ++i)
        if (!chosen_.count(model_.axes[i].name.id)) take_all(i);
      continue;
    }
    std::string name = part;
    Location name_where = where;
    if (equal != std::string::npos) {
      const std::string axis_name(trimmed(part.substr(0, equal)));
      good_axis = find_axis(axis_name, Location{file, first, axis_name.size()}, axis);
      name = trimmed(part.substr(equal + 1));
      if (name.empty()) {
        diagnostics_.error("bad-scenarios", where, fmt::format("`{}` names no case", part)).help =
            "write `AXIS=CASE,CASE`, or `AXIS=all`";
        return;
      }
      name_where = Location{file, first + part.size() - name.size(), name.size()};
    }
    if (good_axis) take(axis, name, name_where);
  }
  if (!any)
    diagnostics_.error("bad-scenarios", Location{file, 0, text.size()}, "no scenarios are named").help =
        "write `all`, or `AXIS=CASE,CASE`";
}

}  // namespace

ScenarioSet read_scenario_set(const Model& as_read, const std::vector<std::string>& texts,
                              const ScenarioChoice& chosen, Diagnostics& diagnostics) {
  Reading reading(as_read, chosen, diagnostics);
  for (const std::string& text : texts) reading.read(text);
  ScenarioSet set;
  if (diagnostics.has_errors()) return set;
  set.fixed = chosen;
  std::size_t count = 1;
  for (std::size_t i = 0; i < as_read.axes.size(); ++i) {
    const auto& cases = reading.cases()[i];
    if (cases.size() == 1) set.fixed[as_read.axes[i].name.id] = cases.front();
    if (cases.size() < 2) continue;
    set.axes.push_back({as_read.axes[i].name.id, cases});
    count *= cases.size();
    if (count > most_scenarios) {
      diagnostics
          .error("too-many", {}, fmt::format("these are more than {} scenarios", thousands(most_scenarios)))
          .help = "choose axes and cases: `--scenarios 'supply=low,high'`";
      return {};
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    ScenarioChoice choice = set.fixed;
    std::string label;
    std::size_t rest = k, run = count;
    for (const ScenarioSet::Axis& axis : set.axes) {
      run /= axis.cases.size();
      const std::string& name = axis.cases[rest / run];
      rest %= run;
      choice[axis.name] = name;
      label += (label.empty() ? "" : ", ") + axis.name + "=" + name;
    }
    set.choices.push_back(std::move(choice));
    set.labels.push_back(label.empty() ? scenario_text(set.fixed) : label);
  }
  return set;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/api/input_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "lode/support/text.hpp"

namespace lode {

namespace {

/// The uncertain parameters by name, each with its leaf.
std::map<std::string, std::size_t> uncertain_parameters(const DrawModel& model) {
  std::map<std::string, std::size_t> leaves;
  for (const ScoreColumn& column : model.uncertainty().columns)
    leaves.emplace(model.plan().model->leaves[column.leaf].name, column.leaf);
  return leaves;
}

}  // namespace

std::optional<InputGroups> input_groups(Session& session, const SensitivityRequest& request) {
  const DrawModel& model = *session.draw_model;
  InputGroups groups = request.by_number ? groups_by_number(model) : groups_by_parameter(model);
  if (request.groups.empty()) return groups;
  const auto refuse = [&](const std::string& message, const std::string& help) {
    session.diagnostics.error("bad-group", {}, message).help = help;
    return std::nullopt;
  };
  const std::string example = "for example `--group 'production: ore_output, metal_output'`";
  if (request.method == "draws")
    return refuse("`--method draws` tells of single numbers, not of groups",
                  "take `--method sobol` or `--method screening`");
  const auto leaves = uncertain_parameters(model);
  std::vector<std::string> known;
  for (const auto& [name, leaf] : leaves) known.push_back(name);
  std::map<std::size_t, std::string> group_of_leaf;
  for (const std::string& text : request.groups) {
    const std::size_t colon = text.find(':');
    const std::string group(trimmed(text.substr(0, colon)));
    if (colon == std::string::npos || group.empty())
      return refuse(fmt::format("`{}` is no group of parameters", text), example);
    if (leaves.contains(group))
      return refuse(fmt::format("the group `{0}` is called as the parameter `{0}`", group),
                    "give it a name of its own, that the ranking may tell them apart");
    const std::string members = text.substr(colon + 1);
    for (const TextPart& part : split_text(members, ",")) {
      const std::string name(part.text);
      const auto found = leaves.find(name);
      if (found == leaves.end()) {
        const bool exists = session.bound->find_leaf(name).has_value();
        return refuse(exists ? fmt::format("`{}` of the group `{}` is not uncertain", name, group)
                             : fmt::format("no parameter is called `{}`, in the group `{}`", name, group),
                      exists ? "only what is drawn can drive a result" : did_you_mean(name, known));
      }
      const auto [at, is_new] = group_of_leaf.emplace(found->second, group);
      if (!is_new)
        return refuse(fmt::format("`{}` is named twice in groups", name),
                      "each parameter belongs to one group");
    }
  }
  // Inputs keep their order; a group stands where its first member does.
  InputGroups merged;
  std::map<std::string, std::size_t> place_of_group;
  std::map<std::size_t, std::size_t> place_of_input;
  for (std::size_t c = 0; c < groups.group_of.size(); ++c) {
    const auto member = group_of_leaf.find(model.uncertainty().columns[c].leaf);
    const bool grouped = member != group_of_leaf.end();
    const std::size_t next = merged.names.size();
    const auto [at, is_new] =
        grouped ? place_of_group.emplace(member->second, next) : std::pair(place_of_group.end(), false);
    if (grouped) {
      if (is_new) merged.names.push_back(member->second);
      merged.group_of.push_back(at->second);
      continue;
    }
    const auto [own, is_first] = place_of_input.emplace(groups.group_of[c], next);
    if (is_first) merged.names.push_back(groups.names[groups.group_of[c]]);
    merged.group_of.push_back(own->second);
  }
  return merged;
}

}  // namespace lode

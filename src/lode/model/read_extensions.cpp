// SPDX-License-Identifier: Apache-2.0
//
// An extension becomes named quantities: what each process and flow takes, their sums by stage and in all.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lode/language/make_expression.hpp"
#include "lode/model/reader.hpp"

namespace lode {
namespace {

const char* const stage_dimension = "stage";

/// "Energy: Smelting" in every language that one of the two speaks.
Title joined(const Title& extension, const std::string& fallback, const std::string& part,
             const Title& part_title) {
  Title result;
  std::set<std::string> languages;
  for (const auto& [language, text] : extension.by_language) languages.insert(language);
  for (const auto& [language, text] : part_title.by_language) languages.insert(language);
  for (const std::string& language : languages) {
    const std::string first = extension.empty() ? fallback : extension.in(language);
    const std::string second = part_title.empty() ? part : part_title.in(language);
    result.by_language[language] = first + (language == "zh" ? "：" : ": ") + second;
  }
  return result;
}

}  // namespace

void Reader::read_extension(const YamlPtr& key, const YamlPtr& node) {
  if (!node->is_map() || !good_name(*key, "an extension")) return;
  ExtensionDecl extension;
  extension.name = {key->text, key->where};
  claim(extension.name, "an extension");
  extension.title = entry_title(*node);
  extension.unit = scalar_of(node->find("unit"));
  extension.by = names_of(node->find("by"), "a dimension");
  if (const YamlPtr cumulative = node->find("cumulative"); cumulative)
    extension.cumulative = truth_of(cumulative);
  const YamlPtr of = node->find("of");
  if (!of || !of->is_map() || !extension.unit) return;
  for (std::size_t i = 0; i < of->keys.size(); ++i) {
    const YamlPtr& value = of->values[i];
    ExtensionDecl::Part part;
    part.of = {of->keys[i]->text, of->keys[i]->where};
    part.per = "inputs";
    if (value->is_map()) {
      part.intensity = formula_of(value->find("intensity"));
      if (const YamlPtr per = value->find("per")) part.per = per->text;
    } else {
      part.intensity = formula_of(value);
    }
    if (part.intensity && (!value->is_map() || good_throughput(part, value->find("per"))))
      extension.parts.push_back(std::move(part));
  }
  add_extension(extension);
  model_.extensions.push_back(std::move(extension));
}

/// Whether what a process is measured by is its inputs, its outputs or one of its flows.
bool Reader::good_throughput(const ExtensionDecl::Part& part, const YamlPtr& per) {
  if (!per || part.per == "inputs" || part.per == "outputs") return true;
  std::vector<std::string> names;
  for (const FlowDecl& flow : model_.flows)
    if (flow.from.process.id == part.of.id || flow.to.process.id == part.of.id) names.push_back(flow.name.id);
  if (std::find(names.begin(), names.end(), part.per) != names.end()) return true;
  Diagnostic& error = diagnostics_.error("unknown-name", per->where,
                                         fmt::format("`{}` has no flow `{}`", part.of.id, part.per));
  error.help = suggestion(diagnostics_, part.per, names);
  if (error.help.empty())
    error.help = names.empty()
                     ? "`per` stands with a process and names `inputs`, `outputs` or one of its flows"
                     : fmt::format("inputs, outputs, or one of {}", listing(names));
  return false;
}

void Reader::add_extension(const ExtensionDecl& extension) {
  const std::string& name = extension.name.id;
  std::map<std::string, std::vector<ExpressionPtr>> of_stage;
  std::vector<ExpressionPtr> all;
  const auto add = [&](const std::string& id, const Title& title, const Location& where,
                       std::vector<PieceDecl> pieces, std::optional<std::vector<NameAt>> over) {
    EquationDecl equation;
    equation.name = {name + "." + id, where};
    equation.title = title;
    equation.unit = extension.unit;
    equation.over = std::move(over);
    equation.pieces = std::move(pieces);
    model_.equations.push_back(std::move(equation));
  };

  for (const ExtensionDecl::Part& part : extension.parts) {
    const auto process = index_.find(model_.processes, part.of.id);
    const auto flow = index_.find(model_.flows, part.of.id);
    const bool is_process = process != model_.processes.end(), is_flow = flow != model_.flows.end();
    if (!is_process && !is_flow) {
      std::vector<std::string> names;
      for (const ProcessDecl& each : model_.processes) names.push_back(each.name.id);
      for (const FlowDecl& each : model_.flows) names.push_back(each.name.id);
      diagnostics_
          .error("unknown-name", part.of.where, fmt::format("no process or flow is called `{}`", part.of.id))
          .help = suggestion(diagnostics_, part.of.id, names);
      continue;
    }
    const Location& where = part.intensity->where;
    const Location& at = part.of.where;
    ExpressionPtr throughput;
    if (is_process && (part.per == "inputs" || part.per == "outputs"))
      throughput = make_call(part.per, {make_name(part.of.id, at)}, {}, at);
    else
      throughput = make_name(is_process ? part.per : part.of.id, at);
    const Title& title = is_process ? process->title : flow->title;
    add(part.of.id, joined(extension.title, name, part.of.id, title), part.of.where,
        {{std::nullopt, make_binary("*", part.intensity, throughput, where)}}, std::nullopt);
    const ExpressionPtr kept = make_call("sum_to", {make_name(name + "." + part.of.id, where)},
                                         extension.by.value_or(std::vector<NameAt>{}), part.of.where);
    all.push_back(kept);
    // A flow belongs to the stage that it leaves, one from outside to the stage that it enters.
    std::vector<std::string> places;
    if (is_process)
      places = {part.of.id};
    else
      places = {flow->from.process.id, flow->to.process.id};
    for (const std::string& place : places) {
      const auto found = index_.find(model_.processes, place);
      if (found == model_.processes.end() || !found->stage) continue;
      of_stage[found->stage->id].push_back(kept);
      break;
    }
  }
  if (all.empty()) return;
  const Location& where = extension.name.where;
  const auto sum = [&](const std::vector<ExpressionPtr>& list) {
    ExpressionPtr total = list.front();
    for (std::size_t i = 1; i < list.size(); ++i) total = make_binary("+", total, list[i], where);
    return total;
  };
  const auto titled = [&](const char* english, const char* chinese) {
    Title own;
    own.by_language = {{"en", english}, {"zh", chinese}};
    return joined(extension.title, name, "", own);
  };
  add("total", titled("all", "合计"), where, {{std::nullopt, sum(all)}}, std::nullopt);

  std::vector<std::string> stages;
  for (const StageDecl& stage : model_.stages) stages.push_back(stage.name.id);
  if (of_stage.empty() || stages.empty()) return;
  if (!add_stage_dimension(extension)) return;
  std::vector<PieceDecl> pieces, up_to;
  std::vector<ExpressionPtr> before;
  for (const std::string& stage : stages) {
    const NameAt condition{"at " + stage, where};
    if (const auto found = of_stage.find(stage); found != of_stage.end()) {
      pieces.push_back({condition, sum(found->second)});
      before.insert(before.end(), found->second.begin(), found->second.end());
    } else {
      pieces.push_back({condition, make_number(0, where)});
    }
    up_to.push_back({condition, before.empty() ? make_number(0, where) : sum(before)});
  }
  std::vector<NameAt> over{{"time", where}, {stage_dimension, where}};
  std::vector<NameAt> kept = extension.by.value_or(std::vector<NameAt>{});
  for (const std::string& layer : layers_of(extension))
    if (std::none_of(kept.begin(), kept.end(), [&](const NameAt& each) { return each.id == layer; }))
      kept.push_back({layer, where});
  over.insert(over.end(), kept.begin(), kept.end());
  add("by_stage", titled("by stage", "分阶段"), where, std::move(pieces), over);
  if (extension.cumulative)
    add("up_to_stage", titled("up to each stage", "至各阶段累计"), where, std::move(up_to), over);
}

/// The layers that its flows have, or those of its processes: sums keep them.
std::vector<std::string> Reader::layers_of(const ExtensionDecl& extension) const {
  std::set<std::string> seen;
  const auto look = [&](const std::optional<std::vector<NameAt>>& over) {
    for (const NameAt& name : over ? *over : model_.default_over) seen.insert(name.id);
  };
  for (const ExtensionDecl::Part& part : extension.parts) {
    for (const FlowDecl& flow : model_.flows)
      if (flow.name.id == part.of.id) look(flow.over);
    for (const ProcessDecl& process : model_.processes) {
      if (process.name.id != part.of.id) continue;
      if (process.over) {
        look(process.over);
        continue;
      }
      for (const FlowDecl& flow : model_.flows)
        if (flow.from.process.id == part.of.id || flow.to.process.id == part.of.id) look(flow.over);
    }
  }
  std::vector<std::string> layers;
  for (const DimensionDecl& dimension : model_.dimensions)
    if (dimension.balance_each && seen.count(dimension.name.id)) layers.push_back(dimension.name.id);
  return layers;
}

/// The stages as labels, with a condition for each; once for all extensions. False if the name is taken.
bool Reader::add_stage_dimension(const ExtensionDecl& extension) {
  const Location& where = extension.name.where;
  const auto taken = index_.find(model_.dimensions, stage_dimension);
  if (taken != model_.dimensions.end()) {
    if (stages_are_labels_) return true;
    two_places(diagnostics_.error("duplicate-name", taken->name.where,
                                  "`stage` is the dimension of the sums of an extension"),
               "another one here", where, "needed here");
    return false;
  }
  DimensionDecl dimension;
  dimension.name = {stage_dimension, where};
  dimension.title.by_language = {{"en", "Stage"}, {"zh", "阶段"}};
  stages_are_labels_ = true;
  for (const StageDecl& stage : model_.stages) {
    dimension.labels.push_back({stage.name.id, stage.title, stage.name.where});
    model_.conditions.push_back(
        {{"at " + stage.name.id, where},
         make_binary("=", make_name(stage_dimension, where), make_quoted(stage.name.id, where), where)});
  }
  model_.dimensions.push_back(std::move(dimension));
  return true;
}

}  // namespace lode

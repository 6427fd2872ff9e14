// SPDX-License-Identifier: Apache-2.0
#include "lode/api/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lode {

namespace {

std::string name_of(const NameAt& name, const Title& title, const std::string& language) {
  return title.empty() ? name.id : title.in(language);
}

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string mermaid_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "#quot;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '&':
        out += "#amp;";
        break;
      case '#':
        out += "#35;";
        break;
      default:
        out += c;
    }
  }
  return "\"" + out + "\"";
}

/// Two quoted texts as one, on two lines.
std::string with_break(const std::string& first, const std::string& second) {
  return first.substr(0, first.size() - 1) + "<br/>" + second.substr(1);
}

bool stage_exists(const Model& model, const ProcessDecl& process) {
  return process.stage && std::any_of(model.stages.begin(), model.stages.end(), [&](const StageDecl& stage) {
           return stage.name.id == process.stage->id;
         });
}

/// Processes that flows name and nobody has declared yet.
std::vector<std::string> undeclared(const Model& model) {
  std::vector<std::string> result;
  for (const FlowDecl& flow : model.flows)
    for (const FlowEnd* end : {&flow.from, &flow.to}) {
      const std::string& name = end->process.id;
      const bool known = std::any_of(model.processes.begin(), model.processes.end(),
                                     [&](const ProcessDecl& process) { return process.name.id == name; });
      if (!name.empty() && !known && std::find(result.begin(), result.end(), name) == result.end())
        result.push_back(name);
    }
  return result;
}

std::string stocks_of(const Model& model, const ProcessDecl& process, const std::string& language) {
  std::string out;
  for (const StockDecl& stock : model.stocks)
    if (stock.process && stock.process->id == process.name.id)
      out += (out.empty() ? "" : ", ") + name_of(stock.name, stock.title, language);
  return out;
}

}  // namespace

std::string graph_dot(const Model& model, const std::string& language) {
  std::string out = fmt::format(
      "digraph system {{\n  label={};\n  rankdir=LR;\n  node [shape=box, style=rounded, "
      "fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
      in_quotes(model.title.in(language)));
  const auto node = [&](const ProcessDecl& process, const char* indent) {
    std::string label = name_of(process.name, process.title, language);
    const std::string stocks = stocks_of(model, process, language);
    if (!stocks.empty()) label += "\n[" + stocks + "]";
    std::string text = in_quotes(label);
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "\\n");
    out += fmt::format("{}{} [label={}{}];\n", indent, in_quotes(process.name.id), text,
                       process.outside  ? ", style=\"rounded,dashed\""
                       : stocks.empty() ? ""
                                        : ", peripheries=2");
  };
  std::size_t cluster = 0;
  for (const StageDecl& stage : model.stages) {
    out += fmt::format("  subgraph cluster_{} {{\n    label={};\n    color=gray;\n", cluster++,
                       in_quotes(name_of(stage.name, stage.title, language)));
    for (const ProcessDecl& process : model.processes)
      if (process.stage && process.stage->id == stage.name.id) node(process, "    ");
    out += "  }\n";
  }
  for (const ProcessDecl& process : model.processes)
    if (!stage_exists(model, process)) node(process, "  ");
  for (const FlowDecl& flow : model.flows)
    out += fmt::format("  {} -> {} [label={}{}];\n", in_quotes(flow.from.process.id),
                       in_quotes(flow.to.process.id), in_quotes(name_of(flow.name, flow.title, language)),
                       flow.unknown ? ", style=dotted" : "");
  return out + "}\n";
}

std::string graph_mermaid(const Model& model, const std::string& language) {
  std::string out = "flowchart LR\n";
  // Mermaid ids must be plain: number the processes.
  const std::vector<std::string> others = undeclared(model);
  const auto id_of = [&](const std::string& process) {
    for (std::size_t i = 0; i < model.processes.size(); ++i)
      if (model.processes[i].name.id == process) return fmt::format("p{}", i);
    const auto found = std::find(others.begin(), others.end(), process);
    return fmt::format("p{}", model.processes.size() + static_cast<std::size_t>(found - others.begin()));
  };
  const auto node = [&](const ProcessDecl& process, const char* indent) {
    std::string label = name_of(process.name, process.title, language);
    const std::string stocks = stocks_of(model, process, language);
    const std::string id = id_of(process.name.id);
    if (process.outside) {
      out += fmt::format("{}{}([{}]):::outside\n", indent, id, mermaid_text(label));
    } else if (!stocks.empty()) {
      out += fmt::format("{}{}[[{}]]\n", indent, id, with_break(mermaid_text(label), mermaid_text(stocks)));
    } else {
      out += fmt::format("{}{}[{}]\n", indent, id, mermaid_text(label));
    }
  };
  std::size_t cluster = 0;
  for (const StageDecl& stage : model.stages) {
    out += fmt::format("  subgraph s{} [{}]\n", cluster++,
                       mermaid_text(name_of(stage.name, stage.title, language)));
    for (const ProcessDecl& process : model.processes)
      if (process.stage && process.stage->id == stage.name.id) node(process, "    ");
    out += "  end\n";
  }
  for (const ProcessDecl& process : model.processes)
    if (!stage_exists(model, process)) node(process, "  ");
  for (const std::string& name : others) out += fmt::format("  {}[{}]\n", id_of(name), mermaid_text(name));
  for (const FlowDecl& flow : model.flows)
    out += fmt::format("  {} {}|{}| {}\n", id_of(flow.from.process.id), flow.unknown ? "-.->" : "-->",
                       mermaid_text(name_of(flow.name, flow.title, language)), id_of(flow.to.process.id));
  return out + "  classDef outside stroke-dasharray: 5 5\n";
}

std::string graph_json(const Model& model) {
  nlohmann::ordered_json out;
  out["title"] = model.title.by_language;
  for (const char* list : {"stages", "processes", "flows", "stocks"})
    out[list] = nlohmann::ordered_json::array();
  for (const StageDecl& stage : model.stages)
    out["stages"].push_back({{"id", stage.name.id}, {"name", stage.title.by_language}});
  for (const ProcessDecl& process : model.processes)
    out["processes"].push_back({{"id", process.name.id},
                                {"name", process.title.by_language},
                                {"stage", process.stage ? process.stage->id : ""},
                                {"outside", process.outside}});
  for (const FlowDecl& flow : model.flows)
    out["flows"].push_back({{"id", flow.name.id},
                            {"name", flow.title.by_language},
                            {"from", flow.from.process.id},
                            {"to", flow.to.process.id},
                            {"unknown", flow.unknown}});
  for (const StockDecl& stock : model.stocks)
    out["stocks"].push_back({{"id", stock.name.id},
                             {"name", stock.title.by_language},
                             {"process", stock.process ? stock.process->id : ""}});
  return out.dump(2);
}

}  // namespace lode

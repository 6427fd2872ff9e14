// SPDX-License-Identifier: Apache-2.0
#include "lode/api/graph.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../engine/case_tools.hpp"

namespace lode {
namespace {

constexpr const char* awkward = R"(lode: 1
title: {en: 'A "quoted" title', zh: 标题}
time: 2000
stages:
  mining: 'Mining [and] "milling"'
  使用: {en: Use, zh: 使用阶段}
processes:
  ground: {outside: true, name: 'the ground; "below"'}
  mill: {stage: mining, name: {en: 'Mill \ works', zh: 选矿}}
  用: {stage: 使用}
  away: {}
flows:
  ore: {from: ground, to: mill, name: 'ore | raw "100 %"'}
  metal: {from: mill, to: 用, name: {en: metal, zh: 金属}}
  lost: {from: 用, to: away, unknown: true}
  end: {from: away, to: ground}
stocks:
  in_use: {process: 用, inflow: metal, outflow: lost, name: {en: 'what "is" used', zh: 存量}}
)";

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

/// Quotation marks that are not escaped come in pairs on every line.
void expect_quotes_closed(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\\') {
        ++i;
      } else if (line[i] == '"') {
        ++open;
      }
    }
    EXPECT_EQ(open % 2, 0u) << line;
  }
}

TEST(Graph, DotHoldsTheWholeSystem) {
  const testing::CaseFolder folder(awkward);
  const std::string dot = graph_dot(*folder.open().model, "en");
  expect_quotes_closed(dot);
  EXPECT_EQ(dot.rfind("digraph", 0), 0u);
  EXPECT_EQ(count(dot, "subgraph"), 2u);
  EXPECT_EQ(count(dot, " -> "), 4u);
  EXPECT_NE(dot.find(R"(label="A \"quoted\" title")"), std::string::npos);
  EXPECT_NE(dot.find(R"(label="Mining [and] \"milling\"")"), std::string::npos) << dot;
  EXPECT_NE(dot.find(R"("ground" [label="the ground; \"below\"", style="rounded,dashed"];)"),
            std::string::npos);
  EXPECT_NE(dot.find(R"("mill" [label="Mill \\ works"];)"), std::string::npos);
  EXPECT_NE(dot.find(R"("用" [label="用\n[what \"is\" used]", peripheries=2];)"), std::string::npos) << dot;
  EXPECT_NE(dot.find(R"("ground" -> "mill" [label="ore | raw \"100 %\""];)"), std::string::npos);
  EXPECT_NE(dot.find(R"("用" -> "away" [label="lost", style=dotted];)"), std::string::npos);
  EXPECT_NE(dot.find(R"("away" [label="away"];)"), std::string::npos);
}

TEST(Graph, MermaidHoldsTheWholeSystem) {
  const testing::CaseFolder folder(awkward);
  const std::string text = graph_mermaid(*folder.open().model, "zh");
  expect_quotes_closed(text);
  EXPECT_EQ(text.rfind("flowchart LR\n", 0), 0u);
  EXPECT_EQ(count(text, "subgraph"), 2u);
  EXPECT_EQ(count(text, "\n  end\n"), 2u);
  EXPECT_NE(text.find("subgraph s1 [\"使用阶段\"]"), std::string::npos) << text;
  EXPECT_NE(text.find("p0([\"the ground; #quot;below#quot;\"]):::outside"), std::string::npos) << text;
  EXPECT_NE(text.find("p1[\"选矿\"]"), std::string::npos);
  EXPECT_NE(text.find("p2[[\"用<br/>存量\"]]"), std::string::npos) << text;
  EXPECT_NE(text.find("p0 -->|\"ore | raw #quot;100 %#quot;\"| p1"), std::string::npos) << text;
  EXPECT_NE(text.find("p2 -.->|\"lost\"| p3"), std::string::npos);
  EXPECT_NE(text.find("p3 -->|\"end\"| p0"), std::string::npos);
}

TEST(Graph, MermaidTextIsNotTakenForMarks) {
  const testing::CaseFolder folder("lode: 1\ntime: 2000\nprocesses:\n  a: {name: 'x < y & #1'}\n");
  const std::string text = graph_mermaid(*folder.open().model, "en");
  EXPECT_NE(text.find("p0[\"x #lt; y #amp; #35;1\"]"), std::string::npos) << text;
}

TEST(Graph, JsonNamesEverything) {
  const testing::CaseFolder folder(awkward);
  const auto json = nlohmann::json::parse(graph_json(*folder.open().model));
  EXPECT_EQ(json["stages"].size(), 2u);
  EXPECT_EQ(json["processes"].size(), 4u);
  ASSERT_EQ(json["flows"].size(), 4u);
  EXPECT_EQ(json["flows"][2], (nlohmann::json{{"id", "lost"},
                                              {"name", nlohmann::json::object()},
                                              {"from", "用"},
                                              {"to", "away"},
                                              {"unknown", true}}));
  EXPECT_EQ(json["stocks"][0]["process"], "用");
  EXPECT_TRUE(json["processes"][0]["outside"]);
  EXPECT_EQ(json["processes"][2]["stage"], "使用");
}

TEST(Graph, JsonListsAreListsEvenWhenEmpty) {
  const testing::CaseFolder folder("lode: 1\ntime: 2000\n");
  const auto json = nlohmann::json::parse(graph_json(*folder.open().model));
  for (const char* list : {"stages", "processes", "flows", "stocks"}) {
    ASSERT_TRUE(json.contains(list)) << list;
    EXPECT_TRUE(json[list].is_array()) << list;
  }
}

TEST(Graph, AnUnfinishedCaseIsDrawn) {
  // The process `nowhere` is named by a flow but not declared.
  const testing::CaseFolder folder(
      "lode: 1\ntime: 2000\nstages: [s]\nprocesses:\n  a: {stage: t}\n  b: {}\nflows:\n  f: {from: a, to: "
      "b}\n  g: "
      "{from: b, to: nowhere}\n");
  const Session session = folder.open();
  EXPECT_TRUE(session.diagnostics.has_errors());
  const std::string dot = graph_dot(*session.model, "en"), mermaid = graph_mermaid(*session.model, "en");
  EXPECT_NE(dot.find("\"a\" [label=\"a\"]"), std::string::npos) << dot;
  EXPECT_NE(dot.find("\"b\" -> \"nowhere\""), std::string::npos);
  EXPECT_NE(mermaid.find("[\"a\"]"), std::string::npos) << mermaid;
  EXPECT_NE(mermaid.find("[\"nowhere\"]"), std::string::npos) << mermaid;
}

}  // namespace
}  // namespace lode

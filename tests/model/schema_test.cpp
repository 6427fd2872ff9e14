// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "lode/model/keys.hpp"
#include "model_test_tools.hpp"

namespace lode {
namespace {

using nlohmann::json;

/// The part of JSON Schema draft-07 that the schema uses; the first reason why a value does not fit, or "".
std::string misfit(const json& value, const json& schema, const std::string& path = "model") {
  static const std::set<std::string> known = {"$schema", "title",      "description",          "type",
                                              "enum",    "properties", "additionalProperties", "required",
                                              "items",   "anyOf"};
  if (schema.is_boolean()) return schema.get<bool>() ? "" : path + " is not allowed";
  for (auto it = schema.begin(); it != schema.end(); ++it)
    if (known.count(it.key()) == 0) return "the validator does not know " + it.key();
  if (schema.contains("type")) {
    const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
    const bool fits = std::any_of(types.begin(), types.end(), [&](const json& type) {
      if (type == "object") return value.is_object();
      if (type == "array") return value.is_array();
      if (type == "string") return value.is_string();
      if (type == "boolean") return value.is_boolean();
      if (type == "null") return value.is_null();
      if (type == "number") return value.is_number();
      return value.is_number() && value.get<double>() == std::floor(value.get<double>());
    });
    if (!fits) return path + " is no " + schema["type"].dump();
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    return path + " is none of " + schema["enum"].dump();
  if (value.is_object()) {
    for (const json& needed : schema.value("required", json::array()))
      if (!value.contains(needed)) return path + " lacks " + needed.get<std::string>();
    const json properties = schema.value("properties", json::object());
    for (auto it = value.begin(); it != value.end(); ++it) {
      const json& sub = properties.contains(it.key()) ? properties[it.key()]
                                                      : schema.value("additionalProperties", json(true));
      if (std::string why = misfit(it.value(), sub, path + "." + it.key()); !why.empty()) return why;
    }
  }
  if (value.is_array() && schema.contains("items"))
    for (const json& item : value)
      if (std::string why = misfit(item, schema["items"], path + "[]"); !why.empty()) return why;
  if (schema.contains("anyOf")) {
    std::string reasons;
    for (const json& alternative : schema["anyOf"]) {
      const std::string why = misfit(value, alternative, path);
      if (why.empty()) return "";
      reasons += (reasons.empty() ? "" : "; ") + why;
    }
    return reasons;
  }
  return "";
}

/// As an editor's YAML reader sees it: plain scalars may be numbers or truth values.
json as_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return nullptr;
    case YamlNode::Kind::sequence: {
      json list = json::array();
      for (const YamlPtr& value : node.values) list.push_back(as_json(*value));
      return list;
    }
    case YamlNode::Kind::map: {
      json map = json::object();
      for (std::size_t i = 0; i < node.keys.size(); ++i) map[node.keys[i]->text] = as_json(*node.values[i]);
      return map;
    }
    case YamlNode::Kind::scalar:
      break;
  }
  if (node.style == YamlNode::Style::plain) {
    if (node.text == "true" || node.text == "false") return node.text == "true";
    char* end = nullptr;
    const double number = std::strtod(node.text.c_str(), &end);
    if (*end == '\0' && std::isdigit(static_cast<unsigned char>(node.text.back())) != 0) return number;
  }
  return node.text;
}

json schema() {
  return json::parse(json_schema());
}

std::string schema_says(const std::string& yaml) {
  Diagnostics diagnostics;
  const YamlPtr root = parse_yaml(yaml, "model.yaml", diagnostics);
  return root ? misfit(as_json(*root), schema()) : "unreadable";
}

TEST(Schema, IsDraft07AndDescribesEveryKey) {
  EXPECT_EQ(schema()["$schema"], "http://json-schema.org/draft-07/schema#");
  std::size_t described = 0;
  std::function<void(const json&)> visit = [&](const json& part) {
    if (part.is_object() && part.contains("properties")) {
      for (auto it = part["properties"].begin(); it != part["properties"].end(); ++it) {
        EXPECT_FALSE(it.value().value("description", "").empty()) << it.key();
        ++described;
      }
    }
    if (part.is_structured())
      for (const json& below : part) visit(below);
  };
  visit(schema());
  EXPECT_GT(described, 100u);
}

TEST(Schema, AcceptsTheTrials) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LODE_SOURCE_DIR "/tests/trials")) {
    if (!std::filesystem::exists(entry.path() / "model.yaml")) continue;
    std::ifstream file(entry.path() / "model.yaml");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(schema_says(text.str()), "") << entry.path();
    ++found;
  }
  EXPECT_GE(found, 5u);
}

TEST(Schema, RefusesWhatTheReaderRefuses) {
  for (const char* yaml :
       {"time: 2019\nconstants: {a: 1}\n", "title: x\n", "time: 2019\nparameters: {a: {vale: 1}}\n",
        "time: 2019\nflows: {a: {from: b}}\n", "time: 2019\nstocks: {a: {inflow: b, inflow_at: later}}\n",
        "time: {first: soon}\n", "time: 2019\nrelations: {a: b}\n",
        "time: 2019\nprocesses: {a: {outside: maybe}}\n",
        "time: 2019\nparameters: {a: {value: 1, interpolate: cubic}}\n"}) {
    EXPECT_NE(schema_says(yaml), "") << yaml;
    EXPECT_TRUE(testing::FromText(yaml).diagnostics.has_errors()) << yaml;
  }
}

TEST(Schema, KnowsWhatIsNotComputedYet) {
  const char* yaml =
      "time: {first: 2000, last: 2010}\nflows: {f: {from: a, to: b, "
      "measured: "
      "data}}\n";
  EXPECT_EQ(schema_says(yaml), "");
  EXPECT_EQ(testing::FromText(yaml).codes(), "not-available");
}

TEST(Trials, AreReadWithoutErrors) {
  for (const std::string name :
       {"germanium-2019", "lithium-pathway", "neodymium-china", "stan-two-layers", "bilateral-trade"}) {
    Diagnostics diagnostics;
    std::optional<Model> model =
        read_case(std::filesystem::path(LODE_SOURCE_DIR "/tests/trials") / name, diagnostics);
    ASSERT_TRUE(model) << name;
    apply_scenario(*model, {}, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << render(diagnostics);
    EXPECT_FALSE(model->flows.empty()) << name;
    for (const ParameterDecl& parameter : model->parameters)
      EXPECT_TRUE(parameter.value || (parameter.table && parameter.table->table)) << parameter.name.id;
  }
}

TEST(Trials, EveryScenarioCanBeApplied) {
  Diagnostics diagnostics;
  for (const std::string supply : {"low", "middle", "high"}) {
    for (const std::string reading : {"corrected", "as_printed"}) {
      std::optional<Model> model = read_case(LODE_SOURCE_DIR "/tests/trials/neodymium-china", diagnostics);
      ASSERT_TRUE(model);
      apply_scenario(*model, {{"supply", supply}, {"recycling", "high"}, {"reading", reading}}, diagnostics);
      EXPECT_EQ(model->scenario.at("supply"), supply);
      const std::string table = testing::parameter(*model, "adoption").table->path;
      EXPECT_EQ(table, reading == "corrected" ? "data/adoption.csv" : "data/adoption_printed.csv");
    }
  }
  EXPECT_FALSE(diagnostics.has_errors());
}

}  // namespace
}  // namespace lode

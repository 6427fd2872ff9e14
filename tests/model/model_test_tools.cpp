// SPDX-License-Identifier: Apache-2.0
#include "model_test_tools.hpp"

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace lode::testing {
namespace {

template <class List>
const auto& named(const List& list, const std::string& name) {
  for (const auto& item : list)
    if (item.name.id == name) return item;
  throw std::runtime_error("the model has no " + name);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

FromText::FromText(const std::string& yaml) {
  model = read_case_text(yaml, "model.yaml", diagnostics);
  diagnostics.sort_and_unique();
}

std::string FromText::rendered() const {
  return render(diagnostics);
}

std::string FromText::codes() const {
  std::string result;
  for (const Diagnostic& diagnostic : diagnostics.all())
    result += (result.empty() ? "" : " ") + diagnostic.code;
  return result;
}

TemporaryCase::TemporaryCase(std::initializer_list<std::pair<std::string, std::string>> files) {
  static int count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("lode-model-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
  std::filesystem::create_directories(path_);
  for (const auto& [file, text] : files) write(file, text);
}

TemporaryCase::~TemporaryCase() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryCase::write(const std::string& file, const std::string& text) {
  const std::filesystem::path full = path_ / file;
  std::filesystem::create_directories(full.parent_path());
  std::ofstream(full, std::ios::binary) << text;
}

std::optional<Model> TemporaryCase::read(const std::string& sub) {
  diagnostics = {};
  std::optional<Model> model = read_case(sub.empty() ? path_ : path_ / sub, diagnostics);
  diagnostics.sort_and_unique();
  return model;
}

std::string TemporaryCase::rendered() const {
  return replaced(render(diagnostics), path_.string(), "CASE");
}

const ParameterDecl& parameter(const Model& model, const std::string& name) {
  return named(model.parameters, name);
}
const EquationDecl& equation(const Model& model, const std::string& name) {
  return named(model.equations, name);
}
const StockDecl& stock(const Model& model, const std::string& name) {
  return named(model.stocks, name);
}
const FlowDecl& flow(const Model& model, const std::string& name) {
  return named(model.flows, name);
}
const DimensionDecl& dimension(const Model& model, const std::string& name) {
  return named(model.dimensions, name);
}

std::string text_at(const Location& where) {
  return where.file ? where.file->text().substr(where.offset, where.length) : "";
}

}  // namespace lode::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "lode/model/model.hpp"

namespace lode::testing {

/// A model read from text, with what was said about it.
struct FromText {
  explicit FromText(const std::string& yaml);
  std::optional<Model> model;
  Diagnostics diagnostics;
  std::string rendered() const;
  std::string codes() const;  ///< codes of all diagnostics, in the file's order, parted by blanks
};

/// A case folder on disk that goes away with the object.
class TemporaryCase {
 public:
  TemporaryCase(std::initializer_list<std::pair<std::string, std::string>> files);
  ~TemporaryCase();
  TemporaryCase(const TemporaryCase&) = delete;
  TemporaryCase& operator=(const TemporaryCase&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, const std::string& text);
  /// Reads the folder `sub` of it; rendered messages call the temporary folder CASE.
  std::optional<Model> read(const std::string& sub = "");
  std::string rendered() const;

  Diagnostics diagnostics;

 private:
  std::filesystem::path path_;
};

const ParameterDecl& parameter(const Model& model, const std::string& name);
const EquationDecl& equation(const Model& model, const std::string& name);
const StockDecl& stock(const Model& model, const std::string& name);
const FlowDecl& flow(const Model& model, const std::string& name);
const DimensionDecl& dimension(const Model& model, const std::string& name);

/// The file's text that a location covers.
std::string text_at(const Location& where);

}  // namespace lode::testing

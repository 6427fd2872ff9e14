// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lode/api/session.hpp"

namespace lode::testing {

/// Files of a case, by path within it.
using Files = std::map<std::string, std::string>;

/// A case folder that goes away with the object.
class CaseFolder {
 public:
  explicit CaseFolder(const Files& files) {
    std::string name = (std::filesystem::temp_directory_path() / "lode-case-XXXXXX").string();
    path_ = mkdtemp(name.data());
    for (const auto& [file, text] : files) write(file, text);
  }
  explicit CaseFolder(const std::string& model) : CaseFolder(Files{{"model.yaml", model}}) {}
  ~CaseFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  CaseFolder(const CaseFolder&) = delete;
  CaseFolder& operator=(const CaseFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }
  std::string read(const std::string& file) const {
    std::ifstream in(path_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Session open(const ScenarioChoice& choice = {}) const { return open_session(path_, choice); }
  /// Opens and computes; a test failure with the messages if that cannot be done.
  Session computed(const ScenarioChoice& choice = {}) const {
    Session session = open(choice);
    EXPECT_TRUE(session.planned()) << render(session.diagnostics);
    if (session.planned()) {
      EXPECT_TRUE(compute(session)) << render(session.diagnostics);
    }
    return session;
  }

 private:
  std::filesystem::path path_;
};

/// The value of one cell in internal units; labels in the order of the quantity's dimensions, NaN (and a
/// failure) if there is no such cell.
inline double value_of(const Session& session, const std::string& name, std::optional<int> year = {},
                       const std::vector<std::string>& labels = {}, std::size_t lane = 0) {
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const BoundModel& model = *session.bound;
  const auto id = model.find_quantity(name);
  if (!id) {
    ADD_FAILURE() << "no quantity " << name;
    return nothing;
  }
  const DimSet& dims = model.quantities[*id].dims;
  if (dims.labels.size() != labels.size()) {
    ADD_FAILURE() << name << " is over " << dims.str(model.dimensions);
    return nothing;
  }
  std::size_t series = 0;
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const Dimension& dimension = model.dimensions[dims.labels[k]];
    const auto label = dimension.index_of(labels[k]);
    if (!label) {
      ADD_FAILURE() << name << ": no label " << labels[k];
      return nothing;
    }
    series = series * dimension.size() + *label;
  }
  std::size_t period = 0;
  if (dims.time) {
    const auto found = model.dimensions.year_index(year.value_or(0));
    if (!found) {
      ADD_FAILURE() << name << ": no year " << year.value_or(0);
      return nothing;
    }
    period = *found;
  }
  return session.evaluation->quantity(*id).value(series, period, lane);
}

inline bool close(double a, double b, double relative, double size = 0) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;
  return std::abs(a - b) <= relative * std::max({std::abs(a), std::abs(b), size});
}

/// All folders of the repository that hold a case.
inline std::vector<std::string> repository_cases() {
  std::vector<std::string> result;
  for (const char* parent : {"tests/trials", "templates", "cases"})
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(LODE_SOURCE_DIR) / parent))
      if (std::filesystem::exists(entry.path() / "model.yaml"))
        result.push_back(std::string(parent) + "/" + entry.path().filename().string());
  std::sort(result.begin(), result.end());
  return result;
}

/// The default choice, and every other case of every axis by itself.
inline std::vector<ScenarioChoice> choices_of(const Model& model) {
  std::vector<ScenarioChoice> result{{}};
  for (const ScenarioAxis& axis : model.axes)
    for (const NameAt& name : axis.cases)
      if (name.id != axis.fallback.id) result.push_back({{axis.name.id, name.id}});
  return result;
}

inline std::string choice_text(const ScenarioChoice& choice) {
  std::string text;
  for (const auto& [axis, name] : choice) text += " " + axis + "=" + name;
  return text;
}

inline std::string test_name(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return text;
}

}  // namespace lode::testing

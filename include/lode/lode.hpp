// SPDX-License-Identifier: Apache-2.0
//
// The public face of liblode: load a case, check it, compute it, ask for numbers, write results. Nothing here
// prints, exits or throws for a user's mistake; mistakes are messages with their place. A Case belongs to one
// thread at a time; several may live side by side.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lode/results/result_set.hpp"

namespace lode {

/// One case per scenario axis; axes left out take their default.
using Scenario = std::map<std::string, std::string>;

/// A mistake or remark about a case.
struct Message {
  enum class Severity { error, warning, note };
  Severity severity = Severity::error;
  std::string code;  ///< stable: "unknown-name", "unit-mismatch"
  std::string text;
  std::string file;  ///< empty if it has no place
  std::size_t line = 0, column = 0;
  std::string why, help;
};

/// A number with its unit.
struct Value {
  double value = 0;
  std::string unit;  ///< "t/yr"; empty for a calendar year
};

/// A published figure against ours.
struct Checkpoint {
  std::string id, what, unit, status,
      note;  ///< status: agrees | differs | by_construction | input | not_computable
  std::optional<double> ours, published, relative_difference;
};

struct Written {
  std::string path;
  std::string problem;  ///< empty if all went well
};

class Case {
 public:
  /// Reads and checks the case in a folder. Look at ok() and messages().
  static Case load(const std::filesystem::path& folder, const Scenario& scenario = {});
  Case(Case&&) noexcept;
  Case& operator=(Case&&) noexcept;
  ~Case();

  /// True while no message is an error.
  bool ok() const;
  /// True if there is a model.yaml that could be read at all.
  bool readable() const;
  std::vector<Message> messages() const;
  /// With excerpts and carets, as a terminal shows them.
  std::string messages_text(bool colour = false) const;
  std::string messages_json() const;

  /// Computes every flow, stock and quantity. False if a number could not be computed; messages() say why.
  bool run();
  bool computed() const;

  /// The value of a formula that gives one number: "in_use.stock[2017, AC]", "sum(used over sector)[2020]".
  /// Needs run(). Empty if the formula is wrong (see messages()) or the value is absent.
  std::optional<Value> value(const std::string& formula);

  /// All results as labelled arrays. Needs run().
  ResultSet results() const;

  /// Compares with checkpoints.csv, computing the other scenarios it names. Needs run().
  std::vector<Checkpoint> verify();
  std::string verify_text();
  std::string verify_json();

  /// What was computed, how it balances, what was filled, clamped or crossed, how it compares. Needs run().
  std::string summary_text(const std::vector<std::string>& files = {});
  std::string summary_json(const std::vector<std::string>& files = {});
  /// True if an alert of severity `error` was crossed. Needs run().
  bool alert_raised() const;

  /// Where a number comes from, down to the cells of the tables. Empty after a mistake in the question. Needs
  /// run().
  std::string explain_text(const std::string& question, std::size_t depth = 3, std::size_t width = 6);
  std::string explain_json(const std::string& question, std::size_t depth = 3, std::size_t width = 6);

  /// The compiled plan; empty if the case has errors.
  std::string plan_text() const;
  std::string plan_json() const;

  /// The system as declared; works for unfinished cases.
  std::string graph_dot(const std::string& language = "en") const;
  std::string graph_mermaid(const std::string& language = "en") const;
  std::string graph_json() const;

  /// What was found, for an unfinished case too: "17 flows, 1 stock, …".
  std::string outline() const;
  /// Writes tables and rows that parameters still lack.
  std::vector<Written> write_missing_tables() const;
  /// Files the case is made of, for watching.
  std::vector<std::filesystem::path> files() const;

 private:
  Case();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes results; the text says what went wrong, empty on success. Nothing partial is left behind.
std::string write_results_netcdf(const ResultSet& results, const std::filesystem::path& file);
std::string write_results_csv(const ResultSet& results, const std::filesystem::path& folder);
std::string write_results_xlsx(const ResultSet& results, const std::filesystem::path& file);
std::optional<ResultSet> read_results(const std::filesystem::path& file, std::string& problem);

/// Names of the templates, and a new case from one of them; the text says what went wrong, empty on success.
std::vector<std::string> template_names();
std::string create_case(const std::filesystem::path& folder, const std::string& template_name);

/// The JSON Schema of model.yaml, for completion in editors.
std::string case_schema();

std::string engine_version();

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lode/support/source.hpp"

namespace lode {

enum class Severity { error, warning, note };

/// A place with a few words under its caret; the first label of a diagnostic is where it points.
struct Label {
  Location where;
  std::string text;
};

/// One mistake or remark, told to the user: what, where, why, and what was probably meant.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     ///< stable, kebab-case: "unknown-name", "unit-mismatch"
  std::string message;  ///< one line, no full stop
  std::vector<Label> labels;
  std::string why;   ///< one sentence, may be empty
  std::string help;  ///< the repair, may be empty
};

/// Collects diagnostics; user mistakes never throw.
class Diagnostics {
 public:
  Diagnostic& error(std::string code, const Location& where, std::string message);
  Diagnostic& warning(std::string code, const Location& where, std::string message);
  Diagnostic& note(std::string code, const Location& where, std::string message);
  Diagnostic& add(Diagnostic diagnostic);

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  /// By file and place; each message of each place once.
  void sort_and_unique();

 private:
  Diagnostic& push(Severity severity, std::string code, const Location& where, std::string message);
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

/// Text with excerpt and carets, as the terminal shows it.
std::string render(const Diagnostic& diagnostic, bool colour = false);
std::string render(const Diagnostics& diagnostics, bool colour = false);

/// The same as JSON text: an array of {severity, code, message, file, line, column, why, help, labels}.
std::string to_json(const Diagnostics& diagnostics);

/// The names nearest to a misspelt one (edit distance; Chinese too), best first, at most `limit`.
std::vector<std::string> nearest(const std::string& word, std::span<const std::string> names,
                                 std::size_t limit = 3);
/// "did you mean `a` or `b`?", empty if nothing is near.
std::string did_you_mean(const std::string& word, std::span<const std::string> names);

}  // namespace lode

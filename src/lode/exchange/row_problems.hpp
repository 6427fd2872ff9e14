// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lode/support/diagnostics.hpp"

namespace lode {

/// Mistakes in rows of files that are not kept in memory: each holds on to its own row, and the diagnostics
/// that are made at the end show it with its place.
class RowProblems {
 public:
  struct Place {
    std::size_t file = 0, line = 0;
    std::string_view row;                ///< the record's text
    std::size_t offset = 0, length = 0;  ///< bytes of the cell in it
  };
  /// At most `most_of_a_kind` of each code are kept, all are counted.
  void add(Severity severity, const std::string& code, const Place& place, std::string message,
           std::string help = {});
  std::size_t count() const { return count_; }
  /// Makes diagnostics of them; `files` are the paths to show.
  void tell(const std::vector<std::string>& files, Diagnostics& diagnostics) const;

  static constexpr std::size_t most_of_a_kind = 20;

 private:
  struct Problem {
    Severity severity = Severity::error;
    std::string code, message, help, row;
    std::size_t file = 0, line = 0, offset = 0, length = 0;
  };
  std::vector<Problem> problems_;
  std::map<std::string, std::size_t> of_kind_;
  std::size_t count_ = 0;
};

}  // namespace lode

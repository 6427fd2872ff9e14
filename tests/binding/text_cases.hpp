// SPDX-License-Identifier: Apache-2.0
//
// Cases kept as text: a small case folder and what Lode says about it.
//
//   === a title
//   # remarks
//   @ scenario supply=high        chooses a case of a scenario axis
//   @ compute                     computes too, so that what happens then is told
//   @ ask in_use.stock[2017]      binds a question from outside
//   --- model.yaml                the files of the case
//   --- data/sales.csv
//   --- messages                  every message in order, each under its code; no section: nothing is said
//   --- values                    formula = number unit, worked out by hand; computes
//   --- plan                      the operations as `lode plan` prints them
//
// LODE_UPDATE=1 writes `messages` and `plan` anew, never `values`: read each change as its reader will.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace lode::testing {

struct TextCase {
  std::string title;
  std::vector<std::string> remarks;
  std::vector<std::string> options;
  std::vector<std::pair<std::string, std::string>> sections;  ///< name → lines, in order

  const std::string* section(const std::string& name) const;
};

std::vector<TextCase> read_cases(const std::string& path);

/// All files *.txt of a folder below tests/.
std::vector<std::string> case_files(const std::string& folder);

/// Runs every case of a file and compares; rewrites the file if asked to by LODE_UPDATE.
void run_case_file(const std::string& path);

}  // namespace lode::testing

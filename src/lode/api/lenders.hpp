// SPDX-License-Identifier: Apache-2.0
//
// Other cases whose results a case takes: computed once for every choice of their scenarios, or read from a
// file of results that still belongs to the files of its case.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "lode/model/model.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

struct Session;
using ScenarioChoice = std::map<std::string, std::string>;

/// Another case with its results.
struct Lender {
  ResultSet results;
  std::shared_ptr<const Session> session;  ///< null where the results come from a file
  std::string place;                       ///< "cases/lithium (supply=high)", "results/lithium.nc"
  std::string scenario;                    ///< the case of each of its axes
  std::string hash;                        ///< of its model and data
  std::vector<std::pair<std::string, std::string>> files;  ///< seen from its folder, with their digests
  std::uint64_t draws = 0;                                 ///< that its uncertainty comes from

  // Why there are no results; empty if there are.
  std::string problem, why, help;
};

/// Where the rows of a parameter's table come from.
struct BorrowedRows {
  std::shared_ptr<const Lender> lender;
  std::string result;
  std::vector<std::pair<std::size_t, std::size_t>> cells;  ///< per line: series and period of the result
};

class Lenders {
 public:
  /// For a case in this folder; cases that lend to one another share what they computed.
  explicit Lenders(const std::filesystem::path& folder);

  std::shared_ptr<const Lender> get(const CaseDecl& declaration, const ScenarioChoice& choice);
  /// Where a line of a borrowed table comes from; null for other files.
  const BorrowedRows* rows_of(const SourceFile* file);
  void keep(SourcePtr file, BorrowedRows rows);

 private:
  struct Open {
    std::filesystem::path canonical;
    std::string shown;
  };
  Lender make(const CaseDecl& declaration, const ScenarioChoice& choice);
  Lender in_a_circle() const;

  std::recursive_mutex mutex_;  // a lender may take from others in turn
  std::vector<Open> open_;      // the cases that are being opened, each taking from the next
  std::string circle_;          // "a → b → a", once one was found
  std::map<std::string, std::shared_ptr<const Lender>> known_;
  std::map<const SourceFile*, std::pair<SourcePtr, BorrowedRows>> rows_;
};

/// The cases that have lent to a model, by the names it gives them.
std::vector<std::pair<std::string, std::shared_ptr<const Lender>>> lenders_of(const Model& model);

/// Puts tables in place of `from:` in a model whose scenario is applied; where names, units, dimensions or
/// labels do not fit, or a case cannot lend, that is reported.
void borrow_results(Model& model, Diagnostics& diagnostics);

}  // namespace lode

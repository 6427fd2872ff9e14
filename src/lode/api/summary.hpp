// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/api/verify.hpp"

namespace lode {

/// How one process balances.
struct BalanceLine {
  std::string process;
  double worst = 0;   ///< |in − out − change| relative to the throughput of the cell
  double amount = 0;  ///< the same in the flows' unit
  std::string unit, cell;
  std::vector<std::string> closed_by;  ///< residuals that make it close
};

/// Remarks of a run in one language.
struct RemarkLines {
  std::vector<std::string> found, clamped, negative, seams, alerts;
};

/// What a run did besides computing.
struct RunSummary {
  std::vector<std::string> found;  ///< parameters found by `solve:`
  std::size_t flows = 0, stocks = 0, quantities = 0, parameters = 0, cells = 0;
  std::vector<BalanceLine> balances;  ///< worst first
  std::vector<std::string> filled, clamped, negative, seams, alerts, unclassified;
  RemarkLines chinese;       ///< the same lines in Chinese, one for one
  bool alert_error = false;  ///< an alert of severity error was crossed
};

/// A cell whose discrepancy is above this share of the throughput does not balance.
inline constexpr double balance_tolerance = 1e-9;

/// "非法开采占比 illegal_share": a quantity as Chinese readers know it, and its name in the model.
std::string chinese_name(const Session& session, const Quantity& quantity);

RunSummary summarise(const Session& session);
std::string summary_text(const Session& session, const RunSummary& summary, const Verification* verification,
                         const std::vector<std::string>& files, double milliseconds);
std::string summary_json(const Session& session, const RunSummary& summary, const Verification* verification,
                         const std::vector<std::string>& files);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

/// How probable it is that a limit is crossed, from the draws of a session.
struct AlertRisk {
  const BoundAlert* alert = nullptr;
  std::string name;                 ///< "import_dependence[car]"
  std::vector<int> years;           ///< those it is held against the limit in; empty where time plays no part
  std::vector<double> probability;  ///< one per year, or one: the part of the draws beyond the limit
  std::vector<double> error;        ///< standard error of each
};

/// Every alert and label, in the order of the model. Needs draws.
std::vector<AlertRisk> alert_risks(const Session& session);
/// "import_dependence: 5 % from 2015, 50 % from 2018 on, 99.8 % in 2040"; what never varies is left out.
std::vector<std::string> alert_risk_lines(const Session& session);

}  // namespace lode

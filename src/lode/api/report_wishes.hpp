// SPDX-License-Identifier: Apache-2.0
//
// What a case wants its report to say first: report.yaml beside model.yaml.
#pragma once
#include <string>
#include <vector>

#include "lode/model/model.hpp"

namespace lode {

struct ReportAnswer {
  std::string number;  ///< a formula that gives one number: "gap[2035]"
  Location where;
  Title title, note;
};

struct ReportChart {
  std::vector<std::string> show;  ///< names of quantities
  Title title, note;
  Location where;
};

struct ReportWishes {
  Title summary;
  std::vector<ReportAnswer> answer;
  std::vector<ReportChart> charts;
};

/// Reads report.yaml; a case without one has no wishes. Mistakes are reported with their place.
ReportWishes read_report_wishes(const Model& model, Diagnostics& diagnostics);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "lode/binding/bound_model.hpp"
#include "lode/report/sankey.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// Which part of the results a diagram shows.
struct SankeySelection {
  int first_year = 0, last_year = 0;        ///< the same for one year; otherwise amounts over all of them
  std::map<std::string, std::string> only;  ///< dimension → label; a group stands for its members
  /// Flows with this dimension are split by its labels, which become their groups; empty: none are.
  std::string by = {};
  /// Processes outside the system: market, source, use or loss. Of others what only takes is a loss.
  std::map<std::string, std::string> outside = {};
};

struct SankeyData {
  SankeyInput input;
  std::string unit;                   ///< of its values: "t/yr", or "t" over several years
  std::vector<std::string> left_out;  ///< flows in units that do not convert
  std::string problem;                ///< why there is no diagram, empty if there is one
  /// Per link: the label of the selection's dimension it stands for, −1 for none.
  std::vector<int> labels;
};

/// The flows of a computed case between its processes. What is outside the system boundary becomes ends, one
/// for each flow: imports or sources, exports where the outside is a market or gives and takes, uses, else
/// losses. Flows below zero run the other way. What a process with stocks does not pass on is added to them;
/// what does not balance is told. Where draws tell of a number, or of the only uncertain one of a sum, its
/// standard deviation stands beside it.
SankeyData take_sankey(const BoundModel& bound, const ResultSet& results, const SankeySelection& selection);

/// What a process outside the system is to it: market, source, use or loss, as `declared` says or else as
/// its flows do.
std::string outside_role(const BoundModel& bound, std::size_t process,
                         const std::map<std::string, std::string>& declared);

}  // namespace lode

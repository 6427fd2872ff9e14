// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/exchange/case_text.hpp"
#include "lode/exchange/flow_list.hpp"

namespace lode {

/// How a list of flows becomes a model.
struct FlowCaseOptions {
  enum class Types { automatic, flows, dimension };
  std::string title;                 ///< empty: the file's name
  std::string citation, licence;     ///< of the data, for sources.bib
  Types types = Types::automatic;    ///< a flow of its own for each type, or one dimension of all flows
  std::vector<std::string> stocks;   ///< processes that keep what does not leave
  std::vector<std::string> outside;  ///< processes beyond the boundary, beside those with one side only
  std::string command;               ///< as it was called, for the README
};

struct FlowCase {
  std::vector<CaseFile> files;  ///< model.yaml, data/…, sources.bib, README.md
  std::vector<std::string> flow_names;
  std::size_t processes = 0;
  std::vector<std::string> notes;  ///< how processes balance, what cells without a row are
};

/// Nothing after a mistake in the options.
std::optional<FlowCase> make_flow_case(const FlowList& list, const FlowCaseOptions& options,
                                       Diagnostics& diagnostics);

}  // namespace lode

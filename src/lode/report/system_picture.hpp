// SPDX-License-Identifier: Apache-2.0
//
// The system as declared: processes from left to right by stage, flows between them with right angles, the
// boundary dashed, what comes in above it and what goes out below.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/report/figure.hpp"

namespace lode {

struct SystemProcess {
  std::string name;
  std::optional<int> stage;
  std::vector<std::string> stocks;  ///< their names
};

struct SystemFlow {
  std::string name;
  std::optional<std::size_t> from, to;  ///< processes; none: outside
  std::string partner;                  ///< name of the outside process
  bool loss = false;                    ///< leaves for good
  bool use = false;                     ///< is used outside
};

struct SystemPicture {
  std::vector<std::string> stages;  ///< names, from left to right
  std::vector<SystemProcess> processes;
  std::vector<SystemFlow> flows;
};

/// Points below which the names of the processes would be too small to read; 0 where the width is enough.
double least_system_width(const SystemPicture& system, const FigureOptions& options);

FigureFiles draw_system(const SystemPicture& system, const FigureText& text, const FigureOptions& options);

}  // namespace lode

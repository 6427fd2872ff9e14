// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

struct TableChange {
  std::string path;      ///< within the case
  std::size_t rows = 0;  ///< added
  bool created = false;
  std::string problem;  ///< empty if written
};

/// Writes the tables that a case still needs: a CSV for every parameter without one, with every label
/// combination and the unit; and the missing rows of tables that exist, touching nothing else. With
/// interpolation only the first and last year of a series without any value are asked for.
std::vector<TableChange> fill_tables(const Session& session);

}  // namespace lode

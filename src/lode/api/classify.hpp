// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Rows by a dimension, a column for each class that holds anything (of several axes: each combination),
/// what no rule takes, and all together; then the parts of each axis. Needs a computed session and its
/// results.
TableResult classify_table(const Session& session, const ResultSet& results, const ClassifyRequest& request);

/// "graded: no rule takes 12.3 t (4 %), most in 2035": one line for each classification that leaves
/// something, or gives away more than there is.
std::vector<std::string> unclassified_lines(const Session& session);

}  // namespace lode

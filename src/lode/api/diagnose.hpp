// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/api/session.hpp"
#include "lode/lode.hpp"

namespace lode {

/// A row for each stage, a column for each indicator. How far a cell is from its limit is its value over an
/// upper limit or a lower limit over its value; the weak stage is the one with the largest of these above
/// one. Needs a computed session and its results.
TableResult diagnosis_table(const Session& session, const ResultSet& results, const DiagnoseRequest& request);

}  // namespace lode

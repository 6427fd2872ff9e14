// SPDX-License-Identifier: Apache-2.0
//
// All that a report shows as one document (docs/report.md describes it), and the page that shows it.
#pragma once
#include <string>
#include <vector>

#include "lode/api/report_json.hpp"
#include "lode/api/session.hpp"
#include "lode/api/verify.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Gathers the document of a computed session. `choice` are the scenarios it was opened with. Mistakes in
/// report.yaml and in the scenarios asked for go to its diagnostics; null after one.
Json report_document(Session& session, const ScenarioChoice& choice, const Verification* verification,
                     const ReportRequest& request, std::vector<std::string>& remarks);

/// The figures of the case in both languages, as files and for the document; what cannot be drawn is told.
std::vector<ReportFigure> report_figures(Session& session, Json& document, std::vector<std::string>& remarks);

/// The page with a document in it: nothing in the document can end the element it stands in.
std::string report_page(const Json& document, const std::string& language);

}  // namespace lode

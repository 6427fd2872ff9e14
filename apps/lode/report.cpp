// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "opened.hpp"
#include "output.hpp"

int run_report(const Request& request) {
  lode::ReportRequest report;
  report.language = request.language;
  report.alone = request.alone;
  for (const std::string& text : request.also) {
    lode::Scenario scenario;
    if (!read_choices({text}, "--also takes AXIS=CASE", scenario)) return misuse;
    // What --scenario chose holds for it too, but for what it names itself.
    lode::Scenario chosen;
    if (!read_choices(request.scenario, "a scenario is AXIS=CASE", chosen)) return misuse;
    scenario.insert(chosen.begin(), chosen.end());
    report.also.push_back(std::move(scenario));
  }
  Request with_answers = request;
  with_answers.draws.for_report = true;
  Opened opened = compute_with_draws(with_answers, true);
  if (opened.status != done) return opened.status;
  const lode::ReportResult result = opened.model->report(report);
  for (const std::string& remark : result.remarks) std::cerr << "lode: " << remark << "\n";
  if (!result.problem.empty()) {
    show_messages(*opened.model, request);
    return refused;
  }
  const std::string name = case_name(request.path);
  const std::filesystem::path folder = output_folder(request, "reports");
  if (folder.empty()) return misuse;
  const std::filesystem::path figures = folder / "figures", page = folder / (name + ".html");
  if (!make_folder(figures)) return misuse;
  if (!write_file(page, result.html)) return misuse;
  for (const lode::ReportFigure& figure : result.figures)
    if (!write_file(figures / (figure.name + ".svg"), figure.svg)) return misuse;
  if (request.json && !write_file(folder / (name + ".json"), result.document_json + "\n")) return misuse;
  return print(page.string() + "\n", done);
}

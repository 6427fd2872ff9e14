// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "commands.hpp"
#include "lode/lode.hpp"
#include "opened.hpp"
#include "progress.hpp"

namespace {

/// Computes, with draws where they were asked for.
Opened computed_case(const Request& request) {
  if (request.draw_count == 0) return compute(request);
  Opened opened = open(request, true);
  if (opened.status != done) return opened;
  lode::DrawRequest draws = request.draws;
  draws.draws = request.draw_count;
  const Progress progress("drawing");
  if (!opened.model->run_draws(draws)) {
    show_messages(*opened.model, request);
    opened.status = refused;
  }
  return opened;
}

int show(const lode::TableResult& table, const Request& request) {
  if (!table.problem.empty()) {
    std::cerr << "lode: " << table.problem << "\n";
    return misuse;
  }
  return print(request.json ? table.json + "\n" : request.csv ? table.csv : table.text, done);
}

}  // namespace

int run_classify(const Request& request) {
  const Opened opened = computed_case(request);
  if (opened.status != done) return opened.status;
  return show(opened.model->classify({request.question, request.by, request.year, request.language}),
              request);
}

int run_diagnose(const Request& request) {
  const Opened opened = computed_case(request);
  if (opened.status != done) return opened.status;
  return show(opened.model->diagnose({request.year, request.language}), request);
}

// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "commands.hpp"
#include "lode/lode.hpp"
#include "opened.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace {

/// A file by its ending: .csv a table of single numbers, .nc everything, .json; .svg, .png and .pdf a figure.
int write_sweep(const lode::Case& model, const Request& request) {
  const std::string& output = request.output;
  const std::filesystem::path file(output);
  std::string problem;
  if (const std::string format = extension_of(file);
      format == ".svg" || format == ".png" || format == ".pdf") {
    lode::FigureRequest figure;
    figure.language = request.language;
    figure.width = request.millimetres;
    const lode::FigureResult drawn = model.sweep_figure(figure);
    if (drawn.problem.empty()) return write_figure(drawn, file, request.dpi) ? done : misuse;
    std::cerr << "lode: " << output << ": " << drawn.problem << "\n";
    return misuse;
  }
  if (file.extension() == ".nc")
    problem = lode::write_results_netcdf(model.sweep_results(), file);
  else if (file.extension() == ".csv")
    problem = lode::write_text(model.sweep_csv(), file);
  else if (file.extension() == ".json")
    problem = lode::write_text(model.sweep_json() + "\n", file);
  else
    problem = "the file's ending is .csv, .nc, .json, .svg, .png or .pdf";
  if (problem.empty()) return done;
  std::cerr << "lode: " << output << ": " << problem << "\n";
  return misuse;
}

}  // namespace

int run_sweep(const Request& request) {
  Opened opened = open(request, true);
  if (opened.status != done) return opened.status;
  lode::Case& model = *opened.model;
  if (!model.sweep(request.sweep)) {
    show_messages(model, request);
    return refused;
  }
  if (!request.output.empty())
    if (const int status = write_sweep(model, request); status != done) return status;
  return print(request.json ? model.sweep_json() + "\n" : model.sweep_text(), done);
}

int run_seek(const Request& request) {
  Opened opened = open(request, true);
  if (opened.status != done) return opened.status;
  lode::Case& model = *opened.model;
  lode::SeekRequest seek = request.seek;
  for (const std::string& word : request.between) seek.between += (seek.between.empty() ? "" : " ") + word;
  if (!request.quantiles.empty()) seek.quantiles = quantile_shares(request.quantiles);
  {
    const Progress progress("seeking");
    if (!model.seek(seek)) {
      show_messages(model, request);
      return refused;
    }
  }
  return print(request.json ? model.seek_json() + "\n" : model.seek_text(),
               model.seek_found() ? done : refused);
}

int run_diff(const Request& request) {
  lode::DiffRequest diff;
  diff.from = request.path;
  diff.to = request.other_path;
  diff.most = request.most;
  diff.draws = request.draw_count;
  diff.seed = request.draws.seed;
  diff.threads = request.draws.threads;
  const std::string wanted = "a scenario is AXIS=CASE";
  if (!read_choices(request.from, wanted, diff.from_scenario) ||
      !read_choices(request.to, wanted, diff.to_scenario))
    return misuse;
  const lode::DiffOutcome outcome = lode::diff(diff);
  if (!outcome.problem.empty()) {
    std::cerr << (outcome.model_fails ? "" : "lode: ") << outcome.problem
              << (outcome.model_fails ? "" : "\n");
    return outcome.model_fails ? refused : misuse;
  }
  return print(request.json ? outcome.json + "\n" : request.csv ? outcome.csv : outcome.text, done);
}

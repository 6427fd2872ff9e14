// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "lode/lode.hpp"
#include "opened.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace {

bool colour(const Request& request, int descriptor) {
  return !request.no_colour && isatty(descriptor) && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

Opened open(const Request& request, bool must_be_good) {
  Opened result;
  lode::Scenario scenario;
  if (!read_choices(request.scenario, "a scenario is AXIS=CASE", scenario)) {
    result.status = misuse;
    return result;
  }
  {
    const Progress progress("reading and checking");
    result.model = lode::Case::load(request.path, scenario);
  }
  if (!result.model->readable()) {
    show_messages(*result.model, request);
    result.status = misuse;
  } else if (must_be_good && !result.model->ok()) {
    show_messages(*result.model, request);
    result.status = refused;
  }
  return result;
}

namespace {

std::size_t count(const lode::Case& model, lode::Message::Severity severity) {
  const auto messages = model.messages();
  return static_cast<std::size_t>(std::count_if(
      messages.begin(), messages.end(), [&](const lode::Message& m) { return m.severity == severity; }));
}

std::string several(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace

void show_messages(const lode::Case& model, const Request& request) {
  if (request.json) {
    std::cout << model.messages_json() << "\n";
  } else {
    std::cerr << model.messages_text(colour(request, STDERR_FILENO));
  }
}

bool read_choices(const std::vector<std::string>& texts, const std::string& wanted,
                  std::map<std::string, std::string>& choices) {
  const auto bare = [](const std::string& words) {
    const auto first = words.find_first_not_of(' ');
    return first == std::string::npos ? "" : words.substr(first, words.find_last_not_of(' ') + 1 - first);
  };
  for (const std::string& text : texts) {
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      const auto equal = part.find('=');
      const std::string name = bare(part.substr(0, equal));
      const std::string choice = equal == std::string::npos ? "" : bare(part.substr(equal + 1));
      if (name.empty() || choice.empty()) {
        std::cerr << "lode: " << wanted << ", not `" << bare(part) << "`\n";
        return false;
      }
      choices[name] = choice;
    }
  }
  return true;
}

std::vector<double> quantile_shares(std::vector<double> quantiles) {
  std::sort(quantiles.begin(), quantiles.end());
  if (quantiles.back() < 1)
    std::cerr << "lode: `--quantiles` are in per cent: " << quantiles.back() << " is that of "
              << quantiles.back() << " %, not of " << quantiles.back() * 100 << " %\n";
  for (double& quantile : quantiles) quantile /= 100;
  return quantiles;
}

int print(const std::string& text, int status) {
  std::cout << text;
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "lode: the output could not be written\n";
    return misuse;
  }
  return status;
}

Opened compute(const Request& request) {
  Opened result = open(request, true);
  if (result.status != done) return result;
  const Progress progress("computing");
  if (!result.model->run()) {
    show_messages(*result.model, request);
    result.status = refused;
  }
  return result;
}

std::string case_name(const std::string& path) {
  auto folder = std::filesystem::path(path);
  if (folder.filename() == "model.yaml") folder = folder.parent_path();
  std::error_code ignored;
  folder = std::filesystem::weakly_canonical(folder, ignored);
  const std::string name = folder.filename().string();
  return name.empty() ? "results" : name;
}

int run_new(const Request& request) {
  const std::string problem = lode::create_case(request.path, request.template_name);
  if (!problem.empty()) {
    std::cerr << "lode: " << problem << "\n";
    return misuse;
  }
  return print("created " + request.path + " from the template " + request.template_name +
                   "\n\n  lode check " + request.path + "\n  lode run " + request.path + "\n\nThen open " +
                   request.path + "/model.yaml and look for `# try:`.\n",
               done);
}

int run_check(const Request& request) {
  const auto once = [&](std::optional<lode::Case>& kept) {
    Opened opened = open(request, false);
    if (opened.status != done) return opened.status;
    lode::Case& model = *opened.model;
    const bool computed = model.ok() && model.run();
    int status = model.ok() && computed ? done : refused;
    std::string out;
    if (request.json) {
      out = model.messages_json() + "\n";
    } else {
      out = model.messages_text(colour(request, STDOUT_FILENO));
      out += model.outline() + ": ";
      const std::size_t errors = count(model, lode::Message::Severity::error),
                        warnings = count(model, lode::Message::Severity::warning);
      out += errors == 0 ? "no mistakes" : several(errors, "mistake", "mistakes");
      if (warnings) out += ", " + several(warnings, "warning", "warnings");
      out += "\n";
      std::size_t equations = 0, tables = 0;
      for (const lode::Message& message : model.messages()) {
        equations += message.code == "no-equation";
        tables +=
            message.code == "missing-cells" || message.code == "no-value" || message.code == "missing-table";
      }
      if (equations || tables) {
        out += "to do:";
        if (equations)
          out += " " + several(equations, "flow has no equation yet", "flows have no equation yet") + ";";
        if (tables)
          out += " " + several(tables, "parameter lacks values", "parameters lack values") +
                 " (`lode tables " + request.path + "` writes the rows);";
        out.back() = '\n';
      }
    }
    status = print(out, status);
    kept = std::move(opened.model);
    return status;
  };
  std::optional<lode::Case> model;
  int status = once(model);
  if (!request.watch) return status;
  std::map<std::string, std::filesystem::file_time_type> seen;
  const auto look = [&] {
    std::map<std::string, std::filesystem::file_time_type> times;
    std::error_code error;
    for (auto it = std::filesystem::recursive_directory_iterator(request.path, error);
         !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
      if (!it->is_regular_file(error)) continue;
      times[it->path().string()] = it->last_write_time(error);
    }
    if (model)  // those of other cases, too
      for (const auto& file : model->files())
        times[file.string()] = std::filesystem::last_write_time(file, error);
    return times;
  };
  seen = look();
  while (true) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    auto now = look();
    if (now == seen) continue;
    seen = std::move(now);
    std::cout << "\n— " << request.path << " changed —\n";
    once(model);
    auto after = look();  // other files may be read now
    for (const auto& [file, time] : seen)
      if (const auto known = after.find(file); known != after.end()) known->second = time;
    seen = std::move(after);
  }
}

int run_tables(const Request& request) {
  Opened opened = open(request, false);
  if (opened.status != done) return opened.status;
  const auto written = opened.model->write_missing_tables();
  std::string out;
  int status = done;
  for (const lode::Written& each : written) {
    if (each.problem.empty()) {
      out += each.path + "\n";
    } else {
      std::cerr << "lode: " << each.path << ": " << each.problem << "\n";
      status = refused;
    }
  }
  if (written.empty()) out = "every table has every row it needs\n";
  return print(out, status);
}

namespace {

/// Asking something of draws asks for draws.
bool wants_draws(const Request& request) {
  const lode::DrawRequest& draws = request.draws;
  return request.draw_count > 0 || !draws.focus.empty() || !draws.probability.empty() ||
         !draws.until.empty() || draws.keep || !draws.state_file.empty() || !request.quantiles.empty() ||
         !request.against.empty() || draws.correlations || !request.scenarios.differences.empty();
}

/// What is asked of draws; false where it cannot be read.
bool read_draws(const Request& request, lode::DrawRequest& draws) {
  draws = request.draws;
  if (request.draw_count > 0) draws.draws = request.draw_count;
  if (!draws.until.empty() && request.draw_count == 0) draws.draws = std::uint64_t{1} << 24;
  if (!request.quantiles.empty()) draws.quantiles = quantile_shares(request.quantiles);
  return read_choices(request.against, "a scenario is AXIS=CASE", draws.against);
}

}  // namespace

Opened compute_with_draws(const Request& request, bool speaks) {
  if (!wants_draws(request)) return compute(request);
  Opened result = open(request, true);
  if (result.status != done) return result;
  lode::DrawRequest draws;
  if (!read_draws(request, draws)) {
    result.status = misuse;
    return result;
  }
  const Progress progress("drawing");
  if (!result.model->run_draws(draws)) {
    if (speaks) show_messages(*result.model, request);
    result.status = refused;
  }
  return result;
}

namespace {

/// Adds a file that was written to the list, or says why it was not.
bool note_file(std::vector<std::string>& files, const std::filesystem::path& target,
               const std::string& problem) {
  if (problem.empty())
    files.push_back(target.string());
  else
    std::cerr << "lode: " << target.string() << ": " << problem << "\n";
  return problem.empty();
}

int run_scenarios(const Request& request) {
  lode::ScenarioRequest scenarios = request.scenarios;
  const bool with_draws = wants_draws(request);
  bool speaks = true;
  if (with_draws) {
    lode::DrawRequest& draws = scenarios.draws.emplace();
    if (!read_draws(request, draws)) return misuse;
    draws.team = lode::team_of_processes();
    speaks = !draws.team || lode::rank_in(*draws.team) == 0;
  }
  scenarios.threads = request.draws.threads;
  Opened opened = open(request, true);
  if (opened.status != done) return opened.status;
  lode::Case& model = *opened.model;
  {
    const Progress progress(with_draws ? "drawing" : "computing");
    if (!model.run_scenarios(scenarios)) {
      if (speaks) show_messages(model, request);
      return refused;
    }
  }
  if (!speaks) return done;
  const auto folder = output_folder(request, "results");
  if (folder.empty()) return misuse;
  std::vector<std::string> files;
  const auto write = [&](const std::string& name, const lode::ResultSet& results) {
    const auto netcdf = folder / (name + ".nc"), csv = folder / (name + "-csv"),
               xlsx = folder / (name + ".xlsx");
    return note_file(files, netcdf, lode::write_results_netcdf(results, netcdf)) &&
           (!request.csv || note_file(files, csv, lode::write_results_csv(results, csv))) &&
           (!request.xlsx || note_file(files, xlsx, lode::write_results_xlsx(results, xlsx)));
  };
  {
    const Progress progress("writing");
    const std::string name = case_name(request.path) + "-scenarios";
    if (!write(name, model.scenario_results())) return misuse;
    const lode::ResultSet differences = model.scenario_differences();
    if (!differences.dimensions.empty() && !write(name + "-differences", differences)) return misuse;
  }
  return print(request.json ? model.scenarios_json(files) + "\n" : model.scenarios_text(files),
               request.fail_on_alert && model.scenario_alert_raised() ? refused : done);
}

}  // namespace

int run_run(const Request& request) {
  if (!request.draws.results.empty() && !wants_draws(request)) {
    std::cerr << "lode: `--results` goes with `--draws`: it names the results whose statistics draws "
                 "keep\n";
    return misuse;
  }
  if (!request.of_draws.empty() && !wants_draws(request)) {
    std::cerr << "lode: `" << request.of_draws.front()
              << "` goes with `--draws`: without draws it does nothing\n";
    return misuse;
  }
  if (!request.scenarios.sets.empty()) return run_scenarios(request);
  if (!request.scenarios.show.empty()) {
    std::cerr << "lode: `--show` goes with `--scenarios`; `lode explain` tells one number\n";
    return misuse;
  }
  if (!request.scenarios.differences.empty()) {
    std::cerr << "lode: `--difference` goes with `--scenarios`; `--against` gives those to one scenario\n";
    return misuse;
  }
  Request shared = request;
  if (wants_draws(request)) shared.draws.team = lode::team_of_processes();
  const bool speaks = !shared.draws.team || lode::rank_in(*shared.draws.team) == 0;
  Opened opened = compute_with_draws(shared, speaks);
  if (opened.status != done || !speaks) return opened.status;
  lode::Case& model = *opened.model;
  const auto folder = output_folder(request, "results");
  if (folder.empty()) return misuse;
  const std::string name = case_name(request.path);
  const lode::ResultSet results = model.results();
  std::vector<std::string> files;
  const auto write = [&](const std::filesystem::path& target, const std::string& problem) {
    return note_file(files, target, problem);
  };
  std::string out;
  {
    // The file is written while the checkpoints of other scenarios are computed.
    const Progress progress("writing");
    const auto netcdf = folder / (name + ".nc"), xlsx = folder / (name + ".xlsx");
    auto written =
        std::async(std::launch::async, [&] { return lode::write_results_netcdf(results, netcdf); });
    model.verify(wants_draws(request));
    if (!write(netcdf, written.get())) return misuse;
    if (!request.against.empty()) {
      const auto file = folder / (name + "-difference.nc");
      if (!write(file, lode::write_results_netcdf(model.differences(), file))) return misuse;
    }
    if (request.csv && !write(folder / "csv", lode::write_results_csv(results, folder / "csv")))
      return misuse;
    if (request.xlsx && !write(xlsx, lode::write_results_xlsx(results, xlsx))) return misuse;
    out = request.json ? model.summary_json(files) + "\n" : model.summary_text(files);
  }
  if (!request.json && request.profile) out += model.profile_text();
  if (!request.json && count(model, lode::Message::Severity::warning) > 0)
    out += "warnings    " + std::to_string(count(model, lode::Message::Severity::warning)) +
           ", shown by `lode check " + request.path + "`\n";
  return print(out, request.fail_on_alert && model.alert_raised() ? refused : done);
}

int run_verify(const Request& request) {
  Opened opened = compute(request);
  if (opened.status != done) return opened.status;
  const std::string out = request.json ? opened.model->verify_json() + "\n" : opened.model->verify_text();
  if (!opened.model->ok()) {
    std::cerr << opened.model->messages_text(colour(request, STDERR_FILENO));
    return print(out, refused);
  }
  return print(out, done);
}

int run_sensitivity(const Request& request) {
  Opened opened = open(request, true);
  if (opened.status != done) return opened.status;
  std::string out;
  {
    const Progress progress("drawing");
    out = request.json ? opened.model->sensitivity_json(request.sensitivity) + "\n"
                       : opened.model->sensitivity_text(request.sensitivity);
  }
  if (!opened.model->ok()) {
    show_messages(*opened.model, request);
    return refused;
  }
  return print(out, done);
}

int run_explain(const Request& request) {
  Opened opened = compute(request);
  if (opened.status != done) return opened.status;
  const std::string out = request.json
                              ? opened.model->explain_json(request.question, request.depth, request.width)
                              : opened.model->explain_text(request.question, request.depth, request.width);
  if (out.empty()) {
    std::cerr << opened.model->messages_text(colour(request, STDERR_FILENO));
    return misuse;
  }
  return print(out + (request.json ? "\n" : ""), done);
}

int run_plan(const Request& request) {
  Opened opened = open(request, true);
  if (opened.status != done) return opened.status;
  return print(request.json ? opened.model->plan_json() + "\n" : opened.model->plan_text(), done);
}

int run_graph(const Request& request) {
  Opened opened = open(request, false);
  if (opened.status != done) return opened.status;
  if (request.json) return print(opened.model->graph_json() + "\n", done);
  return print(request.format == "dot" ? opened.model->graph_dot(request.language)
                                       : opened.model->graph_mermaid(request.language),
               done);
}

int run_schema(const Request& request) {
  return print((request.figures_schema ? lode::figures_schema() : lode::case_schema()) + "\n", done);
}

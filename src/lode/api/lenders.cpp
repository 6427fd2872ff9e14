// SPDX-License-Identifier: Apache-2.0
#include "lode/api/lenders.hpp"

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <system_error>

#include "lode/api/draws.hpp"
#include "lode/api/session.hpp"
#include "lode/cluster/team.hpp"
#include "lode/model/yaml.hpp"
#include "lode/results/write.hpp"
#include "lode/support/digest.hpp"
#include "lode/support/files.hpp"

namespace lode {

namespace fs = std::filesystem;

namespace {

fs::path whole_path(const fs::path& path) {
  std::error_code problem;
  fs::path result = fs::weakly_canonical(path, problem);
  return problem ? path : result;
}

Lender refused(std::string problem, std::string why, std::string help) {
  Lender lender;
  lender.problem = std::move(problem);
  lender.why = std::move(why);
  lender.help = std::move(help);
  return lender;
}

/// The first mistake of a case, with its place.
std::string first_mistake(const Diagnostics& diagnostics) {
  for (const Diagnostic& each : diagnostics.all()) {
    if (each.severity != Severity::error) continue;
    const Location where = each.labels.empty() ? Location{} : each.labels.front().where;
    return where ? where.str() + ": " + each.message : each.message;
  }
  return "";
}

std::string value_of(const ResultSet& results, const std::string& key) {
  for (const auto& [name, value] : results.manifest)
    if (name == key) return value;
  return "";
}

std::string with_choice(const std::string& shown, const ScenarioChoice& choice) {
  return choice.empty() ? shown : fmt::format("{} ({})", shown, scenario_text(choice));
}

/// A command that makes the results anew.
std::string run_command(const CaseDecl& declaration, const ScenarioChoice& choice, const fs::path& file) {
  std::string text = "`lode run " + declaration.path.generic_string();
  if (!choice.empty()) {
    std::string chosen = scenario_text(choice);
    std::erase(chosen, ' ');
    text += " --scenario " + chosen;
  }
  fs::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  return text + " -o " + folder.generic_string() + "`";
}

/// Whether a file is what it was; of tables the text counts, not how it is encoded.
bool has_digest(const fs::path& file, const std::string& hash) {
  std::string problem;
  std::optional<std::string> bytes = read_file(file, problem);
  if (!bytes) return false;
  if (digest(*bytes) == hash) return true;
  Diagnostics silent;
  const SourcePtr text = read_text(std::move(*bytes), file.generic_string(), silent);
  return text && digest(text->text()) == hash;
}

Lender read_lender(const CaseDecl& declaration, const ScenarioChoice& choice) {
  const fs::path& file = declaration.results_path;
  const std::string shown = file.generic_string(), make_it = run_command(declaration, choice, file);
  std::error_code missing;
  if (!fs::exists(file, missing))
    return refused(fmt::format("there are no results {}", shown), "", make_it + " makes them");
  std::string problem;
  std::optional<ResultSet> results = read_netcdf(file, problem);
  if (!results) return refused(fmt::format("the results {} cannot be read: {}", shown, problem), "", make_it);
  Diagnostics silent;
  std::optional<Model> model = read_case(declaration.path, silent);
  if (!model)
    return refused(fmt::format("{} is not a case", declaration.path.generic_string()),
                   "whether its results are still those of its files cannot be told", "check `folder`");
  apply_scenario(*model, choice, silent);
  if (const std::string made = value_of(*results, "scenario"); made != scenario_text(model->scenario))
    return refused(fmt::format("the results {} are of another scenario", shown),
                   fmt::format("they were computed with {}, asked for is {}", made.empty() ? "none" : made,
                               scenario_text(model->scenario)),
                   make_it + " computes it");
  std::size_t changed = 0;
  std::string first;
  const auto stale = [&](const std::string& path, const char* how) {
    if (changed++ == 0) first = (declaration.path / path).lexically_normal().generic_string() + how;
  };
  Lender lender;
  constexpr std::string_view prefix = "file ";
  for (const auto& [key, value] : results->manifest) {
    if (!key.starts_with(prefix)) continue;
    const std::string path = key.substr(prefix.size());
    lender.files.emplace_back(path, value);
    const fs::path whole = declaration.path / path;
    if (!fs::exists(whole, missing))
      stale(path, " is gone");
    else if (!has_digest(whole, value))
      stale(path, " has changed");
  }
  for (const auto& [path, hash] : model->files)
    if (value_of(*results, "file " + path).empty()) stale(path, " is new");
  if (changed > 0)
    return refused(fmt::format("the results {} are stale", shown),
                   fmt::format("{} since they were computed{}", first,
                               changed == 1 ? "" : fmt::format(", and {} more", changed - 1)),
                   make_it + " computes them anew");
  lender.hash = value_of(*results, "model_and_data_hash");
  lender.scenario = value_of(*results, "scenario");
  lender.place = shown;
  const std::string draws = value_of(*results, "draws");
  lender.draws = draws.empty() ? 0 : std::strtoull(draws.c_str(), nullptr, 10);
  lender.results = std::move(*results);
  return lender;
}

}  // namespace

Lenders::Lenders(const fs::path& folder) {
  open_.push_back({whole_path(folder), folder.generic_string()});
}

std::shared_ptr<const Lender> Lenders::get(const CaseDecl& declaration, const ScenarioChoice& choice) {
  const std::lock_guard lock(mutex_);
  const std::string key =
      fmt::format("{}|{}|{}|{}", whole_path(declaration.path).generic_string(), scenario_text(choice),
                  declaration.draws, declaration.results_path.generic_string());
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  // A thread that waits inside must not take up other work, which may want to be in here too.
  auto made = tbb::this_task_arena::isolate(
      [&] { return std::make_shared<const Lender>(make(declaration, choice)); });
  known_.emplace(key, made);
  return made;
}

Lender Lenders::in_a_circle() const {
  return refused("cases take results from one another in a circle", circle_,
                 "move what both need into a third case, or into one of them");
}

Lender Lenders::make(const CaseDecl& declaration, const ScenarioChoice& choice) {
  const std::string shown = declaration.path.generic_string();
  const fs::path whole = whole_path(declaration.path);
  const auto begin =
      std::find_if(open_.begin(), open_.end(), [&](const Open& each) { return each.canonical == whole; });
  if (begin != open_.end()) {
    std::string cycle;
    for (auto each = begin; each != open_.end(); ++each) cycle += each->shown + " → ";
    circle_ = cycle + begin->shown;
    return in_a_circle();
  }
  if (declaration.results) return read_lender(declaration, choice);

  open_.push_back({whole, shown});
  // What a lender takes in turn is kept here, too; a share of this in its model would keep both forever.
  const std::shared_ptr<Lenders> unowned(std::shared_ptr<Lenders>(), this);
  auto session = std::make_shared<Session>(open_session(declaration.path, choice, unowned));
  open_.pop_back();
  std::error_code missing;
  if (!session->readable())
    return refused(fs::exists(declaration.path, missing) ? first_mistake(session->diagnostics)
                                                         : fmt::format("there is no folder {}", shown),
                   "", "`folder` is the way from the folder of this file to the other case");
  DrawRequest request;
  request.draws = declaration.draws;
  bool good = session->planned() && compute(*session);
  if (good && declaration.draws > 0) {
    Team alone;
    good = run_draws(*session, request, alone);
  }
  if (!good && !circle_.empty()) return in_a_circle();
  if (!good) {
    Lender lender =
        refused(fmt::format("{} has mistakes", with_choice(shown, choice)),
                first_mistake(session->diagnostics), fmt::format("`lode check {}` shows them all", shown));
    lender.files = session->model->files;  // what may mend it
    return lender;
  }
  Lender lender;
  lender.results = results_of(*session);
  if (declaration.draws > 0) {
    add_draws(*session, lender.results);
    lender.draws = declaration.draws;
  }
  lender.files = session->model->files;
  lender.hash = value_of(lender.results, "model_and_data_hash");
  lender.scenario = value_of(lender.results, "scenario");
  lender.place = with_choice(shown, choice);
  lender.session = std::move(session);
  return lender;
}

const BorrowedRows* Lenders::rows_of(const SourceFile* file) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(file);
  return found == rows_.end() ? nullptr : &found->second.second;
}

void Lenders::keep(SourcePtr file, BorrowedRows rows) {
  const std::lock_guard lock(mutex_);
  const SourceFile* key = file.get();
  rows_.emplace(key, std::pair(std::move(file), std::move(rows)));
}

}  // namespace lode

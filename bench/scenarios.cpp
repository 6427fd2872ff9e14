// SPDX-License-Identifier: Apache-2.0
//
// bench_scenarios [CASE] [LODE]: 27 scenarios of a case in one run against one scenario, and again after one
// input changed; with the command LODE as whole processes too. The values of all scenarios are first held
// against single runs, bit for bit. Least time of several, in turns.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "lode/api/lever_runs.hpp"
#include "lode/api/scenario_sets.hpp"
#include "lode/lode.hpp"

extern char** environ;

namespace {

using namespace lode;

const std::vector<std::string> sets = {"supply=all; supply_base=all; recycling=today,thirty,sixty"};

double milliseconds(const auto& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Every value of every scenario has the bits of a run by itself.
bool same(const std::string& path) {
  Case all = Case::load(path);
  if (!all.run_scenarios({sets, {}, 0})) {
    fmt::print(stderr, "{}", all.messages_text());
    return false;
  }
  const ResultSet together = all.scenario_results();
  const auto& axis = together.dimensions.back();
  for (std::size_t k = 0; k < axis.labels.size(); ++k) {
    Scenario choice;
    for (const auto& [name, cases] : axis.parts) choice[name] = cases[k];
    Case alone = Case::load(path, choice);
    if (!alone.run()) return false;
    for (const ResultVariable& one : alone.results().variables) {
      const ResultVariable* found = together.find(one.name);
      if (!found) return false;
      const bool differs =
          !found->dimensions.empty() && found->dimensions.front() == together.dimensions.size() - 1;
      const double* const values = found->values.data() + (differs ? k * one.values.size() : 0);
      if (std::memcmp(values, one.values.data(), one.values.size() * sizeof(double)) != 0) {
        fmt::print(stderr, "{} differs in {}\n", one.name, axis.labels[k]);
        return false;
      }
    }
  }
  return true;
}

double process(const std::string& lode, const std::string& path, const std::vector<std::string>& more) {
  std::vector<std::string> words = {lode, "run", path, "-o", "results-of-bench"};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
  int status = 1;
  const double time = milliseconds([&] {
    pid_t child = 0;
    if (posix_spawnp(&child, lode.c_str(), &actions, nullptr, arguments.data(), environ) == 0)
      waitpid(child, &status, 0);
  });
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) fmt::print(stderr, "{} failed\n", lode);
  return time;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : "cases/neodymium-china";
  if (!same(path)) return 1;
  constexpr int repeats = 15;
  double one = 1e9, all = 1e9;
  for (int i = 0; i < repeats; ++i) {
    one = std::min(one, milliseconds([&] {
                     Case model = Case::load(path);
                     model.run();
                     model.results();
                   }));
    all = std::min(all, milliseconds([&] {
                     Case model = Case::load(path);
                     model.run_scenarios({sets, {}, 0});
                     model.scenario_results();
                   }));
  }
  Session session = open_session(path, {});
  if (!compute(session)) return 1;
  Diagnostics diagnostics;
  const auto growth = read_lever(session, "supply_growth", diagnostics);
  const auto collection = read_lever(session, "collection[projection]", diagnostics);
  if (!growth || !collection) return 1;
  std::vector<std::size_t> quantities(session.bound->quantities.size());
  for (std::size_t q = 0; q < quantities.size(); ++q) quantities[q] = q;
  std::string reruns;
  for (const Lever& lever : {growth->lever, collection->lever}) {
    const std::vector<Lever> levers{lever};
    LeverRuns runs(session, levers, quantities);
    double again = 1e9;
    for (int i = 0; i < 50; ++i)
      again = std::min(again, milliseconds([&] { runs.compute({lever.now * (1 + 0.001 * i)}); }));
    reruns += fmt::format("{}{} {:.2f} ms", reruns.empty() ? "" : ", ", lever.name, again);
  }
  fmt::print("in process: one scenario {:.1f} ms, 27 {:.1f} ms, ratio {:.2f}\n", one, all, all / one);
  fmt::print("again after one input changed, all results: {}\n", reruns);
  if (argc > 2) {
    double process_one = 1e9, process_all = 1e9;
    for (int i = 0; i < repeats; ++i) {
      process_one = std::min(process_one, process(argv[2], path, {}));
      process_all = std::min(process_all, process(argv[2], path, {"--scenarios", sets.front()}));
    }
    fmt::print("whole process: one scenario {:.0f} ms, 27 {:.0f} ms, ratio {:.2f}\n", process_one,
               process_all, process_all / process_one);
    std::error_code ignored;
    std::filesystem::remove_all("results-of-bench", ignored);
  }
  return 0;
}

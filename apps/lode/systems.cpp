// SPDX-License-Identifier: Apache-2.0
#include "systems.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "opened.hpp"

int each_system(const Request& request, int (*action)(const Request&)) {
  const std::vector<std::filesystem::path> systems = lode::systems_in(request.path);
  if (systems.empty()) return action(request);
  if (request.watch) {
    std::cerr << "lode: " << request.path << " holds several systems: watch one of them\n";
    return misuse;
  }
  const std::filesystem::path base(request.path);
  int status = done;
  std::size_t refusals = 0;
  if (request.json) std::cout << "[";
  bool first = true;
  for (const std::filesystem::path& system : systems) {
    Request own = request;
    own.path = system.generic_string();
    const std::filesystem::path below = system.lexically_relative(base);
    const std::filesystem::path output = request.output.empty()
                                             ? std::filesystem::path("results") / case_name(request.path)
                                             : std::filesystem::path(request.output);
    own.output = (output / below).generic_string();
    if (request.json)
      std::cout << (first ? "" : ",\n");
    else
      std::cout << (first ? "" : "\n") << "— " << own.path << " —\n";
    std::cout.flush();
    first = false;
    const int one = action(own);
    status = std::max(status, one);
    refusals += one != done;
  }
  if (request.json)
    std::cout << "]\n";
  else
    std::cout << "\n"
              << systems.size()
              << " systems: " << (refusals == 0 ? "all done" : std::to_string(refusals) + " with mistakes")
              << "\n";
  return std::cout.flush() ? status : misuse;
}

// SPDX-License-Identifier: Apache-2.0
#include "lode/import.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "opened.hpp"

int run_import_flows(const Request& request) {
  lode::FlowImport import = request.import;
  import.folder = request.output;
  import.colour = !request.no_colour && isatty(STDERR_FILENO) && std::getenv("NO_COLOR") == nullptr;
  const lode::FlowImportResult result = lode::import_flows(import);
  const int status = result.ok ? done : refused;
  if (request.json) return print(lode::import_json(result) + "\n", status);
  std::cerr << result.messages_text;
  if (!result.ok) return status;
  std::string out = std::to_string(result.values) + " values of " + std::to_string(result.flows) +
                    " flows between " + std::to_string(result.processes) + " processes";
  if (result.regions > 0)
    out += ", " + std::to_string(result.regions) + (result.regions == 1 ? " region" : " regions");
  out += ", " + std::to_string(result.first_year);
  if (result.last_year != result.first_year) out += "–" + std::to_string(result.last_year);
  out += "\n";
  for (const std::string& note : result.notes) out += "  " + note + "\n";
  out += "\n  lode check " + request.output + "\n  lode run " + request.output + "\n";
  return print(out, status);
}

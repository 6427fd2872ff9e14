// SPDX-License-Identifier: Apache-2.0
#include "lode/import.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "opened.hpp"

namespace {

bool in_colour(const Request& request) {
  return !request.no_colour && isatty(STDERR_FILENO) && std::getenv("NO_COLOR") == nullptr;
}

std::string years(int first, int last) {
  return std::to_string(first) + (last == first ? "" : "–" + std::to_string(last));
}

std::string count(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string lines(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += "  " + text + "\n";
  return out;
}

std::string next_steps(const std::string& folder) {
  return "\n  lode check " + folder + "\n  lode run " + folder + "\n";
}

}  // namespace

int run_import_flows(const Request& request) {
  lode::FlowImport import = request.import;
  import.folder = request.output;
  import.colour = in_colour(request);
  const lode::FlowImportResult result = lode::import_flows(import);
  const int status = result.ok ? done : refused;
  if (request.json) return print(lode::import_json(result) + "\n", status);
  std::cerr << result.messages_text;
  if (!result.ok) return status;
  std::string out = std::to_string(result.values) + " values of " + std::to_string(result.flows) +
                    " flows between " + std::to_string(result.processes) + " processes";
  if (result.regions > 0)
    out += ", " + std::to_string(result.regions) + (result.regions == 1 ? " region" : " regions");
  out += ", " + years(result.first_year, result.last_year) + "\n";
  return print(out + lines(result.notes) + next_steps(request.output), status);
}

int run_import_trade(const Request& request) {
  lode::TradeImport import = request.trade;
  import.folder = request.output;
  import.colour = in_colour(request);
  if (request.cif_band.size() == 2) {
    import.cif_low = request.cif_band[0];
    import.cif_high = request.cif_band[1];
  }
  const lode::TradeImportResult result = lode::import_trade(import);
  const int status = result.ok ? done : refused;
  if (request.json) return print(lode::import_json(result) + "\n", status);
  std::cerr << result.messages_text;
  if (!result.ok) return status;
  std::string out = count(result.flows, "flow", "flows") + " between " +
                    count(result.countries, "country", "countries") + " in " +
                    count(result.codes, "code", "codes") + ", " + years(result.first_year, result.last_year) +
                    ", from " + count(result.rows, "row", "rows") + "\n";
  out += lines(result.notes);
  if (!result.gaps.empty())
    out += "\n  largest mirror gaps (! the values differ by more than freight and insurance could)\n" +
           lines(result.gaps);
  return print(out + next_steps(request.output), status);
}

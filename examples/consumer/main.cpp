// SPDX-License-Identifier: Apache-2.0
// Makes a case from a template, checks and computes it, asks for one number and walks over one result.
#include <cstdio>
#include <filesystem>
#include <string>

#include "lode/lode.hpp"

namespace {

/// The stock of every year, summed over the areas.
void print_series(const lode::ResultSet& results) {
  const lode::ResultVariable* stock = results.find("fleet.stock");
  if (stock == nullptr) return;
  // Values lie row by row in the order of the variable's dimensions: here time, then area.
  const lode::ResultDimension& time = results.dimensions[stock->dimensions[0]];
  const std::size_t areas = results.dimensions[stock->dimensions[1]].labels.size();
  for (std::size_t year = 0; year < time.labels.size(); year += 10) {
    double sum = 0;
    for (std::size_t area = 0; area < areas; ++area) sum += stock->values[year * areas + area];
    std::printf("  %s  %6.1f million\n", time.labels[year].c_str(), sum / 1e6);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "fleet-case";

  if (!std::filesystem::exists(folder)) {
    const std::string problem = lode::create_case(folder, "stock-driven");
    if (!problem.empty()) {
      std::fprintf(stderr, "error: %s\n", problem.c_str());
      return 1;
    }
  }

  lode::Case fleet = lode::Case::load(folder);
  if (!fleet.ok() || !fleet.run()) {
    std::fputs(fleet.messages_text().c_str(), stderr);
    return 1;
  }

  const auto in_use = fleet.value("sum(fleet.stock over area)[2030]");
  if (!in_use) {
    std::fputs(fleet.messages_text().c_str(), stderr);
    return 1;
  }
  std::printf("cars in use in 2030: %.1f million\n", in_use->value / 1e6);
  print_series(fleet.results());

  const std::string problem = lode::write_results_netcdf(fleet.results(), folder / "results.nc");
  if (!problem.empty()) {
    std::fprintf(stderr, "error: %s\n", problem.c_str());
    return 1;
  }
  return 0;
}

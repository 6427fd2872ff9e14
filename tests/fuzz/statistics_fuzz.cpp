// SPDX-License-Identifier: Apache-2.0
//
// Saved statistics: bytes as they are, which the digest refuses nearly always, and the same as a payload
// under a right digest. What is accepted must be usable, and be saved as the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lode/statistics/cell_statistics.hpp"
#include "lode/support/digest.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void load(std::string_view bytes) {
  std::string problem;
  const auto statistics = lode::CellStatistics::load(bytes, problem);
  require(statistics.has_value() == problem.empty());
  if (!statistics) return;
  for (std::size_t cell = 0; cell < statistics->layouts().cells(); ++cell) {
    const lode::CellSummary summary = statistics->summary(cell);
    require(summary.quantiles.size() == statistics->layouts().options().quantiles.size());
    statistics->quantile(cell, 0.5);
    statistics->histogram(cell);
  }
  require(lode::CellStatistics::load(statistics->save(), problem).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  load(bytes);
  lode::StateWriter writer("CELL");
  std::string sealed = writer.seal();
  sealed.resize(sealed.size() - lode::digest("").size());
  sealed += bytes;
  load(sealed + lode::digest(sealed));
  return 0;
}

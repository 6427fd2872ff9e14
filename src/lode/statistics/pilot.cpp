// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/pilot.hpp"

#include <algorithm>

#include "lode/statistics/chunks.hpp"
#include "lode/support/contract.hpp"

namespace lode {

std::size_t pilot_draws(std::size_t cells, std::uint64_t draws, std::size_t bytes) {
  const std::size_t room = bytes / sizeof(double) / std::max<std::size_t>(cells, 1);
  if (draws <= std::min(room, chunk_draws)) return draws;
  std::size_t kept = 4096;
  while (kept > least_pilot_draws && (kept > room || kept > draws)) kept /= 2;
  return static_cast<std::size_t>(std::min<std::uint64_t>(kept, draws));
}

void Pilot::add_block(std::size_t first_cell, std::size_t cells, std::size_t first_draw, const double* values,
                      std::size_t stride, std::size_t draws) {
  LODE_EXPECT(first_cell + cells <= cells_ && first_draw + draws <= draws_);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    std::copy_n(values + cell * stride, draws, &values_[(first_cell + cell) * draws_ + first_draw]);
  }
}

}  // namespace lode

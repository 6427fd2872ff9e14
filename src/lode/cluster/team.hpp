// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "lode/engine/draws.hpp"

namespace lode {

/// The processes that `mpirun` or `srun` started together; null where this process runs alone, or Lode was
/// built without MPI (LODE_MPI). At most one at a time: MPI can be begun once in a process.
std::shared_ptr<Team> mpi_team();

}  // namespace lode

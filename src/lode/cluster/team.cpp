// SPDX-License-Identifier: Apache-2.0
#include "lode/cluster/team.hpp"

#ifdef LODE_HAS_MPI
#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#endif

namespace lode {

#ifdef LODE_HAS_MPI

namespace {

/// Counts of MPI are int: longer messages go in parts.
constexpr std::uint64_t largest_part = std::uint64_t{1} << 28;

void each_part(std::uint64_t size, const auto& transfer) {
  for (std::uint64_t at = 0; at < size; at += largest_part)
    transfer(at, static_cast<int>(std::min(largest_part, size - at)));
}

class MpiTeam final : public Team {
 public:
  MpiTeam() {
    // Threads compute, only the first one speaks.
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiTeam() override { MPI_Finalize(); }
  MpiTeam(const MpiTeam&) = delete;
  MpiTeam& operator=(const MpiTeam&) = delete;

  std::size_t rank() const override { return static_cast<std::size_t>(rank_); }
  std::size_t size() const override { return static_cast<std::size_t>(size_); }

  std::vector<std::string> gather(std::string bytes) override {
    std::uint64_t length = bytes.size();
    std::vector<std::uint64_t> lengths(rank_ == 0 ? size() : 0);
    MPI_Gather(&length, 1, MPI_UINT64_T, lengths.data(), 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    std::vector<std::string> all(lengths.size());
    if (rank_ != 0) {
      each_part(length, [&](std::uint64_t at, int count) {
        MPI_Send(bytes.data() + at, count, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
      });
      return all;
    }
    all[0] = std::move(bytes);
    for (std::size_t from = 1; from < all.size(); ++from) {
      all[from].resize(lengths[from]);
      each_part(lengths[from], [&](std::uint64_t at, int count) {
        MPI_Recv(all[from].data() + at, count, MPI_BYTE, static_cast<int>(from), 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
      });
    }
    return all;
  }

  std::string broadcast(std::string bytes) override {
    std::uint64_t length = bytes.size();
    MPI_Bcast(&length, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    bytes.resize(length);
    each_part(length, [&](std::uint64_t at, int count) {
      MPI_Bcast(bytes.data() + at, count, MPI_BYTE, 0, MPI_COMM_WORLD);
    });
    return bytes;
  }

 private:
  int rank_ = 0;
  int size_ = 1;
};

/// Whether a launcher started this process; MPI_Init alone takes longer than many runs.
bool launched() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name)) return true;
  return false;
}

}  // namespace

std::shared_ptr<Team> mpi_team() {
  static std::weak_ptr<Team> current;
  if (auto team = current.lock()) return team;
  int done = 0;
  MPI_Initialized(&done);
  if (done || !launched()) return nullptr;
  auto team = std::make_shared<MpiTeam>();
  current = team;
  return team;
}

#else

std::shared_ptr<Team> mpi_team() {
  return nullptr;
}

#endif

}  // namespace lode

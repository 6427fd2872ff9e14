// SPDX-License-Identifier: Apache-2.0
#include "uncertainty/kernel.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <new>
#include <stdexcept>

namespace lode::handwritten {

Numbers::Numbers(const std::string& path) {
  std::ifstream file(path);
  std::string name;
  std::size_t count = 0;
  while (file >> name >> count) {
    std::vector<double>& values = arrays_[name];
    values.resize(count);
    for (double& value : values) file >> value;
  }
  if (arrays_.empty()) throw std::runtime_error("no numbers in " + path);
}

const std::vector<double>& Numbers::at(const std::string& name) const {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) throw std::runtime_error("no numbers called " + name);
  return found->second;
}

Summary::Summary(std::size_t cell_count, bool with_counts)
    : cells(cell_count),
      scale(cell_count, 1),
      offset(cell_count, 0),
      sum(cell_count, 0),
      squares(cell_count, 0),
      counts(with_counts ? cell_count * bins : 0, 0),
      recent(counts.size(), 0) {}

void Summary::begin(std::size_t count) {
  draws += count;
  recent_draws_ += count;
  if (recent_draws_ <= std::numeric_limits<std::uint16_t>::max()) return;
  empty_recent();
  recent_draws_ = count;
}

void Summary::empty_recent() {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] += recent[i];
    recent[i] = 0;
  }
  recent_draws_ = 0;
}

void Summary::set_edges(const Summary& pilot) {
  for (std::size_t c = 0; c < cells; ++c) {
    const double width = 9 * pilot.deviation(c) / bins;
    scale[c] = width > 0 ? 1 / width : 0;
    offset[c] = bins / 2.0 - pilot.mean(c) * scale[c];
    // A cell that does not vary: y is its value itself.
    if (scale[c] == 0) {
      scale[c] = 1;
      offset[c] = 0;
    }
  }
}

void Summary::merge(Summary& other) {
  empty_recent();
  other.empty_recent();
  draws += other.draws;
  for (std::size_t c = 0; c < cells; ++c) {
    sum[c] += other.sum[c];
    squares[c] += other.squares[c];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
}

double Summary::mean(std::size_t cell) const {
  return (sum[cell] / static_cast<double>(draws) - offset[cell]) / scale[cell];
}

double Summary::deviation(std::size_t cell) const {
  const double n = static_cast<double>(draws);
  const double centre = sum[cell] / n;
  const double variance = squares[cell] / n - centre * centre;
  const bool is_rounding = variance <= 1e-13 * centre * centre;
  return is_rounding || draws < 2 ? 0 : std::sqrt(variance * n / (n - 1)) / scale[cell];
}

double Summary::quantile(std::size_t cell, double level) const {
  if (deviation(cell) == 0) return mean(cell);
  const double wanted = level * static_cast<double>(draws);
  double below = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const double here = counts[cell * bins + bin];
    if (below + here >= wanted && here > 0) {
      const double y = static_cast<double>(bin) + (wanted - below) / here;
      return (y - offset[cell]) / scale[cell];
    }
    below += here;
  }
  return (static_cast<double>(bins) - offset[cell]) / scale[cell];
}

void FreeDeleter::operator()(double* memory) const {
  std::free(memory);
}

Workspace make_workspace(std::size_t doubles) {
  void* memory = std::aligned_alloc(64, (doubles * sizeof(double) + 63) / 64 * 64);
  if (memory == nullptr) throw std::bad_alloc();
  return Workspace(static_cast<double*>(memory));
}

}  // namespace lode::handwritten

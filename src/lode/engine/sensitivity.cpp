// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/sensitivity.hpp"

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "lode/distributions/standard_normal.hpp"
#include "lode/engine/in_threads.hpp"
#include "lode/statistics/sum_tree.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

namespace {

/// Draws whose sums one thread makes; sums of blocks are added in the order of a tree.
constexpr std::size_t block_draws = 512;

/// Threads, each with a worker of its own, take numbers 0 … count − 1 in turn.
void share_out(const DrawModel& model, std::size_t threads, std::size_t count,
               const std::function<void(DrawWorker&, std::size_t)>& body) {
  const auto all = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  std::atomic<std::size_t> next{0};
  in_threads(std::min(count, threads ? threads : all), [&](std::size_t) {
    DrawWorker worker(model);
    for (std::size_t i = next++; i < count; i = next++) body(worker, i);
  });
}

}  // namespace

InputGroups groups_by_parameter(const DrawModel& model) {
  InputGroups groups;
  std::map<std::size_t, std::size_t> group_of_leaf;
  for (const ScoreColumn& column : model.uncertainty().columns) {
    const auto [found, is_new] = group_of_leaf.emplace(column.leaf, groups.names.size());
    if (is_new) groups.names.push_back(model.plan().model->leaves[column.leaf].name);
    groups.group_of.push_back(found->second);
  }
  return groups;
}

InputGroups groups_by_number(const DrawModel& model) {
  InputGroups groups;
  for (const ScoreColumn& column : model.uncertainty().columns) {
    groups.group_of.push_back(groups.names.size());
    groups.names.push_back(column.name);
  }
  return groups;
}

std::optional<SobolIndices::Result> sobol_sensitivity(const DrawModel& model, const InputGroups& groups,
                                                      const SensitivityOptions& options) {
  const std::size_t columns = model.columns(), results = options.focus.size();
  // Columns of A and B lie one behind the other, as those of one parameter do: both halves are even.
  std::vector<std::uint64_t> keys;
  for (const char* half : {"", " again"})
    for (const ScoreColumn& column : model.uncertainty().columns)
      keys.push_back(column_key(column.name + half));
  const Design design({DesignKind::sobol, options.seed, options.draws}, keys);
  std::vector<double> shifts;
  for (const std::size_t place : options.focus) {
    const DrawnCell& cell = model.cells()[place];
    shifts.push_back(model.nominal().quantity(cell.quantity).value(cell.series, cell.period));
  }
  const SobolIndices indices(groups.names.size(), shifts);
  const std::size_t blocks = (options.draws + block_draws - 1) / block_draws;
  SumTree tree(indices.width());
  std::mutex mutex;
  std::atomic<std::size_t> done{0};
  std::atomic<bool> stopped{false};
  share_out(model, options.threads, blocks, [&](DrawWorker& worker, std::size_t block) {
    if (stopped) return;
    const std::size_t lanes = worker.lanes();
    AlignedVector<double> scores(2 * columns * lanes), exchanged(columns * lanes);
    AlignedVector<double> y((2 + groups.names.size()) * results * lanes);
    std::vector<const double*> at_exchanged;
    for (std::size_t g = 0; g < groups.names.size(); ++g)
      at_exchanged.push_back(y.data() + (2 + g) * results * lanes);
    std::vector<double> sums(indices.width(), 0.0);
    const std::uint64_t first = block * block_draws;
    const std::size_t count = std::min<std::size_t>(block_draws, options.draws - first);
    for (std::size_t d = 0; d < count; d += lanes) {
      const std::size_t here = std::min(lanes, count - d);
      std::fill(scores.begin(), scores.end(), 0.0);
      ScoreBlock wanted;
      wanted.first_packet = (first + d) / packet_size;
      wanted.packets = here / packet_size;
      wanted.columns = 2 * columns;
      design.normals(wanted, scores.data(), lanes);
      const double* const a = scores.data();
      const double* const b = a + columns * lanes;
      worker.compute(a, options.focus, y.data(), lanes);
      worker.compute(b, options.focus, y.data() + results * lanes, lanes);
      for (std::size_t g = 0; g < groups.names.size(); ++g) {
        for (std::size_t c = 0; c < columns; ++c)
          std::copy_n((groups.group_of[c] == g ? b : a) + c * lanes, lanes, exchanged.data() + c * lanes);
        worker.compute(exchanged.data(), options.focus, y.data() + (2 + g) * results * lanes, lanes);
      }
      indices.add_block(sums, y.data(), y.data() + results * lanes, at_exchanged, lanes, here);
    }
    const std::scoped_lock lock(mutex);
    tree.add(block, std::move(sums));
    if (options.progress && !options.progress(static_cast<double>(++done) / static_cast<double>(blocks)))
      stopped = true;
  });
  if (stopped) return std::nullopt;
  return indices.result(tree.total());
}

std::optional<std::vector<MorrisEstimate>> morris_sensitivity(const DrawModel& model,
                                                              const InputGroups& groups,
                                                              std::size_t repetitions,
                                                              const SensitivityOptions& options) {
  const std::size_t columns = model.columns(), results = options.focus.size();
  const MorrisDesign design(groups.group_of, groups.names.size(), repetitions, 8, MorrisKind::trajectory,
                            options.seed);
  MorrisEffects effects(design, results);
  const std::size_t points = groups.names.size() + 1;
  std::mutex mutex;
  std::size_t done = 0;
  std::atomic<bool> stopped{false};
  share_out(model, options.threads, repetitions, [&](DrawWorker& worker, std::size_t repetition) {
    if (stopped) return;
    const std::size_t lanes = worker.lanes();
    AlignedVector<double> scores(columns * lanes), y(results * lanes);
    std::vector<double> point(columns), all(points * results);
    for (std::size_t first = 0; first < points; first += lanes) {
      const std::size_t here = std::min(lanes, points - first);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        design.point(repetition * points + first + std::min(lane, here - 1), point.data());
        for (std::size_t c = 0; c < columns; ++c) scores[c * lanes + lane] = normal_quantile(point[c]);
      }
      worker.compute(scores.data(), options.focus, y.data(), lanes);
      for (std::size_t lane = 0; lane < here; ++lane)
        for (std::size_t k = 0; k < results; ++k) all[(first + lane) * results + k] = y[k * lanes + lane];
    }
    const std::scoped_lock lock(mutex);
    effects.add(repetition, all);
    if (options.progress && !options.progress(static_cast<double>(++done) / static_cast<double>(repetitions)))
      stopped = true;
  });
  if (stopped) return std::nullopt;
  return effects.estimates();
}

Swings input_swings(const DrawModel& model, const InputGroups& groups, const std::vector<std::size_t>& focus,
                    double probability) {
  const std::size_t columns = model.columns(), results = focus.size(), count = groups.names.size();
  const double z = normal_quantile(probability);
  DrawWorker worker(model);
  const std::size_t lanes = worker.lanes(), points = 1 + 2 * count;
  AlignedVector<double> scores(columns * lanes), y(results * lanes);
  Swings swings;
  swings.centre.resize(results);
  swings.low.resize(count * results);
  swings.high.resize(count * results);
  for (std::size_t first = 0; first < points; first += lanes) {
    // Point 0 is the centre, 1 + 2 g and 2 + 2 g the low and the high point of group g.
    for (std::size_t c = 0; c < columns; ++c)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t point = first + lane;
        const bool moved = point > 0 && point < points && (point - 1) / 2 == groups.group_of[c];
        scores[c * lanes + lane] = !moved ? 0 : point % 2 == 1 ? -z : z;
      }
    worker.compute(scores.data(), focus, y.data(), lanes);
    for (std::size_t lane = 0; lane < lanes && first + lane < points; ++lane) {
      const std::size_t point = first + lane;
      for (std::size_t k = 0; k < results; ++k) {
        const double value = y[k * lanes + lane];
        if (point == 0)
          swings.centre[k] = value;
        else
          (point % 2 == 1 ? swings.low : swings.high)[(point - 1) / 2 * results + k] = value;
      }
    }
  }
  return swings;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// One thread's part of a run with draws: groups of draws of all its models and differences, computed together
// with the same scores.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "lode/engine/draws.hpp"
#include "lode/support/aligned.hpp"
#include "lode/support/contract.hpp"

namespace lode {

using DrawClock = std::chrono::steady_clock;

inline double seconds_since(DrawClock::time_point& mark) {
  const DrawClock::time_point now = DrawClock::now();
  const double seconds = std::chrono::duration<double>(now - mark).count();
  mark = now;
  return seconds;
}

/// What a run computes: models, differences among them, and where their statistics stand one after another.
struct DrawParts {
  std::vector<const DrawModel*> models;
  std::vector<const DrawDifference*> differences;
  SharedColumns columns;
  std::vector<std::size_t> begin;  ///< of the models, then of the differences; one more: the end

  DrawParts(const DrawModel& model, const DrawOptions& options)
      : models(models_of(model, options)), differences(options.differences), columns(models) {
    begin.push_back(0);
    for (const DrawModel* each : models) begin.push_back(begin.back() + each->distinct().size());
    for (const DrawDifference* each : differences) begin.push_back(begin.back() + each->distinct().size());
  }

  std::size_t count() const { return models.size() + differences.size(); }
  std::size_t counted() const { return begin.back(); }  ///< cells with statistics of their own
  std::size_t begin_of_model(std::size_t m) const { return begin[m]; }
  std::size_t begin_of_difference(std::size_t d) const { return begin[models.size() + d]; }
  std::size_t place_of(const DrawModel& model) const {
    const auto found = std::find(models.begin(), models.end(), &model);
    LODE_EXPECT(found != models.end());
    return static_cast<std::size_t>(found - models.begin());
  }
  /// Where the statistics are of a cell, by place in the cells() of a model or, after all models, a
  /// difference.
  std::size_t counted(std::size_t part, std::size_t cell) const {
    return begin[part] + (part < models.size() ? models[part]->distinct_of(cell)
                                               : differences[part - models.size()]->distinct_of(cell));
  }
  /// The scores that a part takes: a difference those of its first model, then what only the second has.
  std::vector<std::size_t> columns_of(std::size_t part) const {
    if (part < models.size()) return columns.of[part];
    const DrawDifference& difference = *differences[part - models.size()];
    std::vector<std::size_t> all = columns.of[place_of(difference.first())];
    const std::set<std::size_t> known(all.begin(), all.end());
    for (const std::size_t column : columns.of[place_of(difference.second())])
      if (known.count(column) == 0) all.push_back(column);
    return all;
  }

 private:
  static std::vector<const DrawModel*> models_of(const DrawModel& model, const DrawOptions& options) {
    std::vector<const DrawModel*> all = {&model};
    all.insert(all.end(), options.others.begin(), options.others.end());
    return all;
  }
};

/// One thread's part: computes a group of draws at a time, whose results are then read where they lie.
class Drawer {
 public:
  Drawer(const DrawParts& parts, const Design& design) : parts_(parts), design_(design) {
    for (const DrawModel* model : parts.models) workers_.push_back(std::make_unique<DrawWorker>(*model));
    scores_.resize(design.columns() * lanes());
    for (const DrawDifference* difference : parts.differences)
      differences_.emplace_back(difference->distinct().size() * lanes());
  }

  /// Draws of a group; a multiple of 8.
  std::size_t lanes() const { return workers_.front()->lanes(); }

  /// Draws [first, first + count), count ≤ lanes(), a multiple of 8.
  void draw(std::uint64_t first, std::size_t count) {
    const std::size_t lanes = this->lanes();
    DrawClock::time_point mark = DrawClock::now();
    ScoreBlock wanted;
    wanted.first_packet = first / packet_size;
    wanted.packets = count / packet_size;
    wanted.columns = design_.columns();
    design_.normals(wanted, scores_.data(), lanes, &cursor_);
    if (count < lanes)  // the run's last draws: what is left of the lanes repeats them
      for (std::size_t c = 0; c < design_.columns(); ++c)
        for (std::size_t lane = count; lane < lanes; ++lane)
          scores_[c * lanes + lane] = scores_[c * lanes + lane % count];
    times.scores += seconds_since(mark);
    workers_.front()->compute(scores_.data());
    for (std::size_t m = 1; m < workers_.size(); ++m) {
      const std::vector<std::size_t>& columns = parts_.columns.of[m];
      other_scores_.resize(columns.size() * lanes);
      for (std::size_t c = 0; c < columns.size(); ++c)
        std::copy_n(scores(columns[c]), lanes, other_scores_.data() + c * lanes);
      workers_[m]->compute(other_scores_.data());
    }
    for (std::size_t d = 0; d < differences_.size(); ++d) {
      const DrawDifference& difference = *parts_.differences[d];
      difference.subtract(*workers_[parts_.place_of(difference.first())],
                          *workers_[parts_.place_of(difference.second())], differences_[d].data());
    }
    times.model += seconds_since(mark);
  }

  /// The lanes of each column's scores.
  const double* scores(std::size_t column) const { return scores_.data() + column * lanes(); }
  /// Those of a result, by place in the cells() of a model or, after all models, a difference.
  const double* row(std::size_t part, std::size_t cell) const {
    if (part < workers_.size()) return workers_[part]->row(cell);
    const std::size_t d = part - workers_.size();
    return differences_[d].data() + parts_.differences[d]->distinct_of(cell) * lanes();
  }
  /// Calls visit(first, cells, rows) for results whose rows follow one another, by place among all that have
  /// statistics.
  template <class Visit>
  void each_stretch(const Visit& visit) const {
    for (std::size_t m = 0; m < workers_.size(); ++m)
      for (const DrawModel::Stretch& stretch : parts_.models[m]->stretches())
        visit(parts_.begin_of_model(m) + stretch.cell, stretch.count, workers_[m]->rows(stretch));
    for (std::size_t d = 0; d < differences_.size(); ++d)
      visit(parts_.begin_of_difference(d), parts_.differences[d]->distinct().size(), differences_[d].data());
  }

  /// Adds the draws computed last to statistics.
  void count(CellChunk& cells, std::size_t draws) {
    each_stretch([&](std::size_t cell, std::size_t count, const double* rows) {
      cells.add_block(cell, count, rows, lanes(), draws);
    });
  }

  /// Calls visit(model, failed) for what failed in the draws computed last.
  template <class Visit>
  void each_failed(std::size_t draws, const Visit& visit) const {
    for (std::size_t m = 0; m < workers_.size(); ++m)
      for (const LaneFailed& failed : workers_[m]->failed())
        if (failed.lane < draws) visit(m, failed);
  }

  DrawResult::Times times;

 private:
  const DrawParts& parts_;
  const Design& design_;
  std::vector<std::unique_ptr<DrawWorker>> workers_;  ///< one per model
  ScoreCursor cursor_;
  AlignedVector<double> scores_, other_scores_;
  std::vector<AlignedVector<double>> differences_;  ///< [difference][distinct cell][lane]
};

}  // namespace lode

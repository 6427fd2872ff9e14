// SPDX-License-Identifier: Apache-2.0
//
// A search for each draw. Draws run side by side in lanes, and so do their searches: the grid is the same for
// all lanes, then each lane narrows its own bracket by Chandrupatla's method (Adv. Eng. Softw. 28 (1997)
// 145), which takes inverse quadratic steps where they are safe and halves elsewhere.
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

#include "lode/api/seek.hpp"
#include "lode/api/variants.hpp"
#include "lode/engine/draw_worker.hpp"
#include "lode/engine/in_threads.hpp"
#include "lode/sampling/design.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t grid_points = 17, most_steps = 60;
constexpr double jump_part = 1e-6;

struct Answer {
  double value = nothing;
  bool several = false, at_limit = false;
};

/// One thread's model with lanes of draws and the lever in each lane at a place of its own.
class LaneSeek {
 public:
  LaneSeek(const Session& session, const Seek& seek, const DrawModel& model, bool highest)
      : session_(session), seek_(seek), model_(model), highest_(highest), evaluation_(model.plan()) {
    const BoundModel& bound = *session.bound;
    const std::size_t leaf = lever().leaf;
    for (std::size_t i = 0; i < bound.leaves.size(); ++i)
      if (bound.leaves[i].solved_by) evaluation_.set_leaf(i, model.nominal().leaf(i));
    std::vector<std::size_t> laned = model.sampler().leaves();
    uncertain_ = std::find(laned.begin(), laned.end(), leaf) != laned.end();
    if (!uncertain_) laned.push_back(leaf);
    for (const std::size_t each : laned) {
      const Array nominal = evaluation_.leaf(each);
      Array& values = evaluation_.leaf_lanes(each, lanes_);
      for (std::size_t cell = 0; cell < nominal.size(); ++cell)
        std::fill_n(values.data().data() + cell * lanes_, lanes_, nominal.data()[cell]);
    }
    std::vector<std::size_t> quantities;
    for (const Wish& wish : seek.wishes) quantities.push_back(wish.quantity);
    evaluation_.run(evaluation_.needed_for(quantities));
    drawn_ = evaluation_.affected_by(laned, quantities);
    moved_ = evaluation_.affected_by({leaf}, quantities);
    for (const std::size_t each : model.sampler().leaves())
      inputs_.push_back(&evaluation_.leaf_lanes(each, lanes_));
    base_ = nominal_ = evaluation_.leaf(leaf);
    own_ = Array(base_.series(), base_.periods());
  }

  std::size_t lanes() const { return lanes_; }
  void solve(const double* scores, Answer* answers);

 private:
  const Lever& lever() const { return seek_.inputs.front().lever; }
  /// The excess in every lane with the lever at x[lane]; `of` says which lanes matter.
  void look(const std::vector<double>& x, std::vector<double>& excess);

  const Session& session_;
  const Seek& seek_;
  const DrawModel& model_;
  const bool highest_;
  Evaluation evaluation_;
  const std::size_t lanes_ = usual_lanes;
  bool uncertain_ = false, first_ = true;
  std::vector<bool> drawn_, moved_;
  std::vector<Array*> inputs_;
  InputSampler::Workspace workspace_;
  Array nominal_, base_, own_;  ///< of the lever's parameter: before draws, drawn, one lane of it
};

void LaneSeek::look(const std::vector<double>& x, std::vector<double>& excess) {
  Array& values = evaluation_.leaf_lanes(lever().leaf, lanes_);
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    for (std::size_t cell = 0; cell < own_.size(); ++cell)
      own_.data()[cell] = base_.data()[cell * lanes_ + lane];
    move_lever(*session_.bound, lever(), x[lane], own_);
    for (std::size_t cell = 0; cell < own_.size(); ++cell)
      values.data()[cell * lanes_ + lane] = own_.data()[cell];
  }
  evaluation_.run_again(first_ ? drawn_ : moved_);
  first_ = false;
  excess.assign(lanes_, nothing);
  std::vector<bool> begun(lanes_, false);
  for (const Wish& wish : seek_.wishes) {
    const Array& array = evaluation_.quantity(wish.quantity);
    for (const Wish::Cell& cell : wish.cells)
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const double own = wish.excess(array.value(cell.series, cell.period, lane));
        if (begun[lane] && !std::isnan(own) && !(own > excess[lane])) continue;
        if (begun[lane] && std::isnan(excess[lane])) continue;
        excess[lane] = own;
        begun[lane] = true;
      }
  }
}

void LaneSeek::solve(const double* scores, Answer* answers) {
  // Numbers that are not drawn are expected to be as they were.
  if (uncertain_) evaluation_.leaf_lanes(lever().leaf, lanes_).data() = nominal_.data();
  model_.sampler().fill(scores, lanes_, workspace_, inputs_);
  if (uncertain_) base_ = evaluation_.leaf(lever().leaf);
  first_ = true;
  const double low = *seek_.inputs.front().low, high = *seek_.inputs.front().high;
  // From the end at which the wish fails or is to be met first, inwards.
  const double begin = highest_ ? high : low, end = highest_ ? low : high;
  std::vector<double> x(lanes_), f(lanes_), before(lanes_), largest(lanes_, 0.0);
  struct Bracket {
    double a, b, c, fa, fb, fc, t;
    bool open = false;
  };
  std::vector<Bracket> brackets(lanes_);
  double last_x = begin;
  for (std::size_t point = 0; point < grid_points; ++point) {
    const double at = point + 1 == grid_points
                          ? end
                          : begin + (end - begin) * (static_cast<double>(point) / (grid_points - 1));
    std::fill(x.begin(), x.end(), at);
    look(x, f);
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (std::isfinite(f[lane])) largest[lane] = std::max(largest[lane], std::abs(f[lane]));
      Answer& answer = answers[lane];
      const bool holds = seek_.equal ? f[lane] == 0 : f[lane] <= 0;
      const bool crosses =
          point > 0 && (seek_.equal ? before[lane] * f[lane] < 0 : before[lane] > 0 && holds);
      const bool has = !std::isnan(answer.value) || brackets[lane].open;
      if ((holds && point == 0) || crosses || (seek_.equal && holds)) {
        answer.several = answer.several || has;
        if (!has && (point == 0 || (seek_.equal && holds))) {
          answer.value = at;
          answer.at_limit = point == 0;
        } else if (!has) {
          brackets[lane] = {at, last_x, last_x, f[lane], before[lane], before[lane], 0.5, true};
        }
      }
    }
    before = f;
    last_x = at;
  }
  for (std::size_t step = 0; step < most_steps; ++step) {
    bool any = false;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const Bracket& k = brackets[lane];
      x[lane] = k.open ? k.a + k.t * (k.b - k.a) : begin;
      any = any || k.open;
    }
    if (!any) break;
    look(x, f);
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      Bracket& k = brackets[lane];
      if (!k.open) continue;
      if (std::isnan(f[lane])) {
        k.open = false;
        continue;
      }
      if ((f[lane] > 0) == (k.fa > 0)) {
        k.c = k.a;
        k.fc = k.fa;
      } else {
        k.c = k.b;
        k.fc = k.fb;
        k.b = k.a;
        k.fb = k.fa;
      }
      k.a = x[lane];
      k.fa = f[lane];
      const bool a_nearer = std::abs(k.fa) < std::abs(k.fb);
      const double best = a_nearer ? k.a : k.b, f_best = a_nearer ? k.fa : k.fb;
      const double tolerance = (2e-16 * std::abs(best) + 1e-12 * (high - low)) / std::abs(k.b - k.a);
      if (tolerance > 0.5 || f_best == 0) {
        k.open = false;
        const bool jumps = std::abs(f_best) > jump_part * largest[lane];
        if (!jumps)
          answers[lane].value = best;
        else if (!seek_.equal)
          answers[lane].value = k.fa <= 0 ? k.a : k.b;
        continue;
      }
      const double xi = (k.a - k.b) / (k.c - k.b), phi = (k.fa - k.fb) / (k.fc - k.fb);
      k.t = 0.5;
      if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)
        k.t = k.fa / (k.fb - k.fa) * (k.fc / (k.fb - k.fc)) +
              (k.c - k.a) / (k.b - k.a) * (k.fa / (k.fc - k.fa)) * (k.fb / (k.fc - k.fb));
      k.t = std::clamp(k.t, tolerance, 1 - tolerance);
    }
  }
}

}  // namespace

std::optional<Seek::Draws> seek_draws(Session& session, const Seek& seek, const SeekRequest& request) {
  const auto refuse = [&](const char* code, const std::string& message, const std::string& help) {
    session.diagnostics.error(code, {}, message).help = help;
    return std::nullopt;
  };
  if (seek.inputs.size() > 1)
    return refuse("draws-of-several", "with draws one input is sought at a time", "leave the others out");
  const auto equals = std::count_if(seek.wishes.begin(), seek.wishes.end(),
                                    [](const Wish& wish) { return wish.relation == Wish::Relation::equal; });
  if (equals > 0 && seek.wishes.size() > 1)
    return refuse("draws-of-several", "with draws an equation stands alone",
                  "leave the other conditions out");
  if (session.uncertainty.columns.empty())
    return refuse("nothing-uncertain", "no parameter of this case is uncertain: every draw would be the same",
                  "give parameters a `quality:`, and its class a distribution");
  const std::vector<bool> solves = solves_affected(session, {seek.inputs.front().lever.leaf});
  if (std::find(solves.begin(), solves.end(), true) != solves.end())
    return refuse("draws-and-solve",
                  "what `solve:` finds depends on this input, and is not found anew for each draw",
                  "seek without draws");
  std::vector<std::size_t> quantities;
  for (const Wish& wish : seek.wishes) quantities.push_back(wish.quantity);
  const DrawModel model(*session.plan, *session.evaluation, session.uncertainty, quantities);
  DesignSpec spec;
  spec.seed = request.seed;
  spec.draws = rounded_draws(spec.kind, request.draws);
  std::vector<std::uint64_t> keys;
  for (const ScoreColumn& column : session.uncertainty.columns) keys.push_back(column_key(column.name));
  const Design design(spec, keys);
  Seek::Draws result;
  result.draws = spec.draws;
  // Where the case itself holds from the lower limit on, the largest value is the telling one.
  result.highest = !seek.equal && !seek.intervals.empty() &&
                   seek.intervals.front().low == *seek.inputs.front().low &&
                   seek.intervals.front().high < *seek.inputs.front().high;
  std::vector<Answer> answers(spec.draws);
  const auto threads =
      request.threads ? request.threads : static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> stopped{false};
  in_threads(threads, [&](std::size_t) {
    LaneSeek worker(session, seek, model, result.highest);
    const std::size_t lanes = worker.lanes();
    AlignedVector<double> scores(std::max<std::size_t>(model.columns(), 1) * lanes);
    std::vector<Answer> own(lanes);
    for (std::uint64_t first = lanes * next++; first < spec.draws && !stopped; first = lanes * next++) {
      const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(lanes, spec.draws - first));
      std::fill(scores.begin(), scores.end(), 0.0);
      ScoreBlock block;
      block.first_packet = first / packet_size;
      block.packets = here / packet_size;
      block.columns = model.columns();
      design.normals(block, scores.data(), lanes);
      std::fill(own.begin(), own.end(), Answer());
      worker.solve(scores.data(), own.data());
      std::copy_n(own.begin(), here, answers.begin() + static_cast<std::ptrdiff_t>(first));
      if (request.progress && !request.progress()) stopped = true;
    }
  });
  if (stopped) return refuse("draws-stopped", "the search was stopped", "");
  std::vector<double> values;
  for (const Answer& answer : answers) {
    if (std::isnan(answer.value)) continue;
    values.push_back(answer.value);
    result.several += answer.several;
    result.at_limit += answer.at_limit;
  }
  result.answered = values.size();
  result.probabilities = request.quantiles;
  if (values.empty()) return result;
  for (const double value : values) result.mean += value / static_cast<double>(values.size());
  for (const double value : values) result.deviation += (value - result.mean) * (value - result.mean);
  result.deviation =
      values.size() > 1 ? std::sqrt(result.deviation / static_cast<double>(values.size() - 1)) : 0;
  std::sort(values.begin(), values.end());
  for (const double probability : result.probabilities) {
    const double place = probability * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double share = place - static_cast<double>(below);
    const double above = values[std::min(below + 1, values.size() - 1)];
    result.quantiles.push_back(values[below] + share * (above - values[below]));
  }
  return result;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draws.hpp"

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <span>

#include "lode/engine/draw_follower.hpp"
#include "lode/engine/draw_state.hpp"
#include "lode/engine/drawer.hpp"
#include "lode/engine/in_threads.hpp"
#include "lode/engine/kept_draws.hpp"
#include "lode/support/aligned.hpp"

namespace lode {

namespace {

std::vector<std::uint64_t> column_keys(const std::vector<std::string>& names) {
  std::vector<std::uint64_t> keys;
  for (const std::string& name : names) keys.push_back(column_key(name));
  return keys;
}

/// Keys of failures hold the model above the kind.
constexpr unsigned kind_bits = 8;

/// A run in progress.
class DrawRun {
 public:
  DrawRun(const DrawModel& model, const DrawOptions& options, Team& team)
      : model_(model),
        options_(options),
        team_(team),
        parts_(model, options),
        design_(options.design, column_keys(parts_.columns.names)),
        pilot_(parts_.counted(), pilot_draws(std::max(parts_.counted(), options.counted_in_all),
                                             options.design.draws, pilot_bytes(parts_))),
        kept_(kept_width(), options.design.draws, options.identity) {
    statistics_options_.quantiles = options.quantiles;
    statistics_options_.scrambled = options.design.kind == DesignKind::sobol;
    const auto all = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
    for (std::size_t i = 0; i < (options.threads ? options.threads : all); ++i)
      drawers_.push_back(std::make_unique<Drawer>(parts_, design_));
    for (const DrawModel* each : parts_.models) {
      operations_.push_back(operations_by_place(each->plan()));
      auto& places = place_of_.emplace_back();
      for (std::size_t i = 0; i < operations_.back().size(); ++i) places[operations_.back()[i]] = i;
    }
    for (std::size_t part = 0; part < parts_.count(); ++part) {
      if (focus_of(part).empty() || !(options_.keep_draws || options_.pairs)) continue;
      followed_.push_back({part, {focus_of(part), parts_.columns_of(part)}});
    }
  }

  bool begin();
  /// Computes what is missing of the first `draws` draws.
  void extend(std::uint64_t draws);
  /// Rank 0 takes the other processes' parts.
  bool gather();
  DrawResult result();
  /// The draws that were kept, to the run's last result.
  void hand_over(DrawResult& result);
  /// After a run that is complete.
  void remove_files() const {
    remove_states(options_.state_file);
    if (kept_.width() > 0) KeptDraws::remove(options_.state_file);
  }
  const std::string& problem() const { return problem_; }
  /// How many draws are there: more than were asked for where an earlier run had gone further.
  std::uint64_t draws() const { return small() ? options_.design.draws : state_.statistics->draws(); }
  bool stopped() const { return stopped_; }
  bool small() const { return pilot_.draws() >= options_.design.draws; }

 private:
  template <class Body>
  void each_drawer(const Body& body) {
    in_threads(drawers_.size(), [&](std::size_t i) { body(*drawers_[i]); });
  }
  /// As large for each part as for a run of its own.
  static std::size_t pilot_bytes(const DrawParts& parts) {
    return (std::size_t{24} << 20) * (parts.begin.size() - 1);
  }
  /// What is followed of a model or a difference, and where its sums begin among those of all.
  struct Followed {
    std::size_t part;
    DrawFollower follower;
    std::size_t pairs = 0, given_data = 0;
  };
  /// Draws that are kept: [result][draw], and where the next ones go.
  struct Kept {
    std::vector<double> values;
    std::size_t draws, at = 0;
  };
  /// Sums of one chunk.
  struct Sums {
    std::vector<double> pairs, given_data;
  };
  const std::vector<std::size_t>& focus_of(std::size_t part) const;
  void prepare_sums();
  Sums no_sums() const {
    return {std::vector<double>(state_.pairs.width(), 0.0),
            std::vector<double>(state_.given_data.width(), 0.0)};
  }
  /// How many results have their draws kept.
  std::size_t kept_width() const {
    std::size_t width = 0;
    for (std::size_t part = 0; part < parts_.count() && options_.keep_draws; ++part)
      width += focus_of(part).size();
    return width;
  }
  Kept no_kept(std::size_t draws) const { return {std::vector<double>(kept_.width() * draws), draws}; }
  void keep(const Drawer& drawer, std::size_t draws, Kept& kept) const;
  void follow(const Drawer& drawer, std::size_t draws, Sums& sums) const;
  DrawnPart take(std::size_t part, const std::vector<CellSummary>& summaries) const;
  DrawnPart& part_of(DrawResult& result, std::size_t part) const;
  void count_failed(const Drawer& drawer, std::uint64_t first, std::size_t draws,
                    DrawFailures& failures) const;
  std::vector<DrawFailure> located(const DrawFailures& failures) const;
  void compute_chunk(Drawer& drawer, std::uint64_t chunk, std::size_t draws, CellChunk& cells);
  void save();
  void save_now_and_then();

  const DrawModel& model_;
  const DrawOptions& options_;
  Team& team_;
  DrawParts parts_;
  Design design_;
  Pilot pilot_;
  KeptDraws kept_;
  StatisticsOptions statistics_options_;
  std::vector<std::unique_ptr<Drawer>> drawers_;
  std::vector<Followed> followed_;
  std::shared_ptr<const CellLayouts> layouts_;
  DrawState state_;
  std::vector<std::vector<const Operation*>> operations_;  ///< per model
  std::vector<std::map<const Operation*, std::uint64_t>> place_of_;
  std::mutex mutex_;
  std::optional<DrawClock::time_point> saved_;
  std::atomic<bool> stopped_{false};
  std::string problem_;
};

bool DrawRun::begin() {
  // The pilot, in groups that the threads share.
  const std::size_t lanes = drawers_.front()->lanes();
  const std::size_t groups = (pilot_.draws() + lanes - 1) / lanes;
  std::atomic<std::size_t> next{0};
  Kept all = no_kept(small() ? pilot_.draws() : 0);
  each_drawer([&](Drawer& drawer) {
    for (std::size_t group = next++; group < groups; group = next++) {
      const std::size_t first = group * lanes, count = std::min(lanes, pilot_.draws() - first);
      drawer.draw(first, count);
      drawer.each_stretch([&](std::size_t cell, std::size_t cells, const double* rows) {
        pilot_.add_block(cell, cells, first, rows, lanes, count);
      });
      if (!small()) continue;  // else the first chunks compute them again
      DrawFailures failures;
      count_failed(drawer, first, count, failures);
      const std::scoped_lock lock(mutex_);
      all.at = first;
      keep(drawer, count, all);
      state_.failures.merge(failures);
    }
  });
  prepare_sums();
  if (small()) {
    if (kept_.width() > 0) kept_.add(0, std::move(all.values));
    return true;
  }

  const auto layouts = std::make_shared<CellLayouts>(pilot_.cells(), statistics_options_);
  std::atomic<std::size_t> cell{0};
  each_drawer([&](Drawer&) {
    constexpr std::size_t many = 64;
    for (std::size_t c = cell.fetch_add(many); c < pilot_.cells(); c = cell.fetch_add(many))
      layouts->fit(pilot_, c, std::min(many, pilot_.cells() - c));
  });
  pilot_ = Pilot(0, pilot_.draws());
  layouts_ = layouts;
  state_.statistics.emplace(layouts_);
  if (options_.state_file.empty()) return true;
  return load_states(options_.state_file, options_.identity, team_, state_, problem_) &&
         (kept_.width() == 0 ||
          kept_.load(
              options_.state_file, team_,
              [&](std::uint64_t chunk) { return state_.statistics->tree().has(chunk); }, problem_));
}

const std::vector<std::size_t>& DrawRun::focus_of(std::size_t part) const {
  static const std::vector<std::size_t> none;
  if (part == 0) return options_.focus;
  const bool of_model = part < parts_.models.size();
  const auto& all = of_model ? options_.other_focus : options_.difference_focus;
  const std::size_t i = of_model ? part - 1 : part - parts_.models.size();
  return i < all.size() ? all[i] : none;
}

void DrawRun::prepare_sums() {
  std::size_t pairs = 0, given_data = 0;
  for (Followed& each : followed_) {
    if (!options_.pairs) break;
    // Of draws that any run keeps of all its results, so that the bits are those of a run by itself.
    const std::size_t first = std::min(pilot_.draws(), least_pilot_draws);
    std::vector<double> shifts;
    for (const std::size_t cell : each.follower.cells()) {
      double sum = 0;
      std::size_t finite = 0;
      for (const double value : pilot_.cell(parts_.counted(each.part, cell)).first(first))
        if (std::isfinite(value)) sum += value, ++finite;
      shifts.push_back(finite ? sum / static_cast<double>(finite) : 0.0);
    }
    each.follower.sum(shifts,
                      options_.first_order ? given_data_bins(static_cast<double>(options_.design.draws)) : 0);
    each.pairs = pairs;
    each.given_data = given_data;
    pairs += each.follower.pair_width();
    given_data += each.follower.given_width();
  }
  state_.pairs = SumTree(pairs);
  state_.given_data = SumTree(given_data);
}

/// Keeps the draws computed last.
void DrawRun::keep(const Drawer& drawer, std::size_t draws, Kept& kept) const {
  if (kept_.width() == 0) return;
  double* to = kept.values.data() + kept.at;
  for (const Followed& each : followed_)
    for (const std::size_t cell : each.follower.cells()) {
      std::copy_n(drawer.row(each.part, cell), draws, to);
      to += kept.draws;
    }
  kept.at += draws;
}

/// Adds the draws computed last to sums.
void DrawRun::follow(const Drawer& drawer, std::size_t draws, Sums& sums) const {
  if (!options_.pairs) return;
  std::vector<const double*> rows, scores;
  for (const Followed& each : followed_) {
    const DrawFollower& follower = each.follower;
    rows.clear();
    for (const std::size_t cell : follower.cells()) rows.push_back(drawer.row(each.part, cell));
    scores.clear();
    for (const std::size_t column : follower.columns()) scores.push_back(drawer.scores(column));
    follower.add(rows, scores, draws, std::span(sums.pairs).subspan(each.pairs, follower.pair_width()),
                 std::span(sums.given_data).subspan(each.given_data, follower.given_width()));
  }
}

void DrawRun::count_failed(const Drawer& drawer, std::uint64_t first, std::size_t draws,
                           DrawFailures& failures) const {
  drawer.each_failed(draws, [&](std::size_t model, const LaneFailed& failed) {
    failures.add(
        {model << kind_bits | static_cast<std::uint64_t>(failed.kind), place_of_[model].at(failed.operation)},
        first + failed.lane);
  });
}

/// Computes the first draw of each failure once more, alone, to see where it happens.
std::vector<DrawFailure> DrawRun::located(const DrawFailures& failures) const {
  std::vector<DrawFailure> result;
  for (const auto& [key, count] : failures.counts()) {
    const std::size_t model = key.first >> kind_bits;
    const auto kind = static_cast<LaneFailure::Kind>(key.first & ((1U << kind_bits) - 1));
    DrawWorker worker(*parts_.models[model]);
    const std::size_t lanes = worker.lanes(), lane = count.first_draw % packet_size;
    const std::vector<std::size_t>& columns = parts_.columns.of[model];
    AlignedVector<double> packet(design_.columns() * packet_size), scores(columns.size() * lanes);
    design_.normals({count.first_draw / packet_size, 1, 0, design_.columns()}, packet.data(), packet_size);
    for (std::size_t c = 0; c < columns.size(); ++c)
      std::fill_n(scores.data() + c * lanes, lanes, packet[columns[c] * packet_size + lane]);
    worker.compute(scores.data());
    DrawFailure failure;
    failure.model = model;
    failure.event = worker.event(kind, operations_[model].at(key.second));
    failure.event.count = count.draws;
    failure.first_draw = count.first_draw;
    failure.draws = count.draws;
    result.push_back(std::move(failure));
  }
  return result;
}

void DrawRun::compute_chunk(Drawer& drawer, std::uint64_t chunk, std::size_t draws, CellChunk& cells) {
  const std::uint64_t first = chunk * chunk_draws;
  Sums sums = no_sums();
  Kept kept = no_kept(draws);
  DrawFailures failures;
  cells.start(chunk, draws);
  const std::size_t lanes = drawer.lanes();
  for (std::size_t done = 0; done < draws; done += lanes) {
    const std::size_t count = std::min(lanes, draws - done);
    drawer.draw(first + done, count);
    DrawClock::time_point mark = DrawClock::now();
    drawer.count(cells, count);
    keep(drawer, count, kept);
    follow(drawer, count, sums);
    count_failed(drawer, first + done, count, failures);
    drawer.times.statistics += seconds_since(mark);
  }
  const std::scoped_lock lock(mutex_);
  state_.statistics->add(cells);
  state_.failures.merge(failures);
  if (state_.pairs.width() > 0) state_.pairs.add(chunk, std::move(sums.pairs));
  if (state_.given_data.width() > 0) state_.given_data.add(chunk, std::move(sums.given_data));
  if (kept_.width() > 0) kept_.add(chunk, std::move(kept.values));
  save_now_and_then();
  if (options_.progress && !options_.progress(state_.statistics->draws())) stopped_ = true;
}

/// The draws first: a state names only what is there.
void DrawRun::save() {
  // Not to go on for hours with what cannot be kept.
  if (!kept_.append(options_.state_file, team_.rank(), problem_) ||
      !save_state(options_.state_file, options_.identity, team_.rank(), state_, problem_))
    stopped_ = true;
}

void DrawRun::save_now_and_then() {
  if (options_.state_file.empty()) return;
  // The first time at once: whether it can be written shows at the beginning.
  if (saved_ &&
      std::chrono::duration<double>(DrawClock::now() - *saved_).count() < options_.seconds_between_states)
    return;
  save();
  saved_ = DrawClock::now();
}

void DrawRun::extend(std::uint64_t draws) {
  if (small()) return;
  std::vector<std::uint64_t> missing;
  for (std::uint64_t chunk = 0; chunk < chunks_of(draws); ++chunk)
    if (!state_.has(chunk)) missing.push_back(chunk);
  // Neighbouring chunks belong to one process, so that it can merge them.
  const std::size_t from = missing.size() * team_.rank() / team_.size(),
                    to = missing.size() * (team_.rank() + 1) / team_.size();
  std::atomic<std::size_t> next{from};
  each_drawer([&](Drawer& drawer) {
    CellChunk cells(layouts_);
    for (std::size_t i = next++; i < to && !stopped_; i = next++) {
      const std::uint64_t chunk = missing[i];
      const auto count = static_cast<std::size_t>(
          std::min<std::uint64_t>(chunk_draws, options_.design.draws - chunk * chunk_draws));
      compute_chunk(drawer, chunk, count, cells);
    }
  });
  if (!options_.state_file.empty()) save();
}

bool DrawRun::gather() {
  if (team_.size() == 1 || small()) return true;
  // Before anything that one process alone may find wrong: the others would wait.
  if (kept_.width() > 0) kept_.gather(team_, problem_);
  const std::vector<std::string> all = team_.gather(team_.rank() == 0  ? std::string()
                                                    : problem_.empty() ? "+" + pack(state_, options_.identity)
                                                                       : "-" + problem_);
  for (std::size_t rank = 1; rank < all.size() && problem_.empty(); ++rank)
    if (all[rank].front() == '-')
      problem_ = all[rank].substr(1);
    else if (!merge_packed(std::string_view(all[rank]).substr(1), options_.identity, state_, problem_))
      return false;
  return true;
}

DrawnPart DrawRun::take(std::size_t part, const std::vector<CellSummary>& summaries) const {
  DrawnPart drawn;
  const std::size_t cells = part < parts_.models.size()
                                ? parts_.models[part]->cells().size()
                                : parts_.differences[part - parts_.models.size()]->cells().size();
  drawn.cells.reserve(cells);
  for (std::size_t cell = 0; cell < cells; ++cell)
    drawn.cells.push_back(summaries[parts_.counted(part, cell)]);
  drawn.focus = focus_of(part);
  return drawn;
}

DrawnPart& DrawRun::part_of(DrawResult& result, std::size_t part) const {
  if (part == 0) return result;
  return part < parts_.models.size() ? result.others[part - 1]
                                     : result.differences[part - parts_.models.size()];
}

void DrawRun::hand_over(DrawResult& result) {
  if (kept_.width() == 0) return;
  auto kept = kept_.take(result.draws);
  auto next = kept.begin();
  for (const Followed& each : followed_) {
    const auto end = next + static_cast<std::ptrdiff_t>(each.follower.cells().size());
    part_of(result, each.part).kept.assign(std::move_iterator(next), std::move_iterator(end));
    next = end;
  }
}

DrawResult DrawRun::result() {
  DrawResult result;
  result.design = options_.design;
  result.quantiles = options_.quantiles;
  result.draws = draws();
  const std::size_t counted = parts_.counted();
  std::vector<CellSummary> summaries(counted);
  std::atomic<std::size_t> next{0};
  each_drawer([&](Drawer&) {
    constexpr std::size_t many = 32;
    for (std::size_t c = next.fetch_add(many); c < counted; c = next.fetch_add(many))
      for (std::size_t i = c; i < std::min(counted, c + many); ++i)
        summaries[i] =
            small() ? exact_summary(pilot_.cell(i), statistics_options_) : state_.statistics->summary(i);
  });
  static_cast<DrawnPart&>(result) = take(0, summaries);
  for (std::size_t part = 1; part < parts_.count(); ++part)
    (part < parts_.models.size() ? result.others : result.differences).push_back(take(part, summaries));
  Sums sums = no_sums();
  if (options_.pairs && small()) {
    // All in one chunk, in order.
    Drawer& drawer = *drawers_.front();
    for (std::size_t done = 0; done < result.draws; done += drawer.lanes()) {
      const std::size_t count = std::min<std::size_t>(drawer.lanes(), result.draws - done);
      drawer.draw(done, count);
      follow(drawer, count, sums);
    }
  } else if (options_.pairs) {
    sums = {state_.pairs.total(), state_.given_data.total()};
  }
  for (const Followed& each : followed_) {
    DrawnPart& drawn = part_of(result, each.part);
    const DrawFollower& follower = each.follower;
    drawn.correlations =
        follower.correlations(std::span(sums.pairs).subspan(each.pairs, follower.pair_width()));
    drawn.first_order =
        follower.first_order(std::span(sums.given_data).subspan(each.given_data, follower.given_width()));
  }
  result.failures = located(state_.failures);
  for (const auto& drawer : drawers_) {
    result.times.scores += drawer->times.scores;
    result.times.model += drawer->times.model;
    result.times.statistics += drawer->times.statistics;
  }
  result.complete = team_.rank() == 0 && !stopped_;
  return result;
}

}  // namespace

std::optional<DrawResult> run_draws(const DrawModel& model, const DrawOptions& options, Team& team,
                                    std::string& problem) {
  DrawRun run(model, options, team);
  if (run.begin()) {
    run.extend(options.design.draws);
    if (run.gather() && run.problem().empty()) {
      DrawResult result = run.result();
      run.hand_over(result);
      // Another process may have been stopped.
      result.complete = result.complete && result.draws == options.design.draws;
      if (!options.state_file.empty() && result.complete) run.remove_files();
      return result;
    }
  }
  problem = run.problem();
  return std::nullopt;
}

std::optional<DrawResult> run_draws_until(const DrawModel& model, const DrawOptions& options, Team& team,
                                          const std::function<bool(const DrawResult&)>& enough,
                                          std::string& problem) {
  LODE_EXPECT(options.design.kind != DesignKind::latin);
  LODE_EXPECT(team.size() == 1);
  DrawRun run(model, options, team);
  if (run.begin()) {
    // An earlier run went on from whatever is less than it left behind.
    std::uint64_t draws = chunk_draws;
    while (draws < run.draws()) draws *= 2;
    for (;; draws *= 2) {
      draws = std::min(draws, options.design.draws);
      run.extend(draws);
      if (!run.problem().empty()) break;
      DrawResult result = run.result();
      const bool is_last = run.stopped() || run.small() || draws == options.design.draws || enough(result);
      if (!is_last) continue;
      run.hand_over(result);
      if (!run.stopped() && !options.state_file.empty()) run.remove_files();
      return result;
    }
  }
  problem = run.problem();
  return std::nullopt;
}

}  // namespace lode

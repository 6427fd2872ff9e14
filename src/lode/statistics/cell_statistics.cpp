// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

#include "lode/statistics/cell_quantile.hpp"
#include "lode/statistics/sorted_values.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr const char* state_kind = "CELL";
/// Counts are merged under locks for parts of the cells, so that threads need not wait for each other.
constexpr std::size_t lock_parts = 16;
/// A scramble's share of values below a mark is told of a quantile this near to the mark.
constexpr double nearness_of_mark = 0.25;

using LaneValues = std::array<double, draw_lanes>;

/// Standard deviation of the lanes' values / √8; not a number where a lane has none.
double error_from_lanes(const LaneValues& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / draw_lanes;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / ((draw_lanes - 1) * draw_lanes));
}

struct Moments {
  LaneValues n{}, sum{}, squares{};  // of d = x − shift
};

double deviation_of(double n, double sum, double squares) {
  if (n < 2) return unknown;
  if (!std::isfinite(squares)) return infinity;
  return std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1)));
}

void summarize_moments(const Moments& of, double shift, bool scrambled, CellSummary& summary) {
  const double n = std::accumulate(of.n.begin(), of.n.end(), 0.0);
  const double sum = std::accumulate(of.sum.begin(), of.sum.end(), 0.0);
  const double squares = std::accumulate(of.squares.begin(), of.squares.end(), 0.0);
  summary.mean = n > 0 ? shift + sum / n : unknown;
  summary.deviation = deviation_of(n, sum, squares);
  LaneValues means;
  LaneValues deviations;
  for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
    means[lane] = of.n[lane] > 0 ? of.sum[lane] / of.n[lane] : unknown;
    deviations[lane] = deviation_of(of.n[lane], of.sum[lane], of.squares[lane]);
  }
  summary.mean_error = scrambled ? error_from_lanes(means) : summary.deviation / std::sqrt(n);
  summary.deviation_error = error_from_lanes(deviations);
}

/// Error of the share of values below a quantile: of independent draws, or from the lanes' shares.
double share_error(double probability, double n, const LaneValues* shares) {
  const double independent = std::sqrt(probability * (1 - probability) / n);
  if (shares == nullptr) return independent;
  const double share = std::accumulate(shares->begin(), shares->end(), 0.0) / draw_lanes;
  const double near = nearness_of_mark * std::min(probability, 1 - probability);
  return std::abs(share - probability) <= near ? error_from_lanes(*shares) : independent;
}

/// The error of a share that was found from bins, with what they do not resolve where that is not far below
/// it. Scrambles may tell less than the fiftieth part of independent draws' error, bins cannot.
double with_unresolved(double error, double probability, const CellQuantiles& quantiles) {
  const double independent = std::sqrt(probability * (1 - probability) / quantiles.count());
  const double unresolved = std::max(quantiles.unresolved(probability), independent / 50);
  return unresolved > error / 4 ? std::hypot(error, unresolved) : error;
}

template <class Quantile>
double quantile_error(const Quantile& quantile, double probability, double error) {
  const double high = quantile(std::min(probability + error, 1.0));
  const double low = quantile(std::max(probability - error, 0.0));
  return (high - low) / 2;
}

}  // namespace

struct CellStatistics::State {
  std::shared_ptr<const CellLayouts> layouts;
  std::uint64_t draws = 0;
  SumTree tree;
  std::vector<double> ranges;          // [cell][2]
  std::vector<std::uint64_t> counts;   // [cell][histogram_slots]
  std::vector<std::uint64_t> special;  // [cell][special_counts]
  std::mutex tree_lock;
  std::array<std::mutex, lock_parts> part_locks;

  explicit State(std::shared_ptr<const CellLayouts> its_layouts)
      : layouts(std::move(its_layouts)),
        tree(layouts->cells() * sums_per_cell),
        counts(layouts->cells() * histogram_slots),
        special(layouts->cells() * special_each()) {
    for (std::size_t cell = 0; cell < layouts->cells(); ++cell) {
      ranges.push_back(infinity);
      ranges.push_back(-infinity);
    }
  }

  std::size_t special_each() const { return special_counts(layouts->options()); }

  template <class Ranges, class Counts>
  void add_counts(std::size_t first, std::size_t last, const Ranges& other_ranges, const Counts& other_counts,
                  const Counts& other_special) {
    for (std::size_t i = first * histogram_slots; i < last * histogram_slots; ++i) {
      counts[i] += other_counts[i];
    }
    for (std::size_t i = first * special_each(); i < last * special_each(); ++i) {
      special[i] += other_special[i];
    }
    for (std::size_t cell = first; cell < last; ++cell) {
      ranges[2 * cell] = std::min(ranges[2 * cell], other_ranges[2 * cell]);
      ranges[2 * cell + 1] = std::max(ranges[2 * cell + 1], other_ranges[2 * cell + 1]);
    }
  }

  const std::uint64_t* special_of(std::size_t cell) const { return &special[cell * special_each()]; }
  std::uint64_t not_finite(std::size_t cell) const {
    const std::uint64_t* lanes = special_of(cell) + count_not_finite;
    return std::accumulate(lanes, lanes + draw_lanes, std::uint64_t{0});
  }
  double finite_in_lane(std::size_t cell, std::size_t lane) const {
    const std::uint64_t in_lane = draws / draw_lanes;
    return static_cast<double>(in_lane - special_of(cell)[count_not_finite + lane]);
  }
  std::vector<AtomCount> atoms(std::size_t cell) const {
    std::vector<AtomCount> atoms;
    for (const double value : layouts->atoms(cell)) {
      atoms.push_back({value, special_of(cell)[count_atoms + atoms.size()]});
    }
    return atoms;
  }
  CellQuantiles quantiles(std::size_t cell) const {
    return {*layouts,
            cell,
            {&counts[cell * histogram_slots], histogram_slots},
            atoms(cell),
            ranges[2 * cell],
            ranges[2 * cell + 1]};
  }
  LaneValues shares_below(std::size_t cell, std::size_t mark) const {
    LaneValues shares;
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
      const auto below = static_cast<double>(special_of(cell)[count_below + mark * draw_lanes + lane]);
      shares[lane] = below / finite_in_lane(cell, lane);
    }
    return shares;
  }
  bool sound() const;
};

CellStatistics::CellStatistics(std::shared_ptr<const CellLayouts> layouts)
    : state_(std::make_unique<State>(std::move(layouts))) {}
CellStatistics::CellStatistics(CellStatistics&&) noexcept = default;
CellStatistics& CellStatistics::operator=(CellStatistics&&) noexcept = default;
CellStatistics::~CellStatistics() = default;

const CellLayouts& CellStatistics::layouts() const {
  return *state_->layouts;
}
std::shared_ptr<const CellLayouts> CellStatistics::shared_layouts() const {
  return state_->layouts;
}
std::uint64_t CellStatistics::draws() const {
  return state_->draws;
}
const SumTree& CellStatistics::tree() const {
  return state_->tree;
}

void CellStatistics::add(const CellChunk& chunk) {
  State& state = *state_;
  LODE_EXPECT(chunk.layouts_ == state.layouts && chunk.complete());
  {
    std::vector<double> sums(chunk.sums_.begin(), chunk.sums_.end());
    const std::lock_guard lock(state.tree_lock);
    state.draws += chunk.draws_;
    state.tree.add(chunk.chunk_, std::move(sums));
  }
  const std::size_t cells = state.layouts->cells();
  for (std::size_t i = 0; i < lock_parts; ++i) {
    const std::size_t part = (i + chunk.chunk_) % lock_parts;
    const std::lock_guard lock(state.part_locks[part]);
    state.add_counts(part * cells / lock_parts, (part + 1) * cells / lock_parts, chunk.ranges_, chunk.counts_,
                     chunk.special_);
  }
}

bool CellStatistics::merge(CellStatistics other) {
  State& state = *state_;
  if (!(*other.state_->layouts == *state.layouts)) return false;
  if (!state.tree.merge(other.state_->tree)) return false;
  state.draws += other.state_->draws;
  state.add_counts(0, state.layouts->cells(), other.state_->ranges, other.state_->counts,
                   other.state_->special);
  return true;
}

CellSummary CellStatistics::summary(std::size_t cell) const {
  const State& state = *state_;
  const StatisticsOptions& options = state.layouts->options();
  CellSummary summary;
  summary.draws = state.draws;
  summary.not_finite = state.not_finite(cell);
  summary.negative = state.special_of(cell)[count_negative];
  summary.atoms = state.atoms(cell);
  const bool any = summary.not_finite < summary.draws;
  summary.minimum = any ? state.ranges[2 * cell] : unknown;
  summary.maximum = any ? state.ranges[2 * cell + 1] : unknown;

  const std::vector<double> sums = state.tree.total(cell * sums_per_cell, sums_per_cell);
  Moments moments;
  for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
    moments.n[lane] = state.finite_in_lane(cell, lane);
    moments.sum[lane] = sums[lane];
    moments.squares[lane] = sums[draw_lanes + lane];
  }
  summarize_moments(moments, state.layouts->layout(cell).shift, options.scrambled, summary);

  if (!any) {
    for (const double p : options.quantiles) summary.quantiles.push_back({p, unknown, unknown, unknown});
    return summary;
  }
  const CellQuantiles quantiles = state.quantiles(cell);
  for (std::size_t q = 0; q < options.quantiles.size(); ++q) {
    const double p = options.quantiles[q];
    const LaneValues shares = options.scrambled ? state.shares_below(cell, q) : LaneValues{};
    const double error = with_unresolved(
        share_error(p, quantiles.count(), options.scrambled ? &shares : nullptr), p, quantiles);
    summary.quantiles.push_back({p, quantiles.value(p),
                                 quantile_error([&](double at) { return quantiles.value(at); }, p, error),
                                 quantiles.resolution(p)});
  }
  return summary;
}

QuantileEstimate CellStatistics::quantile(std::size_t cell, double probability) const {
  const State& state = *state_;
  if (state.not_finite(cell) == state.draws) return {probability, unknown, unknown, unknown};
  const CellQuantiles quantiles = state.quantiles(cell);
  const double error =
      with_unresolved(share_error(probability, quantiles.count(), nullptr), probability, quantiles);
  return {probability, quantiles.value(probability),
          quantile_error([&](double at) { return quantiles.value(at); }, probability, error),
          quantiles.resolution(probability)};
}

std::vector<HistogramBin> CellStatistics::histogram(std::size_t cell) const {
  return state_->quantiles(cell).bins();
}

std::size_t CellStatistics::bytes() const {
  const State& state = *state_;
  return (state.counts.size() + state.special.size()) * sizeof(std::uint64_t) +
         state.ranges.size() * sizeof(double) + state.tree.bytes();
}

std::string CellStatistics::save() const {
  const State& state = *state_;
  StateWriter writer(state_kind);
  state.layouts->write(writer);
  writer.number(state.draws);
  state.tree.write(writer);
  writer.reals(state.ranges);
  writer.numbers(state.counts);
  writer.numbers(state.special);
  return writer.seal();
}

/// Whether the counts of every cell add up: all values are somewhere, and no lane has more than its share.
bool CellStatistics::State::sound() const {
  if (draws % draw_lanes != 0 || tree.width() != layouts->cells() * sums_per_cell) return false;
  if (draws > tree.chunks() * chunk_draws || draws > (std::uint64_t{1} << 52)) return false;
  const auto up_to_all = [&](std::uint64_t count) { return count <= draws; };
  if (!std::all_of(counts.begin(), counts.end(), up_to_all)) return false;
  if (!std::all_of(special.begin(), special.end(), up_to_all)) return false;
  for (std::size_t cell = 0; cell < layouts->cells(); ++cell) {
    const std::uint64_t* slots = &counts[cell * histogram_slots];
    const std::uint64_t in_bins = std::accumulate(slots, slots + histogram_bins, std::uint64_t{0});
    const std::uint64_t elsewhere =
        std::accumulate(slots + histogram_bins, slots + histogram_slots, std::uint64_t{0});
    const std::uint64_t* own = special_of(cell);
    const std::uint64_t of_atoms = std::accumulate(own + count_atoms, own + count_negative, std::uint64_t{0});
    if (in_bins + elsewhere != draws || of_atoms + not_finite(cell) != elsewhere) return false;
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) {
      if (own[count_not_finite + lane] > draws / draw_lanes) return false;
    }
    for (std::size_t atom = layouts->layout(cell).atoms; atom < most_atoms; ++atom) {
      if (own[count_atoms + atom] != 0) return false;
    }
    const double low = ranges[2 * cell];
    const double high = ranges[2 * cell + 1];
    const bool any = not_finite(cell) < draws;
    if (any ? !(std::isfinite(low) && std::isfinite(high) && low <= high) : low <= high) return false;
  }
  return true;
}

std::optional<CellStatistics> CellStatistics::load(std::string_view bytes, std::string& problem) {
  StateReader reader(bytes, state_kind);
  std::shared_ptr<const CellLayouts> layouts = CellLayouts::read(reader);
  const std::uint64_t draws = reader.number();
  SumTree tree = SumTree::read(reader);
  const std::size_t cells = layouts ? layouts->cells() : 0;
  std::optional<CellStatistics> statistics;
  if (reader.ok() && reader.has(cells, (2 + histogram_slots) * sizeof(std::uint64_t))) {
    statistics.emplace(std::move(layouts));
    State& state = *statistics->state_;
    state.draws = draws;
    state.tree = std::move(tree);
    reader.reals(state.ranges);
    reader.numbers(state.counts);
    reader.numbers(state.special);
    if (reader.finish() && !state.sound()) reader.refuse("the state's counts do not add up");
  }
  problem = reader.problem();
  if (!reader.ok()) statistics.reset();
  return statistics;
}

CellSummary exact_summary(std::span<const double> values, const StatisticsOptions& options) {
  CellSummary summary;
  summary.draws = values.size();
  const std::vector<double> sorted = sorted_finite(values);
  summary.not_finite = values.size() - sorted.size();
  const auto not_negative = std::lower_bound(sorted.begin(), sorted.end(), 0.0);
  summary.negative = static_cast<std::uint64_t>(not_negative - sorted.begin());
  summary.minimum = sorted.empty() ? unknown : sorted.front();
  summary.maximum = sorted.empty() ? unknown : sorted.back();

  const double shift = sorted.empty() ? 0 : sorted_quantile(sorted, 0.5);
  Moments moments;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double d = values[i] - shift;
    moments.n[i % draw_lanes] += 1;
    moments.sum[i % draw_lanes] += d;
    moments.squares[i % draw_lanes] += d * d;
  }
  summarize_moments(moments, shift, options.scrambled, summary);

  for (const double p : options.quantiles) {
    if (sorted.empty()) {
      summary.quantiles.push_back({p, unknown, unknown, unknown});
      continue;
    }
    const double quantile = sorted_quantile(sorted, p);
    LaneValues shares{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] < quantile && std::isfinite(values[i])) shares[i % draw_lanes] += 1;
    }
    for (std::size_t lane = 0; lane < draw_lanes; ++lane) shares[lane] /= moments.n[lane];
    const double error =
        share_error(p, static_cast<double>(sorted.size()), options.scrambled ? &shares : nullptr);
    const auto at = [&](double probability) { return sorted_quantile(sorted, probability); };
    summary.quantiles.push_back({p, quantile, quantile_error(at, p, error), 0});
  }
  return summary;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_layout.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "lode/statistics/sorted_values.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double deviations_of_core = 4.5;
constexpr double deviations_beyond_pilot = 0.9;
/// A uniform core is too coarse if one bin holds more of the pilot than this, or more lies outside.
constexpr double most_in_a_bin = 0.04;
constexpr double most_outside = 0.004;
/// A bin of fewer values of the pilot needs no split.
constexpr double least_to_split = 3;
/// Where a segment may be cut, as shares of its values.
constexpr double cut_shares[] = {1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 3.0 / 4, 7.0 / 8, 15.0 / 16};
/// Beyond so many of the outermost values, segments of a far tail reach so many times farther each.
constexpr std::size_t values_of_a_tail = 8;
constexpr double far_ratio = 4;
constexpr double most_far_segments = 2;
constexpr std::size_t least_repeats = 3;
/// Beyond, squares of distances overflow; the layout then need not be good, only sound.
constexpr double largest_fitted = 1e150;

struct Sample {
  std::vector<double> all;         // finite, rising
  std::vector<double> atoms;       // rising
  std::vector<double> continuous;  // all but the atoms
  double mean = 0;
};

void find_atoms(Sample& sample) {
  struct Run {
    std::size_t length;
    double value;
  };
  std::vector<Run> runs;
  for (std::size_t i = 0; i < sample.all.size();) {
    std::size_t end = i + 1;
    while (end < sample.all.size() && sample.all[end] == sample.all[i]) ++end;
    if (end - i >= least_repeats) runs.push_back({end - i, sample.all[i]});
    i = end;
  }
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.length > b.length; });
  if (runs.size() > most_atoms) runs.resize(most_atoms);
  for (const Run& run : runs) sample.atoms.push_back(run.value);
  std::sort(sample.atoms.begin(), sample.atoms.end());
  for (const double value : sample.all) {
    if (!std::binary_search(sample.atoms.begin(), sample.atoms.end(), value)) {
      sample.continuous.push_back(value);
    }
  }
}

Sample sample_of(std::span<const double> values) {
  Sample sample;
  sample.all = sorted_finite(values);
  for (double& value : sample.all) value = std::clamp(value, -largest_fitted, largest_fitted);
  if (sample.all.empty()) return sample;
  // A constant's mean is the constant itself, so that its deviation is 0.
  double sum = 0;
  for (const double value : sample.all) sum += value - sample.all.front();
  sample.mean = sample.all.front() + sum / static_cast<double>(sample.all.size());
  find_atoms(sample);
  return sample;
}

struct Range {
  double low;
  double high;
};

/// Widens a range to hold `core_bins` bins that numbers of its size can tell apart.
Range wide_enough(Range range) {
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  const double least = std::max(size * 0x1p-42, 1e-290);
  if (range.high - range.low >= least) return range;
  const double middle = range.low + (range.high - range.low) / 2;
  return {middle - least / 2, middle + least / 2};
}

/// The core where the pilot holds nothing but atoms: values to come may lie between and around them.
Range range_of_atoms(const Sample& sample) {
  if (sample.all.empty()) return {-deviations_of_core, deviations_of_core};
  const double low = sample.all.front();
  const double high = sample.all.back();
  if (low == high) {
    const double scale = low == 0 ? 1 : std::abs(low) / 100;
    return {low - deviations_of_core * scale, low + deviations_of_core * scale};
  }
  return {low - (high - low) / 4, high + (high - low) / 4};
}

Range range_of_core(const Sample& sample) {
  const std::vector<double>& values = sample.continuous;
  if (values.size() < 2) return range_of_atoms(sample);
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value - values.front();
  const double mean = values.front() + sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / (n - 1));
  Range range{
      std::max(mean - deviations_of_core * deviation, values.front() - deviations_beyond_pilot * deviation),
      std::min(mean + deviations_of_core * deviation, values.back() + deviations_beyond_pilot * deviation)};
  // An atom at an end is where values were clamped: none is to be expected beyond.
  if (!sample.atoms.empty()) {
    if (sample.atoms.front() <= values.front()) range.low = std::max(range.low, sample.atoms.front());
    if (sample.atoms.back() >= values.back()) range.high = std::min(range.high, sample.atoms.back());
  }
  return range;
}

/// How many of the sorted values lie in [low, high).
double held(const std::vector<double>& sorted, double low, double high) {
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), low);
  return static_cast<double>(std::lower_bound(first, sorted.end(), high) - first);
}

double fullest_bin(const std::vector<double>& sorted, double low, double high, std::size_t bins) {
  double most = 0;
  const double width = (high - low) / static_cast<double>(bins);
  auto from = std::lower_bound(sorted.begin(), sorted.end(), low);
  for (std::size_t bin = 1; bin <= bins; ++bin) {
    const auto to = std::lower_bound(from, sorted.end(), low + width * static_cast<double>(bin));
    most = std::max(most, static_cast<double>(to - from));
    from = to;
  }
  return most;
}

bool too_coarse(const std::vector<double>& sorted, Range core) {
  const double n = static_cast<double>(sorted.size());
  return n - held(sorted, core.low, core.high) > most_outside * n ||
         fullest_bin(sorted, core.low, core.high, core_bins) > most_in_a_bin * n;
}

/// What a segmented core is made for: values of a pilot, and the ranks among them that wanted quantiles have.
struct Target {
  const std::vector<double>& sorted;
  std::vector<Range> ranks;  // with room for two standard errors either way
};

Target target_of(const std::vector<double>& sorted, const std::vector<double>& probabilities) {
  Target target{sorted, {}};
  const double n = static_cast<double>(sorted.size());
  for (const double p : probabilities) {
    const double room = 2 * std::sqrt(n * p * (1 - p));
    target.ranks.push_back({n * p - room, n * p + room});
  }
  return target;
}

/// How coarse the coarsest of a segment's bins is: the share s of values in it by the standard error of a
/// quantile there, s / √(p (1 − p)), p the share in it and beyond, twice that where a wanted quantile may
/// lie.
double coarseness(const Target& target, double low, double high) {
  const std::vector<double>& sorted = target.sorted;
  const double n = static_cast<double>(sorted.size());
  double worst = 0;
  const double width = (high - low) / static_cast<double>(segment_bins);
  auto from = std::lower_bound(sorted.begin(), sorted.end(), low);
  for (std::size_t bin = 1; bin <= segment_bins; ++bin) {
    const auto to = std::lower_bound(from, sorted.end(), low + width * static_cast<double>(bin));
    const double before = static_cast<double>(from - sorted.begin());
    const double through = static_cast<double>(to - sorted.begin());
    from = to;
    if (through - before < least_to_split) continue;
    const double beyond = std::min({through, n - before, n / 2}) / n;
    const bool wanted = std::any_of(target.ranks.begin(), target.ranks.end(), [&](const Range& ranks) {
      return ranks.low < through && before < ranks.high;
    });
    worst = std::max(worst, (wanted ? 2 : 1) * (through - before) / n / std::sqrt(beyond * (1 - beyond)));
  }
  return worst;
}

struct Cuts {
  std::vector<double> at;
  double coarseness = infinity;
};

/// Tries cuts of a segment. The coarsest part counts, the others a little.
void try_cuts(const Target& target, double low, double high, std::vector<double> at, Cuts& best) {
  double worst = 0;
  double all = 0;
  for (std::size_t part = 0; part <= at.size(); ++part) {
    const double its =
        coarseness(target, part == 0 ? low : at[part - 1], part == at.size() ? high : at[part]);
    worst = std::max(worst, its);
    all += its;
  }
  if (worst + all / 8 < best.coarseness) best = {std::move(at), worst + all / 8};
}

/// Where to cut a segment best: at both sides of its widest gap, or at some share of its values.
Cuts best_cuts(const Target& target, double low, double high, std::size_t most) {
  const std::vector<double>& sorted = target.sorted;
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), low);
  const auto last = std::lower_bound(first, sorted.end(), high);
  Cuts best;
  auto gap = first;
  for (auto at = first; at + 1 < last; ++at) {
    if (at[1] - at[0] > gap[1] - gap[0]) gap = at;
  }
  const double gap_width = gap[1] - gap[0];
  if (gap_width > (high - low) / 4) {
    // Beyond the pilot's outermost values of a mode there is room for more of it: a quarter of its width.
    const double apart = gap_width / 4;
    auto begin = gap;
    while (begin != sorted.begin() && begin[0] - begin[-1] < apart) --begin;
    auto end = gap + 1;
    while (end + 1 != sorted.end() && end[1] - end[0] < apart) ++end;
    const double after = std::min((*gap - *begin) / 4, apart);
    const double before = std::min((*end - gap[1]) / 4, apart);
    std::vector<double> sides{*gap + std::max(after, gap_width * 1e-6),
                              gap[1] - std::max(before, gap_width * 1e-6)};
    sides.resize(std::min(sides.size(), most));
    try_cuts(target, low, high, std::move(sides), best);
  }
  for (const double share : cut_shares) {
    const auto at = first + static_cast<std::ptrdiff_t>(share * static_cast<double>(last - first));
    if (at != first && at != last) try_cuts(target, low, high, {at[-1] + (*at - at[-1]) / 2}, best);
  }
  return best;
}

/// Splits the coarsest segments until there are `layout_segments`, or nothing is left to split.
void split_coarsest(const Target& target, std::vector<double>& edges) {
  std::vector<double> worst;
  for (std::size_t s = 0; s + 1 < edges.size(); ++s) {
    worst.push_back(coarseness(target, edges[s], edges[s + 1]));
  }
  while (edges.size() <= layout_segments) {
    const auto coarsest = std::max_element(worst.begin(), worst.end());
    if (*coarsest <= 0) return;
    const auto s = coarsest - worst.begin();
    const auto at = static_cast<std::size_t>(s);
    const std::vector<double> cuts =
        best_cuts(target, edges[at], edges[at + 1], layout_segments + 1 - edges.size()).at;
    edges.insert(edges.begin() + s + 1, cuts.begin(), cuts.end());
    worst.insert(worst.begin() + s, cuts.size(), 0.0);
    for (std::size_t part = at; part <= at + cuts.size(); ++part) {
      worst[part] = coarseness(target, edges[part], edges[part + 1]);
    }
  }
}

/// Where a tail begins in which the pilot holds too few values to tell how they lie, edges in equal ratios of
/// their distance from the middle up to `end`, if that is far: tails that reach so far fall by powers. An end
/// that is farther than segments of `far_ratio` reach is drawn in; bins beyond the core double.
void add_far_edges(double middle, double begin, double& end, std::vector<double>& edges) {
  const double ratio = (end - middle) / (begin - middle);
  if (!(ratio > far_ratio) || !std::isfinite(ratio)) return;
  const double segments = std::min(std::ceil(std::log(ratio) / std::log(far_ratio)), most_far_segments);
  const double each = std::min(std::pow(ratio, 1 / segments), far_ratio);
  double distance = begin - middle;
  for (double s = 0; s < segments; ++s, distance *= each) edges.push_back(middle + distance);
  end = middle + distance;
}

SegmentedCore segmented_core(const Sample& sample, const std::vector<double>& probabilities) {
  const std::vector<double>& sorted = sample.continuous;
  const auto at = [&](double share) { return sorted_quantile(sorted, share); };
  Range range{sorted.front() - (at(0.02) - sorted.front()) / 2,
              sorted.back() + (sorted.back() - at(0.98)) / 2};
  if (!sample.atoms.empty()) {
    if (sample.atoms.front() <= sorted.front()) range.low = std::max(range.low, sample.atoms.front());
    if (sample.atoms.back() >= sorted.back()) range.high = std::min(range.high, sample.atoms.back());
  }
  range = wide_enough(range);
  std::vector<double> edges;
  add_far_edges(at(0.5), sorted[values_of_a_tail], range.low, edges);
  add_far_edges(at(0.5), sorted[sorted.size() - 1 - values_of_a_tail], range.high, edges);
  if (!edges.empty()) edges.push_back(at(0.5));
  edges.push_back(range.low);
  edges.push_back(range.high);
  std::sort(edges.begin(), edges.end());
  split_coarsest(target_of(sorted, probabilities), edges);
  while (edges.size() <= layout_segments) {  // nothing to gain: halve the last
    edges.insert(edges.end() - 1, edges[edges.size() - 2] + (edges.back() - edges[edges.size() - 2]) / 2);
  }
  // Ties of the pilot must not leave a segment without width.
  SegmentedCore core;
  core.edge[0] = range.low;
  for (std::size_t s = 0; s < layout_segments; ++s) {
    const double size = std::max(std::abs(core.edge[s]), std::abs(edges[s + 1]));
    core.edge[s + 1] = std::max(edges[s + 1], core.edge[s] + std::max(size * 0x1p-42, 1e-290));
  }
  core.find_widths();
  return core;
}

/// k with 2^k − 1 ≤ distance / width < 2^(k+1) − 1, at most the last tail bin.
std::size_t tail_bin(double distance, double per_bin) {
  const double bins = std::max(distance, 0.0) * per_bin + 1;
  if (!(bins < 65536.0)) return tail_bins - 1;
  return static_cast<std::size_t>(std::ilogb(bins));
}

}  // namespace

void SegmentedCore::find_widths() {
  for (std::size_t s = 0; s < layout_segments; ++s) {
    per_bin[s] = static_cast<double>(segment_bins) / (edge[s + 1] - edge[s]);
  }
}

CellLayouts::CellLayouts(std::size_t cells, StatisticsOptions options)
    : options_(std::move(options)),
      cells_(cells),
      segments_(cells),
      atoms_(cells),
      marks_(cells * options_.quantiles.size()),
      mark_bins_(marks_.size()) {
  LODE_EXPECT(options_.quantiles.size() <= most_quantiles);
}

void CellLayouts::fit(const Pilot& pilot, std::size_t first, std::size_t count) {
  LODE_EXPECT(first + count <= cells() && pilot.cells() == cells());
  for (std::size_t cell = first; cell < first + count; ++cell) {
    const Sample sample = sample_of(pilot.cell(cell));
    CellLayout& layout = cells_[cell];
    layout = {};
    layout.shift = sample.mean;
    layout.atoms = static_cast<std::uint8_t>(sample.atoms.size());
    atoms_[cell].reset();
    if (layout.atoms > 0) {
      atoms_[cell] = std::make_unique<double[]>(layout.atoms);
      std::copy(sample.atoms.begin(), sample.atoms.end(), atoms_[cell].get());
    }
    const Range core = wide_enough(range_of_core(sample));
    layout.low = core.low;
    layout.per_bin = static_cast<double>(core_bins) / (core.high - core.low);
    segments_[cell].reset();
    if (sample.continuous.size() > core_bins && too_coarse(sample.continuous, core)) {
      layout.segmented = true;
      segments_[cell] = std::make_unique<SegmentedCore>(segmented_core(sample, options_.quantiles));
    }
    double* marks = marks_.data() + cell * options_.quantiles.size();
    for (std::size_t q = 0; q < options_.quantiles.size(); ++q) {
      marks[q] = sample.all.empty() ? 0 : sorted_quantile(sample.all, options_.quantiles[q]);
    }
    find_core(cell);
    find_mark_bins(cell);
  }
}

void CellLayouts::find_core(std::size_t cell) {
  CellLayout& layout = cells_[cell];
  layout.least = layout.segmented ? segments(cell).edge.front() : layout.low;
  layout.most = layout.segmented ? segments(cell).edge.back()
                                 : layout.low + static_cast<double>(core_bins) / layout.per_bin;
  const auto inside = [&] {
    return layout.segmented ? layout.most < segments(cell).edge.back()
                            : (layout.most - layout.low) * layout.per_bin < static_cast<double>(core_bins);
  };
  // One step or two, for rounding.
  for (int step = 0; step < 8 && !inside(); ++step) layout.most = std::nextafter(layout.most, -infinity);
  if (!inside()) layout.most = -infinity;
}

void CellLayouts::find_mark_bins(std::size_t cell) {
  for (std::size_t i = cell * options_.quantiles.size(); i < (cell + 1) * options_.quantiles.size(); ++i) {
    mark_bins_[i] = static_cast<std::uint16_t>(bin(cell, marks_[i]));
  }
}

double CellLayouts::edge(std::size_t cell, std::size_t bin) const {
  const CellLayout& layout = cells_[cell];
  if (bin == 0) return -infinity;
  if (bin >= histogram_bins) return infinity;
  const SegmentedCore* segmented = segments_[cell].get();
  if (bin < tail_bins) {
    const double low = segmented ? segmented->edge.front() : layout.low;
    const double per_bin = segmented ? segmented->per_bin.front() : layout.per_bin;
    return low - (std::ldexp(1.0, static_cast<int>(tail_bins - bin)) - 1) / per_bin;
  }
  const std::size_t of_core = bin - tail_bins;
  if (of_core > core_bins) {
    const double high =
        segmented ? segmented->edge.back() : layout.low + static_cast<double>(core_bins) / layout.per_bin;
    const double per_bin = segmented ? segmented->per_bin.back() : layout.per_bin;
    return high + (std::ldexp(1.0, static_cast<int>(of_core - core_bins)) - 1) / per_bin;
  }
  if (!segmented) return layout.low + static_cast<double>(of_core) / layout.per_bin;
  const std::size_t s = of_core / segment_bins;
  if (of_core % segment_bins == 0) return segmented->edge[s];
  return segmented->edge[s] + static_cast<double>(of_core % segment_bins) / segmented->per_bin[s];
}

std::size_t CellLayouts::bin(std::size_t cell, double value) const {
  const CellLayout& layout = cells_[cell];
  const SegmentedCore* segmented = segments_[cell].get();
  if (segmented == nullptr) {
    const double at = (value - layout.low) * layout.per_bin;
    if (at < 0) return tail_bins - 1 - tail_bin(layout.low - value, layout.per_bin);
    if (at < static_cast<double>(core_bins)) return tail_bins + static_cast<std::size_t>(at);
    const double high = layout.low + static_cast<double>(core_bins) / layout.per_bin;
    return tail_bins + core_bins + tail_bin(value - high, layout.per_bin);
  }
  const auto& edge = segmented->edge;
  if (value < edge.front()) {
    return tail_bins - 1 - tail_bin(edge.front() - value, segmented->per_bin.front());
  }
  if (value >= edge.back()) {
    return tail_bins + core_bins + tail_bin(value - edge.back(), segmented->per_bin.back());
  }
  std::size_t s = 0;
  while (value >= edge[s + 1]) ++s;
  const double at = (value - edge[s]) * segmented->per_bin[s];
  return tail_bins + s * segment_bins + static_cast<std::size_t>(at);
}

std::size_t CellLayouts::bytes() const {
  std::size_t held = cells() * (sizeof(CellLayout) + 2 * sizeof(void*)) +
                     marks_.size() * (sizeof(double) + sizeof(std::uint16_t));
  for (const CellLayout& layout : cells_) {
    held += layout.atoms * sizeof(double) + (layout.segmented ? sizeof(SegmentedCore) : 0);
  }
  return held;
}

bool CellLayouts::operator==(const CellLayouts& other) const {
  if (cells() != other.cells()) return false;
  StateWriter mine("CELL");
  StateWriter theirs("CELL");
  write(mine);
  other.write(theirs);
  return mine.seal() == theirs.seal();
}

void CellLayouts::write(StateWriter& writer) const {
  writer.number(options_.scrambled ? 1 : 0);
  writer.number(options_.quantiles.size());
  writer.reals(options_.quantiles);
  writer.number(cells());
  writer.reals(marks_);
  for (std::size_t cell = 0; cell < cells(); ++cell) {
    const CellLayout& layout = cells_[cell];
    writer.real(layout.shift);
    writer.real(layout.low);
    writer.real(layout.per_bin);
    writer.number(layout.atoms);
    writer.reals(atoms(cell));
    writer.number(layout.segmented ? 1 : 0);
    if (layout.segmented) writer.reals(segments(cell).edge);
  }
}

namespace {

bool is_sound(double value) {
  return std::abs(value) <= 1e300;
}

bool is_sound_width(double per_bin) {
  return per_bin > 1e-300 && per_bin < 1e300;
}

bool rises(std::span<const double> values) {
  return std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end() &&
         std::all_of(values.begin(), values.end(), is_sound);
}

}  // namespace

std::shared_ptr<const CellLayouts> CellLayouts::read(StateReader& reader) {
  StatisticsOptions options;
  options.scrambled = reader.number() != 0;
  const std::size_t quantiles = reader.count(sizeof(double));
  if (quantiles > most_quantiles) reader.refuse("the state holds too many quantiles");
  if (!reader.ok()) return nullptr;
  options.quantiles.resize(quantiles);
  reader.reals(options.quantiles);
  if (!rises(options.quantiles) ||
      (quantiles > 0 && !(options.quantiles.front() > 0 && options.quantiles.back() < 1))) {
    reader.refuse("the state's quantiles cannot be");
  }
  const std::size_t cells = reader.count((5 + quantiles) * sizeof(double));
  if (!reader.ok()) return nullptr;
  auto layouts = std::make_shared<CellLayouts>(cells, std::move(options));
  reader.reals(layouts->marks_);
  if (!std::all_of(layouts->marks_.begin(), layouts->marks_.end(), is_sound)) {
    reader.refuse("the state holds marks that cannot be");
  }
  for (std::size_t cell = 0; cell < cells && reader.ok(); ++cell) {
    CellLayout& layout = layouts->cells_[cell];
    layout.shift = reader.real();
    layout.low = reader.real();
    layout.per_bin = reader.real();
    bool sound = is_sound(layout.shift) && is_sound(layout.low) && is_sound_width(layout.per_bin);
    const std::size_t atoms = reader.count(sizeof(double));
    sound = sound && atoms <= most_atoms;
    if (sound && atoms > 0) {
      layout.atoms = static_cast<std::uint8_t>(atoms);
      layouts->atoms_[cell] = std::make_unique<double[]>(atoms);
      reader.reals({layouts->atoms_[cell].get(), atoms});
      sound = rises(layouts->atoms(cell));
    }
    layout.segmented = sound && reader.number() != 0;
    if (layout.segmented) {
      layouts->segments_[cell] = std::make_unique<SegmentedCore>();
      SegmentedCore& core = *layouts->segments_[cell];
      reader.reals(core.edge);
      core.find_widths();
      sound = rises(core.edge) && std::all_of(core.per_bin.begin(), core.per_bin.end(), is_sound_width);
    }
    if (!sound) reader.refuse("the state holds a layout of bins that cannot be");
    if (!reader.ok()) continue;
    layouts->find_core(cell);
    layouts->find_mark_bins(cell);
  }
  return reader.ok() ? layouts : nullptr;
}

}  // namespace lode

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
/// Where a first set of segments ends, as shares of the pilot.
constexpr double first_ends[] = {0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98};
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

/// Splits the segment whose fullest bin holds most: at both sides of a gap over a quarter of it, else in the
/// middle of its values. False if no segment can be split.
bool split_fullest(const std::vector<double>& sorted, std::vector<double>& edges) {
  std::size_t worst = 0;
  double most = 2;  // a bin of two values needs no split
  for (std::size_t s = 0; s + 1 < edges.size(); ++s) {
    const double full = fullest_bin(sorted, edges[s], edges[s + 1], segment_bins);
    if (full > most) {
      most = full;
      worst = s;
    }
  }
  if (most <= 2) return false;
  const double width = edges[worst + 1] - edges[worst];
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), edges[worst]);
  const auto last = std::lower_bound(first, sorted.end(), edges[worst + 1]);
  auto gap = first;
  for (auto at = first; at + 1 < last; ++at) {
    if (at[1] - at[0] > gap[1] - gap[0]) gap = at;
  }
  const double gap_width = gap[1] - gap[0];
  std::vector<double> cuts;
  if (gap_width > width / 4) {
    // Beyond the pilot's outermost values of a mode there is room for more of it: an eighth of its width.
    const double after = std::min((*gap - edges[worst]) / 8, gap_width / 4);
    const double before = std::min((edges[worst + 1] - gap[1]) / 8, gap_width / 4);
    cuts = {*gap + std::max(after, gap_width * 1e-6), gap[1] - std::max(before, gap_width * 1e-6)};
    if (edges.size() == layout_segments) cuts.resize(1);
  } else {
    const auto middle = first + (last - first) / 2;
    cuts = {middle[-1] + (*middle - middle[-1]) / 2};
  }
  edges.insert(edges.begin() + static_cast<std::ptrdiff_t>(worst) + 1, cuts.begin(), cuts.end());
  return true;
}

SegmentedCore segmented_core(const Sample& sample) {
  const std::vector<double>& sorted = sample.continuous;
  const auto at = [&](double share) { return sorted_quantile(sorted, share); };
  Range range{sorted.front() - (at(0.02) - sorted.front()) / 2,
              sorted.back() + (sorted.back() - at(0.98)) / 2};
  if (!sample.atoms.empty()) {
    if (sample.atoms.front() <= sorted.front()) range.low = std::max(range.low, sample.atoms.front());
    if (sample.atoms.back() >= sorted.back()) range.high = std::min(range.high, sample.atoms.back());
  }
  range = wide_enough(range);
  std::vector<double> edges{range.low};
  for (const double share : first_ends) edges.push_back(at(share));
  edges.push_back(range.high);
  std::sort(edges.begin(), edges.end());
  while (edges.size() <= layout_segments && split_fullest(sorted, edges)) {
  }
  while (edges.size() <= layout_segments) {  // nothing to gain: halve the last
    edges.insert(edges.end() - 1, edges[edges.size() - 2] + (edges.back() - edges[edges.size() - 2]) / 2);
  }
  // Ties of the pilot must not leave a segment without width.
  const double least = (range.high - range.low) * 0x1p-36;
  SegmentedCore core;
  core.edge[0] = range.low;
  for (std::size_t s = 0; s < layout_segments; ++s) {
    core.edge[s + 1] = std::max(edges[s + 1], core.edge[s] + least);
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
      segments_[cell] = std::make_unique<SegmentedCore>(segmented_core(sample));
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

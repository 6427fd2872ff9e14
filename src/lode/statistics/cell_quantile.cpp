// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_quantile.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr double ln_2 = 0.69314718055994530942;
/// Of a density's bend, in its standard errors, what may be chance.
constexpr double chance = 2;

/// Densities and widths of two bins to the slope at the edge between them.
double slope_between(double d1, double w1, double d2, double w2) {
  if (d1 <= 0 || d2 <= 0) return 0;
  return 3 * (w1 + w2) / ((2 * w2 + w1) / d1 + (w2 + 2 * w1) / d2);
}

double density(double count, double width) {
  return width > 0 ? count / width : 0;
}

}  // namespace

CellQuantiles::CellQuantiles(const CellLayouts& layouts, std::size_t cell,
                             std::span<const std::uint64_t> counts, std::vector<AtomCount> atoms,
                             double minimum, double maximum)
    : atoms_(std::move(atoms)) {
  LODE_EXPECT(counts.size() >= histogram_bins);
  constexpr std::size_t core_end = tail_bins + core_bins;
  low_ = {layouts.edge(cell, tail_bins), layouts.edge(cell, tail_bins - 1) - layouts.edge(cell, tail_bins)};
  high_ = {layouts.edge(cell, core_end), layouts.edge(cell, core_end + 1) - layouts.edge(cell, core_end)};
  std::size_t first = 0;
  std::size_t last = histogram_bins;
  while (first < last && counts[first] == 0) ++first;
  while (last > first && counts[last - 1] == 0) --last;
  double held = 0;
  bins_.reserve(last - first);
  scales_.reserve(last - first);
  below_.reserve(last - first + 1);
  for (std::size_t bin = first; bin < last; ++bin) {
    const double low = std::clamp(layouts.edge(cell, bin), minimum, maximum);
    const double high = std::clamp(layouts.edge(cell, bin + 1), low, maximum);
    bins_.push_back({low, high, counts[bin]});
    Scale scale;
    scale.tail = bin < tail_bins ? &low_ : bin < core_end ? nullptr : &high_;
    scale.from = coordinate(scale, low);
    scale.width = coordinate(scale, high) - scale.from;
    scales_.push_back(scale);
    below_.push_back(held);
    held += static_cast<double>(counts[bin]);
  }
  below_.push_back(held);
  find_slopes();
  count_ = held;
  for (const AtomCount& atom : atoms_) {
    const std::size_t bin = layouts.bin(cell, atom.value);
    atom_bins_.push_back(bin < first ? 0 : std::min(bin - first, bins_.size()));
    count_ += static_cast<double>(atom.count);
  }
  // Atoms above all bins are counted with a bin that holds nothing else.
  std::uint64_t through = 0;
  std::size_t atom = 0;
  through_.reserve(bins_.size() + 1);
  for (std::size_t bin = 0; bin <= bins_.size(); ++bin) {
    if (bin < bins_.size()) through += bins_[bin].count;
    for (; atom < atoms_.size() && atom_bins_[atom] == bin; ++atom) through += atoms_[atom].count;
    through_.push_back(through);
  }
}

double CellQuantiles::coordinate(const Scale& scale, double x) const {
  if (scale.tail == nullptr) return x;
  const double distance = std::log2(1 + std::max(0.0, (x - scale.tail->begin) / scale.tail->width));
  return scale.tail == &low_ ? -distance : distance;
}

double CellQuantiles::point(const Scale& scale, double at) const {
  if (scale.tail == nullptr) return at;
  return scale.tail->begin + scale.tail->width * (std::exp2(std::abs(at)) - 1);
}

double CellQuantiles::density_of(std::size_t bin) const {
  return density(static_cast<double>(bins_[bin].count), scales_[bin].width);
}

void CellQuantiles::find_slopes() {
  for (std::size_t i = 0; i < bins_.size(); ++i) scales_[i].left = scales_[i].right = density_of(i);
  for (std::size_t i = 1; i < bins_.size(); ++i) {
    Scale& before = scales_[i - 1];
    Scale& after = scales_[i];
    if (before.tail == after.tail) {
      before.right = after.left = slope_between(density_of(i - 1), before.width, density_of(i), after.width);
      continue;
    }
    // Where a tail begins the slope is found over x, of which t = log₂(1 + x / w) has dx/dt = w ln 2.
    const double w1 = bins_[i - 1].high - bins_[i - 1].low;
    const double w2 = bins_[i].high - bins_[i].low;
    const double slope = slope_between(density(static_cast<double>(bins_[i - 1].count), w1), w1,
                                       density(static_cast<double>(bins_[i].count), w2), w2);
    before.right = before.tail ? slope * std::abs(before.tail->width) * ln_2 : slope;
    after.left = after.tail ? slope * std::abs(after.tail->width) * ln_2 : slope;
  }
}

double CellQuantiles::cubic(std::size_t bin, double at) const {
  const Scale& scale = scales_[bin];
  if (!(scale.width > 0)) return below_[bin];
  const double rise = static_cast<double>(bins_[bin].count);
  const double u = (at - scale.from) / scale.width;
  const double left = scale.left * scale.width;
  const double right = scale.right * scale.width;
  return below_[bin] + u * (left + u * (3 * rise - 2 * left - right + u * (left + right - 2 * rise)));
}

std::size_t CellQuantiles::bin_of(double below) const {
  const auto above = std::lower_bound(below_.begin() + 1, below_.end(), below);
  return std::min(static_cast<std::size_t>(above - below_.begin()) - 1, bins_.size() - 1);
}

double CellQuantiles::continuous_below(double x) const {
  if (bins_.empty() || x <= bins_.front().low) return 0;
  if (x >= bins_.back().high) return below_.back();
  const auto above = std::upper_bound(bins_.begin(), bins_.end(), x,
                                      [](double value, const HistogramBin& bin) { return value < bin.high; });
  const auto bin = static_cast<std::size_t>(above - bins_.begin());
  return cubic(bin, coordinate(scales_[bin], x));
}

double CellQuantiles::continuous_quantile(double below) const {
  const std::size_t bin = bin_of(below);
  const Scale& scale = scales_[bin];
  const HistogramBin& its = bins_[bin];
  const double rise = static_cast<double>(its.count);
  const double left = scale.left * scale.width, right = scale.right * scale.width;
  const double square = 3 * rise - 2 * left - right, cube = left + right - 2 * rise;
  // Newton's steps from the chord's; where one leaves what is known of the root, that is halved.
  const double wanted = below - below_[bin];
  double low = 0, high = 1;
  double u = rise > 0 ? std::clamp(wanted / rise, low, high) : 0.5;
  for (int step = 0; step < 40; ++step) {
    const double miss = u * (left + u * (square + u * cube)) - wanted;
    (miss < 0 ? low : high) = u;
    const double slope = left + u * (2 * square + 3 * u * cube);
    double next = u - miss / slope;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    const bool close = std::abs(next - u) <= 0x1p-50;
    u = next;
    if (close) break;
  }
  return std::clamp(point(scale, scale.from + u * scale.width), its.low, its.high);
}

double CellQuantiles::bend(std::size_t bin) const {
  if (bin == 0 || bin + 1 >= bins_.size()) return 0;
  const bool alike = scales_[bin - 1].tail == scales_[bin + 1].tail;  // else over x
  double w[3], n[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const HistogramBin& one = bins_[bin - 1 + i];
    w[i] = alike ? scales_[bin - 1 + i].width : one.high - one.low;
    n[i] = static_cast<double>(one.count);
    if (!(w[i] > 0)) return 0;
  }
  const double to_left = (w[1] + w[2]) / (w[0] + 2 * w[1] + w[2]);
  const double to_right = 1 - to_left;
  const double difference = std::abs(n[1] / w[1] - to_left * n[0] / w[0] - to_right * n[2] / w[2]);
  const double variance = n[1] / (w[1] * w[1]) + to_left * to_left * n[0] / (w[0] * w[0]) +
                          to_right * to_right * n[2] / (w[2] * w[2]);
  return std::max(0.0, difference - chance * std::sqrt(variance)) * w[1];
}

double CellQuantiles::unresolved(double probability) const {
  const Interval known = around(probability);
  if (bins_.empty() || known.high <= known.low) return 0;
  const double x = value_within(known, probability);
  const auto above = std::upper_bound(bins_.begin(), bins_.end(), x,
                                      [](double at, const HistogramBin& bin) { return at < bin.high; });
  const auto bin = std::min(static_cast<std::size_t>(above - bins_.begin()), bins_.size() - 1);
  double worst = 0;
  for (std::size_t i = bin == 0 ? 0 : bin - 1; i <= std::min(bin + 1, bins_.size() - 1); ++i) {
    worst = std::max(worst, bend(i));
  }
  return worst / 8 / count_;
}

double CellQuantiles::value(double probability) const {
  return value_within(around(probability), probability);
}

double CellQuantiles::value_within(const Interval& known, double probability) const {
  const double target = std::clamp((count_ - 1) * probability + 0.5, 0.0, count_);
  double of_atoms = 0;
  double found = 0;
  std::size_t i = 0;
  for (; i < atoms_.size(); ++i) {
    const double before = continuous_below(atoms_[i].value) + of_atoms;
    if (target <= before) break;
    of_atoms += static_cast<double>(atoms_[i].count);
    found = atoms_[i].value;
    if (target <= before + static_cast<double>(atoms_[i].count)) {
      of_atoms = -1;
      break;
    }
  }
  if (of_atoms >= 0 && !bins_.empty()) found = continuous_quantile(target - of_atoms);
  return std::clamp(found, known.low, known.high);
}

CellQuantiles::Interval CellQuantiles::of_rank(std::uint64_t rank) const {
  const auto found = std::upper_bound(through_.begin(), through_.end(), rank);
  if (found == through_.end())
    return bins_.empty() ? Interval{atoms_.back().value, atoms_.back().value}
                         : Interval{bins_.back().high, bins_.back().high};
  const auto bin = static_cast<std::size_t>(found - through_.begin());
  const auto [first, last] = std::equal_range(atom_bins_.begin(), atom_bins_.end(), bin);
  const auto first_atom = static_cast<std::size_t>(first - atom_bins_.begin());
  const auto end_atom = static_cast<std::size_t>(last - atom_bins_.begin());
  const std::uint64_t held = bin < bins_.size() ? bins_[bin].count : 0;
  const std::uint64_t within = rank - (bin == 0 ? 0 : through_[bin - 1]);
  std::uint64_t up_to = 0;
  for (std::size_t a = first_atom; a < end_atom; ++a) {
    const std::uint64_t through = up_to + atoms_[a].count;
    const bool alone = bin == bins_.size() || atoms_[a].value < bins_[bin].low;
    if (within >= up_to + (alone ? 0 : held) && within < through) return {atoms_[a].value, atoms_[a].value};
    up_to = through;
  }
  Interval interval = bin < bins_.size() ? Interval{bins_[bin].low, bins_[bin].high}
                                         : Interval{atoms_[first_atom].value, atoms_[end_atom - 1].value};
  for (std::size_t a = first_atom; a < end_atom; ++a) {
    interval.low = std::min(interval.low, atoms_[a].value);
    interval.high = std::max(interval.high, atoms_[a].value);
  }
  return interval;
}

CellQuantiles::Interval CellQuantiles::around(double probability) const {
  const double position = (count_ - 1) * probability;
  const auto rank = static_cast<std::uint64_t>(std::max(position, 0.0));
  const auto last = static_cast<std::uint64_t>(count_) - 1;
  const Interval below = of_rank(std::min(rank, last));
  const Interval above = static_cast<double>(rank) == position ? below : of_rank(std::min(rank + 1, last));
  return {below.low, above.high};
}

double CellQuantiles::resolution(double probability) const {
  const Interval known = around(probability);
  return known.high - known.low;
}

}  // namespace lode

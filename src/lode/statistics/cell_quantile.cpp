// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/cell_quantile.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

double density(const HistogramBin& bin) {
  return bin.high > bin.low ? static_cast<double>(bin.count) / (bin.high - bin.low) : 0;
}

double slope_between(const HistogramBin& left, const HistogramBin& right) {
  const double d1 = density(left);
  const double d2 = density(right);
  if (d1 <= 0 || d2 <= 0) return 0;
  const double w1 = left.high - left.low;
  const double w2 = right.high - right.low;
  return 3 * (w1 + w2) / ((2 * w2 + w1) / d1 + (w2 + 2 * w1) / d2);
}

}  // namespace

CellQuantiles::CellQuantiles(const CellLayouts& layouts, std::size_t cell,
                             std::span<const std::uint64_t> counts, std::vector<AtomCount> atoms,
                             double minimum, double maximum)
    : atoms_(std::move(atoms)) {
  LODE_EXPECT(counts.size() >= histogram_bins);
  std::size_t first = 0;
  std::size_t last = histogram_bins;
  while (first < last && counts[first] == 0) ++first;
  while (last > first && counts[last - 1] == 0) --last;
  double held = 0;
  for (std::size_t bin = first; bin < last; ++bin) {
    const double low = std::clamp(layouts.edge(cell, bin), minimum, maximum);
    const double high = std::clamp(layouts.edge(cell, bin + 1), low, maximum);
    bins_.push_back({low, high, counts[bin]});
    below_.push_back(held);
    held += static_cast<double>(counts[bin]);
  }
  below_.push_back(held);
  for (std::size_t i = 0; i <= bins_.size() && !bins_.empty(); ++i) {
    if (i == 0) {
      slopes_.push_back(density(bins_.front()));
    } else {
      slopes_.push_back(i == bins_.size() ? density(bins_.back()) : slope_between(bins_[i - 1], bins_[i]));
    }
  }
  count_ = held;
  for (const AtomCount& atom : atoms_) {
    const std::size_t bin = layouts.bin(cell, atom.value);
    atom_bins_.push_back(bin < first ? 0 : std::min(bin - first, bins_.size()));
    count_ += static_cast<double>(atom.count);
  }
}

double CellQuantiles::cubic(std::size_t bin, double x) const {
  const double width = bins_[bin].high - bins_[bin].low;
  const double rise = static_cast<double>(bins_[bin].count);
  const double u = (x - bins_[bin].low) / width;
  const double left = slopes_[bin] * width;
  const double right = slopes_[bin + 1] * width;
  return below_[bin] + u * (left + u * (3 * rise - 2 * left - right + u * (left + right - 2 * rise)));
}

double CellQuantiles::continuous_below(double x) const {
  if (bins_.empty() || x <= bins_.front().low) return 0;
  if (x >= bins_.back().high) return below_.back();
  const auto above = std::upper_bound(bins_.begin(), bins_.end(), x,
                                      [](double value, const HistogramBin& bin) { return value < bin.high; });
  return cubic(static_cast<std::size_t>(above - bins_.begin()), x);
}

double CellQuantiles::continuous_quantile(double below) const {
  const auto above = std::lower_bound(below_.begin() + 1, below_.end(), below);
  const auto bin = std::min(static_cast<std::size_t>(above - below_.begin()) - 1, bins_.size() - 1);
  double low = bins_[bin].low;
  double high = bins_[bin].high;
  for (int halving = 0; halving < 40; ++halving) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (cubic(bin, middle) < below ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

double CellQuantiles::value(double probability) const {
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
  const Interval known = around(probability);
  return std::clamp(found, known.low, known.high);
}

CellQuantiles::Interval CellQuantiles::of_rank(std::uint64_t rank) const {
  // Atoms below and above all bins are counted with bins that hold nothing else.
  std::uint64_t before = 0;
  std::size_t atom = 0;
  for (std::size_t bin = 0; bin <= bins_.size(); ++bin) {
    const std::uint64_t held = bin < bins_.size() ? bins_[bin].count : 0;
    const std::size_t first_atom = atom;
    std::uint64_t of_atoms = 0;
    while (atom < atoms_.size() && atom_bins_[atom] == bin) of_atoms += atoms_[atom++].count;
    if (rank >= before + held + of_atoms) {
      before += held + of_atoms;
      continue;
    }
    const std::uint64_t within = rank - before;
    std::uint64_t up_to = 0;
    for (std::size_t a = first_atom; a < atom; ++a) {
      const std::uint64_t through = up_to + atoms_[a].count;
      const bool alone = bin == bins_.size() || atoms_[a].value < bins_[bin].low;
      if (within >= up_to + (alone ? 0 : held) && within < through) return {atoms_[a].value, atoms_[a].value};
      up_to = through;
    }
    Interval interval = bin < bins_.size() ? Interval{bins_[bin].low, bins_[bin].high}
                                           : Interval{atoms_[first_atom].value, atoms_[atom - 1].value};
    for (std::size_t a = first_atom; a < atom; ++a) {
      interval.low = std::min(interval.low, atoms_[a].value);
      interval.high = std::max(interval.high, atoms_[a].value);
    }
    return interval;
  }
  return bins_.empty() ? Interval{atoms_.back().value, atoms_.back().value}
                       : Interval{bins_.back().high, bins_.back().high};
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

// SPDX-License-Identifier: Apache-2.0
#include "lode/binding/correlations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "lode/support/contract.hpp"

namespace lode {

namespace {

/// Sets of things that are linked.
class Links {
 public:
  explicit Links(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void link(std::size_t a, std::size_t b) {
    parent_[std::max(root(a), root(b))] = std::min(root(a), root(b));
  }

 private:
  std::vector<std::size_t> parent_;
};

/// Parameters with the rank correlation of each pair, row after row.
struct RankMatrix {
  std::vector<std::size_t> leaves;
  std::vector<double> ranks;
};

/// A column among those of its parameter for the same labels in other years.
struct InTime {
  std::size_t series = 0;
  int year = 0;
  double memory = 0;  ///< 0 also where its series has one year
};

class CorrelationBinder {
 public:
  CorrelationBinder(const BoundModel& bound, const std::vector<double>& memory, Uncertainty& uncertainty,
                    Diagnostics& diagnostics)
      : bound_(bound), memory_(memory), uncertainty_(uncertainty), diagnostics_(diagnostics) {}

  void bind();

 private:
  struct Pair {
    double rank = 0;
    const CorrelationDecl* declaration = nullptr;
  };
  using LeafPair = std::pair<std::size_t, std::size_t>;  // the lesser first

  void place_columns();
  bool read(const CorrelationDecl& declaration);
  std::optional<std::size_t> uncertain_leaf(const NameAt& name);
  void link_columns();
  void bind_group(const std::vector<std::size_t>& columns);
  bool same_memory(const std::vector<std::size_t>& columns, double& memory);
  void remember(std::size_t series);
  void correlate(const std::vector<std::size_t>& columns);
  void correlate_over_years(const std::vector<std::size_t>& columns, double memory);
  RankMatrix matrix_of(const std::vector<std::size_t>& columns) const;
  std::vector<double> ranks_of(const std::vector<std::size_t>& leaves) const;
  bool possible(const RankMatrix& matrix);
  double rank_of(std::size_t a, std::size_t b) const;
  const std::string& name_of(std::size_t leaf) const { return bound_.leaves[leaf].name; }
  std::size_t leaf_of(std::size_t column) const { return uncertainty_.columns[column].leaf; }

  const BoundModel& bound_;
  const std::vector<double>& memory_;
  Uncertainty& uncertainty_;
  Diagnostics& diagnostics_;
  /// Of each parameter its columns, by labels and by how many of these labels come before.
  std::map<std::size_t, std::map<std::pair<std::string, std::size_t>, std::size_t>> columns_;
  std::vector<std::map<int, std::size_t>> series_;  // columns by year
  std::vector<InTime> in_time_;                     // per column
  std::map<LeafPair, Pair> pairs_;
  std::vector<LeafPair> order_;            // of pairs_, as they are declared
  std::map<std::size_t, std::size_t> at_;  // of parameters in the order they are named
  std::map<std::vector<std::size_t>, bool> judged_;
};

void CorrelationBinder::place_columns() {
  std::map<std::tuple<std::size_t, std::string, std::size_t>, std::size_t> series_of;
  for (std::size_t c = 0; c < uncertainty_.columns.size(); ++c) {
    const ScoreColumn& column = uncertainty_.columns[c];
    auto& own = columns_[column.leaf];
    std::size_t before = 0;
    while (!own.emplace(std::pair(column.labels, before), c).second) ++before;
    const auto series = series_of.emplace(std::tuple(column.leaf, others_of(column), before), series_.size());
    if (series.second) series_.emplace_back();
    series_[series.first->second].emplace(column.year, c);
    in_time_.push_back({series.first->second, column.year, 0});
  }
  for (std::size_t c = 0; c < in_time_.size(); ++c)
    if (in_time_[c].year != 0 && series_[in_time_[c].series].size() > 1)
      in_time_[c].memory = memory_[leaf_of(c)];
}

std::optional<std::size_t> CorrelationBinder::uncertain_leaf(const NameAt& name) {
  const auto leaf = bound_.find_leaf(name.id);
  if (!leaf) {
    std::vector<std::string> names;
    for (const Leaf& other : bound_.leaves) names.push_back(other.name);
    diagnostics_.error("unknown-name", name.where, fmt::format("no parameter is called `{}`", name.id)).help =
        did_you_mean(name.id, names);
    return std::nullopt;
  }
  if (columns_.count(*leaf) == 0) {
    diagnostics_.error("bad-correlation", name.where, fmt::format("`{}` is not uncertain", name.id)).help =
        "give it a `quality:` or a distribution";
    return std::nullopt;
  }
  return leaf;
}

bool CorrelationBinder::read(const CorrelationDecl& declaration) {
  std::vector<std::size_t> leaves;
  for (const NameAt& name : declaration.between) {
    const auto leaf = uncertain_leaf(name);
    if (!leaf) return false;
    leaves.push_back(*leaf);
    at_.emplace(*leaf, at_.size());
  }
  for (std::size_t i = 0; i < leaves.size(); ++i)
    for (std::size_t j = i + 1; j < leaves.size(); ++j) {
      const LeafPair pair = std::minmax(leaves[i], leaves[j]);
      const auto [found, is_new] = pairs_.emplace(pair, Pair{declaration.rank, &declaration});
      if (!is_new) {
        auto& error = diagnostics_.error("bad-correlation", declaration.where,
                                         fmt::format("the correlation of `{}` and `{}` is given twice",
                                                     name_of(leaves[i]), name_of(leaves[j])));
        error.labels.front().text = fmt::format("here {:g}", declaration.rank);
        error.labels.push_back(
            {found->second.declaration->where, fmt::format("here {:g}", found->second.rank)});
        return false;
      }
      order_.push_back(pair);
      const auto& first = columns_[leaves[i]];
      const auto& second = columns_[leaves[j]];
      if (std::any_of(first.begin(), first.end(),
                      [&](const auto& column) { return second.count(column.first) > 0; }))
        continue;
      const auto labels = [](const auto& columns) {
        const std::string& text = columns.begin()->first.first;
        return text.empty() ? std::string("all") : text;
      };
      auto& error = diagnostics_.error("bad-correlation", declaration.where,
                                       "these parameters are drawn for different labels");
      error.why = fmt::format("`{}` for {}, `{}` for {}", name_of(leaves[i]), labels(first),
                              name_of(leaves[j]), labels(second));
      error.help = "give both the same `independent:`";
      return false;
    }
  return true;
}

double CorrelationBinder::rank_of(std::size_t a, std::size_t b) const {
  if (a == b) return 1;
  const auto found = pairs_.find(std::minmax(a, b));
  return found == pairs_.end() ? 0 : found->second.rank;
}

RankMatrix CorrelationBinder::matrix_of(const std::vector<std::size_t>& columns) const {
  RankMatrix matrix;
  for (const std::size_t column : columns) {
    const std::size_t leaf = leaf_of(column);
    if (std::find(matrix.leaves.begin(), matrix.leaves.end(), leaf) == matrix.leaves.end())
      matrix.leaves.push_back(leaf);
  }
  matrix.ranks = ranks_of(matrix.leaves);
  return matrix;
}

std::vector<double> CorrelationBinder::ranks_of(const std::vector<std::size_t>& leaves) const {
  std::vector<double> ranks;
  for (const std::size_t a : leaves)
    for (const std::size_t b : leaves) ranks.push_back(rank_of(a, b));
  return ranks;
}

/// Whether draws can have these correlations. Of a set that cannot, the least that contradicts itself is
/// told.
bool CorrelationBinder::possible(const RankMatrix& matrix) {
  const auto [judged, is_new] = judged_.emplace(matrix.leaves, true);
  if (!is_new || possible_share(matrix.ranks) == 1) return judged->second;
  judged->second = false;
  std::vector<std::size_t> least = matrix.leaves;
  for (std::size_t i = least.size(); i-- > 0;) {
    std::vector<std::size_t> fewer = least;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (possible_share(ranks_of(fewer)) < 1) least = std::move(fewer);
  }
  std::vector<std::string> said, unsaid;
  const CorrelationDecl* last = nullptr;
  for (std::size_t i = 0; i < least.size(); ++i)
    for (std::size_t j = i + 1; j < least.size(); ++j) {
      const std::string names = fmt::format("`{}` and `{}`", name_of(least[i]), name_of(least[j]));
      const auto pair = pairs_.find(std::minmax(least[i], least[j]));
      if (pair == pairs_.end()) {
        unsaid.push_back(names);
        continue;
      }
      said.push_back(fmt::format("{} {:g}", names, pair->second.rank));
      // They stand in one list, in order.
      if (!last || last < pair->second.declaration) last = pair->second.declaration;
    }
  LODE_EXPECT(last != nullptr);
  auto& error = diagnostics_.error(
      "bad-correlation", last->where,
      fmt::format("these rank correlations contradict one another: {}", fmt::join(said, ", ")));
  if (!unsaid.empty()) error.why = fmt::format("not named, and so 0: {}", fmt::join(unsaid, ", "));
  // Rounded down, so that what is said is possible.
  error.help = fmt::format("{}multiply each by {:.2f} or less",
                           unsaid.empty() ? "" : "say how those not named go together, or ",
                           std::floor(possible_share(ranks_of(least)) * 100) / 100);
  return false;
}

void CorrelationBinder::correlate(const std::vector<std::size_t>& columns) {
  if (columns.size() < 2) return;
  const RankMatrix matrix = matrix_of(columns);
  if (!possible(matrix)) return;
  std::string problem;
  [[maybe_unused]] const bool good = uncertainty_.mixer.correlate(columns, matrix.ranks, problem);
  LODE_EXPECT(good);
}

void CorrelationBinder::remember(std::size_t series) {
  std::vector<std::size_t> columns;
  std::vector<double> years;
  for (const auto& [year, column] : series_[series]) {
    columns.push_back(column);
    years.push_back(year);
  }
  std::string problem;
  // Fully correlated scores are one score; the mixer wants less.
  const double memory = std::min(in_time_[columns.front()].memory, 1 - 1e-12);
  [[maybe_unused]] const bool good = uncertainty_.mixer.autocorrelate(columns, years, memory, problem);
  LODE_EXPECT(good);
}

/// The autocorrelation of parameters that are correlated. One with a single year fits any.
bool CorrelationBinder::same_memory(const std::vector<std::size_t>& columns, double& memory) {
  std::optional<std::size_t> first;
  for (const std::size_t c : columns) {
    if (series_[in_time_[c].series].size() < 2 && in_time_[c].year != 0) continue;
    if (!first) {
      first = c;
      memory = in_time_[c].memory;
    }
    if (in_time_[c].memory == memory) continue;
    const auto pair = std::find_if(order_.begin(), order_.end(), [&](const LeafPair& each) {
      return each.first == leaf_of(c) || each.second == leaf_of(c);
    });
    LODE_EXPECT(pair != order_.end());
    const auto said = [&](std::size_t column) {
      const double own = in_time_[column].memory;
      return fmt::format("`{}` {}", name_of(leaf_of(column)),
                         own > 0 ? fmt::format("has {:g}", own) : std::string("has none"));
    };
    auto& error = diagnostics_.error("bad-correlation", pairs_.at(*pair).declaration->where,
                                     "what is correlated must have the same `autocorrelation`");
    error.why = fmt::format("{}, {}", said(*first), said(c));
    error.help = "give all of them the same, or leave it out of all";
    return false;
  }
  return true;
}

/// r ρ^|t−s| between all columns, whichever years each parameter has.
void CorrelationBinder::correlate_over_years(const std::vector<std::size_t>& columns, double memory) {
  std::vector<double> matrix;
  for (const std::size_t a : columns)
    for (const std::size_t b : columns)
      matrix.push_back(a == b ? 1
                              : score_correlation(rank_of(leaf_of(a), leaf_of(b))) *
                                    std::pow(memory, std::abs(in_time_[a].year - in_time_[b].year)));
  uncertainty_.mixer.mix(columns, matrix);
}

/// Columns that are linked by correlations or by the years of one parameter.
void CorrelationBinder::bind_group(const std::vector<std::size_t>& columns) {
  std::set<std::size_t> series;
  for (const std::size_t c : columns) series.insert(in_time_[c].series);
  const bool remembers =
      std::any_of(columns.begin(), columns.end(), [&](std::size_t c) { return in_time_[c].memory > 0; });
  if (!remembers) return correlate(columns);
  if (series.size() == 1) return remember(*series.begin());
  double memory = 0;
  if (!same_memory(columns, memory) || !possible(matrix_of(columns))) return;
  const auto years_of = [&](std::size_t s) {
    std::vector<int> years;
    for (const auto& [year, column] : series_[s]) years.push_back(year);
    return years;
  };
  const std::vector<int> years = years_of(*series.begin());
  if (!std::all_of(series.begin(), series.end(), [&](std::size_t s) { return years_of(s) == years; }))
    return correlate_over_years(columns, memory);
  // Of a full grid the product of both is one after the other.
  for (const std::size_t s : series) remember(s);
  for (const int year : years) {
    std::vector<std::size_t> of_year;
    for (const std::size_t c : columns)
      if (in_time_[c].year == year) of_year.push_back(c);
    correlate(of_year);
  }
}

void CorrelationBinder::link_columns() {
  const std::size_t n = uncertainty_.columns.size();
  Links links(n);
  for (const LeafPair& pair : order_)
    for (const auto& [labels, column] : columns_[pair.first])
      if (const auto other = columns_[pair.second].find(labels); other != columns_[pair.second].end())
        links.link(column, other->second);
  for (const auto& series : series_)
    for (const auto& [year, column] : series)
      if (in_time_[column].memory > 0) links.link(series.begin()->second, column);
  std::map<std::size_t, std::vector<std::size_t>> groups;
  for (std::size_t c = 0; c < n; ++c) groups[links.root(c)].push_back(c);
  for (auto& [root, columns] : groups) {
    if (columns.size() < 2) continue;
    // Parameters as they are first named.
    std::stable_sort(columns.begin(), columns.end(), [&](std::size_t a, std::size_t b) {
      const auto first = at_.find(leaf_of(a));
      const auto second = at_.find(leaf_of(b));
      return first != at_.end() && second != at_.end() && first->second < second->second;
    });
    bind_group(columns);
  }
}

void CorrelationBinder::bind() {
  place_columns();
  bool good = true;
  for (const CorrelationDecl& declaration : bound_.model->correlations) good = read(declaration) && good;
  if (good) link_columns();
}

}  // namespace

std::string others_of(const ScoreColumn& column) {
  std::string others = column.labels;
  if (column.year == 0) return others;
  const std::string year = fmt::format("{}", column.year);
  if (const auto at = others.find(year); at != std::string::npos) others.erase(at, year.size());
  return others;
}

void bind_correlations(const BoundModel& bound, const std::vector<double>& memory, Uncertainty& uncertainty,
                       Diagnostics& diagnostics) {
  const auto remembers = [](double each) { return each > 0; };
  if (bound.model->correlations.empty() && std::none_of(memory.begin(), memory.end(), remembers)) return;
  CorrelationBinder(bound, memory, uncertainty, diagnostics).bind();
}

}  // namespace lode

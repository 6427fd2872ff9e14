// SPDX-License-Identifier: Apache-2.0
#include "lode/binding/uncertainty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "lode/arrays/align.hpp"
#include "lode/binding/correlations.hpp"
#include "lode/binding/pedigree.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

/// Draws beyond what is possible are told from these probabilities on.
constexpr double worth_telling = 1e-4;

class UncertaintyBinder {
 public:
  UncertaintyBinder(BoundModel& bound, Diagnostics& diagnostics)
      : bound_(bound), model_(*bound.model), diagnostics_(diagnostics) {}

  Uncertainty bind();

 private:
  void bind_leaf(std::size_t id);
  const UncertaintyDecl* declared(const Leaf& leaf, const LeafRow& row) const;
  const QualityDecl* quality_class(const std::string& name) const;
  bool is_spread(const Leaf& leaf, const LeafRow& row) const;
  std::optional<InputSpread> spread_of(const DistributionDecl& declaration, const Leaf& leaf,
                                       const LeafGiven& given);
  std::optional<double> cv_of_scores(const DistributionDecl& declaration);
  std::optional<InputDistribution> distribution_of(const Leaf& leaf, const LeafGiven& given,
                                                   const UncertaintyDecl* uncertainty);
  std::optional<InputDistribution> distribution_of_row(const Leaf& leaf, const LeafGiven& given,
                                                       const LeafRow& row);
  std::optional<double> number_of(const ValueText& value, const std::string& parameter, const Leaf& leaf,
                                  const LeafGiven& given);
  std::optional<DimSet> independent_dims(const Leaf& leaf, const std::vector<NameAt>& names);
  void split_constants(Leaf& leaf, const DimSet& independent);
  std::size_t column_of(std::size_t leaf, const LeafGiven& given, const std::optional<DimSet>& independent,
                        std::size_t given_index);
  void bind_shares(UncertainLeaf& uncertain, const Leaf& leaf,
                   const std::vector<const DistributionDecl*>& declared);
  void warn_of_idle_words(std::size_t id);
  void bind_totals(UncertainLeaf& uncertain, const Leaf& leaf);
  void warn_of_impossible(const UncertainLeaf& uncertain, const Leaf& leaf);
  DimensionId last_dimension(const Leaf& leaf) const;
  void report(const std::string& code, const Location& where, const Leaf& leaf, const std::string& problem);

  const Dimensions& dims() const { return bound_.dimensions; }

  BoundModel& bound_;
  const Model& model_;
  Diagnostics& diagnostics_;
  QuantileTables tables_;
  Uncertainty result_;
  std::vector<double> memory_;                          // autocorrelation per leaf
  std::map<std::string, std::size_t> columns_of_leaf_;  // by labels
  std::set<std::pair<std::string, std::string>> reported_;
};

void UncertaintyBinder::report(const std::string& code, const Location& where, const Leaf& leaf,
                               const std::string& problem) {
  // A class that cannot be is wrong for each of its numbers: once per parameter is enough.
  if (!reported_.insert({leaf.name, problem}).second) return;
  diagnostics_.error(code, where, fmt::format("the uncertainty of `{}` cannot be: {}", leaf.name, problem));
}

const QualityDecl* UncertaintyBinder::quality_class(const std::string& name) const {
  for (const QualityDecl& quality : model_.quality_classes)
    if (quality.name.id == name) return &quality;
  return nullptr;
}

/// Columns of a table count where it does not give another parameter's values in them, and where more than a
/// written gap stands in one.
bool UncertaintyBinder::is_spread(const Leaf& leaf, const LeafRow& row) const {
  if (leaf.declaration->quality_for_all) return false;
  const bool given = std::any_of(row.spread.begin(), row.spread.end(), [&](const auto& column) {
    return read_number(column.second.text, model_.default_decimal_comma).kind != NumberCell::Kind::absent;
  });
  if (!given) return false;
  const auto reads = [](const std::optional<TableRef>& table) {
    static const std::set<std::string> names{"sd", "cv", "low", "high"};
    return table && table->column && names.count(table->column->text) > 0;
  };
  return !reads(leaf.declaration->table);
}

/// Of a row's class, else the parameter's own, else its class; null if the number is certain.
const UncertaintyDecl* UncertaintyBinder::declared(const Leaf& leaf, const LeafRow& row) const {
  const ParameterDecl& declaration = *leaf.declaration;
  const bool own_class =
      !row.quality.empty() && (!declaration.quality || row.quality != declaration.quality->text);
  if (own_class && !declaration.quality_for_all)
    if (const QualityDecl* quality = quality_class(row.quality))
      return quality->uncertainty.distribution ? &quality->uncertainty : nullptr;
  if (declaration.uncertainty.distribution && !declaration.quality_for_all) return &declaration.uncertainty;
  if (declaration.quality)
    if (const QualityDecl* quality = quality_class(declaration.quality->text))
      if (quality->uncertainty.distribution) return &quality->uncertainty;
  return nullptr;
}

/// In internal units where the number is one of the value's unit.
std::optional<double> UncertaintyBinder::number_of(const ValueText& value, const std::string& parameter,
                                                   const Leaf& leaf, const LeafGiven& given) {
  const Unit declared = unit_of_cell(leaf.unit, leaf.dims, given.series, dims());
  const double times = leaf.declaration->times;
  if (value.percent && !value.unit && !declared.dimensionless()) {
    diagnostics_
        .error(
            "unit-mismatch", value.where,
            fmt::format("`{}` is in {}, and {:g} % is not", parameter, leaf.unit.str(), value.number * 100))
        .help = parameter == "values" ? "multiples of the value are its `factors`"
                : parameter == "sd"   ? "a share of the value is its `cv`"
                                      : "a share of the value both ways is `within`, of `uniform`, "
                                        "`triangular` and `pert`";
    return std::nullopt;
  }
  if (!value.unit) {
    const bool scaled =
        value.percent && declared.dimensionless() && std::abs(declared.scale() - 0.01) < 1e-15;
    return value.number * (scaled ? 1.0 : declared.scale()) * times;
  }
  const auto parsed = parse_unit(value.unit->text);
  const auto factor = parsed.unit ? conversion(*parsed.unit, declared, model_.substance) : std::nullopt;
  if (!factor) {
    diagnostics_
        .error("unit-mismatch", value.unit->where,
               fmt::format("`{}` does not convert to `{}`", value.unit->text, leaf.unit.str()))
        .labels.push_back({leaf.declaration->name.where, fmt::format("declared in {}", leaf.unit.str())});
    return std::nullopt;
  }
  return value.number * *factor * declared.scale() * times;
}

std::optional<double> UncertaintyBinder::cv_of_scores(const DistributionDecl& declaration) {
  double squares = 0;
  auto sensitivity = PedigreeSensitivity::high;
  for (const auto& parameter : declaration.parameters)
    if (parameter.name.id == "sensitivity")
      sensitivity = static_cast<PedigreeSensitivity>(static_cast<int>(parameter.values[0].number));
  bool expert = false, others = false;
  for (const auto& parameter : declaration.parameters) {
    if (parameter.name.id == "sensitivity") continue;
    const double score = parameter.values[0].number;
    if (score != 1 && score != 2 && score != 3 && score != 4) {
      diagnostics_.error(
          "bad-uncertainty", parameter.values[0].where,
          fmt::format("the score of `{}` is 1, 2, 3 or 4, not {:g}", parameter.name.id, score));
      return std::nullopt;
    }
    const double cv = pedigree_cv(parameter.name.id, static_cast<int>(score), sensitivity);
    squares += cv * cv;
    (parameter.name.id == "expert" ? expert : others) = true;
  }
  if (expert && others) {
    diagnostics_.error("bad-uncertainty", declaration.family.where,
                       "an expert's estimate has one score, `expert`, and no others");
    return std::nullopt;
  }
  return std::sqrt(squares);
}

std::optional<InputSpread> UncertaintyBinder::spread_of(const DistributionDecl& declaration, const Leaf& leaf,
                                                        const LeafGiven& given) {
  InputSpread spread;
  spread.family = declaration.family.id;
  if (spread.family == "pedigree") {
    const auto cv = cv_of_scores(declaration);
    if (!cv) return std::nullopt;
    spread.family = *cv > 0 ? "normal" : "fixed";
    if (*cv > 0) spread.numbers["cv"] = *cv;
    return spread;
  }
  for (const auto& parameter : declaration.parameters) {
    const std::string& name = parameter.name.id;
    const bool factors = name == "factors";
    const bool absolute = has_unit_of_value(name);
    std::vector<double> numbers;
    for (const ValueText& value : parameter.values) {
      if (!absolute && value.unit) {
        diagnostics_.error("bad-uncertainty", value.unit->where,
                           fmt::format("`{}` is a plain number, without a unit", name));
        return std::nullopt;
      }
      const auto number = absolute ? number_of(value, name, leaf, given) : value.number;
      if (!number) return std::nullopt;
      numbers.push_back(factors ? *number * given.value : *number);
    }
    if (name == "values" || factors) {
      spread.values = std::move(numbers);
    } else if (name == "weights") {
      spread.weights = std::move(numbers);
    } else {
      spread.numbers[name] = numbers.front();
    }
  }
  return spread;
}

/// Columns sd, cv, low, high and distribution of a row.
std::optional<InputDistribution> UncertaintyBinder::distribution_of_row(const Leaf& leaf,
                                                                        const LeafGiven& given,
                                                                        const LeafRow& row) {
  const bool is_share = unit_of_cell(leaf.unit, leaf.dims, given.series, dims()).dimensionless();
  InputSpread spread;
  const Cell* family = nullptr;
  std::string problem;
  for (const auto& [column, cell] : row.spread) {
    if (column == "distribution") {
      spread.family = cell.text;
      family = &cell;
      continue;
    }
    const NumberCell number = read_number(cell.text, model_.default_decimal_comma);
    if (number.kind == NumberCell::Kind::absent) continue;
    if (number.kind != NumberCell::Kind::value || !number.unit.empty()) {
      diagnostics_.error("not-a-number", cell.where,
                         fmt::format("`{}` is no plain number for the column `{}`", cell.text, column));
      return std::nullopt;
    }
    double value = number.percent ? number.value * 0.01 : number.value;
    if (has_unit_of_value(column)) {
      if (number.percent && !is_share) {
        auto& error = diagnostics_.error(
            "unit-mismatch", cell.where,
            fmt::format("the column `{}` is in the unit of the value, and {} is not", column, cell.text));
        error.labels.push_back(
            {leaf.declaration->name.where, fmt::format("declared in {}", leaf.unit.str())});
        error.help = "shares of the value stand in the column `cv`";
        return std::nullopt;
      }
      value *= number.percent ? leaf.declaration->times : given.factor;
    }
    if (column == "cv" && !number.percent && value >= 1.5) {
      auto& diagnostic = diagnostics_.error("bad-uncertainty", cell.where,
                                            fmt::format("a cv of {} is {:g} %", cell.text, value * 100));
      diagnostic.help = fmt::format("write `{} %` if that is meant", cell.text);
      return std::nullopt;
    }
    spread.numbers[column] = value;
  }
  if (spread.numbers.empty()) {
    if (spread.family == "fixed") return InputDistribution(given.value);
    LODE_EXPECT(family != nullptr);
    diagnostics_
        .error("bad-uncertainty", family->where,
               fmt::format("this row names `{}` and does not say how wide it is", spread.family))
        .help =
        "fill in `cv`, `sd`, or `low` and `high`; an empty cell leaves the row to the parameter's own";
    return std::nullopt;
  }
  const bool interval = spread.numbers.count("low") > 0 && spread.numbers.count("high") > 0;
  std::optional<InputDistribution> result;
  if (spread.family.empty() && interval && spread.numbers.size() == 2) {
    result =
        InputDistribution::from_interval(spread.numbers["low"], given.value, spread.numbers["high"], problem);
  } else {
    if (spread.family.empty()) spread.family = "normal";
    // Of several columns those count that the family takes.
    const bool by_width = spread.numbers.count("sd") > 0 || spread.numbers.count("cv") > 0;
    if (by_width && spread.family != "beta" && spread.family != "normal") {
      if (spread.family == "uniform" || spread.family == "triangular" || spread.family == "pert") {
        spread.numbers.erase("sd");
        spread.numbers.erase("cv");
      } else {
        spread.numbers.erase("low");
        spread.numbers.erase("high");
      }
    }
    if (spread.numbers.count("sd") > 0) spread.numbers.erase("cv");
    result = InputDistribution::make(spread, given.value, tables_, problem);
  }
  if (!result)
    diagnostics_.error("bad-uncertainty", family ? family->where : row.spread.front().second.where,
                       fmt::format("this row's uncertainty cannot be: {}", problem));
  return result;
}

std::optional<InputDistribution> UncertaintyBinder::distribution_of(const Leaf& leaf, const LeafGiven& given,
                                                                    const UncertaintyDecl* uncertainty) {
  const LeafRow& row = leaf.rows[static_cast<std::size_t>(given.row)];
  if (is_spread(leaf, row)) return distribution_of_row(leaf, given, row);
  if (!uncertainty) return InputDistribution(given.value);
  const auto spread = spread_of(*uncertainty->distribution, leaf, given);
  if (!spread) return std::nullopt;
  std::string problem;
  auto result = InputDistribution::make(*spread, given.value, tables_, problem);
  if (!result) report("bad-uncertainty", uncertainty->distribution->family.where, leaf, problem);
  return result;
}

std::optional<DimSet> UncertaintyBinder::independent_dims(const Leaf& leaf,
                                                          const std::vector<NameAt>& names) {
  DimSet result;
  for (const NameAt& name : names) {
    const auto id = dims().find(name.id);
    if (id && *id == time_dimension && leaf.dims.time) {
      result.time = true;
    } else if (const auto axis = id ? aligned_axis(leaf.dims, *id, dims()) : std::nullopt; axis) {
      result.insert(*axis);
    } else {
      diagnostics_
          .error("unknown-name", name.where, fmt::format("`{}` cannot be drawn by `{}`", leaf.name, name.id))
          .labels.push_back({leaf.declaration->name.where, leaf.dims.scalar()
                                                               ? std::string("has no dimension")
                                                               : "is over " + leaf.dims.str(dims())});
      return std::nullopt;
    }
  }
  return result;
}

/// One number for all years, to be drawn by year, becomes one given number for each.
void UncertaintyBinder::split_constants(Leaf& leaf, const DimSet& independent) {
  if (!independent.time) return;
  const std::size_t periods = leaf.values.periods();
  const std::vector<LeafGiven> constants = leaf.givens;
  for (std::size_t i = 0; i < leaf.cells.size(); ++i) {
    LeafCell& cell = leaf.cells[i];
    if (cell.given < 0 || !constants[static_cast<std::size_t>(cell.given)].constant) continue;
    LeafGiven own = constants[static_cast<std::size_t>(cell.given)];
    own.year = dims().years[i % periods];
    cell.given = static_cast<std::int32_t>(leaf.givens.size());
    leaf.givens.push_back(own);
  }
}

std::size_t UncertaintyBinder::column_of(std::size_t id, const LeafGiven& given,
                                         const std::optional<DimSet>& independent, std::size_t given_index) {
  const Leaf& leaf = bound_.leaves[id];
  std::vector<std::string> labels;
  int year = 0;
  const auto axes = leaf.dims.unravel(given.series, dims());
  const bool whole = given.constant && !independent;
  const auto counts = [&](DimensionId axis) {
    return !whole && (!independent || (axis == time_dimension ? independent->time : independent->has(axis)));
  };
  if (leaf.dims.time && counts(time_dimension) && given.year != 0) {
    year = given.year;
    labels.push_back(fmt::format("{}", year));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const DimensionId axis = leaf.dims.labels[i];
    if (!counts(axis)) continue;
    if (!leaf.dims.time && dims().is_years(axis) && !given.constant) {
      year = given.year;
      labels.push_back(fmt::format("{}", year));
    } else {
      labels.push_back(dims()[axis].labels[axes[i]]);
    }
  }
  // A table may give a cell twice, for the history and for a scenario's condition; constants have no labels.
  std::string text = labels.empty() ? "" : fmt::format("[{}]", fmt::join(labels, ", "));
  std::string key = text;
  if (whole) key += fmt::format(" row {}", given.row);
  if (!independent && !given.constant) key += fmt::format(" given {}", given_index);
  const auto [found, is_new] = columns_of_leaf_.emplace(key, result_.columns.size());
  if (!is_new) return found->second;
  // Scores go by names: where a value for some years stands beside one for all, both are numbers.
  const auto namesakes =
      std::count_if(result_.columns.begin(), result_.columns.end(),
                    [&](const ScoreColumn& other) { return other.leaf == id && other.labels == text; });
  const std::string name =
      leaf.name + text + (namesakes == 0 ? "" : fmt::format(" (value {})", namesakes + 1));
  result_.columns.push_back({id, text, year, name});
  return found->second;
}

DimensionId UncertaintyBinder::last_dimension(const Leaf& leaf) const {
  const auto& over = leaf.declaration->over;
  const auto named = over && !over->empty() ? dims().find(over->back().id) : std::nullopt;
  return named && *named != time_dimension && leaf.dims.has(*named) ? *named : leaf.dims.labels.back();
}

/// Shares over the last dimension of a parameter, for each combination of the other labels and each year.
/// `declared`: per given number, null where it is none of them.
void UncertaintyBinder::bind_shares(UncertainLeaf& uncertain, const Leaf& leaf,
                                    const std::vector<const DistributionDecl*>& declared) {
  const DistributionDecl* first = nullptr;
  for (std::size_t g = 0; g < declared.size(); ++g) {
    if (!first) first = declared[g];
    if (uncertain.column[g] == no_column || declared[g]) continue;
    const LeafRow& row = leaf.rows[static_cast<std::size_t>(leaf.givens[g].row)];
    auto& error = diagnostics_.error(
        "bad-uncertainty", row.spread.empty() ? row.where : row.spread.front().second.where,
        fmt::format("numbers of `{}` are shares drawn together; this one has an uncertainty of its own",
                    leaf.name));
    error.help = "leave it out, or make the share certain: `cv` 0";
    return;
  }
  LODE_EXPECT(first != nullptr);
  if (leaf.dims.labels.empty()) {
    report("bad-uncertainty", first->family.where, leaf,
           "`dirichlet` is for shares over a dimension, and this is a single number");
    return;
  }
  DimSet rest = leaf.dims;
  rest.erase(last_dimension(leaf));
  const auto map = series_map(leaf.dims, rest, dims());
  std::map<std::pair<std::int32_t, int>, std::vector<std::size_t>> groups;
  for (std::size_t g = 0; g < leaf.givens.size(); ++g)
    if (uncertain.column[g] != no_column)
      groups[{map[leaf.givens[g].series], leaf.givens[g].year}].push_back(g);
  for (auto& [place, givens] : groups) {
    const DistributionDecl& declaration = *declared[givens.front()];
    if (std::any_of(givens.begin(), givens.end(),
                    [&](std::size_t g) { return declared[g] != &declaration; })) {
      report("bad-uncertainty", declaration.family.where, leaf,
             "shares of one total are of classes with different `dirichlet`");
      return;
    }
    if (declaration.parameters.size() > 1) {
      report("bad-uncertainty", declaration.family.where, leaf,
             "`dirichlet` takes only one of `cv` and `concentration`");
      return;
    }
    const auto& parameter = declaration.parameters.front();
    const auto how =
        parameter.name.id == "concentration" ? SpreadOfShares::concentration : SpreadOfShares::cv;
    std::vector<double> nominal;
    for (const std::size_t g : givens) nominal.push_back(leaf.givens[g].value);
    std::string problem;
    auto shares = DirichletShares::make(nominal, how, parameter.values.front().number, tables_, problem);
    if (!shares) {
      report("bad-uncertainty", declaration.family.where, leaf, problem);
      return;
    }
    uncertain.shares.push_back({givens, std::move(*shares)});
  }
}

/// What `sums_to` says of the model's values holds of every draw.
void UncertaintyBinder::bind_totals(UncertainLeaf& uncertain, const Leaf& leaf) {
  if (!leaf.declaration->sums_to || leaf.dims.labels.empty()) return;
  DimSet rest = leaf.dims;
  rest.erase(last_dimension(leaf));
  const auto map = series_map(leaf.dims, rest, dims());
  const std::size_t periods = leaf.values.periods();
  std::map<std::pair<std::int32_t, std::size_t>, UncertainLeaf::Total> groups;
  for (std::size_t s = 0; s < leaf.values.series(); ++s)
    for (std::size_t p = 0; p < periods; ++p) {
      if (!leaf.defined.at(s, p) || std::isnan(leaf.values.value(s, p))) continue;
      UncertainLeaf::Total& total = groups[{map[s], p}];
      total.cells.push_back(s * periods + p);
      total.total += leaf.values.value(s, p);
    }
  for (auto& [place, total] : groups) uncertain.totals.push_back(std::move(total));
}

void UncertaintyBinder::warn_of_impossible(const UncertainLeaf& uncertain, const Leaf& leaf) {
  double lowest = 0, highest = 0;
  std::size_t low_at = 0, high_at = 0, low_count = 0, high_count = 0;
  bool is_share = leaf.unit.dimensionless() && !leaf.unit.symbolic() && !leaf.givens.empty();
  for (const LeafGiven& given : leaf.givens) is_share = is_share && given.value >= 0 && given.value <= 1;
  for (std::size_t g = 0; g < leaf.givens.size(); ++g) {
    if (uncertain.column[g] == no_column) continue;
    const double value = leaf.givens[g].value;
    const double below = value > 0 ? uncertain.distributions[g].mass_below(0) : 0.0;
    const double above = is_share ? uncertain.distributions[g].mass_above(1) : 0.0;
    low_count += below > worth_telling;
    high_count += above > worth_telling;
    if (below > lowest) lowest = below, low_at = g;
    if (above > highest) highest = above, high_at = g;
  }
  const auto tell = [&](const char* code, double mass, std::size_t at, std::size_t count, const char* what,
                        const char* help) {
    if (mass <= worth_telling) return;
    const LeafGiven& given = leaf.givens[at];
    auto& diagnostic =
        diagnostics_.warning(code, leaf.declaration->name.where,
                             fmt::format("in {:.2g} % of all draws `{}` {}{}", mass * 100,
                                         result_.columns[uncertain.column[at]].name, what,
                                         count > 1 ? fmt::format(" ({} numbers)", count) : ""));
    const LeafRow& row = leaf.rows[static_cast<std::size_t>(given.row)];
    if (row.where.file && row.where.file != leaf.declaration->name.where.file)
      diagnostic.labels.push_back({row.where, "given here"});
    diagnostic.help = help;
  };
  tell("negative-draws", lowest, low_at, low_count, "is below zero",
       "a lognormal or gamma distribution has no negative values");
  tell("share-draws", highest, high_at, high_count, "exceeds 100 %",
       "`beta` stays between 0 and 100 %; a `normal` can be cut off by `high: 100 %`");
}

/// Words of the parameter itself that change no draw; a class may say more than one of its numbers needs.
void UncertaintyBinder::warn_of_idle_words(std::size_t id) {
  const Leaf& leaf = bound_.leaves[id];
  const UncertaintyDecl& own = leaf.declaration->uncertainty;
  if (!own.autocorrelation && !own.independent) return;
  std::map<std::string, std::set<int>> years;
  bool drawn = false;
  for (const ScoreColumn& column : result_.columns) {
    if (column.leaf != id) continue;
    drawn = true;
    if (column.year != 0) years[others_of(column)].insert(column.year);
  }
  const char* const word = own.autocorrelation ? "autocorrelation" : "independent";
  const Location& where = own.autocorrelation        ? own.autocorrelation_where
                          : own.independent->empty() ? leaf.declaration->name.where
                                                     : own.independent->front().where;
  if (!drawn) {
    // A scenario may leave a class of certain numbers to it, and mistakes are told already.
    const bool elsewhere = leaf.declaration->quality || !leaf.declaration->from.empty() || leaf.solved_by;
    if (elsewhere || leaf.givens.empty() || diagnostics_.has_errors()) return;
    auto& warning = diagnostics_.warning(
        "idle-word", where, fmt::format("`{}` does nothing: `{}` is not uncertain", word, leaf.name));
    warning.help = "give it a `quality:` or a distribution";
    return;
  }
  if (!own.autocorrelation || *own.autocorrelation == 0) return;
  if (std::any_of(years.begin(), years.end(), [](const auto& chain) { return chain.second.size() > 1; }))
    return;
  auto& warning = diagnostics_.warning(
      "idle-word", where,
      fmt::format("`autocorrelation` does nothing: `{}` is not drawn by year", leaf.name));
  warning.help = leaf.dims.time ? "add `time` to its `independent:`, or leave it out" : "leave it out";
}

void UncertaintyBinder::bind_leaf(std::size_t id) {
  Leaf& leaf = bound_.leaves[id];
  if (leaf.solved_by || leaf.givens.empty()) return;
  const UncertaintyDecl& own = leaf.declaration->uncertainty;
  const QualityDecl* const quality =
      leaf.declaration->quality ? quality_class(leaf.declaration->quality->text) : nullptr;
  const auto& names = own.independent || !quality ? own.independent : quality->uncertainty.independent;
  const auto autocorrelation =
      own.autocorrelation || !quality ? own.autocorrelation : quality->uncertainty.autocorrelation;

  bool any = false;
  for (const LeafGiven& given : leaf.givens) {
    const LeafRow& row = leaf.rows[static_cast<std::size_t>(given.row)];
    any = any || declared(leaf, row) || is_spread(leaf, row);
  }
  if (!any) return;
  std::optional<DimSet> independent;
  if (names) {
    independent = independent_dims(leaf, *names);
    if (!independent) return;
    split_constants(leaf, *independent);
  }

  std::set<std::int32_t> used;
  for (const LeafCell& cell : leaf.cells) {
    used.insert(cell.given);
    used.insert(cell.other_given);
  }
  columns_of_leaf_.clear();
  UncertainLeaf uncertain;
  uncertain.leaf = id;
  uncertain.column.assign(leaf.givens.size(), no_column);
  std::vector<const DistributionDecl*> dirichlet(leaf.givens.size(), nullptr);
  bool good = true;
  for (std::size_t g = 0; g < leaf.givens.size(); ++g) {
    const LeafGiven& given = leaf.givens[g];
    const LeafRow& row = leaf.rows[static_cast<std::size_t>(given.row)];
    uncertain.distributions.emplace_back(given.value);
    if (used.count(static_cast<std::int32_t>(g)) == 0) continue;
    const UncertaintyDecl* const uncertainty = declared(leaf, row);
    const bool by_row = is_spread(leaf, row);
    if (!by_row && !uncertainty) continue;
    if (!by_row && uncertainty->distribution->family.id == "dirichlet") {
      if (given.value != 0) {
        dirichlet[g] = &*uncertainty->distribution;
        uncertain.column[g] = column_of(id, given, independent, g);
      }
      continue;
    }
    auto distribution = distribution_of(leaf, given, uncertainty);
    if (!distribution && by_row) {
      good = false;
      continue;
    }
    if (!distribution) return;
    if (distribution->fixed()) continue;
    uncertain.distributions.back() = std::move(*distribution);
    uncertain.column[g] = column_of(id, given, independent, g);
  }
  if (!good || std::all_of(uncertain.column.begin(), uncertain.column.end(),
                           [](std::size_t column) { return column == no_column; }))
    return;
  if (std::any_of(dirichlet.begin(), dirichlet.end(), [](const auto* each) { return each != nullptr; })) {
    bind_shares(uncertain, leaf, dirichlet);
  } else {
    bind_totals(uncertain, leaf);
    warn_of_impossible(uncertain, leaf);
  }
  if (autocorrelation) memory_[id] = *autocorrelation;
  result_.leaves.push_back(std::move(uncertain));
}

Uncertainty UncertaintyBinder::bind() {
  memory_.assign(bound_.leaves.size(), 0);
  for (std::size_t id = 0; id < bound_.leaves.size(); ++id) {
    bind_leaf(id);
    warn_of_idle_words(id);
  }
  bind_correlations(bound_, memory_, result_, diagnostics_);
  return std::move(result_);
}

}  // namespace

Uncertainty bind_uncertainty(BoundModel& bound, Diagnostics& diagnostics) {
  return UncertaintyBinder(bound, diagnostics).bind();
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/tables/table.hpp"

namespace lode {

double filled(const LeafCell& cell, double given, double other) {
  if (cell.other_given < 0) return given;
  if (cell.geometric) return given * std::pow(other / given, cell.share);
  return given + (other - given) * cell.share;
}

namespace {

/// `%` and `%/yr`: a percent sign beside the value says what the unit says already.
bool counts_per_cent(const Unit& unit) {
  return std::abs(unit.scale() - 0.01) < 1e-15 &&
         (unit.dimensionless() || (unit * year_unit()).dimensionless());
}

/// A number of a series before gaps are filled.
struct Anchor {
  int year;
  double value;  // internal units
  std::int32_t row, given;
};

const std::set<std::string> known_columns{"value",        "unit",         "source", "quality", "note",
                                          "data_year",    "low",          "high",   "sd",      "cv",
                                          "derived_from", "distribution", "name",   "name_zh"};

/// The axis whose labels are years where a parameter has no time: gaps are filled along it.
std::optional<DimensionId> years_of_entry(const DimSet& dims, const Dimensions& dimensions) {
  if (dims.time) return std::nullopt;
  for (const DimensionId id : dims.labels)
    if (dimensions.is_years(id)) return id;
  return std::nullopt;
}

double share_of_way(const Anchor& a, const Anchor& b, int year) {
  return static_cast<double>(year - a.year) / static_cast<double>(b.year - a.year);
}

constexpr std::array spread_columns{"sd", "cv", "low", "high", "distribution"};

std::string compound_help(const Unit& given, const Model& model) {
  if (given.str().find('(') == std::string::npos || !model.substance.empty()) return "";
  return "a compound converts to the metal where the model names its `substance:`";
}

/// Reads the rows of one table into anchors per series of `dims`.
class TableReading {
 public:
  TableReading(const Dimensions& dimensions, const Model& model, const TableRef& reference, Leaf& leaf,
               Diagnostics& diagnostics)
      : dimensions_(dimensions),
        model_(model),
        reference_(reference),
        leaf_(leaf),
        diagnostics_(diagnostics) {}

  using UnitReader = std::function<std::optional<Unit>(const std::string&, const Location&)>;
  bool read(const UnitReader& read_unit);

  // Per series, by year: of `time`, else of the list of years of entry (whose label is 0 in the series), else
  // year 0.
  std::vector<std::vector<Anchor>> anchors;
  std::vector<std::int32_t> absent_rows;  // per series × period
  std::set<std::pair<std::size_t, int>> absent;

 private:
  struct Axis {
    DimensionId id;
    std::size_t column;
    bool base_column;
  };
  bool find_columns();
  std::optional<std::size_t> series_of(const Row& row, bool& skip, int& year);
  void take(std::size_t series, int year, const Cell& cell, std::int32_t row, const std::string& unit_text,
            const Location& unit_where, const UnitReader& read_unit);
  Diagnostic& error(std::string code, const Location& where, std::string message) {
    good_ = false;
    return diagnostics_.error(std::move(code), where, std::move(message));
  }

  const Dimensions& dimensions_;
  const Model& model_;
  const TableRef& reference_;
  Leaf& leaf_;
  Diagnostics& diagnostics_;
  bool good_ = true;
  bool noted_amounts_ = false;
  std::vector<Axis> axes_;
  std::optional<std::size_t> time_column_;
  std::vector<std::pair<std::size_t, int>> year_columns_;
  std::size_t value_column_ = 0;
};

bool TableReading::find_columns() {
  const Table& table = *reference_.table;
  std::vector<std::string> headers;
  for (const Cell& cell : table.header) headers.push_back(cell.text);
  for (const DimensionId id : leaf_.dims.labels) {
    const Dimension& dimension = dimensions_[id];
    auto column = table.column(dimension.name);
    bool base = false;
    DimensionId up = id;
    while (!column && dimensions_[up].kind == Dimension::Kind::part_of) {
      up = dimensions_[up].parent;
      column = table.column(dimensions_[up].name);
      base = true;
    }
    // The dimension's own table heads its labels so.
    if (!column && leaf_.dims.labels.size() == 1) column = table.column("label");
    if (!column) {
      auto& diagnostic =
          error("missing-column", table.header.empty() ? reference_.where : table.header.front().where,
                fmt::format("`{}` has no column `{}`", reference_.path, dimension.name));
      diagnostic.labels.push_back({leaf_.declaration->name.where, "is over " + leaf_.dims.str(dimensions_)});
      diagnostic.help = did_you_mean(dimension.name, headers);
      if (diagnostic.help.empty())
        diagnostic.help = fmt::format("its columns are {}", fmt::join(headers, ", "));
      continue;
    }
    axes_.push_back({id, *column, base});
  }
  if (reference_.years_across) {
    for (std::size_t c = 0; c < table.header.size(); ++c)
      if (const auto year = read_year(table.header[c].text)) year_columns_.emplace_back(c, *year);
    if (year_columns_.empty())
      error("missing-column", reference_.where,
            fmt::format("`{}` has no columns headed by years", reference_.path))
          .help = "without `columns: time` the table is read row by row, the year in a column `time`";
    if (!leaf_.dims.time)
      error("missing-dimension", reference_.where, "years across need `time` in `over`")
          .labels.push_back(
              {leaf_.declaration->name.where, over_text(leaf_.dims, dimensions_, "has no dimension")});
    return good_;
  }
  if (leaf_.dims.time) {
    time_column_ = table.column("time");
    if (!time_column_) {
      auto& diagnostic =
          error("missing-column", table.header.empty() ? reference_.where : table.header.front().where,
                fmt::format("`{}` has no column `time`", reference_.path));
      diagnostic.labels.push_back({leaf_.declaration->name.where, "is over " + leaf_.dims.str(dimensions_)});
      const bool across = std::any_of(headers.begin(), headers.end(),
                                      [](const std::string& text) { return read_year(text).has_value(); });
      diagnostic.help = across ? "a table with years across is read with `columns: time`"
                               : "a value for all years needs no `time` in `over`";
      if (across) return false;  // and no column `value` either
    }
  }
  const std::string wanted = reference_.column ? reference_.column->text : "value";
  const auto value = table.column(wanted);
  if (!value && reference_.column) {
    good_ = false;  // said where the table was read
  } else if (!value) {
    auto& diagnostic = error("missing-column", reference_.where,
                             fmt::format("`{}` has no column `{}`", reference_.path, wanted));
    diagnostic.help = did_you_mean(wanted, headers);
    if (diagnostic.help.empty())
      diagnostic.help =
          fmt::format("its columns are {}: `column:` names the one to read", fmt::join(headers, ", "));
  } else {
    value_column_ = *value;
  }
  return good_;
}

std::optional<std::size_t> TableReading::series_of(const Row& row, bool& skip, int& year) {
  std::size_t series = 0;
  bool good = true;
  for (const Axis& axis : axes_) {
    const Dimension& dimension = dimensions_[axis.id];
    const Cell& cell = row.cells[axis.column];
    if (years_of_entry(leaf_.dims, dimensions_) == axis.id) {
      if (const auto entry = read_year(cell.text)) {
        year = *entry;
        series *= dimension.size();
      } else {
        error("not-a-year", cell.where.file ? cell.where : row.where,
              fmt::format("`{}` is no year", cell.text));
        good = false;
      }
      continue;
    }
    const auto label = dimension.index_of(cell.text);
    if (!label) {
      const Dimension& root = dimensions_[dimension.root];
      const bool outside_subset = dimension.kind == Dimension::Kind::part_of &&
                                  (cell.text.empty() || root.index_of(cell.text).has_value());
      if (outside_subset) {
        skip = true;
        return std::nullopt;
      }
      auto& diagnostic =
          error("unknown-label", cell.where.file ? cell.where : row.where,
                cell.text.empty() ? fmt::format("the cell of `{}` is empty", dimension.name)
                                  : fmt::format("`{}` is no label of `{}`", cell.text, dimension.name));
      diagnostic.help = did_you_mean(cell.text, dimension.labels);
      if (diagnostic.help.empty() && dimension.size() <= 30)
        diagnostic.help = fmt::format("its labels are {}", fmt::join(dimension.labels, ", "));
      good = false;
      continue;
    }
    series = series * dimension.size() + *label;
  }
  if (!good) return std::nullopt;
  return series;
}

void TableReading::take(std::size_t series, int year, const Cell& cell, std::int32_t row,
                        const std::string& unit_text, const Location& unit_where,
                        const UnitReader& read_unit) {
  const NumberCell number = read_number(cell.text, reference_.decimal_comma);
  switch (number.kind) {
    case NumberCell::Kind::empty:
      return;
    case NumberCell::Kind::absent:
      absent.insert({series, year});
      return;
    case NumberCell::Kind::censored: {
      auto& diagnostic =
          error("censored-value", cell.where, fmt::format("`{}` is a limit, not a value", cell.text));
      diagnostic.why = "a value below a reporting limit or withheld is an interval and needs a rule";
      diagnostic.help =
          "write the value to use and say so in `note`, or leave the cell empty with `missing:`";
      return;
    }
    case NumberCell::Kind::text: {
      auto& diagnostic = error("not-a-number", cell.where, fmt::format("`{}` is no number", cell.text));
      diagnostic.why = number.problem;
      return;
    }
    case NumberCell::Kind::value:
      break;
  }
  const Unit declared = unit_of_cell(leaf_.unit, leaf_.dims, series, dimensions_);
  double factor = declared.scale();
  std::string own_unit = number.unit.empty() ? unit_text : number.unit;
  double value = number.value;
  if (number.percent) {
    value *= 0.01;
    if (own_unit.find('%') != std::string::npos) {
      error("double-percent", cell.where, "a percent sign stands in the cell and in its unit");
      return;
    }
    if (counts_per_cent(declared)) factor = 1;
  }
  if (!own_unit.empty()) {
    const auto unit = read_unit(own_unit, number.unit.empty() ? unit_where : cell.where);
    if (!unit) {
      good_ = false;
      return;
    }
    const Unit given = unit_of_cell(*unit, leaf_.dims, series, dimensions_);
    auto converted = conversion(given, declared, model_.substance);
    if (!converted && leaf_.dims.time && leaf_.declaration->from.empty()) {
      // Yearbooks print a year's flow as an amount: "12 t" of 2017 is 12 t/yr.
      const Unit per_year = given / year_unit();
      if (const auto yearly = conversion(per_year, declared, model_.substance)) {
        const auto period = dimensions_.year_index(year);
        converted = *yearly / (period ? dimensions_.steps[*period] : 1.0);
        if (!noted_amounts_)
          diagnostics_.note("amount-as-rate", cell.where,
                            fmt::format("amounts in `{}` are read as the year's flow in `{}`", given.str(),
                                        declared.str()));
        noted_amounts_ = true;
      }
    }
    if (!converted) {
      auto& diagnostic = error("unit-mismatch", number.unit.empty() ? unit_where : cell.where,
                               fmt::format("`{}` does not convert to `{}`", given.str(), declared.str()));
      diagnostic.labels.push_back(
          {leaf_.declaration->name.where, fmt::format("declared in {}", leaf_.unit.str())});
      diagnostic.help = compound_help(given, model_);
      return;
    }
    factor = *converted * declared.scale();
  }
  value *= factor;
  if (!std::isfinite(value)) {
    error("not-a-number", cell.where, fmt::format("`{}` is beyond what a number can hold", cell.text));
    return;
  }
  auto& list = anchors[series];
  for (const Anchor& other : list) {
    if (other.year != year) continue;
    auto& diagnostic = error(
        "duplicate-row", cell.where,
        fmt::format("a second value for `{}{}`", leaf_.name,
                    cell_name(leaf_.dims, series, dimensions_.year_index(year).value_or(0), dimensions_)));
    if (other.row >= 0)
      diagnostic.labels.push_back({leaf_.rows[static_cast<std::size_t>(other.row)].where, "the first one"});
    // Often the table has a dimension that `over` forgot.
    for (const Cell& header : reference_.table->header) {
      const auto id = dimensions_.find(canonical_header(header.text));
      const bool used = !id || (*id == time_dimension && leaf_.dims.time) ||
                        std::any_of(axes_.begin(), axes_.end(),
                                    [&](const Axis& axis) { return dimensions_.share_root(axis.id, *id); });
      if (!used)
        diagnostic.help = fmt::format("the table has a column `{}` too: add `{}` to the `over:` of `{}`",
                                      header.text, dimensions_[*id].name, leaf_.name);
    }
    return;
  }
  list.push_back({year, value, row, static_cast<std::int32_t>(leaf_.givens.size())});
  leaf_.givens.push_back({row, series, year, false, value, factor});
}

bool TableReading::read(const UnitReader& read_unit) {
  anchors.resize(leaf_.dims.series(dimensions_));
  if (!find_columns()) return false;
  const Table& table = *reference_.table;
  const auto text_of = [](const Row& row, std::optional<std::size_t> column) -> std::string {
    return column ? row.cells[*column].text : std::string();
  };
  const auto unit_column = table.column("unit");
  const auto source_column = table.column("source");
  const auto quality_column = table.column("quality");
  const auto note_column = table.column("note");
  const auto derived_column = table.column("derived_from");
  std::vector<std::pair<const char*, std::size_t>> spreads;
  for (const char* name : spread_columns)
    if (const auto c = table.column(name)) spreads.emplace_back(name, *c);
  std::vector<std::pair<std::size_t, std::string>> scenario_columns;
  for (const ScenarioAxis& axis : model_.axes)
    if (const auto c = table.column(axis.name.id)) {
      const auto chosen = model_.scenario.find(axis.name.id);
      scenario_columns.emplace_back(*c, chosen != model_.scenario.end() ? chosen->second : axis.fallback.id);
    }
  for (const Row& row : table.rows) {
    bool skip = false;
    for (const auto& [column, current] : scenario_columns)
      if (!row.cells[column].text.empty() && row.cells[column].text != current) skip = true;
    if (skip) continue;
    int year = 0;
    const auto series = series_of(row, skip, year);
    if (skip || !series) continue;
    LeafRow origin{row.where,
                   "",
                   text_of(row, unit_column),
                   text_of(row, source_column),
                   text_of(row, quality_column),
                   text_of(row, note_column),
                   text_of(row, derived_column),
                   {}};
    for (const auto& [name, column] : spreads)
      if (!row.cells[column].text.empty()) origin.spread.emplace_back(name, row.cells[column]);
    const Location unit_where = unit_column ? row.cells[*unit_column].where : row.where;
    if (reference_.years_across) {
      for (const auto& [column, column_year] : year_columns_) {
        origin.text = row.cells[column].text;
        origin.where = row.cells[column].where.file ? row.cells[column].where : row.where;
        leaf_.rows.push_back(origin);
        take(*series, column_year, row.cells[column], static_cast<std::int32_t>(leaf_.rows.size() - 1),
             origin.unit, unit_where, read_unit);
      }
      continue;
    }
    if (time_column_) {
      const Cell& cell = row.cells[*time_column_];
      const auto read = read_year(cell.text);
      if (!read) {
        error("not-a-year", cell.where.file ? cell.where : row.where,
              fmt::format("`{}` is no year", cell.text));
        continue;
      }
      year = *read;
    }
    const Cell& cell = row.cells[value_column_];
    origin.text = cell.text;
    if (cell.where.file) origin.where = cell.where;
    leaf_.rows.push_back(origin);
    take(*series, year, cell, static_cast<std::int32_t>(leaf_.rows.size() - 1), origin.unit, unit_where,
         read_unit);
  }
  for (auto& list : anchors)
    std::sort(list.begin(), list.end(), [](const Anchor& a, const Anchor& b) { return a.year < b.year; });
  return good_;
}

}  // namespace

void Binder::bind_leaves() {
  bound_.leaves.reserve(model().parameters.size());
  for (const ParameterDecl& declaration : model().parameters) bind_leaf(declaration);
}

void Binder::bind_leaf(const ParameterDecl& declaration) {
  leaf_ids_[declaration.name.id] = bound_.leaves.size();
  Leaf& leaf = bound_.leaves.emplace_back();
  leaf.name = declaration.name.id;
  leaf.declaration = &declaration;

  if (!declaration.from.empty() && !declaration.table) failed_leaves_.insert(leaf.name);  // said before

  // Dimensions: as declared, or as the table's columns say.
  if (declaration.over) {
    if (const auto over = bind_over(*declaration.over))
      leaf.dims = *over;
    else
      failed_leaves_.insert(leaf.name);
  } else if (declaration.table && declaration.table->table) {
    if (declaration.table->years_across) leaf.dims.time = true;
    for (const Cell& header : declaration.table->table->header) {
      const std::string name = canonical_header(header.text);
      if (name == "time") leaf.dims.time = true;
      if (known_columns.count(name)) continue;
      if (const auto id = dims().find(header.text); id && !aligned_axis(leaf.dims, *id, dims()))
        leaf.dims.insert(*id);
    }
  }

  // Unit: as declared, or as the value says.
  if (declaration.unit) {
    if (const auto unit = bind_unit(declaration.unit->text, declaration.unit->where, &leaf.dims, leaf.name))
      leaf.unit = *unit;
    else
      failed_leaves_.insert(leaf.name);
  } else if (declaration.value && declaration.value->unit) {
    if (const auto unit =
            bind_unit(declaration.value->unit->text, declaration.value->unit->where, &leaf.dims, leaf.name))
      leaf.unit = *unit;
    else
      failed_leaves_.insert(leaf.name);
  }
  const std::size_t n = leaf.dims.series(dims());
  const std::size_t periods = leaf.dims.periods(dims());
  leaf.values = Array(n, periods);
  leaf.defined = Mask(n, periods, false);
  leaf.cells.resize(n * periods);

  leaf.exists = leaf.defined;
  if (failed_leaves_.count(leaf.name)) return;

  std::map<std::string, Unit> units_read;  // a table names the same few units row after row
  const auto read_unit = [&](const std::string& text, const Location& where) -> std::optional<Unit> {
    if (const auto known = units_read.find(text); known != units_read.end()) return known->second;
    auto unit = bind_unit(text, where, &leaf.dims, leaf.name);
    if (unit) units_read.emplace(text, *unit);
    return unit;
  };
  const auto value_of = [&](const ValueText& value, std::size_t series) -> std::optional<double> {
    const Unit declared = unit_of_cell(leaf.unit, leaf.dims, series, dims());
    if (!value.unit) {
      return value.number * (value.percent && counts_per_cent(declared) ? 1.0 : declared.scale());
    }
    const auto unit = read_unit(value.unit->text, value.unit->where);
    if (!unit) return std::nullopt;
    const auto factor =
        conversion(unit_of_cell(*unit, leaf.dims, series, dims()), declared, model().substance);
    if (!factor) {
      auto& diagnostic =
          diagnostics_.error("unit-mismatch", value.unit->where,
                             fmt::format("`{}` does not convert to `{}`", unit->str(), leaf.unit.str()));
      if (declaration.unit) diagnostic.labels.push_back({declaration.unit->where, "declared here"});
      diagnostic.help = compound_help(*unit, model());
      return std::nullopt;
    }
    return value.number * *factor * declared.scale();
  };
  const auto fill_constant = [&](const ValueText& value, const Mask* where, FillRule rule) {
    leaf.rows.push_back({value.where,
                         "",
                         value.unit ? value.unit->text : "",
                         declaration.source ? declaration.source->text : "",
                         declaration.quality ? declaration.quality->text : "",
                         declaration.note,
                         declaration.derived_from ? declaration.derived_from->text : "",
                         {}});
    leaf.rows.back().text = fmt::format("{}", value.percent ? value.number * 100 : value.number);
    if (value.percent) leaf.rows.back().text += " %";
    for (std::size_t s = 0; s < n; ++s) {
      const auto number = value_of(value, s);
      if (!number) return;
      const double factor = unit_of_cell(leaf.unit, leaf.dims, s, dims()).scale();
      const auto given = static_cast<std::int32_t>(leaf.givens.size());
      leaf.givens.push_back({static_cast<std::int32_t>(leaf.rows.size() - 1), s, 0, true, *number, factor});
      for (std::size_t p = 0; p < periods; ++p) {
        if (where && !where->at(s, p)) continue;
        *leaf.values.at(s, p) = *number;
        leaf.defined.set(s, p);
        leaf.cells[s * periods + p] = {
            rule, static_cast<std::int32_t>(leaf.rows.size() - 1), -1, given, -1, 0, false};
      }
    }
  };

  // Cells that exist.
  Mask exists(n, periods, true);
  if (declaration.where) {
    if (const auto mask = bind_condition(*declaration.where)) {
      bool fits_dims = !mask->dims.time || leaf.dims.time;
      for (const DimensionId id : mask->dims.labels)
        fits_dims = fits_dims && aligned_axis(leaf.dims, id, dims());
      if (!fits_dims) {
        // A condition may speak of more than the parameter has: it exists where any cell satisfies it.
        const DimSet all = unify(mask->dims, leaf.dims, dims());
        const Mask wide = expand(mask->mask, mask->dims, all, dims());
        const auto map = series_map(all, leaf.dims, dims());
        exists = Mask(n, periods, false);
        for (std::size_t s = 0; s < wide.series(); ++s)
          for (std::size_t p = 0; p < wide.periods(); ++p)
            if (map[s] >= 0 && wide.at(s, p))
              exists.set(static_cast<std::size_t>(map[s]), leaf.dims.time ? p : 0);
      } else {
        exists = expand(mask->mask, mask->dims, leaf.dims, dims());
      }
    }
  }

  leaf.exists = exists;
  const auto fill_table = [&](const TableRef& reference, const Mask& wanted, FillRule direct) {
    if (!reference.table) return;
    TableReading reading(dims(), model(), reference, leaf, diagnostics_);
    if (!reading.read(read_unit)) return;
    std::vector<std::string> empty_cells;
    const auto entry = years_of_entry(leaf.dims, dims());
    for (std::size_t s = 0; s < n; ++s) {
      std::size_t line = s;
      int entry_year = 0;
      if (entry) {
        const std::size_t stride = leaf.dims.stride(*entry, dims());
        const std::size_t label = s / stride % dims()[*entry].size();
        line -= label * stride;
        entry_year = dims().years[label];
      }
      const auto& anchors = reading.anchors[line];
      for (std::size_t p = 0; p < periods; ++p) {
        if (!wanted.at(s, p)) continue;
        const int year = leaf.dims.time ? dims().years[p] : entry_year;
        LeafCell& cell = leaf.cells[s * periods + p];
        double& value = *leaf.values.at(s, p);
        const auto after = std::lower_bound(anchors.begin(), anchors.end(), year,
                                            [](const Anchor& a, int y) { return a.year < y; });
        const auto set = [&](double v, FillRule rule) {
          value = v;
          cell = {rule, -1, -1, -1, -1, 0, false};
          leaf.defined.set(s, p);
        };
        // From one given number, or part of the way to another.
        const auto set_from = [&](const Anchor& from, const Anchor* to, FillRule rule, Interpolation way) {
          cell = {rule, from.row, -1, from.given, -1, 0, false};
          if (to) cell.other_row = to->row;
          if (to && way != Interpolation::step) {
            cell.other_given = to->given;
            cell.share = share_of_way(from, *to, year);
            cell.geometric = way == Interpolation::geometric;
          }
          value = filled(cell, from.value, to ? to->value : 0.0);
          leaf.defined.set(s, p);
        };
        if (after != anchors.end() && after->year == year) {
          set_from(*after, nullptr, direct, Interpolation::none);
          continue;
        }
        if (reading.absent.count({line, year}) && declaration.missing == Missing::absent) {
          set(std::numeric_limits<double>::quiet_NaN(), FillRule::absent);
          continue;
        }
        const bool inside = after != anchors.end() && after != anchors.begin();
        if (inside && declaration.interpolate != Interpolation::none) {
          const Anchor& before = *(after - 1);
          if (declaration.interpolate == Interpolation::geometric &&
              !(before.value > 0 && after->value > 0)) {
            auto& diagnostic = diagnostics_.error(
                "geometric-through-zero", leaf.rows[static_cast<std::size_t>(after->row)].where,
                fmt::format("`{}` cannot be interpolated geometrically between {:g} and {:g}", leaf.name,
                            before.value, after->value));
            diagnostic.labels.push_back({leaf.rows[static_cast<std::size_t>(before.row)].where, "from here"});
            diagnostic.why = "nothing grows out of zero by a constant rate, nor through it";
            diagnostic.help = "use `interpolate: linear`, or give a small positive value";
            return;
          }
          set_from(before, &*after, FillRule::interpolated, declaration.interpolate);
          continue;
        }
        if (!inside && !anchors.empty() && declaration.extrapolate != Extrapolation::none) {
          const bool late = after == anchors.end();
          const Anchor& edge = late ? anchors.back() : anchors.front();
          if (declaration.extrapolate == Extrapolation::zero) {
            set(0, FillRule::extrapolated);
            cell.row = edge.row;
          } else if (declaration.extrapolate == Extrapolation::trend && anchors.size() > 1) {
            const Anchor& inner = late ? anchors[anchors.size() - 2] : anchors[1];
            set_from(inner, &edge, FillRule::extrapolated,
                     declaration.interpolate == Interpolation::geometric ? Interpolation::geometric
                                                                         : Interpolation::linear);
            std::swap(cell.row, cell.other_row);
          } else {
            set_from(edge, nullptr, FillRule::extrapolated, Interpolation::none);
          }
          continue;
        }
        if (declaration.missing == Missing::value) {
          set(declaration.missing_value * unit_of_cell(leaf.unit, leaf.dims, s, dims()).scale(),
              FillRule::missing_value);
          continue;
        }
        if (declaration.missing == Missing::absent) {
          set(std::numeric_limits<double>::quiet_NaN(), FillRule::absent);
          continue;
        }
        // Before the first year a value is missed only where something asks for it.
        if ((leaf.dims.time && p < dims().lead) || (entry && entry_year < dims().first_year())) continue;
        empty_cells.push_back(cell_name(leaf.dims, s, p, dims()));
      }
    }
    if (!empty_cells.empty()) {
      std::string list;
      for (std::size_t i = 0; i < std::min<std::size_t>(empty_cells.size(), 3); ++i)
        list += (i ? ", " : "") + empty_cells[i];
      if (empty_cells.size() > 3) list += ", …";
      auto& diagnostic = diagnostics_.error(
          "missing-cells", declaration.name.where,
          empty_cells.size() == 1 && leaf.dims.scalar()
              ? fmt::format("`{}` has no value in `{}`", leaf.name, reference.path)
              : fmt::format("`{}`: {} of {} cells {} empty: {}", leaf.name, empty_cells.size(),
                            wanted.count(), empty_cells.size() == 1 ? "is" : "are", list));
      diagnostic.labels.push_back(
          {reference.where, declaration.from.empty() ? "the table" : "what gives them"});
      diagnostic.why = "gaps are filled only as declared";
      if (!declaration.reach.empty()) diagnostic.why += "; " + declaration.reach;
      if (!declaration.from.empty())
        diagnostic.help = "declare `where:`, `missing:`, `interpolate:` or `extrapolate:`";
      else if (leaf.dims.scalar())
        diagnostic.help = "write it there, or in place of the table with `value:`";
      else
        diagnostic.help =
            "fill the table (`lode tables` writes the missing rows), or declare `interpolate:`, "
            "`extrapolate:`, "
            "`missing: 0` or `where:`";
    }
  };

  leaf.may_be_absent = declaration.missing == Missing::absent;
  if (declaration.value) {
    fill_constant(*declaration.value, &exists, FillRule::constant);
  } else if (declaration.table) {
    fill_table(*declaration.table, exists, FillRule::given);
  }
  for (const ConditionalValue& change : declaration.changes) {
    const auto mask = condition(change.condition);
    if (!mask) continue;
    bool fits_dims = !mask->dims.time || leaf.dims.time;
    for (const DimensionId id : mask->dims.labels)
      fits_dims = fits_dims && aligned_axis(leaf.dims, id, dims());
    if (!fits_dims) {
      auto& diagnostic = diagnostics_.error(
          "condition-without-dimension", change.condition.where,
          fmt::format("`{}` speaks of {}, but `{}` {}", change.condition.id, mask->dims.str(dims()),
                      leaf.name,
                      leaf.dims.scalar() ? "has no dimension" : "is over " + leaf.dims.str(dims())));
      diagnostic.labels.push_back(
          {declaration.name.where, over_text(leaf.dims, dims(), "declared without dimension")});
      diagnostic.help = fmt::format("declare `{}` with `over: {}`", leaf.name,
                                    unify(leaf.dims, mask->dims, dims()).str(dims()));
      continue;
    }
    const Mask cells = expand(mask->mask, mask->dims, leaf.dims, dims());
    if (change.value) fill_constant(*change.value, &cells, FillRule::changed);
    if (change.table) fill_table(*change.table, cells, FillRule::changed);
  }
  if (declaration.times != 1) {
    for (double& v : leaf.values.data()) v *= declaration.times;
    for (LeafGiven& given : leaf.givens) {
      given.value *= declaration.times;
      given.factor *= declaration.times;
    }
  }

  if (declaration.sums_to && !leaf.dims.labels.empty()) {
    // Over the last dimension of `over`.
    const DimensionId last = declaration.over
                                 ? dims().find(declaration.over->back().id).value_or(leaf.dims.labels.back())
                                 : leaf.dims.labels.back();
    const double wanted = declaration.sums_to->number;
    DimSet rest = leaf.dims;
    rest.erase(last);
    const auto map = series_map(leaf.dims, rest, dims());
    std::size_t told = 0;
    for (std::size_t p = 0; p < periods; ++p) {
      std::vector<double> sums(rest.series(dims()), 0.0);
      std::vector<bool> defined(sums.size(), false);
      for (std::size_t s = 0; s < n; ++s)
        if (leaf.defined.at(s, p)) {
          sums[static_cast<std::size_t>(map[s])] += *leaf.values.at(s, p);
          defined[static_cast<std::size_t>(map[s])] = true;
        }
      for (std::size_t r = 0; r < sums.size(); ++r) {
        if (!defined[r] || std::abs(sums[r] - wanted) <= 1e-9 * std::max(1.0, std::abs(wanted))) continue;
        if (declaration.sums_rule == "rescale" && sums[r] != 0) {
          for (std::size_t s = 0; s < n; ++s)
            if (static_cast<std::size_t>(map[s]) == r) *leaf.values.at(s, p) *= wanted / sums[r];
        }
        if (++told > 6) continue;
        auto& diagnostic =
            diagnostics_.warning("shares-off", declaration.sums_to->where,
                                 fmt::format("`{}{}` sums to {:.6g} %, not {:.6g} %", leaf.name,
                                             cell_name(rest, r, p, dims()), sums[r] * 100, wanted * 100));
        diagnostic.help = declaration.sums_rule == "rescale" ? "rescaled, as declared"
                                                             : "`sums_rule: rescale` scales them to fit";
      }
    }
  }
}

}  // namespace lode

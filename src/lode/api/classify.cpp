// SPDX-License-Identifier: Apache-2.0
#include "lode/api/classify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lode/api/verdict_text.hpp"
#include "lode/report/numbers.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

using Json = nlohmann::ordered_json;

/// What is below this part of the whole is rounding.
constexpr double rounding = 1e-9;

struct ClassTable {
  std::string name, title, unit, by, by_title;
  int year = 0;
  bool over_time = false;
  bool means = false;  ///< of draws
  struct Column {
    std::vector<std::string> labels;  ///< one per axis
    std::string title;
  };
  std::vector<Column> columns;
  struct Row {
    std::string label, title;
    std::vector<double> classes;
    double unclassified = 0, whole = 0;
  };
  std::vector<Row> rows;
  Row all;
  struct Axis {
    std::string name, title;
    std::vector<std::string> labels, titles;
    std::vector<double> parts;
  };
  std::vector<Axis> axes;
};

double number(double value) {
  return std::isnan(value) ? 0 : value;
}

/// Calls `take(value, label of each dimension)` for every cell.
template <class Take>
void each_cell(const ResultSet& results, const ResultVariable& variable, bool means, const Take& take) {
  std::vector<std::size_t> index(variable.dimensions.size(), 0);
  const auto& values = means && variable.uncertainty ? variable.uncertainty->mean : variable.values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    take(number(values[i]), index);
    for (std::size_t d = index.size(); d-- > 0;) {
      if (++index[d] < results.dimensions[variable.dimensions[d]].labels.size()) break;
      index[d] = 0;
    }
  }
}

std::optional<std::size_t> place_of(const ResultSet& results, const ResultVariable& variable,
                                    const std::string& dimension) {
  for (std::size_t d = 0; d < variable.dimensions.size(); ++d)
    if (results.dimensions[variable.dimensions[d]].name == dimension) return d;
  return std::nullopt;
}

/// Labels of each column, the last axis running fastest.
std::vector<ClassTable::Column> columns_of(const std::vector<ClassTable::Axis>& axes) {
  std::vector<ClassTable::Column> columns(1);
  for (const ClassTable::Axis& axis : axes) {
    std::vector<ClassTable::Column> longer;
    for (const ClassTable::Column& column : columns)
      for (std::size_t i = 0; i < axis.labels.size(); ++i) {
        longer.push_back(column);
        longer.back().labels.push_back(axis.labels[i]);
        // Several axes are told by their codes, as in `E1 F1 G1`.
        longer.back().title +=
            (column.title.empty() ? "" : " ") + (axes.size() > 1 ? axis.labels[i] : axis.titles[i]);
      }
    columns = std::move(longer);
  }
  return columns;
}

std::string choose_rows(const Session& session, const BoundClassification& bound, const ResultSet& results,
                        const ResultVariable& variable, const ClassifyRequest& request,
                        std::string& problem) {
  std::vector<std::string> names;
  for (const std::size_t d : variable.dimensions) {
    const std::string& name = results.dimensions[d].name;
    const bool axis = std::any_of(bound.axes.begin(), bound.axes.end(),
                                  [&](DimensionId id) { return session.bound->dimensions[id].name == name; });
    if (!axis) names.push_back(name);
  }
  if (request.by.empty()) {
    const auto first =
        std::find_if(names.begin(), names.end(), [](const auto& name) { return name != "time"; });
    return first != names.end() ? *first : names.empty() ? "" : names.front();
  }
  if (std::find(names.begin(), names.end(), request.by) != names.end()) return request.by;
  problem = fmt::format("`{}` is not over `{}`; its rows can be by {}", variable.name, request.by,
                        names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", ")));
  return "";
}

std::optional<ClassTable> table_of(const Session& session, const BoundClassification& bound,
                                   const ResultSet& results, const ClassifyRequest& request,
                                   std::string& problem) {
  const Quantity& quantity = session.bound->quantities[bound.result];
  const ResultVariable* variable = results.find(quantity.name);
  const ResultVariable* whole = results.find(quantity.name + ".whole");
  const ResultVariable* rest = results.find(quantity.name + ".unclassified");
  if (!variable || !whole || !rest) return std::nullopt;
  if (!variable->label_units.empty()) {
    problem = fmt::format("the labels of `{}` are counted in different units", quantity.name);
    return std::nullopt;
  }
  ClassTable table;
  table.name = quantity.name;
  table.title = title_of(bound.declaration->title, quantity.name, request.language);
  table.unit = variable->unit;
  // Shares of means and of nominal values are not mixed.
  table.means = session.draws.has_value();
  for (const std::size_t part : {bound.result, bound.whole, bound.unclassified})
    table.means = table.means && session.draw_model->draws(part);
  table.by = choose_rows(session, bound, results, *variable, request, problem);
  if (!problem.empty()) return std::nullopt;
  const auto year = year_of_table(session, request.year, problem);
  if (!year) return std::nullopt;
  table.year = *year;
  table.over_time = table.by == "time";

  for (const DimensionId id : bound.axes) {
    const auto place = place_of(results, *variable, session.bound->dimensions[id].name);
    const ResultDimension& dimension = results.dimensions[variable->dimensions[*place]];
    ClassTable::Axis axis{
        dimension.name,
        is_chinese(request.language) && !dimension.title_zh.empty() ? dimension.title_zh : dimension.title,
        dimension.labels,
        {},
        std::vector<double>(dimension.labels.size(), 0)};
    for (std::size_t i = 0; i < dimension.labels.size(); ++i)
      axis.titles.push_back(label_title(dimension, i, request.language));
    table.axes.push_back(std::move(axis));
  }
  table.columns = columns_of(table.axes);

  const auto by = place_of(results, *variable, table.by);
  if (by) {
    const ResultDimension& dimension = results.dimensions[variable->dimensions[*by]];
    table.by_title =
        is_chinese(request.language) && !dimension.title_zh.empty() ? dimension.title_zh : dimension.title;
    for (std::size_t i = 0; i < dimension.labels.size(); ++i)
      table.rows.push_back({dimension.labels[i], label_title(dimension, i, request.language),
                            std::vector<double>(table.columns.size(), 0)});
  } else {
    table.rows.push_back({"", "", std::vector<double>(table.columns.size(), 0)});
  }
  table.all.classes.assign(table.columns.size(), 0);

  const auto add = [&](const ResultVariable& from, const auto& put) {
    const auto time = place_of(results, from, "time");
    const auto rows = place_of(results, from, table.by);
    std::vector<std::size_t> axes;
    for (const ClassTable::Axis& axis : table.axes)
      if (const auto place = place_of(results, from, axis.name)) axes.push_back(*place);
    each_cell(results, from, table.means, [&](double value, const std::vector<std::size_t>& index) {
      if (time && (!table.over_time || request.year != 0) &&
          results.dimensions[from.dimensions[*time]].labels[index[*time]] != std::to_string(table.year))
        return;
      std::size_t column = 0;
      for (std::size_t a = 0; a < axes.size(); ++a)
        column = column * table.axes[a].labels.size() + index[axes[a]];
      put(table.rows[rows ? index[*rows] : 0], column, value);
      put(table.all, column, value);
      if (!axes.empty())
        for (std::size_t a = 0; a < axes.size(); ++a) table.axes[a].parts[index[axes[a]]] += value;
    });
  };
  add(*variable,
      [](ClassTable::Row& row, std::size_t column, double value) { row.classes[column] += value; });
  add(*rest, [](ClassTable::Row& row, std::size_t, double value) { row.unclassified += value; });
  add(*whole, [](ClassTable::Row& row, std::size_t, double value) { row.whole += value; });

  // Columns and, of years, rows without anything only take room.
  std::vector<std::size_t> kept;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto holds = [&](const ClassTable::Row& row) {
      return std::abs(row.classes[c]) > rounding * std::abs(table.all.whole);
    };
    if (table.axes.size() == 1 || holds(table.all) ||
        std::any_of(table.rows.begin(), table.rows.end(), holds))
      kept.push_back(c);
  }
  const auto keep = [&](auto& list) {
    auto shorter = list;
    shorter.clear();
    for (const std::size_t c : kept) shorter.push_back(list[c]);
    list = std::move(shorter);
  };
  keep(table.all.classes);
  for (ClassTable::Row& row : table.rows) keep(row.classes);
  keep(table.columns);
  std::erase_if(table.rows,
                [](const ClassTable::Row& row) { return row.whole == 0 && row.unclassified == 0; });
  return table;
}

/// Combinations of classes that no line has room for, as the classes of one axis after the other.
ClassTable axis_by_axis(const ClassTable& table) {
  ClassTable out = table;
  out.columns.clear();
  std::vector<std::vector<std::size_t>> parts;  // per new column the old ones in it
  for (std::size_t a = 0; a < table.axes.size(); ++a)
    for (const std::string& label : table.axes[a].labels) {
      out.columns.push_back({{label}, label});
      parts.emplace_back();
      for (std::size_t c = 0; c < table.columns.size(); ++c)
        if (table.columns[c].labels[a] == label) parts.back().push_back(c);
    }
  const auto gather = [&](ClassTable::Row& row) {
    std::vector<double> sums;
    for (const auto& columns : parts) {
      double sum = 0;
      for (const std::size_t c : columns) sum += row.classes[c];
      sums.push_back(sum);
    }
    row.classes = std::move(sums);
  };
  gather(out.all);
  for (ClassTable::Row& row : out.rows) gather(row);
  return out;
}

std::string text_of(const ClassTable& combined, const std::string& language) {
  constexpr std::size_t most_columns = 9;
  const ClassTable table = combined.columns.size() > most_columns ? axis_by_axis(combined) : combined;
  const bool chinese = is_chinese(language);
  const DisplayUnit unit = display_unit(table.unit, std::abs(table.all.whole), language);
  const auto shown = [&](double value) {
    return std::abs(value) <= rounding * std::abs(table.all.whole)
               ? "–"
               : format_significant(value / unit.divisor, 4);
  };
  const auto percent = [&](double value) {
    return table.all.whole == 0 ? std::string("–")
                                : format_significant(value / table.all.whole * 100, 3) + " %";
  };
  std::string out = table.title;
  if (!table.over_time) out += (chinese ? "，" : ", ") + std::to_string(table.year);
  if (!unit.text.empty()) out += unit_in_brackets(unit.text, language);
  if (table.means) out += chinese ? "，抽样均值" : ", means of draws";
  out += "\n";
  const bool some_left = std::abs(table.all.unclassified) > rounding * std::abs(table.all.whole);
  std::vector<std::vector<std::string>> rows(1);
  rows[0].push_back(table.by_title);
  for (const ClassTable::Column& column : table.columns) rows[0].push_back(column.title);
  if (some_left) rows[0].push_back(chinese ? "未归类" : "in no class");
  rows[0].push_back(chinese ? "合计" : "in all");
  const auto add = [&](const std::string& heading, const ClassTable::Row& row, const auto& write) {
    std::vector<std::string> cells{heading};
    for (const double value : row.classes) cells.push_back(write(value));
    if (some_left) cells.push_back(write(row.unclassified));
    cells.push_back(write(row.whole));
    rows.push_back(std::move(cells));
  };
  if (!table.by.empty())
    for (const ClassTable::Row& row : table.rows) add(row.title, row, shown);
  // Amounts at the ends of years do not add up, nor do rates.
  if (table.over_time) return out + aligned_table(rows, "lr");
  add(chinese ? "合计" : "all", table.all, shown);
  add(chinese ? "占比" : "share", table.all, percent);
  out += aligned_table(rows, "lr");
  for (const ClassTable::Axis& axis : table.axes) {
    if (table.axes.size() == 1) break;
    out += axis.title + (chinese ? "：" : ": ");
    bool first = true;
    for (std::size_t i = 0; i < axis.labels.size(); ++i) {
      if (axis.parts[i] == 0) continue;
      const std::string title = axis.titles[i] == axis.labels[i] ? "" : (" " + axis.titles[i]);
      out += fmt::format("{}{}{} {}",
                         first     ? ""
                         : chinese ? "；"
                                   : "; ",
                         axis.labels[i], title, percent(axis.parts[i]));
      first = false;
    }
    out += "\n";
  }
  return out;
}

Json row_json(const ClassTable& table, const ClassTable::Row& row) {
  Json one = Json::object();
  if (!row.label.empty()) one["label"] = row.label;
  one["in_all"] = row.whole;
  one["unclassified"] = row.unclassified;
  one["classes"] = Json::array();
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    Json cell = Json::object();
    for (std::size_t a = 0; a < table.axes.size(); ++a) cell[table.axes[a].name] = table.columns[c].labels[a];
    cell["value"] = row.classes[c];
    one["classes"].push_back(std::move(cell));
  }
  return one;
}

Json json_of(const ClassTable& table) {
  Json out = {{"name", table.name}, {"title", table.title}, {"unit", table.unit}};
  if (!table.over_time) out["year"] = table.year;
  if (table.means) out["statistic"] = "mean";
  out["by"] = table.by;
  out["rows"] = Json::array();
  for (const ClassTable::Row& row : table.rows) out["rows"].push_back(row_json(table, row));
  if (table.over_time) return out;
  out["all"] = row_json(table, table.all);
  out["axes"] = Json::object();
  for (const ClassTable::Axis& axis : table.axes)
    for (std::size_t i = 0; i < axis.labels.size(); ++i)
      out["axes"][axis.name][axis.labels[i]] = axis.parts[i];
  return out;
}

/// One line per cell, so that a pivot table can turn it.
std::string csv_of(const ClassTable& table, bool heading) {
  std::string out;
  if (heading) out = "classification,time,by,label,class,value,unit\n";
  for (const ClassTable::Row& row : table.rows) {
    const auto line = [&](const std::string& where, double value) {
      const std::string time = table.over_time ? row.label : std::to_string(table.year);
      out += fmt::format("{},{},{},{},{},{},{}\n", csv_cell(table.name), time, csv_cell(table.by),
                         csv_cell(row.label), csv_cell(where), csv_number(value), csv_cell(table.unit));
    };
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      line(fmt::format("{}", fmt::join(table.columns[c].labels, " ")), row.classes[c]);
    line("unclassified", row.unclassified);
  }
  return out;
}

}  // namespace

TableResult classify_table(const Session& session, const ResultSet& results, const ClassifyRequest& request) {
  TableResult out;
  const auto& all = session.bound->classifications;
  if (all.empty()) {
    out.problem = "the case classifies nothing: see `classification:` in the reference of the language";
    return out;
  }
  Json json = Json::array();
  for (const BoundClassification& bound : all) {
    if (!request.name.empty() && bound.declaration->name.id != request.name) continue;
    const auto table = table_of(session, bound, results, request, out.problem);
    if (!table) return out;
    out.text += (out.text.empty() ? "" : "\n") + text_of(*table, request.language);
    out.csv += csv_of(*table, out.csv.empty());
    json.push_back(json_of(*table));
  }
  if (json.empty()) {
    std::vector<std::string> names;
    for (const BoundClassification& bound : all) names.push_back(bound.declaration->name.id);
    out.problem =
        fmt::format("no classification is called `{}`; there is {}", request.name, fmt::join(names, ", "));
    return out;
  }
  out.json = json.dump(2, ' ', false, Json::error_handler_t::replace);
  return out;
}

namespace {

struct Farthest {
  std::size_t cells = 0;  ///< that are wrong
  std::size_t series = 0, period = 0;
  double value = 0;  ///< of the one farthest from zero
};

/// Of the cells of a quantity for which `wrong` holds.
template <class Wrong>
Farthest farthest_of(const Session& session, std::size_t quantity, const Wrong& wrong) {
  const BoundModel& model = *session.bound;
  const Array& values = session.evaluation->quantity(quantity);
  Farthest found;
  for (std::size_t s = 0; s < values.series(); ++s)
    for (std::size_t p = model.dimensions.first_period(model.quantities[quantity].dims.time);
         p < values.periods(); ++p) {
      const double value = number(values.value(s, p));
      if (!wrong(value)) continue;
      ++found.cells;
      if (std::abs(value) > std::abs(found.value)) found = {found.cells, s, p, value};
    }
  return found;
}

std::string in_all(std::size_t cells) {
  return fmt::format("{} cell{} in all", cells, cells == 1 ? "" : "s");
}

}  // namespace

std::vector<std::string> unclassified_lines(const Session& session) {
  std::vector<std::string> lines;
  const BoundModel& model = *session.bound;
  for (const BoundClassification& bound : model.classifications) {
    const auto any = [](double) { return true; };
    const double least = rounding * std::abs(farthest_of(session, bound.whole, any).value);
    const auto place = [&](std::size_t quantity, const Farthest& at) {
      return bound.declaration->name.id +
             cell_name(model.quantities[quantity].dims, at.series, at.period, model.dimensions);
    };
    const auto amount = [&](std::size_t quantity, const Farthest& at, double sign) {
      const ShownValue value = shown(session, quantity, at.series, at.period);
      return shown_text(sign * value.value, value.unit);
    };
    const Farthest left =
        farthest_of(session, bound.unclassified, [&](double value) { return std::abs(value) > least; });
    if (left.cells > 0)
      lines.push_back(fmt::format(
          "{}: {} of {}; {}", place(bound.unclassified, left),
          left.value > 0
              ? fmt::format("no rule takes {}", amount(bound.unclassified, left, 1))
              : fmt::format("the rules give away {} too much", amount(bound.unclassified, left, -1)),
          amount(bound.whole, left, 1), in_all(left.cells)));
    if (farthest_of(session, bound.whole, [](double value) { return value < 0; }).cells > 0) continue;
    const Farthest negative =
        farthest_of(session, bound.result, [&](double value) { return value < -least; });
    if (negative.cells > 0)
      lines.push_back(fmt::format("{}: {}, for other shares of its rule exceed 100 %; {}",
                                  place(bound.result, negative), amount(bound.result, negative, 1),
                                  in_all(negative.cells)));
  }
  return lines;
}

}  // namespace lode

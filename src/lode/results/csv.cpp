// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "lode/results/cells.hpp"
#include "lode/results/output_files.hpp"
#include "lode/results/write.hpp"
#include "lode/support/contract.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

/// A dimension may be called `unit` or `value`: then our own column steps aside.
std::string free_column(const ResultSet& results, const ResultVariable& variable, std::string name) {
  const auto taken = [&](std::size_t d) { return results.dimensions[d].name == name; };
  while (std::any_of(variable.dimensions.begin(), variable.dimensions.end(), taken)) name += '_';
  return name;
}

/// The columns of a dimension, and the fields of its labels, each with a comma behind.
std::string columns_of(const ResultDimension& dimension) {
  std::string columns = csv_cell(dimension.name) + ',';
  for (const auto& [part, texts] : dimension.parts) columns += csv_cell(dimension.name + "_" + part) + ',';
  return columns;
}
std::vector<std::string> fields_of(const ResultDimension& dimension) {
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < dimension.labels.size(); ++i) {
    fields.push_back(csv_cell(dimension.labels[i]) + ',');
    for (const auto& [part, texts] : dimension.parts) fields.back() += csv_cell(texts[i]) + ',';
  }
  return fields;
}

/// Nothing where there is no number.
void append_field(std::string& out, double value) {
  if (!std::isnan(value)) append_number(out, value);
}

std::string table_of(const ResultSet& results, const ResultVariable& variable) {
  const CellLayout layout(results, variable);
  const std::size_t rank = variable.dimensions.size();

  std::vector<std::vector<std::string>> labels(rank);
  std::string out = "\xEF\xBB\xBF";
  for (std::size_t j = 0; j < rank; ++j) {
    const ResultDimension& dimension = results.dimensions[variable.dimensions[j]];
    labels[j] = fields_of(dimension);
    out += columns_of(dimension);
  }
  out += free_column(results, variable, "value") + ',' + free_column(results, variable, "unit");
  const std::vector<StatisticColumn> statistics = statistic_columns(results, variable);
  for (const StatisticColumn& column : statistics) out += ',' + free_column(results, variable, column.name);
  out += '\n';

  std::vector<std::string> units;
  if (!layout.unit_axis) units.push_back(csv_cell(variable.unit));
  for (const std::string& unit : variable.label_units) units.push_back(csv_cell(unit));

  for (std::size_t cell = 0; cell < layout.count; ++cell) {
    const double value = variable.values[cell];
    const bool exists = !std::isnan(value) ||
                        std::any_of(statistics.begin(), statistics.end(), [&](const StatisticColumn& column) {
                          return !std::isnan((*column.values)[cell]);
                        });
    if (!exists) continue;  // a cell that does not exist has no row
    for (std::size_t j = 0; j < rank; ++j) out += labels[j][layout.label_at(cell, j)];
    append_field(out, value);
    out += ',';
    out += units[layout.unit_axis ? layout.label_at(cell, *layout.unit_axis) : 0];
    for (const StatisticColumn& column : statistics) {
      out += ',';
      append_field(out, (*column.values)[cell]);
    }
    out += '\n';
  }
  return out;
}

std::string file_name(const ResultVariable& variable) {
  std::string name = variable.name;
  std::replace(name.begin(), name.end(), '/', '_');
  if (!name.empty() && name.front() == '.') name.front() = '_';
  return name + ".csv";
}

std::string draws_of(const ResultSet& results) {
  std::string out = "\xEF\xBB\xBF";
  const std::optional<std::size_t> dimension = results.draws.front().dimension;
  if (dimension) out += columns_of(results.dimensions[*dimension]);
  out += "draw,name,value,unit\n";
  const std::vector<std::string> scenarios =
      dimension ? fields_of(results.dimensions[*dimension]) : std::vector<std::string>{""};
  for (const ResultDraws& draws : results.draws) {
    LODE_EXPECT(draws.dimension == dimension);
    const std::string name = ',' + csv_cell(draws.name) + ',';
    const std::string unit = ',' + csv_cell(draws.unit) + '\n';
    const std::size_t count = draws_of_each(results, draws);
    for (std::size_t i = 0; i < draws.values.size(); ++i) {
      out += scenarios[i / count] + std::to_string(i % count + 1) + name;
      append_field(out, draws.values[i]);
      out += unit;
    }
  }
  return out;
}

/// A variable may be called `draws`: then ours steps aside.
std::string draws_file(const ResultSet& results) {
  std::string name = "draws";
  while (results.find(name) != nullptr) name += '_';
  return name + ".csv";
}

}  // namespace

WriteError write_csv(const ResultSet& results, const std::filesystem::path& folder) {
  OutputFiles files;
  if (WriteError error = files.add_folder(folder)) return error;
  for (const ResultVariable& variable : results.variables) {
    if (WriteError error = files.add(folder / file_name(variable), table_of(results, variable))) return error;
  }
  if (!results.draws.empty()) {
    if (WriteError error = files.add(folder / draws_file(results), draws_of(results))) return error;
  }
  return files.commit();
}

}  // namespace lode

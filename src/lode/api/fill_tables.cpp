// SPDX-License-Identifier: Apache-2.0
#include "lode/api/fill_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lode/support/files.hpp"

namespace lode {

namespace {

std::string csv_cell(const std::string& text, char delimiter) {
  if (text.find_first_of(std::string("\"\n\r") + delimiter) == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

/// Cells of a parameter that its table must give: [series] → periods.
std::map<std::size_t, std::vector<std::size_t>> wanted_cells(const Leaf& leaf, const Dimensions& dims) {
  std::map<std::size_t, std::vector<std::size_t>> result;
  const bool filled_by_rule = leaf.declaration->interpolate != Interpolation::none;
  for (std::size_t s = 0; s < leaf.exists.series(); ++s) {
    std::vector<std::size_t> missing;
    bool any = false;
    for (std::size_t p = dims.first_period(leaf.dims.time); p < leaf.exists.periods(); ++p) {
      if (!leaf.exists.at(s, p)) continue;
      if (leaf.defined.series() > 0 && leaf.defined.at(s, p)) {
        any = true;
      } else {
        missing.push_back(p);
      }
    }
    if (missing.empty()) continue;
    if (filled_by_rule && !any && missing.size() > 2) missing = {missing.front(), missing.back()};
    result[s] = std::move(missing);
  }
  return result;
}

}  // namespace

std::vector<TableChange> fill_tables(const Session& session) {
  std::vector<TableChange> changes;
  const Dimensions& dims = session.bound->dimensions;
  struct File {
    std::vector<std::string> header;
    char delimiter = ',';
    bool exists = false;
    std::string text;
    std::vector<std::map<std::string, std::string>> rows;
    std::set<std::string> seen;
  };
  std::map<std::string, File> files;
  for (const Leaf& leaf : session.bound->leaves) {
    const ParameterDecl& declaration = *leaf.declaration;
    if (declaration.value) continue;
    if (declaration.table && declaration.table->years_across && declaration.table->table) continue;
    const auto wanted = wanted_cells(leaf, dims);
    if (wanted.empty()) continue;
    const std::string path = declaration.table ? declaration.table->path : "data/" + leaf.name + ".csv";
    const std::string value_column =
        declaration.table && declaration.table->column ? declaration.table->column->text : "value";
    File& file = files[path];
    if (!file.exists && file.header.empty()) {
      std::string problem;
      const auto on_disk = session.model->folder / path;
      std::error_code ignored;
      if (std::filesystem::exists(on_disk, ignored)) {
        if (!declaration.table || !declaration.table->table) {
          changes.push_back({path, 0, false, "exists already and could not be read"});
          files.erase(path);
          continue;
        }
        auto text = read_file(on_disk, problem);
        if (!text) {
          changes.push_back({path, 0, false, problem});
          files.erase(path);
          continue;
        }
        file.exists = true;
        file.text = *text;
        for (const Cell& cell : declaration.table->table->header) file.header.push_back(cell.text);
        const std::string first = text->substr(0, text->find('\n'));
        for (const char c : {';', '\t'})
          if (std::count(first.begin(), first.end(), c) > std::count(first.begin(), first.end(), ','))
            file.delimiter = c;
      }
    }
    const auto need = [&](const std::string& column) {
      const bool has = std::any_of(file.header.begin(), file.header.end(), [&](const std::string& each) {
        return each == column || canonical_header(each) == column;
      });
      if (!has && !file.exists) file.header.push_back(column);
    };
    if (leaf.dims.time) need("time");
    for (const DimensionId axis : leaf.dims.labels) need(dims[axis].name);
    need(value_column);
    for (const char* column : {"unit", "source", "quality", "note"}) need(column);
    for (const auto& [series, periods] : wanted) {
      const auto index = leaf.dims.unravel(series, dims);
      for (const std::size_t p : periods) {
        std::map<std::string, std::string> row;
        std::string key;
        if (leaf.dims.time) row["time"] = std::to_string(dims.years[p]);
        for (std::size_t k = 0; k < leaf.dims.labels.size(); ++k)
          row[dims[leaf.dims.labels[k]].name] = dims[leaf.dims.labels[k]].labels[index[k]];
        for (const auto& [column, text] : row) key += column + "=" + text + ";";
        row["unit"] = unit_of_cell(leaf.unit, leaf.dims, series, dims).str();
        if (file.seen.insert(key).second) file.rows.push_back(std::move(row));
      }
    }
  }
  for (auto& [path, file] : files) {
    if (file.rows.empty()) continue;
    std::string text = file.text;
    const std::string delimiter(1, file.delimiter);
    if (!file.exists) {
      text = "\xEF\xBB\xBF";  // Excel needs the mark to show Chinese
      for (std::size_t c = 0; c < file.header.size(); ++c)
        text += (c ? delimiter : "") + csv_cell(file.header[c], file.delimiter);
      text += "\n";
    } else if (!text.empty() && text.back() != '\n') {
      text += "\n";
    }
    for (const auto& row : file.rows) {
      for (std::size_t c = 0; c < file.header.size(); ++c) {
        const std::string& column = file.header[c];
        auto found = row.find(column);
        if (found == row.end()) found = row.find(canonical_header(column));
        text += (c ? delimiter : "") + (found != row.end() ? csv_cell(found->second, file.delimiter) : "");
      }
      text += "\n";
    }
    TableChange change{path, file.rows.size(), !file.exists, ""};
    const auto target = session.model->folder / path;
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    if (error) {
      change.problem = error.message();
    } else if (const auto problem = write_file_atomically(target, text)) {
      change.problem = *problem;
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace lode

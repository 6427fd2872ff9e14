// SPDX-License-Identifier: Apache-2.0
#include "lode/api/fill_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lode/support/files.hpp"
#include "lode/tables/csv_cell.hpp"
#include "lode/tables/encoding.hpp"

namespace lode {

namespace {

constexpr const char* byte_order_mark = "\xEF\xBB\xBF";  // Excel needs it to show Chinese

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

/// A table of the case, as it is on disk and with the rows it still needs.
struct File {
  std::filesystem::path path;
  const Table* table = nullptr;  ///< null: it does not exist yet
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::set<std::string> seen;                ///< cells that have a row, per parameter's columns
  std::map<std::string, std::size_t> added;  ///< of a new table: the row of each cell
  bool mixed_units = false;                  ///< of a new table: a column `unit` cannot serve all its columns
  std::string problem;

  std::size_t column(const std::string& name) {
    for (std::size_t c = 0; c < header.size(); ++c)
      if (header[c] == name) return c;
    for (std::size_t c = 0; c < header.size(); ++c)
      if (canonical_header(header[c]) == name) return c;
    header.push_back(name);
    return header.size() - 1;
  }
};

/// The column that holds the labels of a dimension, found as the reader of parameters finds it.
std::optional<std::size_t> label_column(const Table& table, DimensionId id, const DimSet& set,
                                        const Dimensions& dims) {
  auto column = table.column(dims[id].name);
  for (DimensionId up = id; !column && dims[up].kind == Dimension::Kind::part_of;) {
    up = dims[up].parent;
    column = table.column(dims[up].name);
  }
  if (!column && set.labels.size() == 1) column = table.column("label");
  return column;
}

class Filling {
 public:
  explicit Filling(const Session& session)
      : model_(*session.model), bound_(*session.bound), dims_(session.bound->dimensions) {}

  void add(const Leaf& leaf);
  std::vector<TableChange> write();

 private:
  File& file_of(const Leaf& leaf);
  void add_to_table(const Leaf& leaf, File& file);
  void add_to_new(const Leaf& leaf, File& file);
  std::optional<std::string> content(const File& file, std::string& problem) const;
  std::string scenario_of(const ScenarioAxis& axis) const {
    const auto chosen = model_.scenario.find(axis.name.id);
    return chosen != model_.scenario.end() ? chosen->second : axis.fallback.id;
  }
  std::string unit_text(const Leaf& leaf, std::size_t series) const {
    return unit_of_cell(leaf.unit, leaf.dims, series, dims_).str();
  }

  const Model& model_;
  const BoundModel& bound_;
  const Dimensions& dims_;
  std::map<std::string, File> files_;
};

File& Filling::file_of(const Leaf& leaf) {
  const auto& reference = leaf.declaration->table;
  const std::string path = reference ? reference->path : "data/" + leaf.name + ".csv";
  std::filesystem::path folder = model_.folder;
  // A section taken over by `extends` names its tables from its own file.
  if (reference && reference->where.file)
    folder = std::filesystem::path(reference->where.file->path()).parent_path();
  const std::filesystem::path full = (folder / path).lexically_normal();
  const auto [found, is_new] = files_.try_emplace(full.generic_string());
  File& file = found->second;
  if (!is_new) return file;
  file.path = full;
  std::error_code ignored;
  if (reference && reference->table) {
    file.table = reference->table.get();
    for (const Cell& cell : file.table->header) file.header.push_back(cell.text);
  } else if (std::filesystem::exists(full, ignored)) {
    file.problem = reference ? "exists already and could not be read"
                             : fmt::format("exists already: name it by `table:` at `{}`", leaf.name);
  }
  return file;
}

void Filling::add(const Leaf& leaf) {
  if (leaf.declaration->value || leaf.exists.series() == 0) return;
  File& file = file_of(leaf);
  if (!file.problem.empty()) return;
  if (file.table) {
    add_to_table(leaf, file);
  } else {
    add_to_new(leaf, file);
  }
}

void Filling::add_to_table(const Leaf& leaf, File& file) {
  const Table& table = *file.table;
  const bool across = leaf.declaration->table->years_across;
  std::vector<std::size_t> columns;
  for (const DimensionId id : leaf.dims.labels) {
    const auto column = label_column(table, id, leaf.dims, dims_);
    if (!column) return;  // said when the table was read
    columns.push_back(*column);
  }
  std::optional<std::size_t> time;
  if (leaf.dims.time && !across && !(time = table.column("time"))) return;
  std::vector<std::pair<std::size_t, std::string>> scenarios;  // column, chosen case
  for (const ScenarioAxis& axis : model_.axes)
    if (const auto column = table.column(axis.name.id)) scenarios.emplace_back(*column, scenario_of(axis));

  std::string which;
  for (const std::size_t column : columns) which += fmt::format("{},", column);
  const auto key_of = [&](const std::vector<std::string>& labels, const std::string& year) {
    return which + year + "=" + fmt::format("{}", fmt::join(labels, "\x1f"));
  };
  std::set<std::string> of_other_cases;
  for (const Row& row : table.rows) {
    std::vector<std::string> labels;
    for (const std::size_t column : columns) labels.push_back(row.cells[column].text);
    std::string year;
    if (time) {
      const auto read = read_year(row.cells[*time].text);
      year = read ? std::to_string(*read) : row.cells[*time].text;
    }
    const bool current = std::all_of(scenarios.begin(), scenarios.end(), [&](const auto& each) {
      const std::string& text = row.cells[each.first].text;
      return text.empty() || text == each.second;
    });
    (current ? file.seen : of_other_cases).insert(key_of(labels, year));
  }
  for (const auto& [series, periods] : wanted_cells(leaf, dims_)) {
    const auto index = leaf.dims.unravel(series, dims_);
    std::vector<std::string> labels;
    for (std::size_t k = 0; k < index.size(); ++k)
      labels.push_back(dims_[leaf.dims.labels[k]].labels[index[k]]);
    for (const std::size_t p : periods) {
      const std::string year = time ? std::to_string(dims_.years[p]) : "";
      const std::string key = key_of(labels, year);
      if (!file.seen.insert(key).second) continue;
      std::vector<std::string> row(file.header.size());
      for (std::size_t k = 0; k < columns.size(); ++k) row[columns[k]] = labels[k];
      if (time) row[*time] = year;
      if (const auto unit = table.column("unit")) row[*unit] = unit_text(leaf, series);
      if (of_other_cases.count(key))
        for (const auto& [column, chosen] : scenarios) row[column] = chosen;
      file.rows.push_back(std::move(row));
    }
  }
}

void Filling::add_to_new(const Leaf& leaf, File& file) {
  const auto& reference = leaf.declaration->table;
  const bool across = reference && reference->years_across && leaf.dims.time;
  const auto wanted = wanted_cells(leaf, dims_);
  if (wanted.empty()) return;
  if (leaf.dims.time && !across) file.column("time");
  for (const DimensionId axis : leaf.dims.labels) file.column(dims_[axis].name);
  if (across) {
    for (std::size_t p = dims_.lead; p < dims_.years.size(); ++p) file.column(std::to_string(dims_.years[p]));
  } else {
    file.column(reference && reference->column ? reference->column->text : "value");
  }
  for (const char* column : {"unit", "source", "quality", "note"}) file.column(column);
  for (const auto& [series, periods] : wanted) {
    const auto index = leaf.dims.unravel(series, dims_);
    for (const std::size_t p : periods) {
      std::vector<std::string> row(file.header.size());
      if (leaf.dims.time && !across) row[file.column("time")] = std::to_string(dims_.years[p]);
      for (std::size_t k = 0; k < index.size(); ++k)
        row[file.column(dims_[leaf.dims.labels[k]].name)] = dims_[leaf.dims.labels[k]].labels[index[k]];
      std::string key;
      for (std::size_t c = 0; c < row.size(); ++c)
        if (!row[c].empty()) key += fmt::format("{}={}\x1f", file.header[c], row[c]);
      row[file.column("unit")] = unit_text(leaf, series);
      // Two parameters may share a table by columns: one row serves both.
      const auto [found, is_new] = file.added.emplace(std::move(key), file.rows.size());
      if (is_new) {
        file.rows.push_back(std::move(row));
      } else if (file.rows[found->second][file.column("unit")] != row[file.column("unit")]) {
        file.mixed_units = true;
      }
    }
  }
}

/// The file's new bytes: what is there stays as it is, in its own encoding, with its own line ends.
std::optional<std::string> Filling::content(const File& file, std::string& problem) const {
  std::string text, line_end = "\n";
  char delimiter = ',';
  bool gb18030 = false;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t c = 0; c < file.header.size(); ++c) {
      if (file.mixed_units && file.header[c] == "unit") continue;
      if (c) out += delimiter;
      if (c < cells.size()) out += csv_cell(cells[c], delimiter);
    }
    return out + line_end;
  };
  std::string added;
  if (file.table) {
    auto bytes = read_file(file.path, problem);
    if (!bytes) return std::nullopt;
    text = std::move(*bytes);
    delimiter = file.table->delimiter;
    gb18030 = decode_text(text).gb18030;
    if (const auto end = text.find_first_of("\r\n"); end != std::string::npos)
      line_end = text.compare(end, 2, "\r\n") == 0 ? "\r\n" : std::string(1, text[end]);
    if (!text.empty() && text.back() != '\n' && text.back() != '\r') added = line_end;
  } else {
    text = byte_order_mark;
    added = line(file.header);
  }
  for (const auto& row : file.rows) added += line(row);
  if (gb18030) {
    auto encoded = to_gb18030(added);
    if (!encoded) {
      problem = "the rows cannot be written in GB18030 here";
      return std::nullopt;
    }
    added = std::move(*encoded);
  }
  return text + added;
}

std::vector<TableChange> Filling::write() {
  std::vector<TableChange> changes;
  for (const auto& [name, file] : files_) {
    const std::string shown = file.path.lexically_relative(model_.folder.lexically_normal()).generic_string();
    TableChange change{shown, file.rows.size(), !file.table, file.problem};
    if (change.problem.empty() && file.rows.empty()) continue;
    if (change.problem.empty()) {
      std::error_code error;
      std::filesystem::create_directories(file.path.parent_path(), error);
      if (error) {
        change.problem = error.message();
      } else if (const auto bytes = content(file, change.problem)) {
        change.problem = write_file_atomically(file.path, *bytes).value_or("");
      }
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

std::vector<TableChange> fill_tables(const Session& session) {
  Filling filling(session);
  for (const Leaf& leaf : session.bound->leaves)
    if (leaf.declaration->from.empty()) filling.add(leaf);
  return filling.write();
}

}  // namespace lode

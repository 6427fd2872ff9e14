// SPDX-License-Identifier: Apache-2.0
#include "lode/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lode/api/import_files.hpp"
#include "lode/api/messages.hpp"
#include "lode/exchange/flow_case.hpp"
#include "lode/exchange/flow_list.hpp"
#include "lode/model/model.hpp"

namespace lode {
namespace {

FlowListOptions list_options(const FlowImport& request) {
  FlowListOptions result;
  result.sheet = request.sheet;
  result.source = request.source;
  result.target = request.target;
  result.type = request.type;
  result.region = request.region;
  result.year = request.year;
  result.value = request.value;
  result.unit = request.unit;
  result.sum_duplicates = request.sum_duplicates;
  result.negative = request.negative;
  result.decimal_comma = request.decimal_comma;
  return result;
}

FlowCaseOptions case_options(const FlowImport& request) {
  FlowCaseOptions result;
  result.title = request.title;
  result.citation = request.citation;
  result.licence = request.licence;
  result.types = request.types == "flows"       ? FlowCaseOptions::Types::flows
                 : request.types == "dimension" ? FlowCaseOptions::Types::dimension
                                                : FlowCaseOptions::Types::automatic;
  result.stocks = request.stocks;
  result.outside = request.outside;
  result.command = request.command;
  return result;
}

/// The labels of a table; nothing if it is not there.
std::optional<std::vector<std::string>> labels_of(std::optional<Table> table) {
  if (!table) return std::nullopt;
  const auto column = table->column("label");
  if (!column) return std::nullopt;
  std::vector<std::string> result;
  for (const Row& row : table->rows) result.push_back(row.cells[*column].text);
  return result;
}

/// True if the case has this table of labels, which then stays as it is, with the titles it was given by
/// hand; what only one of both has is told.
bool keep_labels(const FlowImport& request, const CaseFile& fresh, std::vector<std::string>& notes) {
  Diagnostics ignored;
  const auto old_labels = labels_of(read_table(request.folder / fresh.path, fresh.path, {}, {}, ignored));
  const auto new_labels = labels_of(parse_table(fresh.text, fresh.path, {}, ignored));
  if (!old_labels || !new_labels) return false;
  const auto only_in = [](const std::vector<std::string>& these, const std::vector<std::string>& those) {
    std::vector<std::string> result;
    for (const std::string& label : these)
      if (std::find(those.begin(), those.end(), label) == those.end()) result.push_back(label);
    return result;
  };
  if (const auto added = only_in(*new_labels, *old_labels); !added.empty())
    notes.push_back(fmt::format("{} lacks {}: add it there and in model.yaml, or its numbers are an error",
                                fresh.path, fmt::join(added, ", ")));
  if (const auto gone = only_in(*old_labels, *new_labels); !gone.empty())
    notes.push_back(fmt::format("{} has what the list no longer has: {}", fresh.path, fmt::join(gone, ", ")));
  return true;
}

bool folder_fits(const FlowImport& request, Diagnostics& diagnostics) {
  if (request.data_only && !has_model(request.folder)) {
    diagnostics.error("import-folder", {}, fmt::format("{} has no model.yaml", request.folder.string()))
        .help = "leave out `--data-only` to make a new case";
    return false;
  }
  return request.data_only ||
         may_make_case(request.folder, "or renew the numbers of this case: `--data-only`", diagnostics);
}

bool write(const FlowImport& request, const FlowCase& made, FlowImportResult& result,
           Diagnostics& diagnostics) {
  std::vector<CaseFile> files = made.files;
  if (!request.data_only) files.push_back({"lode.schema.json", json_schema()});
  std::erase_if(files, [&](const CaseFile& file) {
    return request.data_only && (!file.path.starts_with("data/") ||
                                 (file.path != "data/flows.csv" && keep_labels(request, file, result.notes)));
  });
  return write_case_files(request.folder, files, result.files, diagnostics);
}

void import(const FlowImport& request, FlowImportResult& result, Diagnostics& diagnostics) {
  if (!folder_fits(request, diagnostics)) return;
  const FlowListOptions options = list_options(request);
  const auto grid = read_flow_grid(request.file, options, diagnostics);
  if (!grid) return;
  const auto columns = find_flow_columns(*grid, options, diagnostics);
  if (!columns) return;
  auto list = read_flow_list(*grid, *columns, options, diagnostics);
  if (!list) return;
  std::vector<std::string> notes = grid->notes;
  notes.insert(notes.end(), columns->notes.begin(), columns->notes.end());
  notes.insert(notes.end(), list->notes.begin(), list->notes.end());
  list->notes = notes;
  const auto made = make_flow_case(*list, case_options(request), diagnostics);
  if (!made) return;
  notes.insert(notes.end(), made->notes.begin(), made->notes.end());
  result.notes = std::move(notes);
  result.flows = made->flow_names.size();
  result.processes = made->processes;
  result.regions = list->region_header.empty() ? 0 : list->regions.size();
  result.values = list->values;
  result.first_year = list->years.front();
  result.last_year = list->years.back();
  result.ok = write(request, *made, result, diagnostics);
}

}  // namespace

FlowImportResult import_flows(const FlowImport& request) {
  FlowImportResult result;
  Diagnostics diagnostics;
  import(request, result, diagnostics);
  result.messages = messages_of(diagnostics);
  result.messages_text = render(diagnostics, request.colour);
  return result;
}

std::string import_json(const FlowImportResult& result) {
  nlohmann::ordered_json out;
  out["ok"] = result.ok;
  if (result.ok) {
    out["flows"] = result.flows;
    out["processes"] = result.processes;
    out["regions"] = result.regions;
    out["values"] = result.values;
    out["first_year"] = result.first_year;
    out["last_year"] = result.last_year;
  }
  return import_json(std::move(out), result.notes, result.files, result.messages);
}

}  // namespace lode

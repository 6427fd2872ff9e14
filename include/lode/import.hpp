// SPDX-License-Identifier: Apache-2.0
//
// Makes cases of other people's files. Nothing here prints, exits or throws for what is wrong with a file.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "lode/lode.hpp"

namespace lode {

/// A list of flows (source, target, type, region, year, value, unit) that is to become a case. The texts that
/// name columns are headers; empty ones are guessed from the headers, and the guess is told.
struct FlowImport {
  std::filesystem::path file;  ///< .xlsx, or a text file of columns
  std::filesystem::path folder;
  std::string sheet;  ///< of a workbook; empty: its first
  std::string source, target, type, region, value;
  std::string year, unit;      ///< a header, or the year and unit of all rows
  std::string types = "auto";  ///< auto | flows | dimension: what the column of types becomes
  std::vector<std::string> stocks, outside;
  bool sum_duplicates = false, negative = false, decimal_comma = false;
  bool data_only = false;  ///< the case is there: only the numbers in data/flows.csv are written anew
  std::string title, citation, licence;
  std::string command;  ///< how it was called, for the case's README
  bool colour = false;  ///< in messages_text
};

struct FlowImportResult {
  bool ok = false;
  std::vector<std::string> files;  ///< written
  std::vector<std::string> notes;  ///< what was guessed, converted, skipped, and how the flows balance
  std::size_t flows = 0, processes = 0, regions = 0, values = 0;
  int first_year = 0, last_year = 0;
  std::vector<Message> messages;
  std::string messages_text;  ///< with excerpts, as a terminal shows them
};

FlowImportResult import_flows(const FlowImport& request);
/// What import_flows() gave, for machines.
std::string import_json(const FlowImportResult& result);

}  // namespace lode

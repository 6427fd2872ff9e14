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

/// Files of UN Comtrade (either layout) or BACI that are to become a case of flows between countries.
struct TradeImport {
  std::vector<std::filesystem::path> files;
  std::filesystem::path folder;
  std::filesystem::path content;  ///< a table code, content, …; empty: the weight of the goods
  std::filesystem::path country_names, product_names;  ///< of BACI; empty: looked for beside the file
  std::vector<std::string> codes;      ///< of the Harmonized System; empty: those of `content`, else all
  std::vector<std::string> countries;  ///< ISO3, number or name; empty: all
  std::string years;                   ///< "2017" or "2000..2017"; empty: all
  std::string revision;                ///< "H4"; empty: all
  std::string reconcile = "importer";  ///< importer | exporter | mean | larger | trust
  double cif_margin = 6, cif_low = 0, cif_high = 20;  ///< per cent of the FOB value
  bool shifted = false;     ///< read a file whose columns are shifted by one as it was meant
  bool keep_going = false;  ///< leave rows out that cannot be read, and keep them in data/left_out.csv
  bool decimal_comma = false;
  std::string title, citation, licence, command;
  bool colour = false;  ///< in messages_text
};

struct TradeImportResult {
  bool ok = false;
  std::vector<std::string> files, notes;
  std::vector<std::string> gaps;  ///< the largest mirror gaps, as lines of a table
  std::size_t rows = 0, bytes = 0, flows = 0, two_sided = 0, outside_band = 0, countries = 0, codes = 0;
  int first_year = 0, last_year = 0;
  bool mirrored = false;
  double seconds = 0;  ///< of reading the files
  std::vector<Message> messages;
  std::string messages_text;
};

TradeImportResult import_trade(const TradeImport& request);
std::string import_json(const TradeImportResult& result);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// Trade statistics: what countries say they sold to and bought from each other, by code of the Harmonized
// System (HS) and year. Read from UN Comtrade, in the layouts before and since 2023, and from BACI.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "lode/support/diagnostics.hpp"

namespace lode {

struct TradeOptions {
  std::vector<std::string> codes;      ///< HS codes; empty: all. In BACI also the codes that begin so
  std::vector<std::string> countries;  ///< ISO3, number or name; empty: all. Rows with one of them at an end
  std::optional<int> first_year, last_year;
  std::string revision;                 ///< "H4"; empty: all
  std::filesystem::path country_names;  ///< of BACI; empty: country_codes_*.csv beside the file
  std::filesystem::path product_names;  ///< of BACI; empty: product_codes_*.csv beside the file
  bool shifted = false;                 ///< a file whose columns are shifted by one is read as it was meant
  bool keep_going = false;              ///< rows that cannot be read are left out, and kept in a file
  bool decimal_comma = false;
};

/// One cell. What is censored stays so: "W" is withheld, "<1" is somewhere between zero and its limit.
struct TradeNumber {
  enum class Kind : std::uint8_t { missing, withheld, below, given };
  Kind kind = Kind::missing;
  bool estimated = false;  ///< by whoever published the file
  double value = 0;        ///< the limit of `below`
  bool is(Kind other) const { return kind == other; }
  bool operator==(const TradeNumber&) const = default;
};

struct TradePlace {
  std::uint32_t file = 0, line = 0;  ///< index in TradeData::files; from 1
};

/// One row: weight in t, values in USD.
struct TradeReport {
  TradeNumber weight;
  TradeNumber value;  ///< of imports CIF, else FOB
  TradeNumber fob;    ///< of imports, where the importer states it too
  TradePlace place;
  std::uint16_t revision = 0;  ///< index in TradeData::revisions
};

enum class TradeFlow : std::uint8_t { exports, imports, re_exports, re_imports };

/// Who says that what went where: of imports the importer, else the exporter.
struct TradeKey {
  std::uint16_t code = 0, year = 0, exporter = 0, importer = 0;
  TradeFlow flow = TradeFlow::exports;
  bool operator==(const TradeKey&) const = default;
  bool operator<(const TradeKey& other) const {
    return std::tie(code, year, exporter, importer, flow) <
           std::tie(other.code, other.year, other.exporter, other.importer, other.flow);
  }
};

struct TradeKeyHash {
  std::size_t operator()(const TradeKey& key) const;
};

struct TradeCountry {
  int number = 0;  ///< as the file numbers it; 0 is the world
  std::string label, name;
  bool unspecified = false;  ///< "Areas, nes": never a reporter
};

struct TradeCode {
  std::string label, name;
};

struct LeftOutRow {
  TradePlace place;
  std::string reason, text;
};

struct TradeData {
  enum class Layout { comtrade, legacy, baci };
  Layout layout = Layout::comtrade;
  std::vector<std::string> files, revisions;
  std::vector<TradeCountry> countries;
  std::vector<TradeCode> codes;
  std::vector<int> years;  ///< rising
  std::unordered_map<TradeKey, TradeReport, TradeKeyHash> reports;
  std::unordered_map<TradeKey, TradeReport, TradeKeyHash> world;  ///< totals; the partner is country 0
  std::vector<LeftOutRow> left_out;
  std::vector<std::string> notes;
  std::size_t rows = 0, bytes = 0;  ///< read, selected or not

  std::vector<TradeKey> sorted_keys() const;
  std::string place(const TradePlace& place) const;  ///< "file.csv:17"
};

/// Reads files of one kind into one set. Every cell that cannot be read is an error with its place, or with
/// `keep_going` a row left out; what is passed over is counted in the notes.
std::optional<TradeData> read_trade(const std::vector<std::filesystem::path>& files,
                                    const TradeOptions& options, Diagnostics& diagnostics);

/// The same from memory, for tests and fuzzing.
std::optional<TradeData> read_trade_bytes(std::string bytes, const std::string& shown_path,
                                          const TradeOptions& options, Diagnostics& diagnostics);

}  // namespace lode

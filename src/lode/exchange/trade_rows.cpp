// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>

#include "lode/exchange/flow_list.hpp"
#include "lode/exchange/row_problems.hpp"
#include "lode/exchange/text_rows.hpp"
#include "lode/exchange/trade.hpp"
#include "lode/exchange/trade_cells.hpp"
#include "lode/exchange/trade_checks.hpp"
#include "lode/exchange/trade_choice.hpp"
#include "lode/exchange/trade_columns.hpp"
#include "lode/exchange/trade_labels.hpp"
#include "lode/exchange/trade_names.hpp"
#include "lode/exchange/trade_tally.hpp"
#include "lode/support/source.hpp"
#include "lode/tables/table.hpp"

namespace lode {
namespace {

constexpr std::size_t most_reports = 4'000'000;
constexpr std::size_t most_left_out = 100'000;
constexpr std::size_t sniffed_rows = 100;

using F = TradeField;

bool same_numbers(const TradeReport& a, const TradeReport& b) {
  return a.weight == b.weight && a.value == b.value && a.fob == b.fob;
}

class TradeReader {
 public:
  TradeReader(const TradeOptions& options, Diagnostics& diagnostics)
      : options_(options),
        diagnostics_(diagnostics),
        cells_(columns_, options.decimal_comma),
        choice_(options),
        labels_(data_) {}

  void read(TextRows rows, const std::filesystem::path& path, const std::string& shown) {
    file_ = data_.files.size();
    data_.files.push_back(shown);
    if (!begin(rows, path)) return;
    TextRow row;
    while (going_ && rows.next(row)) take(row);
    if (!rows.problem().empty())
      problems_.add(Severity::error, "import-trade-file",
                    {file_, rows.problem_line(), rows.problem_text(), 0, 0}, rows.problem());
    if (!rows.encoding().empty())
      data_.notes.push_back(fmt::format("{} is read as {}: line {} is not UTF-8", shown, rows.encoding(),
                                        rows.encoding_line()));
    if (trailing_ > 0)
      data_.notes.push_back(fmt::format("{}: {} with a comma that the header lacks, which is passed over",
                                        shown, counted(trailing_, "row ends", "rows end")));
    trailing_ = 0;
    data_.bytes += rows.bytes_read();
  }

  std::optional<TradeData> finish() {
    const std::size_t before = diagnostics_.error_count();
    if (!unread_ && (problems_.count() == 0 || options_.keep_going)) finish_checks();
    problems_.tell(data_.files, diagnostics_);
    if (diagnostics_.error_count() > before || diagnostics_.has_errors()) return std::nullopt;
    for (std::string& note : tally_.notes(data_, choice_.codes())) data_.notes.push_back(std::move(note));
    return std::move(data_);
  }

 private:
  bool fail(const std::string& message, const std::string& help = {}) {
    diagnostics_.error("import-trade-file", {}, fmt::format("{}: {}", data_.files[file_], message)).help =
        help;
    return false;
  }

  /// The same of the header, shown as it is written.
  bool fail_at(const TextRow& row, std::string message, std::string help = {}) {
    problems_.add(Severity::error, "import-trade-file", {file_, row.line, row.text, 0, row.text.size()},
                  std::move(message), std::move(help));
    unread_ = true;
    return false;
  }

  /// Header, layout, shift; the rows looked at for that are taken.
  bool begin(TextRows& rows, const std::filesystem::path& path) {
    TextRow row;
    if (!rows.next(row)) return fail(rows.problem().empty() ? "the file is empty" : rows.problem());
    delimiter_ = delimiter_of(row.text);
    if (row.text.size() == 5 && row.text.starts_with("sep=")) {
      delimiter_ = row.text[4];
      if (!rows.next(row)) return fail("the file is empty");
    }
    cells_.split(row, delimiter_);
    std::string problem;
    auto columns = find_trade_columns(cells_.all(), problem);
    if (!columns) return fail_at(row, std::move(problem));
    if (file_ > 0 &&
        (columns->layout == TradeData::Layout::baci) != (data_.layout == TradeData::Layout::baci))
      return fail_at(row, "BACI files and UN Comtrade files are two cases",
                     "BACI has one reconciled number where Comtrade has what each side says");
    columns_ = std::move(*columns);
    data_.layout = columns_.layout;
    if (data_.layout == TradeData::Layout::baci && !begin_baci(path)) return false;

    struct Kept {
      std::size_t line;
      bool quoted;
      std::string text;
    };
    std::vector<Kept> kept;
    std::vector<std::vector<std::string>> sample;
    while (kept.size() < sniffed_rows && rows.next(row)) {
      kept.push_back({row.line, row.quoted, std::string(row.text)});
      cells_.split(row, delimiter_);
      sample.emplace_back(cells_.all().begin(), cells_.all().end());
    }
    columns_.shift = column_shift(columns_, sample);
    if (columns_.shift != 0 && !shift(kept.front().line, kept.front().text, sample.front())) return false;
    for (const Kept& each : kept) {
      if (!going_) break;
      take({each.line, each.text, each.quoted});
    }
    return true;
  }

  bool shift(std::size_t line, const std::string& text, const std::vector<std::string>& row) {
    const auto column = *columns_[columns_[F::year] ? F::year : F::code];
    const auto meant = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(column) + columns_.shift);
    const std::string words =
        fmt::format("`{}` stands under `{}`, and so on", row[meant], columns_.header[meant]);
    if (options_.shifted) {
      data_.notes.push_back(
          fmt::format("{}: the columns are shifted by one to the {}, read as they were meant: {}",
                      data_.files[file_], columns_.shift < 0 ? "left" : "right", words));
      return true;
    }
    const std::string cell = column < row.size() ? row[column] : std::string();
    const std::size_t found = cell.empty() ? std::string::npos : text.find(cell);
    problems_.add(Severity::error, "import-trade-shifted",
                  {file_, line, text, found == std::string::npos ? 0 : found,
                   found == std::string::npos ? 0 : cell.size()},
                  fmt::format("the columns are shifted by one: `{}` holds `{}`; {}", columns_.header[column],
                              cell, words),
                  "a program that took the first column for row names does this; save the file again, or "
                  "read it as it was meant: `--shifted`");
    return false;
  }

  bool begin_baci(const std::filesystem::path& path) {
    const auto names = read_baci_names(path, options_.country_names, options_.product_names, diagnostics_);
    if (!names) return false;
    if (file_ == 0)
      data_.notes.push_back(
          fmt::format("countries from {}", names->country_file) +
          (names->product_file.empty() ? "" : fmt::format(", codes from {}", names->product_file)));
    baci_ = *names;
    const std::string stem = path.filename().string();
    const auto at = stem.find("_HS");
    revision_ = labels_.revision(at == std::string::npos ? "HS" : stem.substr(at + 1, 4));
    wanted_numbers_.clear();
    for (const auto& [number, country] : baci_.countries)
      if (choice_.takes_country(std::to_string(number), country.label, country.name))
        wanted_numbers_.insert(number);
    return true;
  }

  RowProblems::Place where(std::string_view at) const {
    const char* begin = row_->text.data();
    const bool inside =
        !at.empty() && at.data() >= begin && at.data() + at.size() <= begin + row_->text.size();
    return {file_, row_->line, row_->text, inside ? static_cast<std::size_t>(at.data() - begin) : 0,
            inside ? at.size() : 0};
  }

  /// The row cannot be read. With keep_going it is left out, and kept.
  void refuse(const std::string& code, std::string_view at, std::string message, std::string help = {}) {
    bad_ = true;
    if (!options_.keep_going) {
      problems_.add(Severity::error, code, where(at), std::move(message), std::move(help));
      return;
    }
    problems_.add(Severity::warning, code, where(at), fmt::format("left out: {}", message), std::move(help));
    data_.left_out.push_back({{static_cast<std::uint32_t>(file_), static_cast<std::uint32_t>(row_->line)},
                              std::move(message),
                              std::string(row_->text)});
    if (data_.left_out.size() < most_left_out) return;
    going_ = false;
    diagnostics_.error(
        "import-trade-file", {},
        fmt::format("{}: more than {} rows cannot be read", data_.files[file_], most_left_out));
  }

  void refuse(const std::string& code, std::vector<TradeCells::Wrong> wrong) {
    for (TradeCells::Wrong& each : wrong) refuse(code, each.at, std::move(each.message));
  }

  void take(const TextRow& row) {
    ++data_.rows;
    row_ = &row;
    bad_ = false;
    const std::ptrdiff_t code_column = static_cast<std::ptrdiff_t>(*columns_[F::code]) + columns_.shift;
    if (!row.quoted && !choice_.may_take(row.text, delimiter_, code_column, columns_.layout)) {
      ++tally_.other_code;
      return;
    }
    cells_.split(row, delimiter_);
    if (!fits_header()) return;
    code_ = whole_hs_code(cells_[F::code]);
    if (!choice_.takes_code(code_, columns_.layout)) {
      ++tally_.other_code;
      return;
    }
    if (columns_.layout == TradeData::Layout::baci) {
      take_baci();
    } else {
      take_comtrade();
    }
    if (data_.reports.size() + data_.world.size() + parts_.size() > most_reports) {
      going_ = false;
      diagnostics_
          .error("import-trade-size", {},
                 fmt::format("{}: more than {} million numbers for one case", data_.files[file_],
                             most_reports / 1'000'000))
          .help = "choose with --code, --country, --years";
    }
  }

  bool fits_header() {
    const std::vector<std::string_view>& cells = cells_.all();
    const std::size_t width = columns_.header.size();
    if (cells.size() > width) {
      const bool only_empty = std::all_of(cells.begin() + static_cast<std::ptrdiff_t>(width), cells.end(),
                                          [](std::string_view extra) { return extra.empty(); });
      if (only_empty) {
        ++trailing_;
        return true;
      }
      if (columns_.shift == 1 && cells.size() == width + 1) return true;
      refuse("import-trade-row", cells[width],
             fmt::format("this row has {} cells, the header has {}", cells.size(), width),
             "put a text or number that holds a comma in quotation marks: \"1,200\"");
      return false;
    }
    const std::size_t needed = *columns_[F::code] + 1;
    const bool no_more =
        columns_.layout == TradeData::Layout::baci ? cells.size() < width : cells.size() < needed;
    if (no_more) {
      refuse("import-trade-row", row_->text,
             fmt::format("this row has {} cells, the header has {}", cells.size(), width),
             "the file may have been cut off, or a line broken in two");
      return false;
    }
    return true;
  }

  std::optional<int> year() {
    const std::string_view text = cells_[columns_[F::year] ? F::year : F::period];
    auto found = read_year(text.substr(0, columns_[F::year] ? text.size() : 4));
    if (!found) {
      refuse("import-trade-year", text, fmt::format("`{}` is no year", text));
      return std::nullopt;
    }
    if ((options_.first_year && *found < *options_.first_year) ||
        (options_.last_year && *found > *options_.last_year)) {
      ++tally_.other_year;
      return std::nullopt;
    }
    return found;
  }

  std::optional<int> country_number(TradeField field) {
    std::vector<TradeCells::Wrong> wrong;
    const auto number = cells_.country_number(field, wrong);
    refuse("import-trade-country", std::move(wrong));
    return number;
  }

  void take_baci() {
    const auto when = year();
    const auto from = country_number(F::reporter), to = country_number(F::partner);
    if (bad_ || !when || !from || !to) return;
    if (!choice_.takes_all_countries() && !wanted_numbers_.contains(*from) &&
        !wanted_numbers_.contains(*to)) {
      ++tally_.other_country;
      return;
    }
    for (const auto& [number, field] : {std::pair(*from, F::reporter), std::pair(*to, F::partner)}) {
      if (baci_.countries.contains(number)) continue;
      refuse("import-trade-country", cells_[field],
             fmt::format("{} has no country {}", baci_.country_file, number),
             "take the file of country codes of the same release");
    }
    if (!has_hs_code()) return;
    TradeReport report;
    std::vector<TradeCells::Wrong> wrong;
    report.weight = cells_.number(F::weight, 1, 1, wrong);
    report.value = cells_.number(F::value, 1000, 1, wrong);
    refuse("import-trade-number", std::move(wrong));
    if (bad_) return;
    report.revision = revision_;
    tally_.no_weight += report.weight.is(TradeNumber::Kind::missing);
    const auto named = [&](int number) {
      return labels_.country(number, baci_.countries[number].label, baci_.countries[number].name);
    };
    const auto product = baci_.products.find(code_);
    add({labels_.code(code_, product == baci_.products.end() ? "" : product->second),
         static_cast<std::uint16_t>(*when), named(*from), named(*to), TradeFlow::exports},
        report, data_.reports);
  }

  bool has_hs_code() {
    if (is_hs_code(code_)) {
      tally_.padded += code_.size() != cells_[F::code].size();
      return true;
    }
    if (is_hs_total(code_)) {
      ++tally_.totals;
      return false;
    }
    refuse("import-trade-code", cells_[F::code],
           fmt::format("`{}` is no code of the Harmonized System", code_),
           "two, four or six digits, stored as text");
    return false;
  }

  void take_comtrade() {
    const auto when = year();
    if (!when) return;
    const std::string_view flow_text = cells_[F::flow];
    const auto flow = read_trade_flow(flow_text);
    if (!flow && is_partial_flow(flow_text)) {
      ++tally_.partial_flows;
      return;
    }
    if (!flow)
      refuse("import-trade-flow", flow_text,
             fmt::format("`{}` is no flow: M, X, RX or RM is expected", flow_text));
    const auto reporter = country_number(F::reporter), partner = country_number(F::partner);
    if (bad_) return;
    const bool by_reporter =
        choice_.takes_country(cells_[F::reporter], cells_[F::reporter_iso], cells_[F::reporter_name]);
    const bool by_partner =
        choice_.takes_country(cells_[F::partner], cells_[F::partner_iso], cells_[F::partner_name]);
    if (!by_reporter && !by_partner) {
      ++tally_.other_country;
      return;
    }
    if (!takes_revision() || !has_hs_code() || !is_annual()) return;
    if (is_trade_group(*reporter) || is_trade_group(*partner)) {
      ++tally_.groups;
      return;
    }
    const TradeReport report = comtrade_numbers(*flow);
    if (bad_) return;
    if (labels_.full()) {
      refuse("import-trade-row", {}, "the file names more countries or codes than there are");
      going_ = false;
      return;
    }
    const std::uint16_t who = labels_.country(*reporter, cells_[F::reporter_iso], cells_[F::reporter_name]);
    const std::uint16_t whom = labels_.country(*partner, cells_[F::partner_iso], cells_[F::partner_name]);
    const bool bought = *flow == TradeFlow::imports || *flow == TradeFlow::re_imports;
    const TradeKey key{labels_.code(code_, cells_[F::code_name]), static_cast<std::uint16_t>(*when),
                       bought ? whom : who, bought ? who : whom, *flow};
    if (!cells_.is_total()) {
      ++tally_.breakdowns;
      parts_.emplace(key,
                     TradePlace{static_cast<std::uint32_t>(file_), static_cast<std::uint32_t>(row_->line)});
      return;
    }
    tally_.own_trade += who == whom;
    add(key, report, *partner == 0 ? data_.world : data_.reports);
  }

  bool takes_revision() {
    const std::string_view text = cells_[F::revision];
    if (text.starts_with('S') || text.starts_with('B')) {
      refuse("import-trade-revision", text,
             fmt::format("`{}` is no revision of the Harmonized System (H0 to H6)", text),
             "download the data by HS codes");
      return false;
    }
    if (!options_.revision.empty() && !text.empty() && text != options_.revision) {
      ++tally_.other_revision;
      return false;
    }
    revision_ = labels_.revision(text.empty() ? "HS" : text);
    return true;
  }

  bool is_annual() {
    const std::string_view month = cells_[F::month], period = cells_[F::period];
    if ((month.empty() || month == "52" || month == "0") && period.size() != 6) return true;
    refuse("import-trade-month", month.empty() ? period : month, "a month, where a year is expected",
           "download annual data: frequency A, refMonth 52");
    return false;
  }

  TradeReport comtrade_numbers(TradeFlow flow) {
    std::vector<TradeCells::Wrong> wrong;
    bool from_quantity = false;
    TradeReport report = cells_.comtrade_numbers(flow, from_quantity, wrong);
    refuse("import-trade-number", std::move(wrong));
    report.revision = revision_;
    tally_.from_quantity += from_quantity;
    tally_.no_weight += report.weight.is(TradeNumber::Kind::missing);
    return report;
  }

  void add(const TradeKey& key, TradeReport report,
           std::unordered_map<TradeKey, TradeReport, TradeKeyHash>& into) {
    report.place = {static_cast<std::uint32_t>(file_), static_cast<std::uint32_t>(row_->line)};
    const auto [at, is_new] = into.emplace(key, report);
    if (is_new) {
      years_.insert(key.year);
      return;
    }
    const TradeReport& first = at->second;
    if (same_numbers(first, report)) {
      ++tally_.repeated;
      return;
    }
    const std::string who = fmt::format("{} → {}, {}, {}", data_.countries[key.exporter].label,
                                        data_.countries[key.importer].label, code_, key.year);
    if (first.revision != report.revision) {
      refuse(
          "import-trade-revision", cells_[F::code],
          fmt::format("{} stands in two revisions: {} in {}, {} here", who, data_.revisions[first.revision],
                      data_.place(first.place), data_.revisions[report.revision]),
          fmt::format("choose one: `--revision {}`", data_.revisions[first.revision]));
      return;
    }
    refuse("import-trade-duplicate", cells_[F::code],
           fmt::format("{} stands twice with other numbers, first in {}", who, data_.place(first.place)),
           "leave one of both out; a row that repeats another one exactly is passed over");
  }

  void finish_checks() {
    check_trade_parts(data_, parts_, diagnostics_);
    check_trade_codes(data_, diagnostics_);
    std::vector<std::string> known;
    for (const TradeCountry& country : data_.countries) known.push_back(country.label);
    for (const auto& [number, country] : baci_.countries) known.push_back(country.label);
    for (const std::string& wanted : choice_.countries_not_found())
      diagnostics_
          .warning("import-trade-country", {},
                   fmt::format("--country: no row of these codes and years names `{}`", wanted))
          .help = did_you_mean(wanted, known);
    if (diagnostics_.has_errors()) return;
    if (data_.reports.empty()) tell_no_trade(data_, tally_, options_.codes, diagnostics_);
    data_.years.assign(years_.begin(), years_.end());
  }

  const TradeOptions& options_;
  Diagnostics& diagnostics_;
  TradeData data_;
  RowProblems problems_;
  TradeColumns columns_;
  TradeCells cells_;
  BaciNames baci_;
  TradeChoice choice_;
  TradeLabels labels_;
  std::unordered_set<int> wanted_numbers_;
  TradeParts parts_;
  std::set<int> years_;
  std::size_t file_ = 0;
  char delimiter_ = ',';
  const TextRow* row_ = nullptr;
  std::string code_;
  std::uint16_t revision_ = 0;
  bool bad_ = false, going_ = true;
  bool unread_ = false;  ///< a file was given up at its header
  std::size_t trailing_ = 0;
  TradeTally tally_;
};

}  // namespace

std::optional<TradeData> read_trade(const std::vector<std::filesystem::path>& files,
                                    const TradeOptions& options, Diagnostics& diagnostics) {
  TradeReader reader(options, diagnostics);
  for (const std::filesystem::path& file : files) {
    std::string problem;
    auto rows = TextRows::open(file, problem);
    if (!rows) {
      diagnostics.error("import-trade-file", {},
                        fmt::format("{} cannot be read: {}", file.string(), problem));
      continue;
    }
    reader.read(std::move(*rows), file, file.string());
  }
  return reader.finish();
}

std::optional<TradeData> read_trade_bytes(std::string bytes, const std::string& shown_path,
                                          const TradeOptions& options, Diagnostics& diagnostics) {
  TradeReader reader(options, diagnostics);
  std::string problem;
  auto rows = TextRows::of_bytes(std::move(bytes), problem);
  if (!rows) {
    diagnostics.error("import-trade-file", {}, fmt::format("{} cannot be read: {}", shown_path, problem));
    return std::nullopt;
  }
  reader.read(std::move(*rows), shown_path, shown_path);
  return reader.finish();
}

}  // namespace lode

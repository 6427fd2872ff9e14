// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "lode/support/files.hpp"
#include "lode/support/utf8.hpp"
#include "lode/tables/encoding.hpp"

namespace lode {
namespace {

constexpr std::size_t most_columns = 16384;
constexpr std::size_t most_cells = 8'000'000;
constexpr std::size_t most_reports = 10;  // of one kind in one table, before they are counted only

bool is_blank(char32_t c) {
  return c == U' ' || c == U'\t' || c == U'\r' || c == U'\n' || c == 0x00A0 || c == 0x3000 || c == 0xFEFF ||
         c == 0x200B;
}

/// The stretch [begin, end) without blanks at its ends, full-width ones too.
void trim(std::string_view text, std::size_t& begin, std::size_t& end) {
  while (begin < end) {
    const CodePoint c = decode_utf8(text, begin);
    if (!is_blank(c.value)) break;
    begin += c.length;
  }
  while (end > begin) {
    std::size_t start = end - 1;
    while (start > begin && (static_cast<unsigned char>(text[start]) & 0xC0u) == 0x80u) --start;
    if (!is_blank(decode_utf8(text, start).value)) break;
    end = start;
  }
}

/// A cell as found: a stretch of the text, and its content if that differs (doubled quotes).
struct RawCell {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  bool doubled = false;
};

struct Record {
  std::vector<RawCell> cells;
  std::size_t begin = 0;
  std::size_t end = 0;  // before the line end
};

class TableReader {
 public:
  TableReader(SourcePtr file, const TableOptions& options, Diagnostics& diagnostics)
      : file_(std::move(file)), text_(file_->text()), options_(options), diagnostics_(diagnostics) {}

  std::optional<Table> read() {
    Table table;
    table.file = file_;
    delimiter_ = table.delimiter = find_delimiter();
    Record record;
    bool has_header = false;
    std::size_t cells = 0;
    while (next(record)) {
      if (!has_header) {
        if (!read_header(record, table)) return std::nullopt;
        has_header = true;
        continue;
      }
      cells += table.header.size();
      if (cells > most_cells) {
        report("table-too-large", place(record.begin, record.begin),
               fmt::format("the table has more than {} million cells", most_cells / 1'000'000))
            .help = "split it, or leave out what the model does not use";
        return std::nullopt;
      }
      read_row(record, table);
    }
    if (broken_) return std::nullopt;
    if (!has_header) {
      report("table-empty", place(0, 0), "the table is empty").help =
          "its first line names the columns, as in `time,value,unit`";
      return std::nullopt;
    }
    if (long_rows_ > most_reports) {
      report("table-long-row", place(0, 0),
             fmt::format("{} more rows have more cells than the header", long_rows_ - most_reports));
    }
    return table;
  }

 private:
  Location place(std::size_t begin, std::size_t end) const { return {file_, begin, end - begin}; }

  Diagnostic& report(std::string code, const Location& where, std::string message) {
    return diagnostics_.error(std::move(code), where, std::move(message));
  }

  bool at_comment(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    if (at == text_.size() || text_[at] != '#') return false;
    // "#N/A" in the first column is a spreadsheet's error value, not a remark.
    static constexpr std::array<std::string_view, 7> errors{"#N/A",   "#DIV/0!", "#REF!", "#VALUE!",
                                                            "#NAME?", "#NUM!",   "#NULL!"};
    return std::none_of(errors.begin(), errors.end(),
                        [&](std::string_view error) { return text_.substr(at).starts_with(error); });
  }

  std::size_t line_end(std::size_t at) const {
    const std::size_t end = text_.find_first_of("\r\n", at);
    return end == std::string_view::npos ? text_.size() : end;
  }

  std::size_t after_line_end(std::size_t at) const {
    if (text_.substr(at).starts_with("\r\n")) return at + 2;
    return std::min(at + 1, text_.size());
  }

  bool blank(std::size_t begin, std::size_t end) const {
    trim(text_, begin, end);
    return begin == end;
  }

  void skip_comments_and_blanks() {
    while (at_ < text_.size()) {
      const std::size_t end = line_end(at_);
      if (!at_comment(at_) && !blank(at_, end)) return;
      at_ = after_line_end(end);
    }
  }

  /// The separator that occurs most often in the header outside quotes; Excel's "sep=;" line decides if there
  /// is one.
  char find_delimiter() {
    skip_comments_and_blanks();
    const std::string_view line = text_.substr(at_, line_end(at_) - at_);
    if (line.size() == 5 && line.starts_with("sep=") &&
        std::string_view(",;\t|").find(line[4]) != std::string_view::npos) {
      at_ = after_line_end(line_end(at_));
      return line[4];
    }
    std::array<std::size_t, 3> counts{};
    constexpr std::string_view candidates = "\t;,";
    bool quoted = false;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '"') quoted = !quoted;
      if (!quoted && (c == '\n' || c == '\r')) break;
      const std::size_t kind = candidates.find(c);
      if (!quoted && kind != std::string_view::npos) ++counts[kind];
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return *most == 0 ? ',' : candidates[static_cast<std::size_t>(most - counts.begin())];
  }

  /// The next record that is no comment and not blank; false at the end or after a mistake that hides the
  /// rest.
  bool next(Record& record) {
    while (!broken_) {
      skip_comments_and_blanks();
      if (at_ >= text_.size()) return false;
      record.cells.clear();
      record.begin = at_;
      bool more = true;
      while (more && !broken_) more = read_cell(record);
      record.end = at_;
      at_ = after_line_end(at_);
      const bool empty = std::all_of(record.cells.begin(), record.cells.end(),
                                     [](const RawCell& c) { return !c.quoted && c.begin == c.end; });
      if (!broken_ && !empty) return true;
    }
    return false;
  }

  /// Reads up to the separator; false if the record ends here.
  bool read_cell(Record& record) {
    if (record.cells.size() > most_columns) {
      report("table-too-large", place(at_, at_), fmt::format("a row has more than {} cells", most_columns));
      broken_ = true;
      return false;
    }
    RawCell cell;
    std::size_t start = at_;
    while (start < text_.size() && (text_[start] == ' ' || (text_[start] == '\t' && delimiter_ != '\t')))
      ++start;
    if (start < text_.size() && text_[start] == '"') {
      if (!read_quoted(start, cell)) return false;
    } else {
      cell.begin = at_;
      while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' && text_[at_] != '\r')
        ++at_;
      cell.end = at_;
      trim(text_, cell.begin, cell.end);
    }
    record.cells.push_back(cell);
    if (at_ < text_.size() && text_[at_] == delimiter_) {
      ++at_;
      return true;
    }
    return false;
  }

  bool read_quoted(std::size_t quote, RawCell& cell) {
    cell.quoted = true;
    cell.begin = quote + 1;
    std::size_t i = quote + 1;
    while (true) {
      i = text_.find('"', i);
      if (i == std::string_view::npos) {
        Diagnostic& d = report("table-quote", place(quote, quote + 1), "this quotation mark is never closed");
        d.why = "a cell that begins with a quotation mark goes on to the next one, over line ends too";
        d.help = "close it, or double it if it belongs to the text: `\"\"`";
        broken_ = true;
        return false;
      }
      if (i + 1 >= text_.size() || text_[i + 1] != '"') break;
      cell.doubled = true;
      i += 2;
    }
    cell.end = i;
    trim(text_, cell.begin, cell.end);
    at_ = i + 1;
    const std::size_t rest = at_;
    while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
    if (!blank(rest, at_)) {
      Diagnostic& d = report("table-quote", place(rest, at_), "text follows a closing quotation mark");
      d.help = "a quotation mark inside a quoted cell is doubled: `\"5\"\" pipe\"`";
      broken_ = true;
      return false;
    }
    return true;
  }

  Cell cell_of(const RawCell& raw) const {
    Cell cell{std::string(text_.substr(raw.begin, raw.end - raw.begin)), place(raw.begin, raw.end)};
    if (raw.doubled) {
      for (std::size_t i = cell.text.find("\"\""); i != std::string::npos; i = cell.text.find("\"\"", i + 1))
        cell.text.erase(i, 1);
    }
    return cell;
  }

  bool read_header(const Record& record, Table& table) {
    for (const RawCell& raw : record.cells) table.header.push_back(cell_of(raw));
    while (!table.header.empty() && table.header.back().text.empty()) table.header.pop_back();
    if (table.header.size() == 1 && delimiter_ == ',') {
      const std::string& only = table.header[0].text;
      if (only.find("，") != std::string::npos || only.find("；") != std::string::npos) {
        report("table-delimiter", table.header[0].where, "the columns are separated by full-width marks")
            .help = "separate them by `,`, `;` or a tab";
        return false;
      }
    }
    bool good = true;
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      const Cell& cell = table.header[i];
      if (cell.text.empty()) {
        Diagnostic& d =
            report("table-unnamed-column", cell.where, fmt::format("column {} has no name", i + 1));
        d.help = "give every column a name in the first line; a merged heading names only its first column";
        good = false;
      }
    }
    return good && no_duplicates(table);
  }

  bool no_duplicates(const Table& table) {
    bool good = true;
    std::vector<std::pair<std::string, std::size_t>> names;
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      std::string name = canonical_header(table.header[i].text);
      // "name" beside "名称" is a table in two languages.
      if (name == "name") name = table.header[i].text;
      names.emplace_back(std::move(name), i);
    }
    std::sort(names.begin(), names.end());
    for (std::size_t k = 1; k < names.size(); ++k) {
      if (names[k].first != names[k - 1].first) continue;
      const Cell& first = table.header[names[k - 1].second];
      const Cell& second = table.header[names[k].second];
      Diagnostic& d = report(
          "table-duplicate-column", second.where,
          first.text == second.text
              ? fmt::format("column `{}` occurs twice", second.text)
              : fmt::format("columns `{}` and `{}` both mean `{}`", first.text, second.text, names[k].first));
      d.labels.push_back({first.where, "first here"});
      good = false;
    }
    return good;
  }

  void read_row(const Record& record, Table& table) {
    Row row;
    row.where = place(record.begin, record.end);
    const std::size_t width = table.header.size();
    row.cells.reserve(width);
    for (std::size_t i = 0; i < width; ++i) {
      row.cells.push_back(i < record.cells.size() ? cell_of(record.cells[i])
                                                  : Cell{{}, place(record.end, record.end)});
    }
    for (std::size_t i = width; i < record.cells.size(); ++i) {
      const RawCell& extra = record.cells[i];
      if (extra.begin == extra.end) continue;
      if (++long_rows_ <= most_reports) too_many(record, extra, table);
      break;
    }
    table.rows.push_back(std::move(row));
  }

  void too_many(const Record& record, const RawCell& extra, const Table& table) {
    Diagnostic& d = report(
        "table-long-row", place(extra.begin, extra.end),
        fmt::format("this row has {} cells, the header has {}", record.cells.size(), table.header.size()));
    d.labels.front().text = "beyond the last column";
    if (delimiter_ == ',' && options_.decimal_comma) {
      d.help = "with a decimal comma, separate the cells by `;` or put the numbers in quotation marks";
    } else if (delimiter_ == ',') {
      d.help = "put a cell that holds a comma in quotation marks: `\"1,200\"`";
    }
  }

  SourcePtr file_;
  std::string_view text_;
  const TableOptions& options_;
  Diagnostics& diagnostics_;
  char delimiter_ = ',';
  std::size_t at_ = 0;
  std::size_t long_rows_ = 0;
  bool broken_ = false;
};

struct Spelling {
  std::string_view written;
  std::string_view canonical;
};

constexpr Spelling spellings[] = {
    {"time", "time"},
    {"year", "time"},
    {"years", "time"},
    {"年份", "time"},
    {"年", "time"},
    {"年度", "time"},
    {"时间", "time"},
    {"value", "value"},
    {"values", "value"},
    {"数值", "value"},
    {"值", "value"},
    {"数量", "value"},
    {"unit", "unit"},
    {"units", "unit"},
    {"单位", "unit"},
    {"source", "source"},
    {"sources", "source"},
    {"来源", "source"},
    {"数据来源", "source"},
    {"资料来源", "source"},
    {"出处", "source"},
    {"note", "note"},
    {"notes", "note"},
    {"备注", "note"},
    {"说明", "note"},
    {"注", "note"},
    {"注释", "note"},
    {"quality", "quality"},
    {"质量", "quality"},
    {"数据质量", "quality"},
    {"label", "label"},
    {"标签", "label"},
    {"代码", "label"},
    {"编号", "label"},
    {"name", "name"},
    {"名称", "name"},
    {"英文名", "name"},
    {"英文名称", "name"},
    {"name_zh", "name_zh"},
    {"中文名", "name_zh"},
    {"中文名称", "name_zh"},
    {"名称_中文", "name_zh"},
    {"low", "low"},
    {"下限", "low"},
    {"high", "high"},
    {"上限", "high"},
    {"sd", "sd"},
    {"标准差", "sd"},
    {"cv", "cv"},
    {"变异系数", "cv"},
    {"data_year", "data_year"},
    {"数据年份", "data_year"},
    {"数据年", "data_year"},
};

}  // namespace

std::string canonical_header(std::string_view header) {
  std::size_t begin = 0;
  std::size_t end = header.size();
  trim(header, begin, end);
  const std::string_view written = header.substr(begin, end - begin);
  std::string folded;
  for (std::size_t i = 0; i < written.size();) {
    const CodePoint c = decode_utf8(written, i);
    i += c.length;
    char32_t plain = half_width(c.value);
    if (plain >= U'A' && plain <= U'Z') plain += U'a' - U'A';
    // A heading broken over lines or spaced out ("年 份") is still the same; "data year" is data_year.
    if (is_blank(plain)) {
      const bool words =
          !folded.empty() && static_cast<unsigned char>(folded.back()) < 0x80 && folded.back() != '_';
      if (words) folded += '_';
      continue;
    }
    append_utf8(folded, plain);
  }
  for (const Spelling& spelling : spellings) {
    if (spelling.written == folded) return std::string(spelling.canonical);
  }
  return std::string(written);
}

std::optional<std::size_t> Table::column(std::string_view name) const {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i].text == name) return i;
  }
  const std::string wanted = canonical_header(name);
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (canonical_header(header[i].text) == wanted) return i;
  }
  return std::nullopt;
}

std::optional<Table> parse_table(std::string bytes, const std::string& shown_path,
                                 const TableOptions& options, Diagnostics& diagnostics) {
  DecodedText decoded = decode_text(std::move(bytes));
  const auto file = std::make_shared<const SourceFile>(shown_path, std::move(decoded.text));
  if (!decoded.problem.empty()) {
    Diagnostic& d = diagnostics.error("table-encoding", {file, decoded.offset, 0}, decoded.problem);
    d.help = decoded.help;
    return std::nullopt;
  }
  if (decoded.gb18030)
    diagnostics.note("table-encoding", {file, 0, 0}, "the file is read as GB18030, as it is not UTF-8");
  return TableReader(file, options, diagnostics).read();
}

std::optional<Table> read_table(const std::filesystem::path& path, const std::string& shown_path,
                                const TableOptions& options, const Location& reference,
                                Diagnostics& diagnostics) {
  std::string problem;
  std::optional<std::string> bytes = read_file(path, problem);
  if (bytes) return parse_table(std::move(*bytes), shown_path, options, diagnostics);
  Diagnostic& d = diagnostics.error("table-not-readable", reference,
                                    fmt::format("table `{}` cannot be read: {}", shown_path, problem));
  std::vector<std::string> neighbours;
  std::error_code error;
  auto entry = std::filesystem::directory_iterator(path.parent_path(), error);
  for (; !error && entry != std::filesystem::directory_iterator() && neighbours.size() < 1000;
       entry.increment(error)) {
    neighbours.push_back(entry->path().filename().string());
  }
  std::sort(neighbours.begin(), neighbours.end());
  d.help = did_you_mean(path.filename().string(), neighbours);
  return std::nullopt;
}

}  // namespace lode

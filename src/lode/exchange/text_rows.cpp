// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/text_rows.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>

#include "lode/support/files.hpp"
#include "lode/support/source.hpp"
#include "lode/support/text.hpp"
#include "lode/tables/encoding.hpp"

namespace lode {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 20u;
constexpr std::size_t longest_record = std::size_t{1} << 20u;

bool has_high_bytes(std::string_view bytes) {
  unsigned char all = 0;
  for (const char c : bytes) all |= static_cast<unsigned char>(c);
  return all >= 0x80;
}

/// What a file is that is no text, by its first bytes.
std::string binary_kind(std::string_view start) {
  using Magic = std::pair<std::string_view, const char*>;
  static constexpr std::array<Magic, 4> kinds{
      {{{"PK\x03\x04", 4}, "it is a ZIP archive or a workbook (XLSX): unpack it, or save the sheet as CSV"},
       {{"\x1F\x8B", 2}, "it is compressed by gzip: unpack it with gunzip"},
       {{"\xD0\xCF\x11\xE0", 4}, "it is an old Excel workbook (XLS): save the sheet as CSV"},
       {{"PAR1", 4}, "it is a Parquet file: save it as CSV"}}};
  for (const auto& [magic, words] : kinds)
    if (start.starts_with(magic)) return words;
  return {};
}

}  // namespace

struct TextRows::Source {
  std::ifstream file;
  std::string buffer, decoded;
  std::size_t at = 0, record = 0, line = 1, total = 0;  ///< `record` is where the one being read begins
  bool more = false;                                    ///< the file may have more than the buffer
  bool high = false;                                    ///< the buffer holds bytes that are not ASCII
  bool quotes = false;                                  ///< the buffer holds quotation marks
  const char* other = nullptr;                          ///< name for iconv of what is not UTF-8
  std::string problem, problem_text, encoding;
  std::size_t problem_line = 0, encoding_line = 0;

  void look(std::size_t from) {
    const std::string_view fresh = std::string_view(buffer).substr(from);
    high = high || has_high_bytes(fresh);
    quotes = quotes || fresh.find('"') != std::string_view::npos;
  }

  /// Drops what has been read and appends a chunk.
  void refill() {
    buffer.erase(0, at);
    at = 0;
    high = quotes = false;
    look(0);
    const std::size_t kept = buffer.size();
    buffer.resize(kept + chunk);
    file.read(buffer.data() + kept, static_cast<std::streamsize>(chunk));
    const auto got = static_cast<std::size_t>(file.gcount());
    buffer.resize(kept + got);
    total += got;
    more = got == chunk;
    look(kept);
  }

  /// The end of the record that begins at `at`: a line end outside quotation marks. Nothing if the buffer
  /// ends before it.
  std::optional<std::size_t> record_end(bool& has_quotes) const {
    std::size_t from = at;
    has_quotes = false;
    bool inside = false;
    while (true) {
      const std::size_t end = buffer.find('\n', from);
      if (end == std::string::npos) return std::nullopt;
      if (quotes) {
        const auto count = std::count(buffer.begin() + static_cast<std::ptrdiff_t>(from),
                                      buffer.begin() + static_cast<std::ptrdiff_t>(end), '"');
        has_quotes = has_quotes || count > 0;
        if (count % 2 != 0) inside = !inside;
      }
      if (!inside) return end;
      from = end + 1;
    }
  }

  bool fail(std::string why) {
    problem = std::move(why);
    problem_line = line;
    constexpr std::size_t shown = 500;
    const std::string_view rest = std::string_view(buffer).substr(record, shown);
    problem_text = rest.substr(0, rest.find_first_of("\r\n"));
    while (!is_valid_utf8(problem_text)) problem_text.pop_back();
    return false;
  }

  std::string_view in_utf8(std::string_view text) {
    if (!high || !has_high_bytes(text) || (other == nullptr && is_valid_utf8(text))) return text;
    if (other != nullptr && is_valid_utf8(text)) return text;
    if (other == nullptr) {
      const bool western = looks_western(text) || !to_utf8(text, "GB18030");
      other = western ? "WINDOWS-1252" : "GB18030";
      encoding = western ? "Latin-1 (Windows-1252)" : "GB18030 (Chinese)";
      encoding_line = line;
    }
    auto converted = to_utf8(text, other);
    if (!converted) converted = to_utf8(text, "ISO-8859-1");  // any byte is a character there
    decoded = converted.value_or(std::string());
    return decoded;
  }

  bool next(TextRow& row) {
    while (problem.empty()) {
      bool has_quotes = false;
      record = at;
      auto end = record_end(has_quotes);
      while (!end && more) {
        if (buffer.size() - at > longest_record)
          return fail(
              "a row goes on for more than 1 MiB: a quotation mark is not closed, or this is no table");
        refill();
        record = at;
        end = record_end(has_quotes);
      }
      if (!end) {
        if (at >= buffer.size()) return false;
        const std::string_view rest = std::string_view(buffer).substr(at);
        has_quotes = rest.find('"') != std::string_view::npos;
        if (std::count(rest.begin(), rest.end(), '"') % 2 != 0)
          return fail("a quotation mark is not closed until the end of the file");
        end = buffer.size();
      }
      std::string_view text = std::string_view(buffer).substr(at, *end - at);
      if (text.size() > longest_record)
        return fail("a row goes on for more than 1 MiB: a quotation mark is not closed, or this is no table");
      row.line = line;
      row.quoted = has_quotes;
      line += 1;
      if (has_quotes) line += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
      at = std::min(*end + 1, buffer.size());
      if (text.ends_with('\r')) text.remove_suffix(1);
      if (text.empty() || trimmed(text).empty()) continue;
      if (text.find('\0') != std::string_view::npos) {
        line = row.line;
        return fail("the file holds a NUL byte, so it is no text");
      }
      row.text = in_utf8(text);
      return true;
    }
    return false;
  }
};

TextRows::TextRows(std::unique_ptr<Source> source) : source_(std::move(source)) {}
TextRows::TextRows(TextRows&&) noexcept = default;
TextRows& TextRows::operator=(TextRows&&) noexcept = default;
TextRows::~TextRows() = default;

std::optional<TextRows> TextRows::open(const std::filesystem::path& path, std::string& problem) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    problem = "there is no such file";
    return std::nullopt;
  }
  if (!std::filesystem::is_regular_file(status)) {
    problem = std::filesystem::is_directory(status) ? "it is a folder, not a file"
                                                    : "it is a pipe or a device, not a file";
    return std::nullopt;
  }
  auto source = std::make_unique<Source>();
  source->file.open(path, std::ios::binary);
  if (!source->file) {
    problem = "no permission";
    return std::nullopt;
  }
  source->refill();
  std::string& start = source->buffer;
  problem = binary_kind(start);
  if (!problem.empty()) return std::nullopt;
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF") || looks_utf16(start)) {
    auto bytes = read_file(path, problem);
    if (!bytes) return std::nullopt;
    return of_bytes(std::move(*bytes), problem);
  }
  if (start.starts_with("\xEF\xBB\xBF")) source->at = 3;
  return TextRows(std::move(source));
}

std::optional<TextRows> TextRows::of_bytes(std::string bytes, std::string& problem) {
  problem = binary_kind(bytes);
  if (!problem.empty()) return std::nullopt;
  auto source = std::make_unique<Source>();
  source->total = bytes.size();
  const bool little = bytes.starts_with("\xFF\xFE"), big = bytes.starts_with("\xFE\xFF");
  if (little || big || looks_utf16(bytes)) {
    const bool swapped = big || (!little && bytes[0] == '\0');
    auto text =
        to_utf8(std::string_view(bytes).substr(little || big ? 2 : 0), swapped ? "UTF-16BE" : "UTF-16LE");
    if (!text) {
      problem = "it looks like UTF-16 but is not; save it as \"CSV UTF-8\"";
      return std::nullopt;
    }
    bytes = std::move(*text);
    source->encoding = "UTF-16";
    source->encoding_line = 1;
  }
  source->buffer = std::move(bytes);
  source->look(0);
  if (source->buffer.starts_with("\xEF\xBB\xBF")) source->at = 3;
  return TextRows(std::move(source));
}

bool TextRows::next(TextRow& row) {
  return source_->next(row);
}

const std::string& TextRows::problem() const {
  return source_->problem;
}
const std::string& TextRows::problem_text() const {
  return source_->problem_text;
}
std::size_t TextRows::problem_line() const {
  return source_->problem_line;
}
const std::string& TextRows::encoding() const {
  return source_->encoding;
}
std::size_t TextRows::encoding_line() const {
  return source_->encoding_line;
}
std::size_t TextRows::bytes_read() const {
  return source_->total;
}

void split_cells(const TextRow& row, char delimiter, std::vector<std::string_view>& cells,
                 std::vector<std::string>& storage) {
  cells.clear();
  storage.clear();
  const std::string_view text = row.text;
  if (!row.quoted) {
    std::size_t begin = 0;
    while (true) {
      const std::size_t end = text.find(delimiter, begin);
      cells.push_back(trimmed(text.substr(begin, end - begin)));
      if (end == std::string_view::npos) return;
      begin = end + 1;
    }
  }
  std::vector<std::pair<std::size_t, std::size_t>> doubled;  // cell, index in storage
  std::size_t i = 0;
  while (true) {
    std::size_t begin = i;
    while (begin < text.size() && text[begin] == ' ') ++begin;
    if (begin < text.size() && text[begin] == '"') {
      std::size_t end = begin + 1;
      bool has_double = false;
      while (end < text.size() && (text[end] != '"' || (end + 1 < text.size() && text[end + 1] == '"'))) {
        has_double = has_double || text[end] == '"';
        end += text[end] == '"' ? 2 : 1;
      }
      end = std::min(end, text.size());
      const std::string_view inside = text.substr(begin + 1, end - begin - 1);
      if (has_double) {
        std::string plain;
        for (std::size_t k = 0; k < inside.size(); ++k) {
          plain += inside[k];
          if (inside[k] == '"') ++k;
        }
        doubled.emplace_back(cells.size(), storage.size());
        storage.push_back(std::move(plain));
        cells.emplace_back();
      } else {
        cells.push_back(trimmed(inside));
      }
      i = std::min(text.find(delimiter, end), text.size());
    } else {
      const std::size_t end = std::min(text.find(delimiter, i), text.size());
      cells.push_back(trimmed(text.substr(i, end - i)));
      i = end;
    }
    if (i >= text.size()) break;
    ++i;
  }
  for (const auto& [cell, index] : doubled) cells[cell] = trimmed(storage[index]);
}

char delimiter_of(std::string_view header) {
  constexpr std::string_view candidates = ",;\t";
  const auto most = std::max_element(candidates.begin(), candidates.end(), [&](char a, char b) {
    return std::count(header.begin(), header.end(), a) < std::count(header.begin(), header.end(), b);
  });
  return *most;
}

}  // namespace lode

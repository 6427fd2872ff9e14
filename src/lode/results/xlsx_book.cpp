// SPDX-License-Identifier: Apache-2.0
#include "lode/results/xlsx_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "lode/version.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_text = 32767;

/// Excel takes 32,767 characters in a cell; a longer formula is cut at a character's border.
std::string fitting(const std::string& text) {
  if (text.size() <= longest_text) return text;
  std::size_t end = longest_text - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

/// Seconds since 1970 of "YYYY-MM-DDThh:mm:ssZ"; 1980-01-01 where the text is something else, never the
/// clock.
std::time_t creation_time(const std::string& timestamp) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const int fields =
      std::sscanf(timestamp.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second);
  using namespace std::chrono;
  year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                      std::chrono::day{static_cast<unsigned>(day)}};
  if (fields < 3 || !date.ok()) {
    date = 1980y / January / 1;
    hour = minute = second = 0;
  }
  return system_clock::to_time_t(sys_days{date} + hours{hour} + minutes{minute} + seconds{second});
}

}  // namespace

XlsxBook::XlsxBook(const std::string& path, const ResultSet& results) : book_(workbook_new(path.c_str())) {
  if (book_ == nullptr) {
    status_ = LXW_ERROR_MEMORY_MALLOC_FAILED;
    return;
  }
  std::string title = results.title, comments = fmt::format("Lode {}", version);
  lxw_doc_properties properties{};
  properties.title = title.data();
  properties.comments = comments.data();
  properties.created = creation_time(results.timestamp);
  check(workbook_set_properties(book_, &properties));

  header_ = workbook_add_format(book_);
  format_set_bold(header_);
  format_set_bg_color(header_, 0xE7EBEF);
  format_set_bottom(header_, LXW_BORDER_THIN);
  format_set_align(header_, LXW_ALIGN_VERTICAL_TOP);
  first_row_ = workbook_add_format(book_);
  format_set_bold(first_row_);
  wrapped_ = workbook_add_format(book_);
  format_set_text_wrap(wrapped_);
  format_set_align(wrapped_, LXW_ALIGN_VERTICAL_TOP);
}

lxw_worksheet* XlsxBook::sheet(const std::string& name) {
  if (!ok()) return nullptr;
  lxw_worksheet* const sheet = workbook_add_worksheet(book_, name.c_str());
  if (sheet == nullptr) status_ = LXW_ERROR_INVALID_SHEETNAME_CHARACTER;
  return sheet;
}

void XlsxBook::text(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& value,
                    lxw_format* format) {
  if (!ok() || value.empty()) return;
  check(worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
                               fitting(value).c_str(), format));
}

void XlsxBook::number(lxw_worksheet* sheet, std::size_t row, std::size_t column, double value,
                      lxw_format* format) {
  if (std::isnan(value)) return;
  // Excel has no infinity.
  if (std::isinf(value)) return text(sheet, row, column, value > 0 ? "inf" : "-inf");
  if (!ok()) return;
  check(worksheet_write_number(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), value,
                               format));
}

void XlsxBook::year(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& label,
                    lxw_format* format) {
  const bool is_year =
      !label.empty() && label.size() < 6 && label.find_first_not_of("0123456789") == std::string::npos;
  if (is_year) {
    number(sheet, row, column, std::stod(label), format);
  } else {
    text(sheet, row, column, label, format);
  }
}

void XlsxBook::width(lxw_worksheet* sheet, std::size_t column, double characters) {
  const auto c = static_cast<lxw_col_t>(column);
  if (ok()) check(worksheet_set_column(sheet, c, c, std::clamp(characters, 6.0, 60.0) + 1.5, nullptr));
}

lxw_format* XlsxBook::number_format(const char* pattern) {
  if (!ok()) return nullptr;
  lxw_format*& format = number_formats_[pattern];
  if (format == nullptr) {
    format = workbook_add_format(book_);
    format_set_num_format(format, pattern);
  }
  return format;
}

void XlsxBook::close() {
  if (book_ == nullptr) return;
  const lxw_error status = workbook_close(book_);
  book_ = nullptr;
  check(status);
}

const char* pattern_for(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  if (largest >= 1e12) return "0.000E+00";
  if (largest >= 1000) return "#,##0";
  if (largest >= 100) return "#,##0.0";
  if (largest >= 1) return "#,##0.00";
  if (largest >= 1e-3 || largest == 0) return "0.0000";
  return "0.000E+00";
}

WriteError too_large(const std::string& sheet, std::size_t rows, std::size_t columns) {
  if (rows <= LXW_ROW_MAX && columns <= LXW_COL_MAX) return std::nullopt;
  return fmt::format("sheet `{}` would have {} rows and {} columns, more than Excel takes; write CSV instead",
                     sheet, rows, columns);
}

}  // namespace lode

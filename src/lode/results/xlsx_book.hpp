// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <xlsxwriter.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "lode/results/result_set.hpp"
#include "lode/results/write.hpp"

namespace lode {

/// A workbook being written. The first failure is kept, later calls do nothing.
class XlsxBook {
 public:
  XlsxBook(const std::string& path, const ResultSet& results);
  XlsxBook(const XlsxBook&) = delete;
  XlsxBook& operator=(const XlsxBook&) = delete;
  ~XlsxBook() { close(); }

  lxw_worksheet* sheet(const std::string& name);
  void text(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& value,
            lxw_format* format = nullptr);
  void number(lxw_worksheet* sheet, std::size_t row, std::size_t column, double value, lxw_format* format);
  /// A label of the time axis: a number, so that a chart's axis can use it, unless it is no year.
  void year(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& label,
            lxw_format* format = nullptr);
  void width(lxw_worksheet* sheet, std::size_t column, double characters);
  lxw_format* number_format(const char* pattern);
  lxw_format* header() const { return header_; }
  lxw_format* first_row() const { return first_row_; }
  lxw_format* wrapped() const { return wrapped_; }

  void close();
  bool ok() const { return status_ == LXW_NO_ERROR; }
  std::string failure() const { return lxw_strerror(status_); }

 private:
  void check(lxw_error status) {
    if (ok()) status_ = status;
  }

  lxw_workbook* book_;
  lxw_error status_ = LXW_NO_ERROR;
  lxw_format* header_ = nullptr;
  lxw_format* first_row_ = nullptr;
  lxw_format* wrapped_ = nullptr;
  std::map<std::string, lxw_format*> number_formats_;
};

/// Digits to show, by the largest size among numbers of one kind; the cells keep the full numbers.
const char* pattern_for(const std::vector<double>& values);

/// What to say if a sheet has no room for so many rows and columns.
WriteError too_large(const std::string& sheet, std::size_t rows, std::size_t columns);

}  // namespace lode

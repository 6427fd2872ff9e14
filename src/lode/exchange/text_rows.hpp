// SPDX-License-Identifier: Apache-2.0
//
// A text file of columns read row by row, in memory that does not grow with the file: a file of world trade
// has ten million rows.
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

/// One record; valid until the next is read.
struct TextRow {
  std::size_t line = 0;   ///< of its first character, from 1
  std::string_view text;  ///< UTF-8, without its line end
  bool quoted = false;    ///< it holds quotation marks
};

class TextRows {
 public:
  /// Nothing, and a `problem` in words, if there is no text to read.
  static std::optional<TextRows> open(const std::filesystem::path& path, std::string& problem);
  static std::optional<TextRows> of_bytes(std::string bytes, std::string& problem);
  TextRows(TextRows&&) noexcept;
  TextRows& operator=(TextRows&&) noexcept;
  ~TextRows();

  /// The next record that is not blank; false at the end, or after a `problem()`.
  bool next(TextRow& row);
  /// Why the rest cannot be read; empty if all is well.
  const std::string& problem() const;
  std::size_t problem_line() const;
  const std::string& problem_text() const;  ///< that line, or the beginning of it
  /// What the bytes were, if not UTF-8, and the line where that showed: "Latin-1 (Windows-1252)".
  const std::string& encoding() const;
  std::size_t encoding_line() const;
  std::size_t bytes_read() const;

 private:
  struct Source;
  explicit TextRows(std::unique_ptr<Source> source);
  std::unique_ptr<Source> source_;
};

/// The cells of a record, trimmed and without their quotation marks. Those with doubled quotation marks lie
/// in `storage`.
void split_cells(const TextRow& row, char delimiter, std::vector<std::string_view>& cells,
                 std::vector<std::string>& storage);

/// The separator that a header uses most: comma, semicolon or tab.
char delimiter_of(std::string_view header);

}  // namespace lode

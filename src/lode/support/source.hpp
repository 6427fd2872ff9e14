// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

/// A text file as read: every location points into one, so that messages can show the line.
class SourceFile {
 public:
  /// `path` is shown to the user as is; `text` must be UTF-8 without byte order mark.
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  const std::string& text() const { return text_; }
  std::size_t line_count() const { return line_starts_.size(); }
  /// Text of a line (from 1) without its line end; empty outside the file.
  std::string_view line(std::size_t number) const;
  /// Offset of the first byte of a line (from 1), the end of the text beyond the last line.
  std::size_t line_start(std::size_t number) const;
  /// Line (from 1) that holds a byte offset.
  std::size_t line_of(std::size_t offset) const;

 private:
  std::string path_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const SourceFile>;

/// A stretch of a source file in bytes. A default location is "nowhere".
struct Location {
  SourcePtr file;
  std::size_t offset = 0;
  std::size_t length = 0;

  explicit operator bool() const { return file != nullptr; }
  std::size_t line() const;    ///< from 1; 0 nowhere
  std::size_t column() const;  ///< from 1, in characters (code points); 0 nowhere
  std::string str() const;     ///< "path:line:column"
};

/// Joins two locations of one file into the stretch that covers both.
Location cover(const Location& a, const Location& b);

/// Number of code points of a UTF-8 text, and the columns a terminal gives it (full-width characters take
/// two).
std::size_t code_points(std::string_view utf8);
std::size_t display_width(std::string_view utf8);
bool is_valid_utf8(std::string_view text);

}  // namespace lode

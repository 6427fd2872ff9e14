// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lode/tables/sheet_xml.hpp"

namespace lode {

/// A workbook (.xlsx) whose sheets are read one at a time.
class Workbook {
 public:
  /// Nothing, and a `problem` in words, if the file is no workbook.
  static std::optional<Workbook> open(const std::filesystem::path& path, std::string& problem);
  /// The same from memory.
  static std::optional<Workbook> open_bytes(std::string bytes, std::string& problem);
  Workbook(Workbook&&) noexcept;
  Workbook& operator=(Workbook&&) noexcept;
  ~Workbook();

  const std::vector<SheetEntry>& sheets() const { return sheets_; }
  std::optional<Sheet> read(std::size_t index, std::string& problem);

 private:
  struct Archive;
  explicit Workbook(std::unique_ptr<Archive> archive);
  std::unique_ptr<Archive> archive_;
  std::vector<SheetEntry> sheets_;
  std::vector<std::string> shared_;
};

}  // namespace lode

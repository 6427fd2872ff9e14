// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/workbook.hpp"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>

#include "lode/support/contract.hpp"
#include "lode/support/files.hpp"

namespace lode {

struct Workbook::Archive {
  std::string bytes;  // libzip reads from here as long as it is open
  zip_t* zip = nullptr;
  ~Archive() {
    if (zip != nullptr) zip_discard(zip);
  }

  /// A part, unpacked. Bounded by what is unpacked, not by what the archive says: a few packed kilobytes can
  /// stand for gigabytes.
  std::optional<std::string> part(const std::string& name, std::string& problem) const {
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen(zip, name.c_str(), ZIP_FL_NOCASE),
                                                                  &zip_fclose);
    if (!file) {
      problem = fmt::format("its part `{}` cannot be opened: {}", name, zip_strerror(zip));
      return std::nullopt;
    }
    std::string result;
    constexpr std::size_t piece = std::size_t{1} << 18;
    while (true) {
      const std::size_t before = result.size();
      result.resize(before + piece);
      const zip_int64_t read = zip_fread(file.get(), result.data() + before, piece);
      if (read < 0) {
        problem = fmt::format("its part `{}` is damaged: {}", name, zip_file_strerror(file.get()));
        return std::nullopt;
      }
      result.resize(before + static_cast<std::size_t>(read));
      if (read == 0) return result;
      if (result.size() > largest_file) {
        problem = fmt::format("its part `{}` unpacks to more than {} MiB; save the sheet as CSV", name,
                              largest_file >> 20u);
        return std::nullopt;
      }
    }
  }
};

Workbook::Workbook(std::unique_ptr<Archive> archive) : archive_(std::move(archive)) {}
Workbook::Workbook(Workbook&&) noexcept = default;
Workbook& Workbook::operator=(Workbook&&) noexcept = default;
Workbook::~Workbook() = default;

std::optional<Workbook> Workbook::open(const std::filesystem::path& path, std::string& problem) {
  std::optional<std::string> bytes = read_file(path, problem);
  if (!bytes) return std::nullopt;
  return open_bytes(std::move(*bytes), problem);
}

std::optional<Workbook> Workbook::open_bytes(std::string bytes, std::string& problem) {
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) {
    problem = "it is a workbook of the old form (.xls) or one with a password; save it as .xlsx without one";
    return std::nullopt;
  }
  auto archive = std::make_unique<Archive>();
  archive->bytes = std::move(bytes);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source =
      zip_source_buffer_create(archive->bytes.data(), archive->bytes.size(), 0, &error);
  if (source != nullptr) archive->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive->zip == nullptr) {
    problem = fmt::format("it is no workbook (.xlsx): {}", zip_error_strerror(&error));
    if (source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return std::nullopt;
  }
  zip_error_fini(&error);
  const auto book = archive->part("xl/workbook.xml", problem);
  if (!book) return std::nullopt;
  const auto relations = archive->part("xl/_rels/workbook.xml.rels", problem);
  if (!relations) return std::nullopt;
  auto sheets = parse_sheet_list(*book, *relations, problem);
  if (!sheets) return std::nullopt;
  if (sheets->empty()) {
    problem = "it has no sheet with cells";
    return std::nullopt;
  }
  Workbook result(std::move(archive));
  result.sheets_ = std::move(*sheets);
  // A workbook of numbers alone has no shared strings.
  if (zip_name_locate(result.archive_->zip, "xl/sharedStrings.xml", ZIP_FL_NOCASE) >= 0) {
    const auto xml = result.archive_->part("xl/sharedStrings.xml", problem);
    if (!xml) return std::nullopt;
    auto shared = parse_shared_strings(*xml, problem);
    if (!shared) return std::nullopt;
    result.shared_ = std::move(*shared);
  }
  return result;
}

std::optional<Sheet> Workbook::read(std::size_t index, std::string& problem) {
  LODE_EXPECT(index < sheets_.size());
  const auto xml = archive_->part(sheets_[index].part, problem);
  if (!xml) return std::nullopt;
  return parse_sheet(*xml, shared_, problem);
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/sheet_xml.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_cell = 32768;  // characters Excel takes, and one more
constexpr std::size_t deepest = 64;          // elements within elements

std::string_view local(std::string_view name) {
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class Attributes {
 public:
  explicit Attributes(const XML_Char** list) : list_(list) {}
  std::string_view operator[](std::string_view wanted) const {
    for (const XML_Char** at = list_; *at != nullptr; at += 2) {
      if (local(at[0]) == wanted) return at[1];
    }
    return {};
  }

 private:
  const XML_Char** list_;
};

/// Drives expat over one part. A part has no business with a DOCTYPE: entities are never declared, so nothing
/// expands.
class PartReader {
 public:
  PartReader() = default;
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;
  virtual ~PartReader() = default;

  bool read(std::string_view xml, std::string& problem) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(
        XML_ParserCreate(nullptr), &XML_ParserFree);
    if (!parser) {
      problem = "there is no memory to read it";
      return false;
    }
    parser_ = parser.get();
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_,
        [](void* self, const XML_Char* name, const XML_Char** list) {
          static_cast<PartReader*>(self)->open(name, list);
        },
        [](void* self, const XML_Char* name) { static_cast<PartReader*>(self)->close(name); });
    XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* text, int length) {
      static_cast<PartReader*>(self)->text({text, static_cast<std::size_t>(length)});
    });
    XML_SetStartDoctypeDeclHandler(
        parser_, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
          static_cast<PartReader*>(self)->stop("it declares a document type, which no workbook does");
        });
    constexpr std::size_t piece = std::size_t{1} << 20;
    for (std::size_t at = 0; at <= xml.size(); at += piece) {
      const std::string_view part = xml.substr(at, piece);
      const bool last = at + piece > xml.size();
      if (XML_Parse(parser_, part.data(), static_cast<int>(part.size()), last ? 1 : 0) == XML_STATUS_ERROR) {
        problem = !problem_.empty()
                      ? problem_
                      : fmt::format("its XML is broken in line {}: {}", XML_GetCurrentLineNumber(parser_),
                                    XML_ErrorString(XML_GetErrorCode(parser_)));
        return false;
      }
    }
    return true;
  }

 protected:
  virtual void begin(std::string_view name, const Attributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view piece) = 0;

  void stop(std::string why) {
    if (!problem_.empty()) return;
    problem_ = std::move(why);
    XML_StopParser(parser_, XML_FALSE);
  }
  bool stopped() const { return !problem_.empty(); }

 private:
  void open(std::string_view name, const XML_Char** list) {
    if (++depth_ > deepest) stop("its elements are nested too deep");
    if (!stopped()) begin(local(name), Attributes(list));
  }
  void close(std::string_view name) {
    --depth_;
    if (!stopped()) end(local(name));
  }
  XML_Parser parser_ = nullptr;
  std::string problem_;
  std::size_t depth_ = 0;
};

/// Text of `t` elements, without the phonetic guides (`rPh`) of Japanese workbooks.
class RichText {
 public:
  void begin(std::string_view name) {
    if (name == "rPh") ++phonetic_;
    if (name == "t" && phonetic_ == 0) open_ = true;
  }
  void end(std::string_view name) {
    if (name == "rPh" && phonetic_ > 0) --phonetic_;
    if (name == "t") open_ = false;
  }
  bool add(std::string_view piece) {
    if (open_) value_ += piece;
    return value_.size() <= 4 * longest_cell;
  }
  std::string take() { return std::exchange(value_, {}); }

 private:
  std::string value_;
  bool open_ = false;
  std::size_t phonetic_ = 0;
};

constexpr const char* long_text = "a cell holds more text than a workbook can";

class SharedStrings : public PartReader {
 public:
  std::vector<std::string> strings;

 protected:
  void begin(std::string_view name, const Attributes&) override { rich_.begin(name); }
  void end(std::string_view name) override {
    rich_.end(name);
    if (name != "si") return;
    strings.push_back(rich_.take());
    if (strings.size() > most_sheet_cells) stop("it holds too many texts");
  }
  void text(std::string_view piece) override {
    if (!rich_.add(piece)) stop(long_text);
  }

 private:
  RichText rich_;
};

class Relations : public PartReader {
 public:
  std::map<std::string, std::string, std::less<>> worksheets;  ///< id → target

 protected:
  void begin(std::string_view name, const Attributes& attributes) override {
    if (name == "Relationship" && attributes["Type"].ends_with("/worksheet"))
      worksheets.emplace(attributes["Id"], attributes["Target"]);
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

class SheetList : public PartReader {
 public:
  explicit SheetList(const Relations& relations) : relations_(relations) {}
  std::vector<SheetEntry> sheets;

 protected:
  void begin(std::string_view name, const Attributes& attributes) override {
    if (name != "sheet") return;
    const auto target = relations_.worksheets.find(attributes["id"]);
    if (target == relations_.worksheets.end()) return;  // a sheet that is one chart
    std::string part = target->second;
    part = part.starts_with('/') ? part.substr(1) : "xl/" + part;
    sheets.push_back(
        {std::string(attributes["name"]), std::move(part), attributes["state"].ends_with("idden")});
    if (sheets.size() > most_sheet_columns) stop("it has too many sheets");
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  const Relations& relations_;
};

std::optional<std::uint32_t> whole(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class SheetReader : public PartReader {
 public:
  explicit SheetReader(const std::vector<std::string>& shared) : shared_(shared) {}
  Sheet sheet;

 protected:
  void begin(std::string_view name, const Attributes& attributes) override {
    if (name == "row") return begin_row(attributes);
    if (name == "c") return begin_cell(attributes);
    if (name == "mergeCell") ++sheet.merged;
    if (!in_cell_) return;
    if (name == "v") in_value_ = true;
    if (name == "f") formula_ = true;
    if (inline_) rich_.begin(name);
  }

  void end(std::string_view name) override {
    if (inline_) rich_.end(name);
    if (name == "v") in_value_ = false;
    if (name == "c" && in_cell_) end_cell();
  }

  void text(std::string_view piece) override {
    if (in_value_) value_ += piece;
    if (value_.size() > 4 * longest_cell || (inline_ && !rich_.add(piece))) stop(long_text);
  }

 private:
  void begin_row(const Attributes& attributes) {
    // Row and cell numbers may be left out; they then follow the one before.
    const std::string_view number = attributes["r"];
    const auto row = number.empty() ? std::optional(row_ + 1) : whole(number);
    if (!row || *row <= row_ || *row > most_sheet_rows)
      return stop(fmt::format("row {} is numbered `{}`", row_ + 1, number.substr(0, 20)));
    row_ = *row;
    column_ = 0;
    const std::string_view hidden = attributes["hidden"];
    sheet.hidden_rows += hidden == "1" || hidden == "true";
  }

  void begin_cell(const Attributes& attributes) {
    const std::string_view name = attributes["r"];
    std::uint32_t column = column_ + 1;
    if (!name.empty()) {
      column = 0;
      std::size_t i = 0;
      for (; i < name.size() && name[i] >= 'A' && name[i] <= 'Z' && column <= most_sheet_columns; ++i)
        column = 26 * column + static_cast<std::uint32_t>(name[i] - 'A' + 1);
      if (whole(name.substr(i)) != row_) column = 0;
    }
    if (row_ == 0 || column <= column_ || column > most_sheet_columns)
      return stop(fmt::format("a cell of row {} is called `{}`", row_, name.substr(0, 20)));
    column_ = column;
    type_ = attributes["t"];
    in_cell_ = true;
    inline_ = type_ == "inlineStr";
    formula_ = false;
    value_.clear();
  }

  void end_cell() {
    in_cell_ = false;
    SheetCell cell{row_, column_, SheetCell::Kind::number, {}};
    if (std::exchange(inline_, false)) {
      cell.kind = SheetCell::Kind::text;
      cell.text = rich_.take();
    } else if (value_.empty()) {
      if (formula_ && type_ != "str") cell.kind = SheetCell::Kind::uncomputed;
    } else if (type_ == "s") {
      const auto index = whole(value_);
      if (!index || *index >= shared_.size())
        return stop(fmt::format("cell {} names a text that is not there", cell_name(row_, column_)));
      cell.kind = SheetCell::Kind::text;
      cell.text = shared_[*index];
    } else if (type_ == "b") {
      cell.kind = SheetCell::Kind::boolean;
      cell.text = value_ == "1" || value_ == "true" ? "TRUE" : "FALSE";
    } else {
      cell.kind = type_ == "e"                     ? SheetCell::Kind::error
                  : type_ == "str" || type_ == "d" ? SheetCell::Kind::text
                                                   : SheetCell::Kind::number;
      cell.text = value_;
    }
    if (cell.text.empty() && cell.kind != SheetCell::Kind::uncomputed) return;  // only formatted
    if (sheet.cells.size() >= most_sheet_cells)
      return stop(fmt::format("it has more than {} cells", most_sheet_cells));
    sheet.cells.push_back(std::move(cell));
  }

  const std::vector<std::string>& shared_;
  RichText rich_;
  std::string type_, value_;
  std::uint32_t row_ = 0, column_ = 0;
  bool in_cell_ = false, in_value_ = false, inline_ = false, formula_ = false;
};

}  // namespace

std::string cell_name(std::uint32_t row, std::uint32_t column) {
  LODE_EXPECT(row > 0 && column > 0);
  std::string letters;
  for (; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters + std::to_string(row);
}

std::optional<std::vector<std::string>> parse_shared_strings(std::string_view xml, std::string& problem) {
  SharedStrings reader;
  if (!reader.read(xml, problem)) return std::nullopt;
  return std::move(reader.strings);
}

std::optional<std::vector<SheetEntry>> parse_sheet_list(std::string_view workbook, std::string_view relations,
                                                        std::string& problem) {
  Relations targets;
  if (!targets.read(relations, problem)) return std::nullopt;
  SheetList reader(targets);
  if (!reader.read(workbook, problem)) return std::nullopt;
  return std::move(reader.sheets);
}

std::optional<Sheet> parse_sheet(std::string_view xml, const std::vector<std::string>& shared,
                                 std::string& problem) {
  SheetReader reader(shared);
  if (!reader.read(xml, problem)) return std::nullopt;
  return std::move(reader.sheet);
}

}  // namespace lode

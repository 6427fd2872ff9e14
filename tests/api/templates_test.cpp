// SPDX-License-Identifier: Apache-2.0
#include "lode/api/templates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "lode/support/source.hpp"

namespace lode {
namespace {

std::string_view file_of(const Template& item, std::string_view path) {
  for (const TemplateFile& file : item.files)
    if (file.path == path) return file.text;
  return {};
}

TEST(Templates, AreTheFiveByName) {
  std::vector<std::string> names;
  for (const Template& item : templates()) names.emplace_back(item.name);
  EXPECT_EQ(names, (std::vector<std::string>{"chain", "flow-map", "pathway", "stock-driven", "trade"}));
}

TEST(Templates, HoldTheBytesOfTheirFolders) {
  const std::filesystem::path root = std::filesystem::path(LODE_SOURCE_DIR) / "templates";
  for (const Template& item : templates()) {
    std::set<std::string> embedded;
    for (const TemplateFile& file : item.files) {
      std::filesystem::path path = root / item.name / file.path;
      if (!std::filesystem::exists(path)) path = root / "common" / file.path;
      std::ifstream in(path, std::ios::binary);
      ASSERT_TRUE(in) << path;
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      EXPECT_EQ(file.text, bytes) << path;
      EXPECT_TRUE(embedded.emplace(file.path).second) << item.name << ": " << file.path << " twice";
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / item.name))
      if (entry.is_regular_file()) {
        EXPECT_TRUE(embedded.count(entry.path().lexically_relative(root / item.name).generic_string()))
            << entry.path();
      }
    EXPECT_TRUE(embedded.count(".editorconfig")) << item.name;
  }
}

TEST(Templates, AreShortBilingualAndSayWhatToTry) {
  for (const Template& item : templates()) {
    const std::string_view model = file_of(item, "model.yaml");
    EXPECT_LT(std::count(model.begin(), model.end(), '\n'), 40) << item.name;
    EXPECT_TRUE(model.starts_with("# yaml-language-server: $schema=lode.schema.json\n")) << item.name;
    EXPECT_NE(model.find("# try: "), std::string_view::npos) << item.name;
    EXPECT_NE(model.find("试改为"), std::string_view::npos) << item.name;
    EXPECT_FALSE(file_of(item, "sources.bib").empty()) << item.name;
  }
}

TEST(Templates, SpreadsheetsCanReadTheirChinese) {
  for (const Template& item : templates()) {
    for (const TemplateFile& file : item.files) {
      EXPECT_TRUE(is_valid_utf8(file.text)) << item.name << "/" << file.path;
      const bool ascii =
          std::all_of(file.text.begin(), file.text.end(), [](char c) { return (c & 0x80) == 0; });
      if (file.path.ends_with(".csv") && !ascii) {
        EXPECT_TRUE(file.text.starts_with("\xEF\xBB\xBF")) << item.name << "/" << file.path;
      }
    }
  }
}

}  // namespace
}  // namespace lode

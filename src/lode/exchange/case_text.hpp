// SPDX-License-Identifier: Apache-2.0
//
// What the files of a case that is made have in common.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lode {

struct CaseFile {
  std::string path, text;
};

inline constexpr const char* byte_order_mark = "\xEF\xBB\xBF";  // Excel needs it to show Chinese

/// A plain word made of any text: "Use phase" is `use_phase`.
std::string identifier(std::string_view text);
/// A YAML text in double quotes, whatever it holds.
std::string yaml_text(const std::string& text);
/// What `time:` holds: the one year, the first and the last, or the list of years, which ascend.
std::string time_text(const std::vector<int>& years);
/// A text within a field of a BibTeX entry.
std::string bibtex_text(std::string text);

}  // namespace lode

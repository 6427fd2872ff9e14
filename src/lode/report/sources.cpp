// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "lode/report/numbers.hpp"

namespace lode {
namespace {

constexpr std::size_t most_sources = 4;

std::string without_braces(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != '{' && c != '}') out += c;
  return out;
}

/// "Yao, Tianli" is "Yao"; a name without a comma, as of an institution, stays.
std::string family_name(const std::string& author) {
  const std::size_t first = author.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  const std::size_t last = author.find_last_not_of(' ');
  const std::string name = author.substr(first, last - first + 1);
  return without_braces(name.substr(0, name.find(',')));
}

std::string short_form(const SourceEntry& entry, bool chinese) {
  const auto field = [&](const char* name) {
    const auto found = entry.fields.find(name);
    return found == entry.fields.end() ? std::string() : found->second;
  };
  std::vector<std::string> authors;
  const std::string all = field("author");
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(" and ", at), all.size());
    const std::string name = family_name(all.substr(at, end - at));
    if (!name.empty()) authors.push_back(name);
    at = end + 5;
  }
  std::string who = authors.empty() ? without_braces(field("title")) : authors.front();
  if (who.empty()) who = entry.key;
  if (authors.size() == 2) who += (chinese ? "和" : " and ") + authors[1];
  if (authors.size() > 2) who += chinese ? "等" : " et al.";
  const std::string year = field("year");
  if (year.empty()) return who;
  return chinese ? fmt::format("{}（{}）", who, year) : fmt::format("{} ({})", who, year);
}

}  // namespace

std::string source_line(const Model& model, const std::string& language) {
  std::vector<std::string> keys;
  for (const ParameterDecl& parameter : model.parameters) {
    if (!parameter.source) continue;
    std::istringstream words(parameter.source->text);
    for (std::string key; words >> key;)
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  }
  const bool chinese = is_chinese(language);
  std::string line;
  std::size_t named = 0;
  for (const std::string& key : keys) {
    const auto entry = std::find_if(model.sources.begin(), model.sources.end(),
                                    [&](const SourceEntry& each) { return each.key == key; });
    if (entry == model.sources.end()) continue;
    if (named == most_sources) return line + (chinese ? "；等" : "; and others");
    line += (named++ ? (chinese ? "；" : "; ") : "") + short_form(*entry, chinese);
  }
  return line;
}

}  // namespace lode

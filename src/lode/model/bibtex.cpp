// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "lode/model/reader.hpp"
#include "lode/support/text.hpp"

namespace lode {
namespace {

constexpr std::size_t deepest_braces = 1000;

class BibReader {
 public:
  BibReader(SourcePtr file, Diagnostics& diagnostics)
      : file_(std::move(file)), text_(file_->text()), diagnostics_(diagnostics) {}

  std::vector<SourceEntry> read() {
    while (true) {
      const std::size_t at = text_.find('@', i_);
      if (at == std::string::npos) break;
      i_ = at + 1;
      // An @ inside a line of free text, an address say, begins no entry.
      if (at > 0 && std::isalnum(static_cast<unsigned char>(text_[at - 1])) != 0) continue;
      read_entry(at);
    }
    return std::move(entries_);
  }

 private:
  void skip_space() {
    while (i_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[i_])) != 0) ++i_;
  }

  std::string word() {
    const std::size_t begin = i_;
    while (i_ < text_.size() &&
           std::string_view(" \t\n\r,={}()\"#%").find(text_[i_]) == std::string_view::npos)
      ++i_;
    return text_.substr(begin, i_ - begin);
  }

  void fail(std::size_t at, const std::string& message, const std::string& help) {
    diagnostics_.error("bibtex", {file_, at, std::min<std::size_t>(1, text_.size() - at)}, message).help =
        help;
  }

  /// A group in braces from its opening brace on; empty and unmoved if it does not end.
  bool braces(std::string& content) {
    std::size_t depth = 0;
    const std::size_t begin = i_;
    for (std::size_t p = i_; p < text_.size(); ++p) {
      if (text_[p] == '\\') {
        ++p;
        continue;
      }
      if (text_[p] == '{' && ++depth > deepest_braces) return false;
      if (text_[p] == '}' && --depth == 0) {
        content = text_.substr(begin + 1, p - begin - 1);
        i_ = p + 1;
        return true;
      }
    }
    return false;
  }

  bool quotes(std::string& content) {
    std::size_t depth = 0;
    const std::size_t begin = ++i_;
    for (; i_ < text_.size(); ++i_) {
      if (text_[i_] == '\\') {
        ++i_;
      } else if (text_[i_] == '{') {
        ++depth;
      } else if (text_[i_] == '}' && depth > 0) {
        --depth;
      } else if (text_[i_] == '"' && depth == 0) {
        content = text_.substr(begin, i_++ - begin);
        return true;
      }
    }
    return false;
  }

  bool value(std::string& content) {
    content.clear();
    while (true) {
      skip_space();
      std::string part;
      if (i_ >= text_.size()) return false;
      if (text_[i_] == '{') {
        if (!braces(part)) return false;
      } else if (text_[i_] == '"') {
        if (!quotes(part)) return false;
      } else {
        part = word();
        if (part.empty()) return false;
        if (const auto known = strings_.find(lower_case(part)); known != strings_.end()) part = known->second;
      }
      content += part;
      skip_space();
      if (i_ >= text_.size() || text_[i_] != '#') return true;
      ++i_;
    }
  }

  /// `name = value` pairs up to the closing bracket.
  bool fields(char closing, std::map<std::string, std::string>& result, std::size_t start) {
    while (true) {
      skip_space();
      if (i_ < text_.size() && text_[i_] == ',') {
        ++i_;
        continue;
      }
      if (i_ < text_.size() && text_[i_] == closing) {
        ++i_;
        return true;
      }
      const std::size_t at = i_;
      const std::string name = lower_case(word());
      skip_space();
      std::string content;
      if (name.empty() || i_ >= text_.size() || text_[i_] != '=') {
        if (at >= text_.size())
          fail(start, "this entry is not closed", fmt::format("close it with `{}`", closing));
        else
          fail(at, "a field `name = {text}` is expected here", "fields are parted by commas");
        return false;
      }
      ++i_;
      const std::size_t value_at = i_;
      if (!value(content)) {
        fail(std::min(value_at, text_.size()), fmt::format("the text of `{}` does not end", name),
             "put it in braces, as many closing as opening");
        return false;
      }
      std::string clean;
      for (const char c : content) {
        const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (space && (clean.empty() || clean.back() == ' ')) continue;
        if (c != '{' && c != '}') clean += space ? ' ' : c;
      }
      result.emplace(name, clean);
    }
  }

  void read_entry(std::size_t at) {
    const std::string type = lower_case(word());
    skip_space();
    if (type.empty() || i_ >= text_.size() || (text_[i_] != '{' && text_[i_] != '(')) return;
    const char closing = text_[i_] == '{' ? '}' : ')';
    if (type == "comment" || type == "preamble") {
      std::string ignored;
      if (text_[i_] != '{' || !braces(ignored)) ++i_;
      return;
    }
    ++i_;
    if (type == "string") {
      std::map<std::string, std::string> found;
      if (fields(closing, found, at)) strings_.insert(found.begin(), found.end());
      return;
    }
    skip_space();
    const std::size_t key_at = i_;
    SourceEntry entry;
    entry.type = type;
    entry.key = word();
    entry.where = {file_, key_at, entry.key.size()};
    if (entry.key.empty()) {
      fail(std::min(key_at, text_.size()), "the entry has no key",
           fmt::format("write `@{}{{author2020, …}}`", type));
      return;
    }
    if (!fields(closing, entry.fields, at)) return;
    const auto [same, is_new] = seen_.emplace(entry.key, entry.where);
    if (!is_new) {
      two_places(diagnostics_.error("duplicate-key", entry.where,
                                    fmt::format("the source `{}` stands twice", entry.key)),
                 "again here", same->second, "first here");
      return;
    }
    entries_.push_back(std::move(entry));
  }

  SourcePtr file_;
  const std::string& text_;
  Diagnostics& diagnostics_;
  std::size_t i_ = 0;
  std::vector<SourceEntry> entries_;
  std::map<std::string, Location> seen_;
  std::map<std::string, std::string> strings_;
};

}  // namespace

std::vector<SourceEntry> parse_bibtex(const SourcePtr& file, Diagnostics& diagnostics) {
  return BibReader(file, diagnostics).read();
}

}  // namespace lode

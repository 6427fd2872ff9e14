// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "lode/model/yaml_scan.hpp"

namespace lode {
namespace {

bool is_number_piece(const std::string& text) {
  return text.size() >= 3 &&
         std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 3 || text[3] == ' ' || text[3] == '.' || text[3] == '%');
}

bool ends_with_digit(const std::string& text) {
  return !text.empty() && text.back() >= '0' && text.back() <= '9';
}

int open_parentheses(const std::string& text) {
  int depth = 0;
  for (const char c : text) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
  return depth;
}

YamlPtr mend(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done);

void report_split(const YamlNode& joined, const YamlNode& first, const YamlNode& last_key, bool number,
                  Diagnostics& diagnostics) {
  if (number) {
    std::string plain = joined.text;
    std::erase(plain, ',');
    Diagnostic& error =
        diagnostics.error("comma-in-braces", joined.where,
                          fmt::format("`{}` in braces is read as {}", joined.text, first.text));
    error.why = "inside { } a comma begins the next key";
    error.help = fmt::format("write `{}`", plain);
    return;
  }
  Diagnostic& error = diagnostics.error("formula-in-braces", joined.where,
                                        "a formula with `,` `[` or `{` does not go in braces");
  error.why = fmt::format("inside {{ }} a comma begins the next key: YAML reads `{}` and a key `{}`",
                          first.text, last_key.text);
  error.help = "move it under `equations:`, one formula per line, or put it in quotes";
}

YamlPtr mend_map(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done) {
  auto result = std::make_shared<YamlNode>(*node);
  for (YamlPtr& value : result->values) value = mend(value, diagnostics, done);
  if (node->style != YamlNode::Style::flow) return result;
  const std::vector<YamlPtr> old_keys = std::move(result->keys);
  const std::vector<YamlPtr> old_values = std::move(result->values);
  result->keys.clear();
  result->values.clear();
  const auto bare = [&](std::size_t i) {  // a key without value, as a comma in a value leaves it
    return old_values[i]->is_null() && old_keys[i]->style == YamlNode::Style::plain &&
           old_values[i]->where.offset == old_keys[i]->where.offset;
  };
  for (std::size_t i = 0; i < old_keys.size(); ++i) {
    const YamlPtr& value = old_values[i];
    std::size_t last = i;
    bool number = false;
    int open = value->is_scalar() ? open_parentheses(value->text) : 0;
    while (value->is_scalar() && value->style == YamlNode::Style::plain && last + 1 < old_keys.size() &&
           bare(last + 1)) {
      const std::string& piece = old_keys[last + 1]->text;
      const std::string& before = last > i ? old_keys[last]->text : value->text;
      if (open <= 0 && !(ends_with_digit(before) && is_number_piece(piece))) break;
      number = open <= 0;
      open += open_parentheses(piece);
      ++last;
    }
    result->keys.push_back(old_keys[i]);
    if (last > i) {
      auto joined = std::make_shared<YamlNode>(*value);
      joined->where = cover(joined->where, old_keys[last]->where);
      joined->text = joined->where.file->text().substr(joined->where.offset, joined->where.length);
      report_split(*joined, *value, *old_keys[last], number, diagnostics);
      result->values.push_back(std::move(joined));
    } else {
      result->values.push_back(value);
    }
    i = last;
  }
  return result;
}

YamlPtr mend(const YamlPtr& node, Diagnostics& diagnostics, std::map<const YamlNode*, YamlPtr>& done) {
  if (!node || node->is_scalar() || node->is_null()) return node;
  if (const auto found = done.find(node.get()); found != done.end()) return found->second;
  YamlPtr result;
  if (node->is_map()) {
    result = mend_map(node, diagnostics, done);
  } else {
    auto list = std::make_shared<YamlNode>(*node);
    for (YamlPtr& value : list->values) value = mend(value, diagnostics, done);
    result = list;
  }
  done[node.get()] = result;
  return result;
}

}  // namespace

YamlPtr mend_split_values(const YamlPtr& root, Diagnostics& diagnostics) {
  std::map<const YamlNode*, YamlPtr> done;
  return mend(root, diagnostics, done);
}

}  // namespace lode

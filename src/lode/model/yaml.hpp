// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/language/expression.hpp"
#include "lode/support/diagnostics.hpp"
#include "lode/support/source.hpp"

namespace lode {

struct YamlNode;
using YamlPtr = std::shared_ptr<const YamlNode>;

/// A node of a YAML file; every node, keys included, knows its place. An alias shares the node it names.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  enum class Style { plain, quoted, block_text, flow, block };
  Kind kind = Kind::null;
  Style style = Style::plain;
  std::string text;             ///< scalar
  Location where;               ///< a scalar with its quotes; a map or sequence up to its last child
  std::vector<YamlPtr> keys;    ///< map: scalars, no two with the same text
  std::vector<YamlPtr> values;  ///< map: one per key; sequence: the items

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_null() const { return kind == Kind::null; }
  /// The value of a key, null if the key is missing (or this is no map).
  YamlPtr find(std::string_view key) const;
  YamlPtr find_key(std::string_view key) const;
};

/// The text of a scalar with the place of each byte in the file, whatever the quoting or folding.
FormulaText formula_text(const YamlNode& scalar);

/// Reads one YAML document. What a newcomer's keyboard or editor does wrong (tabs, full-width punctuation,
/// formulas in braces) is found before or instead of the YAML parser's own messages. Null if nothing could be
/// read.
YamlPtr parse_yaml(std::string bytes, const std::string& shown_path, Diagnostics& diagnostics);

/// A file's bytes as text: UTF-8 without mark, line ends as '\n'. GB18030 is converted with a note; null if
/// it is no text, which is reported.
SourcePtr read_text(std::string bytes, const std::string& shown_path, Diagnostics& diagnostics);

}  // namespace lode

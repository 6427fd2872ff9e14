// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cctype>
#include <string>

#include "lode/model/yaml.hpp"

namespace lode {

/// Stands for a `%` that begins a value, which the YAML parser would refuse; files that hold it are refused.
inline constexpr char percent_stand_in = '\x7F';

inline bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/// A byte of a word: a key, a name, Chinese text.
inline bool is_word_byte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct ScanResult {
  std::string
      repaired;  ///< same length as the file: full-width punctuation replaced, so that all of it can be read
  bool stop = false;  ///< reading on would only confuse
};

/// Looks at the raw lines for what the YAML parser would misread or explain badly.
ScanResult scan_yaml(const SourcePtr& file, Diagnostics& diagnostics);

/// The YAML parser's message in plain words, with what was probably meant.
void explain_yaml_error(const std::string& message, std::size_t offset, const SourcePtr& file,
                        Diagnostics& diagnostics);

/// Commas inside braces cut formulas and numbers: `{equals: max(a, b)}` has a key `b)`. Says so and puts them
/// together.
YamlPtr mend_split_values(const YamlPtr& root, Diagnostics& diagnostics);

}  // namespace lode

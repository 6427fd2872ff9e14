// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lode/model/yaml.hpp"
#include "lode/support/diagnostics.hpp"

namespace lode {

struct KeySpec;

/// What may stand at a place of model.yaml. The reader's checks and the JSON Schema both come from this
/// description.
struct Shape {
  enum class Kind {
    text,
    name,  ///< an identifier
    number,
    integer,
    boolean,
    value,  ///< a number with a unit or percent sign
    unit,
    file,
    formula,
    condition,
    choice,   ///< one of `choices`
    list,     ///< of `item`
    map,      ///< fixed `keys`
    entries,  ///< names of the user's own, each with an `item`
    nothing,  ///< an empty value
    any_of,
    anything
  };
  Kind kind = Kind::anything;
  std::string expected;  ///< for messages: "a list of dimensions, like [time, product]"
  std::vector<std::string> choices;
  std::vector<KeySpec> keys;
  std::shared_ptr<const Shape> item;
  std::vector<Shape> any;
};

struct KeySpec {
  std::string name;
  std::string doc;
  Shape shape;
  bool required = false;
  bool later = false;  ///< understood, but not computed yet: the reader refuses it
};

/// The description of the whole file; `required` keys are not checked in files that others extend.
const Shape& model_shape();
/// The description of figures.yaml.
const Shape& figures_shape();
/// The keys of one section's entries: entry_shape("parameters").
const Shape& entry_shape(const std::string& section);
/// The entry's fixed keys, in order.
std::vector<std::string> entry_keys(const std::string& section);

/// Reports every unknown, missing or not yet available key and every value of the wrong kind.
void check_shape(const YamlNode& node, const Shape& shape, const std::string& what, bool complete,
                 Diagnostics& diagnostics);

/// Names parted by commas; only the first of very many.
std::string listing(const std::vector<std::string>& names);
/// A user's text inside a message, cut if it is long.
std::string shown(const std::string& text);
/// Whether a misspelt name may still be compared with so many names.
bool few_enough(const Diagnostics& diagnostics, std::size_t names);
/// did_you_mean(), as long as the mistakes are few enough to compare names for each.
std::string suggestion(const Diagnostics& diagnostics, const std::string& word,
                       const std::vector<std::string>& names);

/// True if the text is one that YAML 1.1 or 1.2 takes for a truth value; `value` receives it.
bool read_boolean(const std::string& text, bool& value);

/// Keys by which a parameter carries a distribution.
const std::vector<std::string>& distribution_keys();

}  // namespace lode

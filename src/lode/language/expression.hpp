// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lode/support/diagnostics.hpp"
#include "lode/support/source.hpp"

namespace lode {

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

struct NameAt {
  std::string id;
  Location where;
};

/// One part of `x[...]`: a bare label or year, `dimension = label`, or `time - 3`.
struct Selector {
  std::optional<NameAt> dimension;  ///< `product = WT`, also `exporter = country` (an axis renamed)
  std::optional<NameAt> label;      ///< `AC`, `'electronic devices'`
  std::optional<int> year;          ///< `2017`
  std::optional<double> lag;        ///< `time - 3` → 3
  Location where;
};

/// A formula's syntax tree: data only, names not yet resolved.
struct Expression {
  enum class Kind { number, quoted, name, unary, binary, conditional, call, index };
  Kind kind = Kind::number;
  Location where;

  double number = 0;     ///< number: as written; 5 % is 0.05
  bool percent = false;  ///< number: written with % or points
  std::string text;  ///< name: dotted path; quoted: its text; unary, binary: the operator; call: the function
  Location text_where;  ///< of the operator or function name

  std::vector<ExpressionPtr>
      operands;  ///< operands; arguments; condition, then, else; the indexed expression

  // call only
  std::vector<std::pair<NameAt, ExpressionPtr>> keywords;
  std::vector<NameAt> over;  ///< sum(x over product and area)
  std::vector<NameAt> by;    ///< sum(x by category)
  ExpressionPtr filter;      ///< sum(x over product where product.material = ito)
  ExpressionPtr from, to;    ///< total(x from 2000 to 2017)

  // index only
  std::vector<Selector> selectors;
};

/// Maps a byte of a formula's text to its place in the file: a formula may be quoted, escaped or folded over
/// lines.
struct FormulaText {
  std::string text;
  SourcePtr file;
  std::vector<std::size_t> offsets;  ///< per byte of text, and one for its end

  Location at(std::size_t begin, std::size_t end) const;
  /// A text that stands in the file as it is, from `offset`.
  static FormulaText plain(SourcePtr file, std::size_t offset, std::size_t length);
};

/// Parses a formula or condition; null after a mistake, which is reported.
ExpressionPtr parse_formula(const FormulaText& formula, Diagnostics& diagnostics);
/// `left = right` of the section relations: the top must be an equality.
ExpressionPtr parse_relation(const FormulaText& formula, Diagnostics& diagnostics);

/// The formula in canonical spelling, with only the parentheses it needs.
std::string print(const Expression& expression);
/// The same formula, wherever it is written.
bool same_tree(const Expression& a, const Expression& b);

/// True for `sum`, `prev`, `if`, …: words that cannot be names of quantities.
bool is_reserved(std::string_view word);
std::vector<std::string> function_names();

}  // namespace lode

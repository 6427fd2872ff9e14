// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "lode/language/expression.hpp"

namespace lode {
namespace {

bool same_names(const std::vector<NameAt>& a, const std::vector<NameAt>& b) {
  return std::ranges::equal(a, b, {}, &NameAt::id, &NameAt::id);
}

bool same_optional(const std::optional<NameAt>& a, const std::optional<NameAt>& b) {
  return a.has_value() == b.has_value() && (!a || a->id == b->id);
}

bool same_pointer(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return same_tree(*a, *b);
}

}  // namespace

bool same_tree(const Expression& a, const Expression& b) {
  if (a.kind != b.kind || a.number != b.number || a.percent != b.percent || a.text != b.text) return false;
  if (!same_names(a.over, b.over) || !same_names(a.by, b.by)) return false;
  if (!same_pointer(a.filter, b.filter) || !same_pointer(a.from, b.from) || !same_pointer(a.to, b.to))
    return false;
  if (!std::ranges::equal(a.operands, b.operands, same_pointer)) return false;
  if (!std::ranges::equal(a.keywords, b.keywords, [](const auto& x, const auto& y) {
        return x.first.id == y.first.id && same_pointer(x.second, y.second);
      })) {
    return false;
  }
  return std::ranges::equal(a.selectors, b.selectors, [](const Selector& x, const Selector& y) {
    return same_optional(x.dimension, y.dimension) && same_optional(x.label, y.label) && x.year == y.year &&
           x.lag == y.lag;
  });
}

}  // namespace lode

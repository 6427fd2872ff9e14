// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace lode {

/// What may follow the first argument: `sum(x over product where product.method = stock)`.
enum Clause : unsigned {
  clause_over = 1,
  clause_by = 2,
  clause_where = 4,
  clause_from = 8,
  clause_to = 16,
};

/// A keyword argument; `required` ones have no default.
struct FunctionKeyword {
  std::string_view name;
  bool required = true;
  std::string_view fallback = {};  ///< of an indicator's optional one: the formula that stands in for it
};

/// One function of the formula language: what the parser checks, the binder types and the reference prints.
struct FunctionInfo {
  std::string_view name;
  std::string_view signature;
  std::string_view doc;
  std::string_view example;
  std::size_t min_arguments = 1;
  std::size_t max_arguments = 1;
  std::array<FunctionKeyword, 4> keyword_slots = {};  ///< unused ones have no name
  unsigned clauses = 0;                               ///< those allowed
  unsigned needs = 0;                                 ///< a call with one argument needs one of these
  bool takes_process = false;                         ///< the argument is the name of a process
  bool reserved = true;                               ///< no quantity may have this name

  std::span<const FunctionKeyword> keywords() const {
    std::size_t count = 0;
    while (count < keyword_slots.size() && !keyword_slots[count].name.empty()) ++count;
    return {keyword_slots.data(), count};
  }
};

/// The functions of the language itself, in the order of its reference.
std::span<const FunctionInfo> functions();
/// A function or an indicator; null if there is none of this name.
const FunctionInfo* find_function(std::string_view name);

}  // namespace lode

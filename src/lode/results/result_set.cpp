// SPDX-License-Identifier: Apache-2.0
#include "lode/results/result_set.hpp"

namespace lode {

const ResultVariable* ResultSet::find(const std::string& name) const {
  for (const ResultVariable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

std::size_t draws_of_each(const ResultSet& results, const ResultDraws& draws) {
  return draws.dimension ? draws.values.size() / results.dimensions[*draws.dimension].labels.size()
                         : draws.values.size();
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/results/result_set.hpp"

namespace lode {

const ResultVariable* ResultSet::find(const std::string& name) const {
  for (const ResultVariable& variable : variables) {
    if (variable.name == name) return &variable;
  }
  return nullptr;
}

}  // namespace lode

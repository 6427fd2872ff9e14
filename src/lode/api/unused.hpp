// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "lode/model/model.hpp"

namespace lode {

/// Warns of parameters and conditions of a case that nothing asks for, in any case of any scenario. What a
/// file named by `extends` declares is shared with other cases and not judged.
void tell_unused(const Model& model, Diagnostics& diagnostics);

}  // namespace lode

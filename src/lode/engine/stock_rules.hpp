// SPDX-License-Identifier: Apache-2.0
//
// What the keys of a stock say to the kernels.
#pragma once
#include "lode/kernels/cohort.hpp"
#include "lode/model/model.hpp"

namespace lode {

Entry entry_of(const StockDecl& stock);
OutflowBy outflow_by_of(const StockDecl& stock);
NegativeInflow policy_of(const StockDecl& stock);

}  // namespace lode

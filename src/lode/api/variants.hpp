// SPDX-License-Identifier: Apache-2.0
//
// Sessions for other choices of scenarios, made from a computed one. Where only numbers of parameters differ
// the plan is shared, and only what depends on these parameters is computed; the values are bit for bit those
// of a session opened and computed by itself.
#pragma once
#include <optional>
#include <vector>

#include "lode/api/session.hpp"

namespace lode {

struct VariantScope {
  /// Of the checkpoints (by place in the list) only these, and nothing else; null: everything.
  const std::vector<bool>* checkpoints = nullptr;
  bool for_draws = false;  ///< the variant is drawn from: it has a plan of its own
};

/// Computed, `failed` if that did not go well. Nothing where more than numbers differ: then open_session.
struct Variant {
  Session session;
  bool failed = false;
};
std::optional<Variant> make_variant(const Session& base, const ScenarioChoice& choice,
                                    const VariantScope& scope = {});

/// The entries of `solve:` whose results depend on these parameters, by way of other entries too.
std::vector<bool> solves_affected(const Session& base, const std::vector<std::size_t>& leaves);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lode/api/levers.hpp"
#include "lode/api/session.hpp"

namespace lode {

/// The results of a computed session with levers at other places: the plan stays, and only what lies between
/// the levers and some results is computed; parameters that `solve:` finds are found again where they depend
/// on a lever. The values are those of a case in which the parameters were declared so. For one thread.
class LeverRuns {
 public:
  /// `session` and `levers` must outlive it.
  LeverRuns(const Session& session, const std::vector<Lever>& levers,
            const std::vector<std::size_t>& quantities);
  /// Another of the same, for another thread.
  LeverRuns another() const;

  /// One value per lever [internal units; plain numbers for factors]. False where something could not be
  /// computed; problem() says what.
  bool compute(const std::vector<double>& values);
  const std::string& problem() const { return problem_; }
  const Array& quantity(std::size_t id) const { return evaluation_->quantity(id); }
  /// Whether any result depends on a lever at all.
  bool connected() const { return connected_; }

 private:
  LeverRuns(const LeverRuns& other);
  bool told_failure();

  const Session& session_;
  const std::vector<Lever>& levers_;
  std::unique_ptr<Evaluation> evaluation_;
  std::vector<std::size_t> leaves_;                      ///< that levers move
  std::vector<bool> operations_;                         ///< between them and the results
  std::vector<bool> needed_, solves_;                    ///< where `solve:` depends on them
  std::vector<std::pair<std::size_t, Array>> declared_;  ///< what its searches begin with
  std::string problem_;
  bool connected_ = false;
};

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/levers.hpp"
#include "lode/api/wishes.hpp"
#include "lode/kernels/least_change.hpp"
#include "lode/kernels/roots.hpp"
#include "lode/lode.hpp"

namespace lode {

/// Which values of inputs make conditions hold.
struct Seek {
  std::vector<LeverRange> inputs;  ///< with their limits
  std::vector<bool> limits_given;  ///< per input, by the request
  std::vector<Wish> wishes;

  /// A point of the inputs with what the wishes' formulas are there; per wish the cell that is worst.
  struct At {
    std::vector<double> values;  ///< per input [internal units]
    struct Result {
      double value = 0;  ///< [internal units]
      std::string cell;  ///< "[2035]" of a wish over several
      std::string unit;
      double shown = 0;
      bool is_year = false;
    };
    std::vector<Result> results;
  };
  bool found = false;
  std::optional<At> now;    ///< with the inputs as the case has them
  std::vector<At> answers;  ///< one input: all that were found, ascending; several: the least change
  At best;                  ///< where nothing was found, what comes nearest

  bool equal = false;       ///< one input: a condition `=` is among the wishes
  std::vector<Root> roots;  ///< beside `answers`, if `equal`
  std::vector<Jump> jumps;
  std::vector<Below> intervals;          ///< else; `answers` hold both ends of each
  double low_value = 0, high_value = 0;  ///< with `equal`, the excess at the limits [internal units]
  LeastChange change;                    ///< several inputs
  std::size_t evaluations = 0, without_value = 0;
  std::string problem;  ///< of the first without value
  double no_value_at = 0;

  /// Per draw of the uncertain inputs.
  struct Draws {
    std::uint64_t draws = 0, answered = 0, several = 0, at_limit = 0;
    bool highest = false;  ///< the largest value that meets the wishes was sought, else the smallest
    std::vector<double> probabilities, quantiles;  ///< of those answered [internal units]
    double mean = 0, deviation = 0;
  };
  std::optional<Draws> draws;
};

/// Needs a computed session in which the wishes' formulas were bound in their order (bind_draw_questions).
/// Empty after a mistake in the request.
std::optional<Seek> run_seek(Session& session, const SeekRequest& request, std::vector<Wish> wishes);

/// Searches again for each draw, side by side in lanes; one input.
std::optional<Seek::Draws> seek_draws(Session& session, const Seek& seek, const SeekRequest& request);

std::string seek_text(const Session& session, const Seek& seek);
std::string seek_json(const Session& session, const Seek& seek);

}  // namespace lode

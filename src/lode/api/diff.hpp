// SPDX-License-Identifier: Apache-2.0
//
// What differs between two sides: scenarios of a case, versions of a case, or files of results. Arrays are
// aligned by the names of variables, dimensions and labels, and told in the first side's units.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

/// One side: results, and the session they come from where there is one.
struct DiffSide {
  std::string name;  ///< "supply=low", "old/model.nc"
  ResultSet results;
  const Session* session = nullptr;
};

struct Difference {
  std::string from_name, to_name;
  /// A number that was given, or a stretch of years with the same one.
  struct Input {
    std::string name, cell, unit;      ///< "collection", "[2018..2050]", "%"
    double from = 0, to = 0;           ///< not a number where it is absent
    std::string from_where, to_where;  ///< "data/growth.csv:12"; empty without a session
  };
  std::vector<Input> inputs;  ///< by parameter as declared
  struct Filled {
    std::string name;
    std::size_t cells = 0;
  };
  std::vector<Filled> filled;  ///< cells between given numbers that follow them
  /// Given numbers of a parameter that are the same and are drawn from other distributions; of two sessions.
  struct Uncertain {
    std::string name;
    std::size_t numbers = 0;
  };
  std::vector<Uncertain> uncertain;
  /// What is written otherwise: a formula, a lifetime.
  struct Formula {
    std::string name, from, to, from_where, to_where;
  };
  std::vector<Formula> formulas;
  /// A result: the cell that differs most, and how many do.
  struct Result {
    std::string name, group, unit, cell;
    double from = 0, to = 0;
    double size = 0;  ///< largest |to − from| over the largest |from| or |to| of the array
    std::size_t differing = 0, cells = 0;
    std::string problem;    ///< why it cannot be compared
    std::size_t place = 0;  ///< of the cell, in the array of the first side
    /// From draws of both sides with the same scores; in `unit`.
    struct Band {
      double mean = 0, deviation = 0, low = 0, high = 0;
      double below_zero = 0;  ///< share of the draws
    };
    std::optional<Band> band;
  };
  std::vector<Result> results;  ///< the largest first
  std::uint64_t draws = 0;
  double low = 0, high = 0;  ///< probabilities of the bands' ends
  std::size_t same = 0;      ///< results without any difference
  struct Only {
    std::string what, name;  ///< "flow", "scrap"; "label", "product: AC"
  };
  std::vector<Only> only_from, only_to;

  bool none() const {
    return inputs.empty() && filled.empty() && uncertain.empty() && formulas.empty() && results.empty() &&
           only_from.empty() && only_to.empty();
  }
};

/// Numbers closer than 1e-12 of the larger are the same.
Difference difference_of(const DiffSide& from, const DiffSide& to);

std::string diff_text(const Difference& difference, std::size_t most);
std::string diff_json(const Difference& difference);
std::string diff_csv(const Difference& difference);

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
//
// Designs: which points of the unit cube the draws take. Column c is one independent score, draw d = 8 p + l
// is lane l of packet p. Every number is a pure function of (kind, seed, draws where said, column, draw):
// threads, blocks and order do not matter, and uniforms have the same bits on every instruction tier.
//
// sobol    Eight independently scrambled Sobol sequences, one in each lane: point i of scramble l is draw
//          8 i + l. Means over a lane are means over a scramble, and the spread of the eight is the error of
//          their mean. Points come in the order of Gray's code, so that the first 2^m of a scramble are a net
//          for every m, and draws grow by doubling. Direction numbers v: Joe & Kuo, SIAM J. Sci. Comput. 30
//          (2008) 2635, 3,667 columns; those beyond are `random`. Scramble: y ← L y ⊕ s over GF(2), L lower
//          triangular with unit diagonal, s a digital shift (Matoušek, J. Complexity 14 (1998) 527), folded
//          into L v and s, so that a point costs one XOR (Antonov & Saleev 1979).
//          u = (y + ½) / 2³²: 32 bits. Scores end at ±6.34, beyond which 2.3e-10 of the mass lies: a run
//          would need billions of draws to miss it. An atom's probability is right within 2⁻³³, and the mean
//          of u is ½ without bias.
// latin    A Latin hypercube: of N draws each of the strata [k/N, (k+1)/N) of a column holds exactly one,
//          u = (π(d) + j) / N, π a keyed permutation of 0 … N−1 (latin.hpp), j a jitter of 20 bits. Depends
//          on N, and cannot grow.
// random   Independent numbers: philox_uniforms with the column's key as the stream.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lode/support/aligned.hpp"

namespace lode {

enum class DesignKind { sobol, latin, random };

inline constexpr std::size_t packet_size = 8;
inline constexpr std::size_t sobol_columns = 3667;

struct DesignSpec {
  DesignKind kind = DesignKind::sobol;
  std::uint64_t seed = 1;
  std::uint64_t draws = 4096;  ///< as rounded_draws gives it
};

/// The least number of draws that a design can take and that is not below the one asked for, at least 8: for
/// sobol 8 × a power of two, else a multiple of 8. At most 2³².
std::uint64_t rounded_draws(DesignKind kind, std::uint64_t asked);

/// The key of a column from the name of its input and cell, for `random` and `latin` (64 bits of XXH3).
std::uint64_t column_key(std::string_view name);

/// Packets [first_packet, first_packet + packets) of columns [first_column, first_column + columns).
struct ScoreBlock {
  std::uint64_t first_packet = 0;
  std::size_t packets = 1;
  std::size_t first_column = 0;
  std::size_t columns = 0;
};

/// Where blocks of the same columns follow one another: what is known of the packet that comes next. Finding
/// numbers with it is faster and gives the same.
struct ScoreCursor {
  std::uint64_t next_packet = static_cast<std::uint64_t>(-1);
  std::size_t first_column = 0, columns = 0;
  AlignedVector<std::uint32_t> points;  ///< sobol: [column][8 scrambles]
};

class Design {
 public:
  /// A key for each column; for sobol they matter beyond its table only, where columns are told apart by
  /// their order. `spec.draws` must be rounded.
  Design(const DesignSpec& spec, std::vector<std::uint64_t> column_keys);

  const DesignSpec& spec() const { return spec_; }
  std::size_t columns() const { return keys_.size(); }
  std::uint64_t packets() const { return spec_.draws / packet_size; }

  /// Uniform numbers in (0, 1): out[c * stride + 8 p + l] of the c-th column and p-th packet of the block,
  /// stride ≥ 8 × packets, `out` aligned to 64 bytes and stride a multiple of 8. Fastest in blocks of 8
  /// packets or more, or with stride = 8 × packets.
  void uniforms(const ScoreBlock& block, double* out, std::size_t stride) const;
  /// Standard normal scores, laid out the same way.
  void normals(const ScoreBlock& block, double* out, std::size_t stride, ScoreCursor* cursor = nullptr) const;

 private:
  void draw_uniforms(const ScoreBlock& block, double* out, std::size_t stride, std::uint32_t* ahead,
                     bool known) const;
  void column_uniforms(std::size_t column, std::uint64_t first_packet, std::size_t packets,
                       double* out) const;

  DesignSpec spec_;
  std::vector<std::uint64_t> keys_;
  std::size_t bits_ = 0;                   // of a point's index within its scramble
  std::vector<std::uint32_t> directions_;  // sobol: [1 + bits][column][8 scrambles], the shift first
};

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/sampling/design.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "lode/sampling/latin.hpp"
#include "lode/sampling/normal_score.hpp"
#include "lode/sampling/philox.hpp"
#include "lode/sampling/sobol.hpp"
#include "lode/support/contract.hpp"
#include "lode/support/digest.hpp"

namespace lode {

namespace {

constexpr std::uint64_t most_draws = std::uint64_t{1} << 32;
// Latin hypercubes count their strata in 32 bits.
constexpr std::uint64_t most_strata = most_draws - packet_size;

}  // namespace

std::uint64_t rounded_draws(DesignKind kind, std::uint64_t asked) {
  asked = std::clamp(asked, std::uint64_t{packet_size}, most_draws);
  const std::uint64_t packets = (asked + packet_size - 1) / packet_size;
  if (kind == DesignKind::sobol) return packet_size * std::bit_ceil(packets);
  const std::uint64_t draws = packet_size * packets;
  return kind == DesignKind::latin ? std::min(draws, most_strata) : draws;
}

std::uint64_t column_key(std::string_view name) {
  return std::stoull(digest(name).substr(0, 16), nullptr, 16);
}

Design::Design(const DesignSpec& spec, std::vector<std::uint64_t> column_keys)
    : spec_(spec), keys_(std::move(column_keys)) {
  LODE_EXPECT(spec.draws == rounded_draws(spec.kind, spec.draws));
  if (spec_.kind != DesignKind::sobol) return;
  bits_ = static_cast<std::size_t>(std::bit_width(packets() - 1));
  const std::size_t columns = std::min(keys_.size(), sobol_columns);
  directions_.resize((1 + bits_) * columns * packet_size);
  std::vector<std::uint32_t> scrambled((1 + bits_) * packet_size);
  std::array<std::uint32_t, 32> plain{};
  const std::span<std::uint32_t> used = std::span(plain).first(bits_);
  for (std::size_t column = 0; column < columns; ++column) {
    sobol_directions(column, used);
    scramble_directions(spec_.seed, column, used, scrambled);
    for (std::size_t row = 0; row <= bits_; ++row)
      std::copy_n(&scrambled[row * packet_size], packet_size,
                  &directions_[(row * columns + column) * packet_size]);
  }
}

void Design::column_uniforms(std::size_t column, std::uint64_t first_packet, std::size_t packets,
                             double* out) const {
  philox_uniforms(spec_.seed, keys_[column], first_packet, packets, out);
  if (spec_.kind != DesignKind::latin) return;
  const auto strata = static_cast<std::uint32_t>(spec_.draws);
  const Permutation permutation(spec_.seed, keys_[column], strata);
  const auto first = static_cast<std::uint32_t>(first_packet * packet_size);
  for (std::size_t i = 0; i < packets * packet_size; ++i) {
    // 20 bits of jitter, so that the sum is exact.
    const double jitter = (static_cast<double>(static_cast<std::uint32_t>(out[i] * 0x1p20)) + 0.5) * 0x1p-20;
    out[i] = (permutation(first + static_cast<std::uint32_t>(i)) + jitter) / strata;
  }
}

void Design::uniforms(const ScoreBlock& block, double* out, std::size_t stride) const {
  LODE_EXPECT(block.first_column + block.columns <= columns());
  LODE_EXPECT(block.first_packet + block.packets <= packets());
  LODE_EXPECT(stride >= block.packets * packet_size);
  draw_uniforms(block, out, stride, nullptr, false);
}

void Design::draw_uniforms(const ScoreBlock& block, double* out, std::size_t stride, std::uint32_t* ahead,
                           bool known) const {
  std::size_t column = 0;
  if (spec_.kind == DesignKind::sobol && block.first_column < sobol_columns) {
    column = std::min(block.columns, sobol_columns - block.first_column);
    sobol_uniforms({directions_.data() + block.first_column * packet_size, bits_, column,
                    std::min(keys_.size(), sobol_columns) * packet_size},
                   block.first_packet, block.packets, out, stride, ahead, known);
  }
  for (; column < block.columns; ++column)
    column_uniforms(block.first_column + column, block.first_packet, block.packets, out + column * stride);
}

void Design::normals(const ScoreBlock& block, double* out, std::size_t stride, ScoreCursor* cursor) const {
  const std::size_t row = block.packets * packet_size;
  if (row == 0) return;
  LODE_EXPECT(block.first_column + block.columns <= columns());
  LODE_EXPECT(block.first_packet + block.packets <= packets());
  LODE_EXPECT(stride >= row);
  bool known = false;
  if (cursor) {
    known = cursor->next_packet == block.first_packet && cursor->first_column == block.first_column &&
            cursor->columns == block.columns;
    cursor->next_packet = block.first_packet + block.packets;
    cursor->first_column = block.first_column;
    cursor->columns = block.columns;
    cursor->points.resize(block.columns * packet_size);
  }
  // Parts of about 2,048 numbers, which stay in the first cache between the two steps.
  const std::size_t columns = stride == row ? std::max<std::size_t>(1, 2048 / row) : 1;
  for (std::size_t column = 0; column < block.columns; column += columns) {
    ScoreBlock part = block;
    part.first_column += column;
    part.columns = std::min(columns, block.columns - column);
    double* const begin = out + column * stride;
    draw_uniforms(part, begin, stride, cursor ? &cursor->points[column * packet_size] : nullptr, known);
    normal_scores(begin, begin, part.columns * row);
  }
}

}  // namespace lode

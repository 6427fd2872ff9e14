// SPDX-License-Identifier: Apache-2.0
#include "lode/statistics/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "lode/support/contract.hpp"
#include "lode/support/digest.hpp"

namespace lode {

namespace {

constexpr std::string_view mark = "LODESTAT";
constexpr std::size_t kind_size = 4;
constexpr std::size_t digest_size = 32;
constexpr std::size_t header_size = mark.size() + sizeof(std::uint64_t) + kind_size;

std::uint64_t little_endian(std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) return value;
  std::uint64_t swapped = 0;
  for (int byte = 0; byte < 8; ++byte) swapped |= ((value >> (8 * byte)) & 0xff) << (56 - 8 * byte);
  return swapped;
}

}  // namespace

StateWriter::StateWriter(std::string_view kind) : bytes_(mark) {
  LODE_EXPECT(kind.size() == kind_size);
  number(state_version);
  bytes_ += kind;
}

void StateWriter::number(std::uint64_t value) {
  const std::uint64_t stored = little_endian(value);
  bytes_.append(reinterpret_cast<const char*>(&stored), sizeof stored);
}

void StateWriter::real(double value) {
  number(std::bit_cast<std::uint64_t>(value));
}

void StateWriter::reals(std::span<const double> values) {
  for (const double value : values) real(value);
}

void StateWriter::numbers(std::span<const std::uint64_t> values) {
  for (const std::uint64_t value : values) number(value);
}

std::string StateWriter::seal() {
  bytes_ += digest(bytes_);
  return std::move(bytes_);
}

StateReader::StateReader(std::string_view sealed, std::string_view kind) {
  if (sealed.size() < header_size + digest_size || sealed.substr(0, mark.size()) != mark) {
    refuse("these bytes are no saved state");
    return;
  }
  rest_ = sealed.substr(mark.size());
  const std::uint64_t version = number();
  if (version != state_version) {
    refuse(fmt::format("the state has version {}, this program reads version {}", version, state_version));
    return;
  }
  const std::string_view payload = sealed.substr(0, sealed.size() - digest_size);
  if (digest(payload) != sealed.substr(payload.size())) {
    refuse("the state is damaged: its digest does not fit its bytes");
    return;
  }
  if (rest_.substr(0, kind_size) != kind) {
    refuse(fmt::format("the state is of another kind than {}", kind));
    return;
  }
  rest_ = payload.substr(header_size);
}

void StateReader::refuse(std::string_view problem) {
  if (!ok()) return;
  problem_ = problem;
  rest_ = {};
}

bool StateReader::take(void* target, std::size_t size) {
  if (rest_.size() < size) {
    refuse("the state ends too early");
    return false;
  }
  std::memcpy(target, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

std::uint64_t StateReader::number() {
  std::uint64_t value = 0;
  return take(&value, sizeof value) ? little_endian(value) : 0;
}

double StateReader::real() {
  return std::bit_cast<double>(number());
}

bool StateReader::has(std::uint64_t things, std::size_t bytes_each) {
  if (things > rest_.size() / bytes_each) refuse("the state counts more things than it holds");
  return ok();
}

std::size_t StateReader::count(std::size_t bytes_each) {
  const std::uint64_t value = number();
  return has(value, bytes_each) ? value : 0;
}

void StateReader::reals(std::span<double> values) {
  for (double& value : values) value = real();
}

void StateReader::numbers(std::span<std::uint64_t> values) {
  for (std::uint64_t& value : values) value = number();
}

bool StateReader::finish() {
  if (!rest_.empty()) refuse("the state holds more than it should");
  return ok();
}

}  // namespace lode

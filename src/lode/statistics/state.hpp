// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a partial state, for checkpoint files and between processes: the mark "LODESTAT", the version,
// what it is, the payload, and the XXH3 digest of all before it. Little-endian on every machine.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

inline constexpr std::uint32_t state_version = 1;

class StateWriter {
 public:
  /// `kind`: four letters that say whose state it is.
  explicit StateWriter(std::string_view kind);

  void number(std::uint64_t value);
  void real(double value);
  void reals(std::span<const double> values);           ///< without their count
  void numbers(std::span<const std::uint64_t> values);  ///< without their count
  /// The bytes with their digest; the writer is used up.
  std::string seal();

 private:
  std::string bytes_;
};

/// Reads what a StateWriter sealed. After the first fault every read gives zeros and `ok()` is false, so that
/// a reader may check once at the end of each part.
class StateReader {
 public:
  StateReader(std::string_view sealed, std::string_view kind);

  bool ok() const { return problem_.empty(); }
  /// What is wrong, in words; empty if nothing.
  const std::string& problem() const { return problem_; }
  void refuse(std::string_view problem);

  std::uint64_t number();
  double real();
  /// A count of things that take at least `bytes_each`: refused where fewer bytes than that are left.
  std::size_t count(std::size_t bytes_each);
  /// Whether `things` of `bytes_each` are left; refuses where not.
  bool has(std::uint64_t things, std::size_t bytes_each);
  void reals(std::span<double> values);
  void numbers(std::span<std::uint64_t> values);
  /// Refuses bytes left over.
  bool finish();

 private:
  bool take(void* target, std::size_t size);
  std::string_view rest_;
  std::string problem_;
};

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/kept_draws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "lode/engine/draws.hpp"
#include "lode/engine/process_files.hpp"
#include "lode/statistics/state.hpp"
#include "lode/support/contract.hpp"

namespace lode {

namespace {

constexpr std::string_view kind = "KEPT";
constexpr std::string_view ending = ".draws";
/// What such a file begins with: nothing else is written to, or removed.
constexpr std::string_view signature = "draws kept by Lode\n";

/// Whether it begins as ours do; one that ended before it is, too.
bool is_ours(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string begin(signature.size(), '\0');
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(stream.gcount()));
  return signature.starts_with(begin);
}

std::array<char, 8> length_bytes(std::uint64_t length) {
  std::array<char, 8> bytes{};
  for (unsigned i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(length >> (8 * i) & 0xff);
  return bytes;
}

std::uint64_t length_of(const std::array<char, 8>& bytes) {
  std::uint64_t length = 0;
  for (unsigned i = 0; i < bytes.size(); ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return length;
}

}  // namespace

KeptDraws::KeptDraws(std::size_t width, std::uint64_t draws, std::string identity)
    : width_(width), draws_(draws), identity_(std::move(identity)) {}

std::uint64_t KeptDraws::draws_in(std::uint64_t chunk) const {
  const std::uint64_t first = chunk * chunk_draws;
  return first < draws_ ? std::min<std::uint64_t>(chunk_draws, draws_ - first) : 0;
}

void KeptDraws::add(std::uint64_t chunk, std::vector<double> values) {
  LODE_EXPECT(width_ > 0 && values.size() % width_ == 0);
  LODE_EXPECT(chunks_.count(chunk) == 0);
  chunks_.emplace(chunk, std::move(values));
  unwritten_.push_back(chunk);
}

std::string KeptDraws::record(std::uint64_t chunk) const {
  StateWriter writer(kind);
  writer.number(identity_.size());
  for (const char each : identity_) writer.number(static_cast<unsigned char>(each));
  writer.number(chunk);
  writer.number(width_);
  writer.reals(chunks_.at(chunk));
  return writer.seal();
}

/// False where it is none of this run.
bool KeptDraws::read_record(std::string_view sealed) {
  StateReader reader(sealed, kind);
  bool own = reader.number() == identity_.size();
  for (std::size_t i = 0; own && i < identity_.size(); ++i)
    own = reader.number() == static_cast<unsigned char>(identity_[i]);
  if (!own) return false;
  const std::uint64_t chunk = reader.number();
  if (reader.number() != width_ || draws_in(chunk) == 0 ||
      !reader.has(width_ * draws_in(chunk), sizeof(double)))
    return false;
  std::vector<double> values(width_ * draws_in(chunk));
  reader.reals(values);
  if (!reader.finish()) return false;
  chunks_.emplace(chunk, std::move(values));
  return true;
}

/// Bytes up to the end of the last record that is whole: a process may have ended amid one.
std::uint64_t KeptDraws::read_records(const std::string& file) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(file, error);
  std::ifstream stream(file, std::ios::binary);
  if (error || !stream || size < signature.size()) return 0;
  stream.seekg(static_cast<std::streamoff>(signature.size()));
  std::uint64_t at = signature.size();
  std::array<char, 8> length{};
  std::string sealed;
  while (stream.read(length.data(), length.size())) {
    if (length_of(length) > size - at - length.size()) break;
    sealed.resize(length_of(length));
    if (!stream.read(sealed.data(), static_cast<std::streamsize>(sealed.size()))) break;
    read_record(sealed);
    at += length.size() + sealed.size();
  }
  return at;
}

bool KeptDraws::append(const std::string& state_file, std::size_t rank, std::string& problem) {
  if (unwritten_.empty()) return true;
  const std::string file = process_file(state_file, rank, ending);
  errno = 0;
  std::error_code none_yet;
  const bool is_new = std::filesystem::file_size(file, none_yet) == 0 || none_yet;
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  if (is_new) stream << signature;
  for (const std::uint64_t chunk : unwritten_) {
    const std::string sealed = record(chunk);
    const auto length = length_bytes(sealed.size());
    stream.write(length.data(), length.size());
    stream.write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
  }
  stream.flush();
  if (!stream) {
    const int reason = errno;
    problem = fmt::format("the draws that are kept could not be written: `{}`", file);
    if (reason != 0) problem += fmt::format(": {}", std::generic_category().message(reason));
    return false;
  }
  unwritten_.clear();
  return true;
}

bool KeptDraws::load(const std::string& state_file, Team& team,
                     const std::function<bool(std::uint64_t)>& done, std::string& problem) {
  const std::string told = team.broadcast(team.rank() == 0 ? take_up(state_file, done) : std::string());
  if (told.empty()) return true;
  problem = told;
  return false;
}

/// What is wrong, or nothing.
std::string KeptDraws::take_up(const std::string& state_file,
                               const std::function<bool(std::uint64_t)>& done) {
  const std::string own = process_file(state_file, 0, ending);
  const std::vector<std::string> others = process_files(state_file, 1, ending);
  for (const std::string& file : process_files(state_file, 0, ending))
    if (!is_ours(file))
      return fmt::format("`{}` holds no draws of a run, and is where they would be written", file);
  const std::uint64_t whole = read_records(own);
  std::vector<std::uint64_t> of_own;
  for (const auto& each : chunks_) of_own.push_back(each.first);
  for (const std::string& file : others) read_records(file);
  std::erase_if(chunks_, [&](const auto& each) { return !done(each.first); });
  for (std::uint64_t chunk = 0; draws_in(chunk) > 0; ++chunk)
    if (done(chunk) && chunks_.count(chunk) == 0)
      return fmt::format(
          "`{}`: the draws kept from {} on are missing or damaged, and the state in `{}` has them", own,
          chunk * chunk_draws + 1, state_file);
  // One file for all, before the others are written anew.
  for (const auto& each : chunks_)
    if (!std::binary_search(of_own.begin(), of_own.end(), each.first)) unwritten_.push_back(each.first);
  std::error_code error;
  if (chunks_.empty())
    std::filesystem::remove(own, error);
  else if (std::filesystem::exists(own, error))
    std::filesystem::resize_file(own, whole, error);
  if (error)
    return fmt::format("the draws that are kept could not be written: `{}`: {}", own, error.message());
  std::string problem;
  if (append(state_file, 0, problem)) remove_files(others);
  return problem;
}

void KeptDraws::remove(const std::string& state_file) {
  remove_files(process_files(state_file, 0, ending));
}

bool KeptDraws::gather(Team& team, std::string& problem) {
  bool good = true;
  for (bool more = true; more;) {
    std::string own;
    if (team.rank() != 0 && !chunks_.empty()) {
      own = record(chunks_.begin()->first);
      chunks_.erase(chunks_.begin());
    }
    const std::vector<std::string> all = team.gather(std::move(own));
    bool any = false;
    for (std::size_t rank = 1; team.rank() == 0 && rank < all.size(); ++rank) {
      if (all[rank].empty()) continue;
      any = true;
      good = read_record(all[rank]) && good;
    }
    more = !team.broadcast(any ? "more" : "").empty();
  }
  if (!good) problem = "draws that another process kept did not arrive whole";
  return good;
}

std::vector<std::vector<double>> KeptDraws::take(std::uint64_t draws) {
  std::vector<std::vector<double>> taken(width_);
  for (std::vector<double>& values : taken) values.reserve(draws);
  // Each chunk is let go as it is copied: there is no room for all of them twice.
  for (auto each = chunks_.begin(); each != chunks_.end(); each = chunks_.erase(each)) {
    const std::uint64_t first = each->first * chunk_draws, count = each->second.size() / width_;
    if (first >= draws) continue;
    const auto used = static_cast<std::ptrdiff_t>(std::min(count, draws - first));
    for (std::size_t k = 0; k < width_; ++k) {
      taken[k].resize(first, std::nan(""));
      const auto from = each->second.begin() + static_cast<std::ptrdiff_t>(k * count);
      taken[k].insert(taken[k].end(), from, from + used);
    }
  }
  for (std::vector<double>& values : taken) values.resize(draws, std::nan(""));
  return taken;
}

}  // namespace lode

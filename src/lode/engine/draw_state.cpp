// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "lode/engine/draws.hpp"
#include "lode/engine/process_files.hpp"
#include "lode/support/files.hpp"

namespace lode {

namespace {

void append(std::string& bytes, std::string_view part) {
  const std::uint64_t length = part.size();
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xff);
  bytes += part;
}

std::optional<std::string_view> next(std::string_view& bytes) {
  if (bytes.size() < 8) return std::nullopt;
  std::uint64_t length = 0;
  for (unsigned i = 0; i < 8; ++i)
    length |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  bytes.remove_prefix(8);
  if (length > bytes.size()) return std::nullopt;
  const std::string_view part = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return part;
}

std::string sealed(const SumTree& tree) {
  StateWriter writer("SUMS");
  tree.write(writer);
  return writer.seal();
}

std::optional<SumTree> unsealed(std::string_view bytes, std::string& problem) {
  StateReader reader(bytes, "SUMS");
  SumTree tree = SumTree::read(reader);
  if (reader.finish()) return tree;
  problem = reader.problem();
  return std::nullopt;
}

/// The chunks of a tree.
std::vector<std::uint64_t> chunks_in(const SumTree& tree) {
  std::vector<std::uint64_t> chunks;
  for (std::uint64_t chunk = 0; chunks.size() < tree.chunks(); ++chunk)
    if (tree.has(chunk)) chunks.push_back(chunk);
  return chunks;
}

}  // namespace

bool DrawState::has(std::uint64_t chunk) const {
  return (statistics && statistics->tree().has(chunk)) ||
         std::binary_search(done_elsewhere.begin(), done_elsewhere.end(), chunk);
}

std::string pack(const DrawState& state, std::string_view identity) {
  std::string bytes;
  append(bytes, identity);
  append(bytes, state.statistics->save());
  append(bytes, sealed(state.pairs));
  append(bytes, sealed(state.given_data));
  append(bytes, state.failures.save());
  return bytes;
}

bool merge_packed(std::string_view bytes, std::string_view identity, DrawState& state, std::string& problem) {
  const auto own = next(bytes), statistics = next(bytes), pairs = next(bytes), given_data = next(bytes),
             failures = next(bytes);
  if (!own) {
    problem = "it is damaged";
    return false;
  }
  if (*own != identity) {
    problem =
        "it belongs to another model, scenario, seed or number of draws, or keeps something else of them";
    return false;
  }
  if (!statistics || !pairs || !given_data || !failures || !bytes.empty()) {
    problem = "it is damaged";
    return false;
  }
  auto read = CellStatistics::load(*statistics, problem);
  if (!read) return false;
  auto read_pairs = unsealed(*pairs, problem);
  if (!read_pairs) return false;
  auto read_given_data = unsealed(*given_data, problem);
  if (!read_given_data) return false;
  DrawFailures read_failures;
  if (!DrawFailures::load(*failures, read_failures, problem)) return false;
  const std::vector<std::uint64_t> chunks = chunks_in(read->tree());
  if (std::all_of(chunks.begin(), chunks.end(), [&](std::uint64_t chunk) { return state.has(chunk); }))
    return true;
  if (state.statistics->merge(std::move(*read)) && state.pairs.merge(*read_pairs) &&
      state.given_data.merge(*read_given_data)) {
    state.failures.merge(read_failures);
    return true;
  }
  problem = "it does not fit the run: it was written by another build or processor, or holds draws twice";
  return false;
}

bool save_state(const std::string& file, std::string_view identity, std::size_t rank, const DrawState& state,
                std::string& problem) {
  const auto error = write_file_atomically(process_file(file, rank), pack(state, identity));
  if (!error) return true;
  problem = fmt::format("the state of the run could not be written: {}", *error);
  return false;
}

bool load_states(const std::string& file, std::string_view identity, Team& team, DrawState& state,
                 std::string& problem) {
  std::string told = "good";
  if (team.rank() == 0) {
    const std::vector<std::string> files = process_files(file);
    for (const std::string& name : files) {
      std::string why;
      const auto bytes = read_file(name, why);
      if (bytes && merge_packed(*bytes, identity, state, why)) continue;
      told = fmt::format("`{}`: {}", name, why);
      break;
    }
    std::string why;
    // One file for all, before the others are written anew.
    if (const auto others = process_files(file, 1); told == "good" && !others.empty()) {
      if (save_state(file, identity, 0, state, why))
        remove_files(others);
      else
        told = why;
    }
    if (told == "good") {
      std::string chunks;
      for (const std::uint64_t chunk : chunks_in(state.statistics->tree()))
        chunks += fmt::format(" {}", chunk);
      told += chunks;
    }
  }
  told = team.broadcast(std::move(told));
  if (told.rfind("good", 0) != 0) {
    problem = told;
    return false;
  }
  if (team.rank() == 0) return true;
  const char* at = told.c_str() + 4;
  for (char* end = nullptr; *at != '\0'; at = end)
    state.done_elsewhere.push_back(std::strtoull(at, &end, 10));
  return true;
}

void remove_states(const std::string& file) {
  remove_files(process_files(file));
}

}  // namespace lode

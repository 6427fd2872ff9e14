// SPDX-License-Identifier: Apache-2.0
#include "lode/engine/draw_failures.hpp"

#include <algorithm>
#include <functional>

#include "lode/statistics/state.hpp"

namespace lode {

void DrawFailures::add(const Key& key, std::uint64_t draw) {
  add(key, Count{1, draw});
}

void DrawFailures::add(const Key& key, const Count& count) {
  const auto [found, is_new] = counts_.emplace(key, count);
  if (is_new) return;
  found->second.draws += count.draws;
  found->second.first_draw = std::min(found->second.first_draw, count.first_draw);
}

void DrawFailures::merge(const DrawFailures& other) {
  for (const auto& [key, count] : other.counts_) add(key, count);
}

std::string DrawFailures::save() const {
  StateWriter writer("FAIL");
  writer.number(counts_.size());
  for (const auto& [key, count] : counts_) {
    writer.number(key.first);
    writer.number(key.second);
    writer.number(count.draws);
    writer.number(count.first_draw);
  }
  return writer.seal();
}

bool DrawFailures::load(std::string_view bytes, DrawFailures& failures, std::string& problem) {
  StateReader reader(bytes, "FAIL");
  const std::size_t size = reader.count(4 * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < size && reader.ok(); ++i) {
    const std::uint64_t kind = reader.number(), operation = reader.number();
    Count count;
    count.draws = reader.number();
    count.first_draw = reader.number();
    failures.add(Key{kind, operation}, count);
  }
  if (reader.finish()) return true;
  problem = reader.problem();
  return false;
}

std::vector<const Operation*> operations_by_place(const Plan& plan) {
  std::vector<const Operation*> all;
  const std::function<void(const std::vector<Operation>&)> collect = [&](const std::vector<Operation>& list) {
    for (const Operation& operation : list) {
      all.push_back(&operation);
      collect(operation.body);
    }
  };
  collect(plan.operations);
  return all;
}

}  // namespace lode

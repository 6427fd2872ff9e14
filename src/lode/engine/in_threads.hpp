// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tbb/task_arena.h>

#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace lode {

/// Calls body(0) … body(count − 1), each in a thread of its own, and waits for all. The bodies share their
/// work out among themselves: where the system gives fewer threads, there are fewer of them. Parallel loops
/// inside stay within their thread, so that no more are at work than asked for.
template <class Body>
void in_threads(std::size_t count, const Body& body) {
  const auto run = [&body](std::size_t i) { tbb::task_arena(1).execute([&] { body(i); }); };
  std::vector<std::thread> others;
  try {
    for (std::size_t i = 1; i < count; ++i) others.emplace_back(run, i);
  } catch (const std::system_error&) {
  }
  run(0);
  for (std::thread& other : others) other.join();
}

}  // namespace lode

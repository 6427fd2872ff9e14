// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

/// Says on a terminal that something takes long, and wipes it off again.
class Progress {
 public:
  explicit Progress(const char* what) : what_(what), begin_(std::chrono::steady_clock::now()) {
    if (isatty(STDERR_FILENO)) worker_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }

 private:
  void watch(const std::stop_token& stop) {
    bool shown = false;
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
      if (seconds < 1) continue;
      std::fprintf(stderr, "\r%s … %.0f s", what_, seconds);
      shown = true;
    }
    if (shown) std::fprintf(stderr, "\r\033[K");
  }
  const char* what_;
  std::chrono::steady_clock::time_point begin_;
  std::jthread worker_;
};

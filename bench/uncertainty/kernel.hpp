// SPDX-License-Identifier: Apache-2.0
//
// What the hand-written programs share that is no arithmetic on vectors: the numbers of a case, what is kept
// of the draws, and the form of a kernel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lode {
class Design;
}

namespace lode::handwritten {

/// The arrays of a case's numbers.txt.
class Numbers {
 public:
  explicit Numbers(const std::string& path);
  const std::vector<double>& at(const std::string& name) const;

 private:
  std::map<std::string, std::vector<double>> arrays_;
};

/// Coefficients of variation of the classes of data; all 0 for nominal values.
struct Spread {
  double assay = 0.005;
  double statistics = 0.02;
  double literature = 0.05;
  double assumption = 0.10;
};

/// A series of the results; its cells follow those of the series before.
constexpr std::size_t no_label = static_cast<std::size_t>(-1);
struct Series {
  std::string name;
  std::size_t label;
  std::size_t years;
};

/// Moments and 256 equal bins per cell. A value x becomes y = x·scale + offset, in units of bins from the
/// lowest edge; values beyond the edges count in the first and last bin.
struct Summary {
  static constexpr std::size_t bins = 256;

  explicit Summary(std::size_t cell_count, bool with_counts);

  /// To be called before `count` draws are added.
  void begin(std::size_t count);
  /// Edges 4.5 deviations of `pilot` to both sides of its means.
  void set_edges(const Summary& pilot);
  /// Adds another's draws; also makes `counts` complete.
  void merge(Summary& other);
  double mean(std::size_t cell) const;
  double deviation(std::size_t cell) const;
  double quantile(std::size_t cell, double level) const;

  std::size_t cells;
  std::uint64_t draws = 0;
  std::vector<double> scale;
  std::vector<double> offset;
  std::vector<double> sum;            ///< of y
  std::vector<double> squares;        ///< of y
  std::vector<std::uint32_t> counts;  ///< empty in a pilot
  std::vector<std::uint16_t> recent;  ///< counts of the last draws, small enough for L2

 private:
  void empty_recent();
  std::uint64_t recent_draws_ = 0;
};

/// The draws first … first + count - 1; count is a multiple of `draw_step` up to the kernel's block. Their
/// scores are those of Lode's design, or without one the kernel's own from the seed.
struct Draws {
  std::uint64_t seed;
  std::uint64_t first;
  std::size_t count;
  const Design* design = nullptr;
};
constexpr std::size_t draw_step = 16;
constexpr std::size_t largest_block = 1024;

struct FreeDeleter {
  void operator()(double* memory) const;
};
using Workspace = std::unique_ptr<double[], FreeDeleter>;
Workspace make_workspace(std::size_t doubles);

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual std::vector<Series> series() const = 0;
  virtual std::size_t columns() const = 0;    ///< of a design
  virtual std::size_t block() const = 0;      ///< most draws of one call
  virtual std::size_t workspace() const = 0;  ///< in doubles
  virtual void run(const Draws& draws, double* workspace, Summary& summary) const = 0;
};

std::unique_ptr<Kernel> make_families(const Numbers& numbers, const Spread& spread);
std::unique_ptr<Kernel> make_loops(const Numbers& numbers, const Spread& spread);
std::unique_ptr<Kernel> make_entries(const Numbers& numbers, const Spread& spread);
std::unique_ptr<Kernel> make_labels(const Numbers& numbers, const Spread& spread);

}  // namespace lode::handwritten

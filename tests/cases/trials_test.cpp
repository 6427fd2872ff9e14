// SPDX-License-Identifier: Apache-2.0
//
// The language's acceptance test: whole cases with results computed by an independent interpreter, in
// internal units.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "lode/api/session.hpp"

namespace lode {
namespace {

class Trial : public testing::TestWithParam<const char*> {};

TEST_P(Trial, AgreesWithTheIndependentInterpreter) {
  const std::string folder = std::string(LODE_SOURCE_DIR) + "/tests/trials/" + GetParam();
  Session session = open_session(folder, {});
  ASSERT_TRUE(session.planned()) << render(session.diagnostics);
  ASSERT_TRUE(compute(session)) << render(session.diagnostics);
  const BoundModel& bound = *session.bound;
  std::ifstream file(folder + "/expected.csv");
  std::string line;
  std::getline(file, line);
  std::size_t rows = 0, wrong = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::stringstream stream(line);
    std::string cell;
    while (std::getline(stream, cell, ',')) cells.push_back(cell);
    ASSERT_EQ(cells.size(), 4u) << line;
    const auto id = bound.find_quantity(cells[0]);
    ASSERT_TRUE(id) << cells[0];
    const DimSet& dims = bound.quantities[*id].dims;
    // "product=AC;form=NdFeB" in any order
    std::vector<std::size_t> index(dims.labels.size(), 0);
    std::stringstream labels(cells[1]);
    std::size_t given = 0;
    while (std::getline(labels, cell, ';')) {
      const auto equal = cell.find('=');
      const auto axis = bound.dimensions.find(cell.substr(0, equal));
      ASSERT_TRUE(axis) << line;
      for (std::size_t k = 0; k < index.size(); ++k)
        if (dims.labels[k] == *axis) {
          index[k] = *bound.dimensions[*axis].index_of(cell.substr(equal + 1));
          ++given;
        }
    }
    ASSERT_EQ(given, index.size()) << line << " has " << dims.str(bound.dimensions);
    std::size_t series = 0;
    for (std::size_t k = 0; k < index.size(); ++k)
      series = series * bound.dimensions[dims.labels[k]].size() + index[k];
    const auto period = bound.dimensions.year_index(std::stoi(cells[2]));
    ASSERT_TRUE(period);
    const double ours = session.evaluation->quantity(*id).value(series, dims.time ? *period : 0);
    const double theirs = std::stod(cells[3]);
    ++rows;
    // Relative to the size of the quantity's neighbours: a residual carries the rounding of what it closes.
    if (!(std::abs(ours - theirs) <= 1e-9 * std::max(1.0, std::abs(theirs)))) {
      ++wrong;
      if (wrong <= 10) ADD_FAILURE() << line << ": ours " << ours;
    }
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT_GT(rows, 5u);
}

INSTANTIATE_TEST_SUITE_P(All, Trial,
                         testing::Values("germanium-2019", "lithium-pathway", "neodymium-china",
                                         "stan-two-layers", "bilateral-trade", "vehicle-fleet",
                                         "indium-china"),
                         [](const auto& trial) {
                           std::string name = trial.param;
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace lode

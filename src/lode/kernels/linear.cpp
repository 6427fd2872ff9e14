// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/linear.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double pivot_threshold = 1e-12;
// Below this share of its vector an entry of a null space is rounding.
constexpr double support_threshold = 1e-9;

double power_of_two_near_inverse(double size) {
  if (size == 0) return 1;
  int exponent = 0;
  std::frexp(size, &exponent);
  return std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
}

// A = matrix scaled by rows and columns: matrix(i, j) · row(i) · column(j).
struct Scaled {
  MatrixXd matrix;
  VectorXd row;
  VectorXd column;

  explicit Scaled(const Eigen::Ref<const RowMajor>& given)
      : matrix(given), row(VectorXd::Ones(given.rows())), column(VectorXd::Ones(given.cols())) {
    for (int pass = 0; pass < 3; ++pass) {
      for (Index i = 0; i < matrix.rows(); ++i) {
        const double factor = power_of_two_near_inverse(matrix.row(i).cwiseAbs().maxCoeff());
        matrix.row(i) *= factor;
        row(i) *= factor;
      }
      for (Index j = 0; j < matrix.cols(); ++j) {
        const double factor = power_of_two_near_inverse(matrix.col(j).cwiseAbs().maxCoeff());
        matrix.col(j) *= factor;
        column(j) *= factor;
      }
    }
  }
};

std::vector<std::size_t> support(const Eigen::Ref<const MatrixXd>& vectors) {
  std::vector<std::size_t> members;
  for (Index i = 0; i < vectors.rows(); ++i) {
    for (Index j = 0; j < vectors.cols(); ++j) {
      if (std::abs(vectors(i, j)) > support_threshold * vectors.col(j).cwiseAbs().maxCoeff()) {
        members.push_back(static_cast<std::size_t>(i));
        break;
      }
    }
  }
  return members;
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

std::vector<std::size_t> all_of_them(std::size_t count) {
  std::vector<std::size_t> list(count);
  std::iota(list.begin(), list.end(), std::size_t{0});
  return list;
}

std::vector<double> to_vector(const VectorXd& values) {
  return {values.data(), values.data() + values.size()};
}

}  // namespace

LinearSolution solve_dense(std::size_t n, std::span<const double> matrix_row_major,
                           std::span<const double> right_side) {
  LODE_EXPECT(matrix_row_major.size() == n * n && right_side.size() == n);
  LinearSolution solution;
  if (n == 0) return solution;
  if (!all_finite(matrix_row_major) || !all_finite(right_side)) {
    solution.x.assign(n, 0.0);
    solution.singular = true;
    solution.undetermined = all_of_them(n);
    return solution;
  }
  const Index size = static_cast<Index>(n);
  const Scaled scaled(Eigen::Map<const RowMajor>(matrix_row_major.data(), size, size));
  const VectorXd right = scaled.row.cwiseProduct(Eigen::Map<const VectorXd>(right_side.data(), size));
  Eigen::FullPivLU<MatrixXd> factors;
  factors.setThreshold(pivot_threshold);
  factors.compute(scaled.matrix);
  solution.x = to_vector(scaled.column.cwiseProduct(VectorXd(factors.solve(right))));
  if (factors.rank() < size) {
    solution.singular = true;
    solution.undetermined = support(factors.kernel());
  }
  return solution;
}

}  // namespace lode

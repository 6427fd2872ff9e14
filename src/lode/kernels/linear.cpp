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

// FullPivLU::kernel() answers a zero column where there is no null space.
MatrixXd null_space(const Eigen::FullPivLU<MatrixXd>& factors) {
  if (factors.dimensionOfKernel() == 0) return MatrixXd(factors.cols(), 0);
  return factors.kernel();
}

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
    solution.undetermined = support(null_space(factors));
  }
  return solution;
}

RectangularSolution solve_rectangular(std::size_t rows, std::size_t columns,
                                      std::span<const double> matrix_row_major,
                                      std::span<const double> right_side) {
  LODE_EXPECT(matrix_row_major.size() == rows * columns && right_side.size() == rows);
  RectangularSolution solution;
  solution.x.assign(columns, 0.0);
  if (rows == 0 || !all_finite(matrix_row_major) || !all_finite(right_side)) {
    solution.least_norm = columns > 0;
    solution.undetermined = all_of_them(columns);
    return solution;
  }
  const Index m = static_cast<Index>(rows);
  const Index n = static_cast<Index>(columns);
  const Eigen::Map<const VectorXd> given_right(right_side.data(), m);
  if (columns == 0) {
    for (std::size_t i = 0; i < rows; ++i)
      (right_side[i] == 0 ? solution.redundant : solution.inconsistent).push_back(i);
    return solution;
  }
  const Scaled scaled(Eigen::Map<const RowMajor>(matrix_row_major.data(), m, n));
  const VectorXd right = scaled.row.cwiseProduct(given_right);

  Eigen::FullPivLU<MatrixXd> factors;
  factors.setThreshold(pivot_threshold);
  factors.compute(scaled.matrix);
  solution.rank = static_cast<std::size_t>(factors.rank());
  solution.least_norm = solution.rank < columns;
  const MatrixXd free = null_space(factors);
  solution.undetermined = support(free);

  // A combination of equations whose left side vanishes: each vector of this null space has one equation of
  // its own beside the independent ones it depends on.
  Eigen::FullPivLU<MatrixXd> transposed;
  transposed.setThreshold(pivot_threshold);
  transposed.compute(scaled.matrix.transpose());
  const MatrixXd combinations = null_space(transposed);
  const Index independent = transposed.rank();
  for (Index j = 0; j < combinations.cols(); ++j) {
    const VectorXd terms = combinations.col(j).cwiseProduct(right);
    if (std::abs(terms.sum()) > support_threshold * terms.cwiseAbs().sum()) {
      for (std::size_t member : support(combinations.col(j))) solution.inconsistent.push_back(member);
    } else {
      const Index own = transposed.permutationQ().indices()(independent + j);
      solution.redundant.push_back(static_cast<std::size_t>(own));
    }
  }
  std::sort(solution.redundant.begin(), solution.redundant.end());
  std::sort(solution.inconsistent.begin(), solution.inconsistent.end());
  solution.inconsistent.erase(std::unique(solution.inconsistent.begin(), solution.inconsistent.end()),
                              solution.inconsistent.end());

  Eigen::CompleteOrthogonalDecomposition<MatrixXd> orthogonal;
  orthogonal.setThreshold(pivot_threshold);
  orthogonal.compute(scaled.matrix);
  VectorXd x = scaled.column.cwiseProduct(VectorXd(orthogonal.solve(right)));
  if (free.cols() > 0) {
    // Least norm in the unknowns themselves, not in the scaled ones. The second pass takes out what rounding
    // left.
    const MatrixXd directions = scaled.column.asDiagonal() * free;
    const Eigen::ColPivHouseholderQR<MatrixXd> projection(directions);
    for (int pass = 0; pass < 2; ++pass) x -= directions * VectorXd(projection.solve(x));
  }
  solution.x = to_vector(x);
  return solution;
}

}  // namespace lode

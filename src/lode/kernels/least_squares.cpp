// SPDX-License-Identifier: Apache-2.0
#include "lode/kernels/least_squares.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lode {
namespace {

struct State {
  Eigen::MatrixXd jacobian;
  Eigen::VectorXd scale;  // the largest norm so far of each column of J
  std::vector<double> x, r;
  double sum = 0;
  double damping = 1e-3;
  bool needs_jacobian = true;
  bool active = true;
};

double sum_of_squares(const std::vector<double>& r) {
  double sum = 0;
  for (const double v : r) sum += v * v;
  return std::isfinite(sum) ? sum : std::numeric_limits<double>::infinity();
}

double difference(double x, double low, double high) {
  const double range = high - low;
  const double size = std::max(std::abs(x), std::isfinite(range) ? 1e-3 * range : 0.0);
  return std::cbrt(std::numeric_limits<double>::epsilon()) * (size > 0 ? size : 1.0);
}

/// Columns of J for all problems that ask for it, two evaluations per column.
void differentiate(std::vector<LeastSquaresProblem>& problems, std::vector<State>& states,
                   const std::function<void(std::vector<LeastSquaresProblem>&)>& evaluate) {
  std::size_t most = 0;
  for (std::size_t k = 0; k < problems.size(); ++k) {
    State& state = states[k];
    if (!state.active || !state.needs_jacobian) continue;
    most = std::max(most, state.x.size());
    state.jacobian.resize(static_cast<Eigen::Index>(state.r.size()),
                          static_cast<Eigen::Index>(state.x.size()));
  }
  for (std::size_t j = 0; j < most; ++j) {
    std::vector<double> begin(problems.size()), end(problems.size());
    std::vector<std::vector<double>> below(problems.size());
    const auto moves = [&](std::size_t k) {
      return states[k].active && states[k].needs_jacobian && j < states[k].x.size();
    };
    for (std::size_t k = 0; k < problems.size(); ++k) {
      problems[k].x = states[k].x;
      if (!moves(k)) continue;
      const double x = states[k].x[j], h = difference(x, problems[k].low[j], problems[k].high[j]);
      begin[k] = std::max(problems[k].low[j], x - h);
      end[k] = std::min(problems[k].high[j], x + h);
      problems[k].x[j] = begin[k];
    }
    evaluate(problems);
    for (std::size_t k = 0; k < problems.size(); ++k) {
      if (!moves(k)) continue;
      below[k] = problems[k].r;
      problems[k].x[j] = end[k];
    }
    evaluate(problems);
    for (std::size_t k = 0; k < problems.size(); ++k) {
      if (!moves(k)) continue;
      for (std::size_t i = 0; i < below[k].size(); ++i) {
        const double slope = (problems[k].r[i] - below[k][i]) / (end[k] - begin[k]);
        states[k].jacobian(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
            std::isfinite(slope) ? slope : 0.0;
      }
    }
  }
}

/// The step that minimises |Jδ + r|² + λ|Dδ|², not leaving the bounds on which x lies.
std::vector<double> trial(const LeastSquaresProblem& problem, State& state) {
  const auto m = state.jacobian.rows(), n = state.jacobian.cols();
  Eigen::VectorXd r = Eigen::Map<const Eigen::VectorXd>(state.r.data(), m);
  const Eigen::VectorXd gradient = state.jacobian.transpose() * r;
  Eigen::MatrixXd stacked = Eigen::MatrixXd::Zero(m + n, n);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(m + n);
  right.head(m) = -r;
  for (Eigen::Index j = 0; j < n; ++j) {
    const auto k = static_cast<std::size_t>(j);
    state.scale[j] = std::max(state.scale[j], state.jacobian.col(j).norm());
    const bool held = (state.x[k] <= problem.low[k] && gradient[j] > 0) ||
                      (state.x[k] >= problem.high[k] && gradient[j] < 0);
    if (!held) stacked.block(0, j, m, 1) = state.jacobian.col(j);
    stacked(m + j, j) = std::sqrt(state.damping) * (state.scale[j] > 0 ? state.scale[j] : 1.0);
  }
  const Eigen::VectorXd step = stacked.colPivHouseholderQr().solve(right);
  std::vector<double> x = state.x;
  for (std::size_t k = 0; k < x.size(); ++k)
    x[k] = std::clamp(x[k] + step[static_cast<Eigen::Index>(k)], problem.low[k], problem.high[k]);
  return x;
}

void tell_errors(LeastSquaresProblem& problem, const Eigen::MatrixXd& jacobian) {
  const auto m = jacobian.rows(), n = jacobian.cols();
  problem.error.assign(static_cast<std::size_t>(n), std::numeric_limits<double>::quiet_NaN());
  Eigen::VectorXd norm = jacobian.colwise().norm();
  Eigen::MatrixXd scaled = jacobian;
  for (Eigen::Index j = 0; j < n; ++j) {
    if (norm[j] > 0)
      scaled.col(j) /= norm[j];
    else
      norm[j] = 1;
  }
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(scaled, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& values = svd.singularValues();
  for (Eigen::Index v = 0; v < n; ++v)
    if (!(values[v] > 1e-8 * values[0]))
      for (Eigen::Index j = 0; j < n; ++j)
        if (std::abs(svd.matrixV()(j, v)) > 0.1) problem.undetermined.push_back(static_cast<std::size_t>(j));
  std::sort(problem.undetermined.begin(), problem.undetermined.end());
  problem.undetermined.erase(std::unique(problem.undetermined.begin(), problem.undetermined.end()),
                             problem.undetermined.end());
  if (m <= n || !problem.undetermined.empty()) return;
  const double variance = problem.sum / static_cast<double>(m - n);
  for (Eigen::Index j = 0; j < n; ++j) {
    double inverse = 0;
    for (Eigen::Index v = 0; v < n; ++v) inverse += std::pow(svd.matrixV()(j, v) / values[v], 2);
    problem.error[static_cast<std::size_t>(j)] = std::sqrt(variance * inverse) / norm[j];
  }
}

}  // namespace

void solve_least_squares(std::vector<LeastSquaresProblem>& problems,
                         const std::function<void(std::vector<LeastSquaresProblem>&)>& evaluate,
                         std::size_t most_steps) {
  std::vector<State> states(problems.size());
  evaluate(problems);
  for (std::size_t k = 0; k < problems.size(); ++k) {
    states[k].x = problems[k].x;
    states[k].r = problems[k].r;
    states[k].sum = sum_of_squares(problems[k].r);
    states[k].scale = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(problems[k].x.size()));
  }
  constexpr double endless = 1e14;
  for (std::size_t round = 0; round < most_steps; ++round) {
    if (std::none_of(states.begin(), states.end(), [](const State& s) { return s.active; })) break;
    differentiate(problems, states, evaluate);
    for (std::size_t k = 0; k < problems.size(); ++k) {
      problems[k].x = states[k].x;
      if (!states[k].active) continue;
      states[k].needs_jacobian = false;
      problems[k].x = trial(problems[k], states[k]);
    }
    evaluate(problems);
    for (std::size_t k = 0; k < problems.size(); ++k) {
      State& state = states[k];
      if (!state.active) continue;
      const double sum = sum_of_squares(problems[k].r);
      double moved = 0;
      for (std::size_t j = 0; j < state.x.size(); ++j) {
        const double size =
            std::max(std::abs(state.x[j]), difference(state.x[j], problems[k].low[j], problems[k].high[j]));
        moved = std::max(moved, std::abs(problems[k].x[j] - state.x[j]) / size);
      }
      if (sum < state.sum) {
        ++problems[k].steps;
        state.damping = std::max(state.damping / 10, 1e-16);
        state.x = problems[k].x;
        state.r = problems[k].r;
        state.sum = sum;
        state.needs_jacobian = true;
        if (moved <= 1e-13 || sum == 0) state.active = false;
      } else {
        state.damping *= moved <= 1e-10 ? endless : 10;
        if (moved == 0 || state.damping > endless) state.active = false;
      }
      problems[k].settled = !state.active;
    }
  }
  for (State& state : states) {
    state.active = true;
    state.needs_jacobian = true;
  }
  differentiate(problems, states, evaluate);
  for (std::size_t k = 0; k < problems.size(); ++k) {
    problems[k].x = states[k].x;
    problems[k].r = states[k].r;
    problems[k].sum = states[k].sum;
    tell_errors(problems[k], states[k].jacobian);
  }
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lode {

/// Lengths in figures are points (1/72 inch), y downwards.
inline constexpr double points_per_millimetre = 72.0 / 25.4;

struct Point {
  double x = 0, y = 0;
};

struct Rect {
  double x = 0, y = 0, width = 0, height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
  double middle_x() const { return x + width / 2; }
  double middle_y() const { return y + height / 2; }
  bool contains(const Rect& other, double tolerance = 1e-6) const {
    return other.x >= x - tolerance && other.y >= y - tolerance && other.right() <= right() + tolerance &&
           other.bottom() <= bottom() + tolerance;
  }
  /// Rectangles that only touch do not overlap.
  bool overlaps(const Rect& other, double tolerance = 1e-6) const {
    return x < other.right() - tolerance && other.x < right() - tolerance && y < other.bottom() - tolerance &&
           other.y < bottom() - tolerance;
  }
  Rect grown(double by) const { return {x - by, y - by, width + 2 * by, height + 2 * by}; }
};

}  // namespace lode

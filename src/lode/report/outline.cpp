// SPDX-License-Identifier: Apache-2.0
#include "lode/report/outline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lode {
namespace {

/// Control points of a quarter circle lie this part of the radius along its tangents.
constexpr double quarter = 0.5522847498;

Point bezier(Point a, Point b, Point c, Point d, double t) {
  const double s = 1 - t, k0 = s * s * s, k1 = 3 * s * s * t, k2 = 3 * s * t * t, k3 = t * t * t;
  return {k0 * a.x + k1 * b.x + k2 * c.x + k3 * d.x, k0 * a.y + k1 * b.y + k2 * c.y + k3 * d.y};
}

/// How far the edges of a band of this width are shifted so that it stays as wide across its slope. At its
/// steepest a curve with both control points half way has twice the slope of the straight line; the shift
/// that keeps the width w there is w/2·tan(θ/2), and control points move the middle by 3/4.
double edge_shift(const BandStretch& stretch, double width) {
  const double run = stretch.end.x - stretch.start.x, fall = stretch.end.y - stretch.start.y;
  if (run <= 0) return 0;
  const double angle = std::atan2(2 * std::abs(fall), run);
  const double shift = std::min(4.0 / 3 * width / 2 * std::tan(angle / 2), 0.4 * run);
  return fall > 0 ? shift : -shift;
}

}  // namespace

void Outline::quarter_to(Point p, bool level_first) {
  const Point a = pieces_.back().to;
  const double dx = p.x - a.x, dy = p.y - a.y;
  if (level_first) {
    curve_to({a.x + quarter * dx, a.y}, {p.x, p.y - quarter * dy}, p);
  } else {
    curve_to({a.x, a.y + quarter * dy}, {p.x - quarter * dx, p.y}, p);
  }
}

SvgPath Outline::path() const {
  SvgPath path;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::move:
        path.move_to(piece.to);
        break;
      case Piece::Kind::line:
        path.line_to(piece.to);
        break;
      case Piece::Kind::curve:
        path.curve_to(piece.control_1, piece.control_2, piece.to);
        break;
    }
  }
  path.close();
  return path;
}

std::vector<Point> Outline::polygon(int steps) const {
  std::vector<Point> points;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::curve) {
      const Point from = points.back();
      for (int i = 1; i < steps; ++i)
        points.push_back(bezier(from, piece.control_1, piece.control_2, piece.to,
                                static_cast<double>(i) / static_cast<double>(steps)));
    }
    points.push_back(piece.to);
  }
  return points;
}

Rect Outline::bounds() const {
  constexpr double far = std::numeric_limits<double>::max();
  double left = far, top = far, right = -far, bottom = -far;
  for (const Point& p : polygon()) {
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  return {left, top, right - left, bottom - top};
}

void Outline::move_by(double dx, double dy) {
  for (Piece& piece : pieces_)
    for (Point* p : {&piece.control_1, &piece.control_2, &piece.to}) *p = {p->x + dx, p->y + dy};
}

std::vector<double> Area::edges_at(double y) const {
  std::vector<double> edges;
  if (y < bounds_.y || y > bounds_.bottom()) return edges;
  for (std::size_t i = 0, j = points_.size() - 1; i < points_.size(); j = i++) {
    const Point &a = points_[i], &b = points_[j];
    if ((a.y > y) != (b.y > y)) edges.push_back((b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x);
  }
  return edges;
}

bool Area::contains(Point p) const {
  if (p.x < bounds_.x || p.x > bounds_.right()) return false;
  const std::vector<double> edges = edges_at(p.y);
  return std::count_if(edges.begin(), edges.end(), [&](double edge) { return p.x < edge; }) % 2 == 1;
}

Outline band_outline(const std::vector<BandStretch>& stretches, double width, const BandEnds& ends) {
  constexpr double least_head = 1.8;  // half the height of a tip
  Outline outline;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const BandStretch& s = stretches[i];
    const double middle = (s.start.x + s.end.x) / 2 + edge_shift(s, width);
    if (i == 0) {
      outline.move_to({s.start.x - ends.before, s.start.y});
      if (ends.before > 0) outline.line_to(s.start);
    } else {
      outline.line_to(s.start);
    }
    outline.curve_to({middle, s.start.y}, {middle, s.end.y}, s.end);
  }
  if (ends.after > 0) {
    const Point end = stretches.back().end;
    const double y = end.y + width / 2, half = std::max(width / 2, least_head);
    if (half > width / 2) outline.line_to({end.x, y - half});
    outline.line_to({end.x + ends.after, y});
    if (half > width / 2) outline.line_to({end.x, y + half});
  }
  for (std::size_t i = stretches.size(); i-- > 0;) {
    const BandStretch& s = stretches[i];
    const double middle = (s.start.x + s.end.x) / 2 - edge_shift(s, width);
    outline.line_to({s.end.x, s.end.y + width});
    outline.curve_to({middle, s.end.y + width}, {middle, s.start.y + width}, {s.start.x, s.start.y + width});
  }
  if (ends.before > 0) {
    const Point start = stretches.front().start;
    outline.line_to({start.x - ends.before, start.y + width});
    const double depth = std::min(0.35 * width, 0.75 * ends.before);
    outline.line_to({start.x - ends.before + depth, start.y + width / 2});
  }
  return outline;
}

Point band_middle(const BandStretch& stretch, double width, double t) {
  const double middle = (stretch.start.x + stretch.end.x) / 2, half = width / 2;
  return bezier({stretch.start.x, stretch.start.y + half}, {middle, stretch.start.y + half},
                {middle, stretch.end.y + half}, {stretch.end.x, stretch.end.y + half}, t);
}

Outline return_outline(const ReturnBand& band) {
  const double w = band.width, r = band.bend, wide = r + w;
  const double turn_from = band.from.x + band.from_lead, turn_to = band.to.x - band.to_lead;
  const double top = band.channel_top, bottom = top + w;
  const double under_from = band.from.y + w, under_to = band.to.y + w;
  Outline outline;
  outline.move_to(band.from);
  outline.line_to({turn_from, band.from.y});
  outline.quarter_to({turn_from + wide, under_from + r}, true);
  outline.line_to({turn_from + wide, top - r});
  outline.quarter_to({turn_from, bottom}, false);
  outline.line_to({turn_to, bottom});
  outline.quarter_to({turn_to - wide, top - r}, true);
  outline.line_to({turn_to - wide, under_to + r});
  outline.quarter_to({turn_to, band.to.y}, false);
  outline.line_to(band.to);
  outline.line_to({band.to.x, under_to});
  outline.line_to({turn_to, under_to});
  outline.quarter_to({turn_to - r, under_to + r}, true);
  outline.line_to({turn_to - r, top - r});
  outline.quarter_to({turn_to, top}, false);
  outline.line_to({turn_from, top});
  outline.quarter_to({turn_from + r, top - r}, true);
  outline.line_to({turn_from + r, under_from + r});
  outline.quarter_to({turn_from, under_from}, false);
  outline.line_to({band.from.x, under_from});
  return outline;
}

}  // namespace lode

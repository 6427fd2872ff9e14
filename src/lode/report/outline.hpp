// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "lode/report/svg.hpp"

namespace lode {

/// A closed shape of lines and cubic curves.
class Outline {
 public:
  void move_to(Point p) { pieces_.push_back({Piece::Kind::move, {}, {}, p}); }
  void line_to(Point p) { pieces_.push_back({Piece::Kind::line, {}, {}, p}); }
  void curve_to(Point control_1, Point control_2, Point p) {
    pieces_.push_back({Piece::Kind::curve, control_1, control_2, p});
  }
  /// A quarter of a circle from where the outline has come to, as a curve (off by less than 0.03 % of the
  /// radius). It begins level if `level_first`, else upright.
  void quarter_to(Point p, bool level_first);

  SvgPath path() const;
  /// The shape as a polygon; curves in `steps` parts.
  std::vector<Point> polygon(int steps = 16) const;
  Rect bounds() const;
  void move_by(double dx, double dy);

 private:
  struct Piece {
    enum class Kind { move, line, curve } kind;
    Point control_1, control_2, to;
  };
  std::vector<Piece> pieces_;
};

/// A polygon with its bounds, to ask what lies inside.
class Area {
 public:
  explicit Area(const Outline& outline) : points_(outline.polygon()), bounds_(outline.bounds()) {}
  bool contains(Point p) const;                  ///< even-odd
  std::vector<double> edges_at(double y) const;  ///< where the outline crosses this height
  const Rect& bounds() const { return bounds_; }

 private:
  std::vector<Point> points_;
  Rect bounds_;
};

/// A band of constant width between two places, level at both ends; `start` and `end` are its upper corners.
/// Both edges are shifted along the slope so that the band keeps its width where it is steep.
struct BandStretch {
  Point start, end;
};
/// What a band adds beyond its first or last bar: a notch where it begins, a tip where it ends. Zero:
/// nothing.
struct BandEnds {
  double before = 0, after = 0;  ///< lengths
};
Outline band_outline(const std::vector<BandStretch>& stretches, double width, const BandEnds& ends = {});
/// Middle of the band's middle line at `t` from 0 to 1 of one stretch.
Point band_middle(const BandStretch& stretch, double width, double t);

/// A band that turns down on the right, runs left below and turns up again: from the right edge of one bar to
/// the left edge of another.
struct ReturnBand {
  Point from, to;                   ///< upper corners at the two bars
  double from_lead, to_lead;        ///< how far it runs level before it turns
  double channel_top, width, bend;  ///< bend: inner radius of the turns
};
Outline return_outline(const ReturnBand& band);

}  // namespace lode

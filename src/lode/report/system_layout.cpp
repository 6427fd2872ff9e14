// SPDX-License-Identifier: Apache-2.0
#include "lode/report/system_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "lode/report/numbers.hpp"
#include "lode/report/sankey_order.hpp"

namespace lode {
namespace {

constexpr double wide_track = 4, wide_margin = 5.5, between = 12, pass_height = 6, channel_step = 6,
                 padding = 3;
/// Of a page that is too narrow: heads still stand clear of boxes and of one another.
constexpr double narrow_track = 2.4, narrow_margin = 3.6;
constexpr double far = 1e6;
/// The least size of the writing, as a share of what it is where there is room.
constexpr double smallest = 0.75;

/// A vertical stretch of a flow in the room between two columns.
struct Rise {
  std::size_t gutter = 0, flow = 0;
  double from = 0, to = 0;  ///< heights; far above or below for what crosses the boundary
  double x = 0;
};

class Arrangement {
 public:
  Arrangement(const SystemPicture& system, const FigureOptions& options)
      : system_(system), options_(options), zh_(is_chinese(options.language)) {
    order();
    make_rises();
    tracks_.assign(columns_ + 1, 0);
    for (const Rise& rise : rises_) ++tracks_[rise.gutter];
    // Only once boxes have their heights is it known which rises share a track; then there is more room.
    for (const bool last : {false, true}) {
      place_columns();
      place_boxes();
      place_ports();
      place_tracks(last);
    }
    place_lanes();
  }

  SystemLayout take() {
    for (std::size_t f = 0; f < system_.flows.size(); ++f) {
      out_.roles.push_back(role(f));
      out_.courses.push_back(course(f));
    }
    for (SystemBox& box : out_.boxes) box.rect.y += shift_;
    return std::move(out_);
  }

 private:
  using Station = SankeyStation;

  SystemRole role(std::size_t flow) const {
    const SystemFlow& each = system_.flows[flow];
    if (!each.from) return SystemRole::imports;
    if (!each.to) return each.loss ? SystemRole::losses : each.use ? SystemRole::uses : SystemRole::exports;
    return is_back_[flow] ? SystemRole::back : SystemRole::inner;
  }
  void order() {
    SankeyInput input;
    for (std::size_t p = 0; p < system_.processes.size(); ++p) {
      SankeyNode node;
      node.id = std::to_string(p);
      node.stage = system_.processes[p].stage;
      input.nodes.push_back(std::move(node));
    }
    for (std::size_t f = 0; f < system_.flows.size(); ++f) {
      const SystemFlow& flow = system_.flows[f];
      if (!flow.from || !flow.to) continue;
      SankeyLink link;
      link.source = *flow.from;
      link.target = *flow.to;
      link.value = 1;
      link_of_.push_back(f);
      input.links.push_back(link);
    }
    SankeyColumns columns = assign_columns(input);
    columns.count = std::max(columns.count, 1);
    stand_alone(columns);
    layers_ = order_layers(input, columns);
    columns_ = static_cast<std::size_t>(columns.count);
    column_of_.assign(columns.column.begin(), columns.column.end());
    is_back_.assign(system_.flows.size(), false);
    for (std::size_t l = 0; l < input.links.size(); ++l) is_back_[link_of_[l]] = columns.back[l];
  }
  /// Processes that no other one feeds or is fed by stand with their stage, else on the left.
  void stand_alone(SankeyColumns& columns) const {
    for (std::size_t p = 0; p < system_.processes.size(); ++p) {
      if (columns.column[p] >= 0) continue;
      columns.column[p] = 0;
      for (std::size_t q = 0; q < p; ++q)
        if (system_.processes[p].stage && system_.processes[q].stage == system_.processes[p].stage)
          columns.column[p] = columns.column[q];
    }
  }

  /// From the left edge of a stage's first column to the right edge of its last.
  std::map<int, std::pair<double, double>> stage_reach() const {
    std::map<int, std::pair<double, double>> reach;
    for (std::size_t p = 0; p < system_.processes.size(); ++p) {
      if (!system_.processes[p].stage) continue;
      const Rect& box = out_.boxes[p].rect;
      auto [found, is_new] = reach.emplace(*system_.processes[p].stage, std::pair{box.x, box.right()});
      found->second = {std::min(found->second.first, box.x), std::max(found->second.second, box.right())};
    }
    return reach;
  }
  std::size_t column(std::size_t process) const { return static_cast<std::size_t>(column_of_[process]); }

  void make_rises() {
    for (const SankeyStretch& stretch : layers_.stretches) {
      const std::size_t from = static_cast<std::size_t>(layers_.stations[stretch.from].column);
      rises_.push_back({from + 1, link_of_[stretch.link], 0, 0, 0});
      stretch_of_.push_back(rises_.size() - 1);
    }
    for (std::size_t f = 0; f < system_.flows.size(); ++f) {
      const SystemFlow& flow = system_.flows[f];
      if (flow.from && (!flow.to || is_back_[f])) {
        down_[f] = rises_.size();
        rises_.push_back({column(*flow.from) + 1, f, 0, 0, 0});
      }
      if (flow.to && (!flow.from || is_back_[f])) {
        up_[f] = rises_.size();
        rises_.push_back({column(*flow.to), f, 0, 0, 0});
      }
    }
  }

  void place_columns() {
    spread_columns(wide_track, wide_margin);
    if (out_.least_width > 0) spread_columns(narrow_track, narrow_margin);
    double x = 1;
    for (std::size_t c = 0; c < columns_; ++c) {
      gutter_x_.push_back(x);
      x += gutter_width_[c];
      column_x_.push_back(x);
      x += column_width_[c];
    }
    gutter_x_.push_back(x);
    right_ = x + gutter_width_.back();
    // Less than the page: it stands in its middle.
    const double shift = std::max(0.0, (options_.width - 8 - right_) / 2);
    for (double& each : gutter_x_) each += shift;
    for (double& each : column_x_) each += shift;
    left_ = 1 + shift;
    right_ += shift;
  }

  /// Widths of columns and of the room between them, in which tracks stand `track` apart at most.
  void spread_columns(double track, double margin) {
    for (auto* list : {&gutter_width_, &gutter_x_, &column_x_}) list->clear();
    out_.name_style = TextStyle{6.5, false};
    out_.stock_style = TextStyle{5.8, false};
    out_.least_width = 0;
    margin_ = margin;
    const double inner_width = options_.width - 8;
    double gutters = 0;
    std::size_t all = 1;
    for (const std::size_t count : tracks_) all += count;
    step_ = std::min(track, 0.5 * inner_width / static_cast<double>(all));
    for (const std::size_t count : tracks_) {
      gutter_width_.push_back(margin * 2 + step_ * static_cast<double>(count == 0 ? 0 : count - 1));
      gutters += gutter_width_.back();
    }
    choose_widths(inner_width - gutters - 2);
  }

  /// A column is as wide as its longest word needs; where the page is too narrow the writing gets smaller.
  void choose_widths(double room) {
    // What a column needs for its words, and beside them for the frames of its boxes.
    std::vector<double> words(columns_, 30 - 2 * padding - 1), frames(columns_, 2 * padding + 1);
    const auto ask = [&](std::size_t column, double word, double frame) {
      if (word + frame <= words[column] + frames[column]) return;
      words[column] = word;
      frames[column] = frame;
    };
    for (std::size_t p = 0; p < system_.processes.size(); ++p) {
      ask(column(p), longest_word(system_.processes[p].name, out_.name_style), 2 * padding + 1);
      for (const std::string& stock : system_.processes[p].stocks)
        ask(column(p), longest_word(stock, out_.stock_style), 2 * padding + 4);
    }
    const double all_words = std::accumulate(words.begin(), words.end(), 0.0);
    const double all_frames = std::accumulate(frames.begin(), frames.end(), 0.0);
    const double factor = std::clamp((room - all_frames) / all_words, 0.5, 1.0);
    // Writing smaller than that is not read in print.
    if (factor < smallest) out_.least_width = options_.width + smallest * all_words + all_frames - room;
    out_.name_style.size = std::max(out_.name_style.size * factor, 4.5);
    out_.stock_style.size = std::max(out_.stock_style.size * factor, 4.5);
    const double more =
        std::clamp((room - all_words - all_frames) / static_cast<double>(columns_), 0.0, 36.0);
    column_width_.clear();
    for (std::size_t c = 0; c < columns_; ++c) column_width_.push_back(words[c] * factor + frames[c] + more);
  }

  void place_boxes() {
    out_.boxes.assign(system_.processes.size(), {});
    std::vector<std::size_t> in(out_.boxes.size(), 0), out(out_.boxes.size(), 0);
    for (const SystemFlow& flow : system_.flows) {
      if (flow.from) ++out[*flow.from];
      if (flow.to) ++in[*flow.to];
    }
    for (std::size_t p = 0; p < out_.boxes.size(); ++p) {
      SystemBox& box = out_.boxes[p];
      const SystemProcess& process = system_.processes[p];
      const double wide = column_width_[column(p)];
      box.lines = wrap_text(process.name, out_.name_style, wide - 2 * padding, 5);
      double height = static_cast<double>(box.lines.size()) * line_height(out_.name_style) + 2 * padding + 2;
      for (const std::string& stock : process.stocks) {
        box.stocks.push_back(wrap_text(stock, out_.stock_style, wide - 2 * padding - 3, 5));
        height += static_cast<double>(box.stocks.back().size()) * line_height(out_.stock_style) + 5;
      }
      const double ports = static_cast<double>(std::max(in[p], out[p]));
      box.rect = {column_x_[column(p)], 0, wide, std::max(height, ports * 6 + 3)};
    }
    station_y_.assign(layers_.stations.size(), 0);
    double tallest = 0;
    std::vector<double> heights;
    for (const auto& stations : layers_.columns) {
      double height = -between;
      for (const std::size_t s : stations) height += station_height(s) + between;
      heights.push_back(std::max(height, 0.0));
      tallest = std::max(tallest, heights.back());
    }
    for (std::size_t c = 0; c < layers_.columns.size(); ++c) {
      double y = (tallest - heights[c]) / 2;
      for (const std::size_t s : layers_.columns[c]) {
        const Station& station = layers_.stations[s];
        station_y_[s] = y + station_height(s) / 2;
        if (!station.passes()) out_.boxes[station.node].rect.y = y;
        y += station_height(s) + between;
      }
    }
    boxes_bottom_ = tallest;
  }
  double station_height(std::size_t s) const {
    const Station& station = layers_.stations[s];
    return station.passes() ? pass_height : out_.boxes[station.node].rect.height;
  }

  struct Port {
    std::size_t flow;
    double wish;  ///< where the flow comes from or goes to
  };
  /// Ports of a side, evenly spaced in the order of where their flows lead.
  void spread(std::vector<Port>& ports, const Rect& box, std::map<std::size_t, double>& heights) {
    std::stable_sort(ports.begin(), ports.end(),
                     [](const Port& a, const Port& b) { return a.wish < b.wish; });
    for (std::size_t i = 0; i < ports.size(); ++i)
      heights[ports[i].flow] =
          box.y + box.height * (static_cast<double>(i) + 0.5) / static_cast<double>(ports.size());
  }

  void place_ports() {
    for (std::size_t p = 0; p < out_.boxes.size(); ++p) {
      std::vector<Port> left, right;
      for (std::size_t f = 0; f < system_.flows.size(); ++f) {
        const SystemFlow& flow = system_.flows[f];
        if (flow.to == p) left.push_back({f, !flow.from ? -far : is_back_[f] ? far : next_to(f, p, false)});
        if (flow.from == p) right.push_back({f, !flow.to || is_back_[f] ? far : next_to(f, p, true)});
      }
      spread(left, out_.boxes[p].rect, port_in_);
      spread(right, out_.boxes[p].rect, port_out_);
    }
    for (std::size_t s = 0; s < layers_.stretches.size(); ++s) {
      const SankeyStretch& stretch = layers_.stretches[s];
      Rise& rise = rises_[stretch_of_[s]];
      const Station &from = layers_.stations[stretch.from], &to = layers_.stations[stretch.to];
      rise.from = from.passes() ? station_y_[stretch.from] : port_out_[rise.flow];
      rise.to = to.passes() ? station_y_[stretch.to] : port_in_[rise.flow];
    }
    for (const auto& [flow, r] : down_) {
      rises_[r].from = port_out_[flow];
      rises_[r].to = far;
    }
    for (const auto& [flow, r] : up_) {
      rises_[r].from = system_.flows[flow].from ? far : -far;
      rises_[r].to = port_in_[flow];
    }
  }
  /// Height of the next station of a flow that begins or ends at a process.
  double next_to(std::size_t flow, std::size_t process, bool begins) const {
    for (const SankeyStretch& stretch : layers_.stretches) {
      if (link_of_[stretch.link] != flow) continue;
      const std::size_t own = begins ? stretch.from : stretch.to, other = begins ? stretch.to : stretch.from;
      if (!layers_.stations[own].passes() && layers_.stations[own].node == process) return station_y_[other];
    }
    return 0;
  }

  /// What falls stands left of what rises; the lowest to fall and the highest to rise leftmost, so that they
  /// cross least. In this order each takes the leftmost track right of all that it would touch.
  void place_tracks(bool keep_counts) {
    for (std::size_t g = 0; g <= columns_; ++g) {
      std::vector<Rise*> here;
      for (Rise& rise : rises_)
        if (rise.gutter == g) here.push_back(&rise);
      std::stable_sort(here.begin(), here.end(), [](const Rise* a, const Rise* b) {
        const bool falls_a = a->to > a->from, falls_b = b->to > b->from;
        if (falls_a != falls_b) return falls_a;
        if (a->from != b->from) return falls_a ? a->from > b->from : a->from < b->from;
        return falls_a ? a->to > b->to : a->to < b->to;
      });
      std::vector<std::size_t> at(here.size(), 0);
      std::size_t count = 0;
      for (std::size_t i = 0; i < here.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
          if (touch(*here[i], *here[j])) at[i] = std::max(at[i], at[j] + 1);
        count = std::max(count, at[i] + 1);
      }
      const double room = gutter_width_[g] - 2 * margin_;
      const double step = count > 1 ? std::min(step_, room / static_cast<double>(count - 1)) : 0;
      for (std::size_t i = 0; i < here.size(); ++i)
        here[i]->x = gutter_x_[g] + margin_ + step * static_cast<double>(at[i]) + (count == 1 ? room / 2 : 0);
      if (!keep_counts) tracks_[g] = count;
    }
    // Channels: the shortest innermost.
    std::vector<std::pair<double, std::size_t>> spans;
    for (std::size_t f = 0; f < system_.flows.size(); ++f)
      if (is_back_[f]) spans.emplace_back(rises_[down_[f]].x - rises_[up_[f]].x, f);
    std::sort(spans.begin(), spans.end());
    double y = boxes_bottom_ + between;
    for (const auto& [length, flow] : spans) {
      channel_[flow] = y;
      y += channel_step;
    }
    inside_bottom_ = y;
  }

  /// Whether two rises would run into one another on one track. One that is level takes no room but at its
  /// height.
  static bool touch(const Rise& a, const Rise& b) {
    constexpr double apart = 5;
    return std::min(a.from, a.to) < std::max(b.from, b.to) + apart &&
           std::min(b.from, b.to) < std::max(a.from, a.to) + apart;
  }

  /// Names above and below the boundary, each right of its line, or left of it where the page ends; a line
  /// runs through a name only where there is no other way.
  std::size_t place_rows(std::vector<SystemLabel>& labels) const {
    std::stable_sort(labels.begin(), labels.end(), [&](const SystemLabel& a, const SystemLabel& b) {
      return a.flipped != b.flipped ? b.flipped : a.x > b.x;
    });
    std::size_t rows = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      SystemLabel& label = labels[i];
      const auto free = [&](bool strict) {
        const double from = label.left() - 3, to = from + label.width + 6;
        const std::size_t end = label.row + label.lines.size();
        return std::none_of(
            labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(i), [&](const SystemLabel& other) {
              const double left = other.left() - 3, right = left + other.width + 6;
              const std::size_t other_end = other.row + other.lines.size();
              const bool texts = label.row < other_end && other.row < end && from < right && left < to;
              const bool crosses = other.x > from && other.x < to && other_end > label.row;
              const bool crossed = label.x > left && label.x < right && end > other.row;
              return texts || (strict && (crosses || crossed));
            });
      };
      constexpr std::size_t most = 30;
      for (label.row = 0; label.row < most && !free(true);) ++label.row;
      if (label.row == most)
        for (label.row = 0; label.row < most && !free(false);) ++label.row;
      rows = std::max(rows, label.row + label.lines.size());
    }
    return rows;
  }

  void place_lanes() {
    for (std::size_t f = 0; f < system_.flows.size(); ++f) {
      const SystemFlow& flow = system_.flows[f];
      if (flow.from && flow.to) continue;
      SystemLabel label;
      label.flow = f;
      label.x = rises_[flow.from ? down_.at(f) : up_.at(f)].x;
      const double beside = options_.width - 8 - label.x - 3;
      label.flipped = beside < 60 && beside < label.x - 3;
      label.lines =
          wrap_text(lane_text(f), system_flow_style,
                    std::min({120.0, 0.4 * options_.width, label.flipped ? label.x - 3 : beside}), 4);
      for (const std::string& line : label.lines)
        label.width = std::max(label.width, text_width(line, system_flow_style));
      (flow.from ? out_.below : out_.above).push_back(std::move(label));
    }
    const double row = line_height(system_flow_style);
    const std::size_t rows_above = place_rows(out_.above), rows_below = place_rows(out_.below);
    std::size_t stage_lines = 0;
    for (const auto& [stage, reach] : stage_reach()) {
      const auto [from, to] = reach;
      const std::string& name = system_.stages[static_cast<std::size_t>(stage)];
      out_.bands.push_back({from - 5, to + 5, wrap_text(name, system_stage_style, to - from + 14, 3)});
      stage_lines = std::max(stage_lines, out_.bands.back().lines.size());
    }
    const double stage_height =
        system_.stages.empty() ? 0 : static_cast<double>(stage_lines) * line_height(system_stage_style) + 6;
    const double top = rows_above == 0 ? 2 : static_cast<double>(rows_above) * row + 8;
    shift_ = top + stage_height + 9;
    const double bottom = shift_ + inside_bottom_ + 3;
    out_.height = bottom + (rows_below == 0 ? 2 : static_cast<double>(rows_below) * row + 10);
    out_.boundary = {left_, top, right_ - left_, bottom - top};
  }
  std::string lane_text(std::size_t f) const {
    const SystemFlow& flow = system_.flows[f];
    if (flow.partner.empty()) return flow.name;
    return zh_ ? fmt::format("{}（{}）", flow.name, flow.partner)
               : fmt::format("{} ({})", flow.name, flow.partner);
  }

  /// The corners a flow runs through, from its source to its target.
  std::vector<Point> course(std::size_t f) const {
    const SystemFlow& flow = system_.flows[f];
    std::vector<Point> points;
    const auto row_y = [&](const std::vector<SystemLabel>& labels, bool above) {
      for (const SystemLabel& label : labels)
        if (label.flow == f) {
          const double rows = static_cast<double>(label.row + label.lines.size());
          return above ? out_.boundary.y - 4 - rows * line_height(system_flow_style)
                       : out_.boundary.bottom() + 5 + rows * line_height(system_flow_style);
        }
      return above ? 0.0 : out_.height;
    };
    if (!flow.from) {
      const Rise& rise = rises_[up_.at(f)];
      points = {{rise.x, row_y(out_.above, true)},
                {rise.x, rise.to + shift_},
                {out_.boxes[*flow.to].rect.x, rise.to + shift_}};
      return points;
    }
    points.push_back({out_.boxes[*flow.from].rect.right(), port_out_.at(f) + shift_});
    if (!flow.to) {
      const Rise& rise = rises_[down_.at(f)];
      points.push_back({rise.x, rise.from + shift_});
      points.push_back({rise.x, row_y(out_.below, false)});
      return points;
    }
    if (is_back_[f]) {
      const Rise &down = rises_[down_.at(f)], &up = rises_[up_.at(f)];
      const double y = channel_.at(f) + shift_;
      points.push_back({down.x, down.from + shift_});
      points.push_back({down.x, y});
      points.push_back({up.x, y});
      points.push_back({up.x, up.to + shift_});
    } else {
      for (std::size_t s = 0; s < layers_.stretches.size(); ++s) {
        const Rise& rise = rises_[stretch_of_[s]];
        if (rise.flow != f) continue;
        points.push_back({rise.x, rise.from + shift_});
        points.push_back({rise.x, rise.to + shift_});
      }
    }
    points.push_back({out_.boxes[*flow.to].rect.x, port_in_.at(f) + shift_});
    return points;
  }

  const SystemPicture& system_;
  const FigureOptions& options_;
  bool zh_;
  SystemLayout out_;  ///< without the room above the boxes, `shift_`, until it is taken
  SankeyLayers layers_;
  std::size_t columns_ = 1;
  std::vector<int> column_of_;
  std::vector<std::size_t> tracks_;  ///< per gutter
  std::vector<bool> is_back_;
  std::vector<std::size_t> link_of_, stretch_of_;
  std::vector<Rise> rises_;
  std::map<std::size_t, std::size_t> down_, up_;  ///< flow → rise
  std::map<std::size_t, double> port_in_, port_out_, channel_;
  std::vector<double> gutter_width_, gutter_x_, column_width_, column_x_, station_y_;
  double left_ = 0, right_ = 0, boxes_bottom_ = 0, inside_bottom_ = 0, shift_ = 0, step_ = wide_track,
         margin_ = wide_margin;
};

}  // namespace

SystemLayout lay_out_system(const SystemPicture& system, const FigureOptions& options) {
  return Arrangement(system, options).take();
}

}  // namespace lode

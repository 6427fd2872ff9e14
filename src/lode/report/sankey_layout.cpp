// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lode/report/sankey_columns.hpp"
#include "lode/report/sankey_labels.hpp"
#include "lode/report/sankey_order.hpp"

namespace lode {
namespace {

constexpr double bar_width = 5;
constexpr double gap_node = 7, gap_passing = 3;  ///< between stations of a column
constexpr double bend = 3.5;                     ///< inner radius of turns
constexpr double turn_gap = 2.5;                 ///< between bands that turn beside one another
constexpr double channel_gap = 5;                ///< from what lies above to a channel
constexpr double most_for_turns = 0.4;           ///< of the width
constexpr int alignment_sweeps = 48;

/// Least squares under an order: the z nearest to `wanted` with z₀ ≤ z₁ ≤ … and every z in [0, most], by
/// pooling adjacent violators.
std::vector<double> isotonic(const std::vector<double>& wanted, const std::vector<double>& weight,
                             double most) {
  struct Block {
    double mean, weight;
    std::size_t size;
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    Block block{wanted[i], weight[i], 1};
    while (!blocks.empty() && blocks.back().mean >= block.mean) {
      const Block& last = blocks.back();
      block = {(last.mean * last.weight + block.mean * block.weight) / (last.weight + block.weight),
               last.weight + block.weight, last.size + block.size};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> result;
  for (const Block& block : blocks)
    result.insert(result.end(), block.size, std::clamp(block.mean, 0.0, most));
  return result;
}

class Placer {
 public:
  Placer(const SankeyInput& input, const SankeyOptions& options)
      : input_(input),
        options_(options),
        columns_(assign_columns(input)),
        layers_(order_layers(input, columns_)),
        style_{options.font_size, false} {}

  SankeyLayout run() {
    scale_ = options_.scale ? *options_.scale : scale_for(options_.bars * options_.width);
    SankeyLayout layout = attempt();
    // Labels keep their size, so that several steps may be needed until all fits a page.
    for (int step = 0; step < 8 && !options_.scale && layout.height > options_.highest; ++step) {
      const double bars = tallest_bars();
      const double room = std::max(bars - (layout.height - options_.highest), 0.5 * bars);
      scale_ *= std::min(room / bars, 0.95);
      layout = attempt();
    }
    return layout;
  }

 private:
  double station_value(std::size_t s) const {
    const SankeyStation& station = layers_.stations[s];
    return station.passes() ? input_.links[station.link].value : throughput_[station.node];
  }

  /// Heights of a column's bars for scale one, the largest of all columns.
  double largest_column() {
    throughput_.assign(input_.nodes.size(), 0);
    std::vector<double> in(input_.nodes.size(), 0), out(input_.nodes.size(), 0);
    for (const SankeyLink& link : input_.links) {
      if (!link.drawn()) continue;
      out[link.source] += link.value;
      in[link.target] += link.value;
    }
    for (std::size_t i = 0; i < input_.nodes.size(); ++i) {
      const SankeyNode& node = input_.nodes[i];
      in[i] += std::max(-node.stock_change, 0.0) + std::max(-node.imbalance, 0.0);
      out[i] += std::max(node.stock_change, 0.0) + std::max(node.imbalance, 0.0);
      throughput_[i] = std::max(in[i], out[i]);
    }
    double largest = 0;
    for (const auto& column : layers_.columns) {
      double sum = 0;
      for (const std::size_t s : column) sum += station_value(s);
      largest = std::max(largest, sum);
    }
    return largest;
  }

  double scale_for(double bars) {
    const double largest = largest_column();
    double scale = largest > 0 ? bars / largest : 1;
    // Turning bands take width; they must leave room for the rest.
    double turning = 0;
    for (std::size_t l = 0; l < input_.links.size(); ++l)
      if (columns_.back[l]) turning += 2 * input_.links[l].value;
    if (turning > 0) scale = std::min(scale, most_for_turns * options_.width / turning);
    return scale;
  }

  double tallest_bars() { return std::max(largest_column() * scale_, 1.0); }

  double width_of(std::size_t link) const {
    return std::max(input_.links[link].value * scale_, options_.thinnest);
  }

  SankeyLayout attempt() {
    layout_ = {};
    layout_.scale = scale_;
    layout_.font_size = options_.font_size;
    layout_.width = options_.width;
    if (columns_.count == 0) return layout_;
    largest_column();
    size_stations();
    plan_turns();
    place_columns();
    write_labels();
    align();
    place_channels();
    emit();
    place_labels(input_, options_, layout_, zones_);
    trim();
    return std::move(layout_);
  }

  /// Heights of bars: the wider of both sides, all parts at the widths they are drawn with.
  void size_stations() {
    const std::size_t n = layers_.stations.size();
    left_.assign(n, 0);
    right_.assign(n, 0);
    bar_height_.assign(n, 0);
    for (const SankeyStretch& stretch : layers_.stretches) {
      right_[stretch.from] += width_of(stretch.link);
      left_[stretch.to] += width_of(stretch.link);
    }
    for (std::size_t l = 0; l < input_.links.size(); ++l) {
      if (!columns_.back[l]) continue;
      right_[layers_.station_of[input_.links[l].source]] += width_of(l);
      left_[layers_.station_of[input_.links[l].target]] += width_of(l);
    }
    for (std::size_t s = 0; s < n; ++s) {
      if (!layers_.stations[s].passes()) {
        const SankeyNode& node = input_.nodes[layers_.stations[s].node];
        left_[s] += part(-node.stock_change) + part(-node.imbalance);
        right_[s] += part(node.stock_change) + part(node.imbalance);
      }
      bar_height_[s] = std::max(left_[s], right_[s]);
    }
  }
  /// What a stock change or an imbalance takes of a bar; too little to see is drawn at the least width.
  double part(double value) const { return value > 0 ? std::max(value * scale_, options_.thinnest) : 0; }

  /// Order of channels from the innermost: shortest span first, then by declaration. Turns beside a column
  /// are nested in the same order.
  void plan_turns() {
    channels_.clear();
    for (std::size_t l = 0; l < input_.links.size(); ++l)
      if (columns_.back[l]) channels_.push_back(l);
    const auto span = [&](std::size_t l) {
      return columns_.column[input_.links[l].source] - columns_.column[input_.links[l].target];
    };
    std::vector<std::size_t> place(layers_.stations.size());  // in its column, from the top
    for (const auto& column : layers_.columns)
      for (std::size_t k = 0; k < column.size(); ++k) place[column[k]] = k;
    const auto height = [&](std::size_t node) { return place[layers_.station_of[node]]; };
    std::stable_sort(channels_.begin(), channels_.end(), [&](std::size_t a, std::size_t b) {
      const SankeyLink &x = input_.links[a], &y = input_.links[b];
      if (span(a) != span(b)) return span(a) < span(b);
      if (height(x.target) != height(y.target)) return height(x.target) > height(y.target);
      return height(x.source) > height(y.source);
    });
    const auto n = static_cast<std::size_t>(columns_.count);
    turn_out_.assign(n, 0);
    turn_in_.assign(n, 0);
    lead_out_.assign(input_.links.size(), 0);
    lead_in_.assign(input_.links.size(), 0);
    for (const std::size_t l : channels_) {
      double& out = turn_out_[column_of(input_.links[l].source)];
      double& in = turn_in_[column_of(input_.links[l].target)];
      lead_out_[l] = out;
      lead_in_[l] = in;
      out += width_of(l) + turn_gap;
      in += width_of(l) + turn_gap;
    }
    for (auto* turns : {&turn_out_, &turn_in_})
      for (double& room : *turns)
        if (room > 0) room += bend;
  }
  std::size_t column_of(std::size_t node) const { return static_cast<std::size_t>(columns_.column[node]); }

  /// Bars' left edges, and the stretch of the page that each column's labels may take.
  void place_columns() {
    const auto n = static_cast<std::size_t>(columns_.count);
    double turns = 0;
    for (std::size_t c = 0; c < n; ++c) turns += turn_out_[c] + turn_in_[c];
    // Gaps share what is left: in part evenly, in part by the longest words of the labels on both sides.
    constexpr double edge = 0.4, even = 0.35;  // room outside the first and the last bar, in gaps
    std::vector<double> need(n, 0), gaps(n + 1);
    for (std::size_t s = 0; s < layers_.stations.size(); ++s)
      if (!layers_.stations[s].passes()) {
        double& widest = need[static_cast<std::size_t>(layers_.stations[s].column)];
        widest = std::max(
            widest,
            longest_word(input_.nodes[layers_.stations[s].node].name(is_chinese(options_.language)), style_));
      }
    double mean = 0, shares = 0;
    for (const double width : need) mean += (width + bar_width) / static_cast<double>(n);
    for (std::size_t g = 0; g <= n; ++g) {
      const double left = g == 0 ? need[0] : need[g - 1], right = g == n ? need[n - 1] : need[g];
      gaps[g] = even * mean + (1 - even) * (left + right) / 2;
      if (g == 0 || g == n) gaps[g] *= edge;
      shares += gaps[g];
    }
    const double free =
        std::max(options_.width - turns - static_cast<double>(n) * bar_width, static_cast<double>(n + 1));
    for (double& gap : gaps) gap *= shares > 0 ? free / shares : 0;
    // A stock's change or an imbalance stands beside the outermost bars too.
    constexpr double beside_bar = 10;
    double lacking = 0, inner = 0;
    for (std::size_t g = 1; g < n; ++g) inner += gaps[g];
    const auto reserve = [&](double& gap, std::size_t column, double sign) {
      const bool wanted =
          std::any_of(layers_.stations.begin(), layers_.stations.end(), [&](const auto& station) {
            if (station.passes() || static_cast<std::size_t>(station.column) != column) return false;
            const SankeyNode& node = input_.nodes[station.node];
            return node.stock_change * sign > 0 || node.imbalance * sign > 0;
          });
      if (!wanted || gap >= beside_bar) return;
      lacking += beside_bar - gap;
      gap = beside_bar;
    };
    reserve(gaps[0], 0, -1);
    reserve(gaps[n], n - 1, 1);
    for (std::size_t g = 1; g < n && lacking > 0; ++g) gaps[g] *= std::max(1 - lacking / inner, 0.0);
    x_.assign(n, 0);
    zones_.assign(n, {});
    double x = gaps[0] + turn_in_[0];
    for (std::size_t c = 0; c < n; ++c) {
      x_[c] = x;
      x += bar_width + turn_out_[c] + gaps[c + 1] + (c + 1 < n ? turn_in_[c + 1] : 0);
    }
    for (std::size_t c = 0; c < n; ++c) {
      const double left = c == 0 ? 0 : x_[c] - turn_in_[c] - gaps[c] / 2;
      const double right = c + 1 == n ? options_.width : x_[c] + bar_width + turn_out_[c] + gaps[c + 1] / 2;
      zones_[c] = {left + 0.75, 0, right - left - 1.5, 0};
    }
  }

  void write_labels() {
    labels_.assign(layers_.stations.size(), {});
    for (std::size_t s = 0; s < layers_.stations.size(); ++s) {
      const SankeyStation& station = layers_.stations[s];
      if (station.passes()) continue;
      labels_[s] = node_label(input_, options_, station.node, throughput_[station.node],
                              zones_[static_cast<std::size_t>(station.column)].width);
      layout_.crowded |= labels_[s].box.width > zones_[static_cast<std::size_t>(station.column)].width;
    }
  }

  double label_height(std::size_t s) const { return labels_[s].box.height; }
  double gap_between(std::size_t above, std::size_t below) const {
    const bool a = layers_.stations[above].passes(), b = layers_.stations[below].passes();
    return a && b ? gap_passing : a || b ? (gap_node + gap_passing) / 2 : gap_node;
  }

  /// Heights of bars such that bands run level where they can. Each column in turn takes the places that its
  /// neighbours' bands ask for, least squares weighted by width, under its order and its gaps.
  void align() {
    const auto n = static_cast<std::size_t>(columns_.count);
    bar_top_.assign(layers_.stations.size(), 0);
    std::vector<std::vector<double>> offsets(n);  // of each bar's top if all stand as high as they can
    double height = 0;
    for (std::size_t c = 0; c < n; ++c) {
      double y = 0;
      const auto& column = layers_.columns[c];
      for (std::size_t k = 0; k < column.size(); ++k) {
        if (k > 0) y += gap_between(column[k - 1], column[k]);
        y += label_height(column[k]);
        offsets[c].push_back(y);
        y += bar_height_[column[k]];
      }
      needed_.push_back(y);
      height = std::max(height, y);
    }
    for (std::size_t c = 0; c < n; ++c)
      for (std::size_t k = 0; k < layers_.columns[c].size(); ++k)
        bar_top_[layers_.columns[c][k]] = offsets[c][k] + (height - needed_[c]) / 2;

    std::vector<std::vector<std::size_t>> into(layers_.stations.size()), from(layers_.stations.size());
    for (std::size_t e = 0; e < layers_.stretches.size(); ++e) {
      from[layers_.stretches[e].from].push_back(e);
      into[layers_.stretches[e].to].push_back(e);
    }
    for (int sweep = 0; sweep < alignment_sweeps; ++sweep) {
      assign_ports(into, from);
      const bool rightwards = sweep % 2 == 0, both = sweep >= alignment_sweeps / 2;
      for (std::size_t step = 0; step < n; ++step) {
        const std::size_t c = rightwards ? step : n - 1 - step;
        const auto& column = layers_.columns[c];
        std::vector<double> wanted(column.size()), weight(column.size());
        for (std::size_t k = 0; k < column.size(); ++k) {
          const std::size_t s = column[k];
          double sum = 0, total = 0;
          const auto pull = [&](std::size_t e, bool left) {
            const SankeyStretch& stretch = layers_.stretches[e];
            const std::size_t other = left ? stretch.from : stretch.to;
            double w = width_of(stretch.link) + 0.5;
            // A passing band bends twice; an end follows its node and does not pull it.
            if (layers_.stations[other].passes() && layers_.stations[s].passes()) w *= 4;
            if (is_end(other) && !is_end(s)) w *= 0.1;
            const double mine = left ? port_in_[e] : port_out_[e], theirs = left ? port_out_[e] : port_in_[e];
            sum += w * (bar_top_[other] + theirs - mine);
            total += w;
          };
          if (rightwards || both)
            for (const std::size_t e : into[s]) pull(e, true);
          if (!rightwards || both)
            for (const std::size_t e : from[s]) pull(e, false);
          if (total == 0) {
            sum = bar_top_[s] * 0.1;
            total = 0.1;
          }
          wanted[k] = sum / total - offsets[c][k];
          weight[k] = total;
        }
        const std::vector<double> z = isotonic(wanted, weight, height - needed_[c]);
        for (std::size_t k = 0; k < column.size(); ++k) bar_top_[column[k]] = z[k] + offsets[c][k];
      }
    }
    assign_ports(into, from);
    needed_.clear();
  }
  bool is_end(std::size_t s) const {
    return !layers_.stations[s].passes() && input_.nodes[layers_.stations[s].node].is_end();
  }

  /// Where bands touch their bars, from the bar's top: sorted by where they come from or go to.
  void assign_ports(const std::vector<std::vector<std::size_t>>& into,
                    const std::vector<std::vector<std::size_t>>& from) {
    port_in_.assign(layers_.stretches.size(), 0);
    port_out_.assign(layers_.stretches.size(), 0);
    const auto middle = [&](std::size_t s) { return bar_top_[s] + bar_height_[s] / 2; };
    for (std::size_t s = 0; s < layers_.stations.size(); ++s) {
      std::vector<std::size_t> list = into[s];
      std::stable_sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
        return middle(layers_.stretches[a].from) < middle(layers_.stretches[b].from);
      });
      double y = 0;
      for (const std::size_t e : list) {
        port_in_[e] = y;
        y += width_of(layers_.stretches[e].link);
      }
      left_used_.resize(layers_.stations.size());
      left_used_[s] = y;
      list = from[s];
      std::stable_sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
        return middle(layers_.stretches[a].to) < middle(layers_.stretches[b].to);
      });
      y = 0;
      for (const std::size_t e : list) {
        port_out_[e] = y;
        y += width_of(layers_.stretches[e].link);
      }
      right_used_.resize(layers_.stations.size());
      right_used_[s] = y;
    }
  }

  /// Channels lie below all they pass, the innermost first.
  void place_channels() {
    std::vector<double> floor(static_cast<std::size_t>(columns_.count), 0);
    for (std::size_t s = 0; s < layers_.stations.size(); ++s) {
      double& lowest = floor[static_cast<std::size_t>(layers_.stations[s].column)];
      lowest = std::max(lowest, bar_top_[s] + bar_height_[s]);
    }
    channel_top_.assign(input_.links.size(), 0);
    for (const std::size_t l : channels_) {
      const std::size_t first = column_of(input_.links[l].target), last = column_of(input_.links[l].source);
      double top = 0;
      for (std::size_t c = first; c <= last; ++c) top = std::max(top, floor[c]);
      top += std::max(channel_gap, 2 * bend);
      // A band too thin to write on has its text above.
      if (width_of(l) < line_height(style_)) top += line_height(style_);
      channel_top_[l] = top;
      for (std::size_t c = first; c <= last; ++c) floor[c] = top + width_of(l);
    }
  }

  void emit() {
    // Below the forward bands on either side: stock change, imbalance, then back flows, the innermost lowest.
    for (std::size_t s = 0; s < layers_.stations.size(); ++s) {
      const SankeyStation& station = layers_.stations[s];
      if (station.passes()) continue;
      const SankeyNode& node = input_.nodes[station.node];
      PlacedNode placed;
      placed.node = station.node;
      placed.column = station.column;
      placed.throughput = throughput_[station.node];
      const double x = x_[static_cast<std::size_t>(station.column)];
      placed.bar = {x, bar_top_[s], bar_width, bar_height_[s]};
      placed.label = labels_[s];
      double left = bar_top_[s] + left_used_[s], right = bar_top_[s] + right_used_[s];
      const auto take = [&](double value, double box) {
        double& y = value > 0 ? right : left;
        const Rect where{value > 0 ? x + bar_width : x - box, y, box, part(std::abs(value))};
        y += where.height;
        return where;
      };
      if (node.stock_change != 0) placed.stock = take(node.stock_change, 9);
      if (node.imbalance != 0) placed.imbalance = take(node.imbalance, 6);
      layout_.nodes.push_back(std::move(placed));
    }
    std::stable_sort(layout_.nodes.begin(), layout_.nodes.end(),
                     [](const PlacedNode& a, const PlacedNode& b) { return a.node < b.node; });

    std::vector<std::vector<BandStretch>> bands(input_.links.size());
    for (std::size_t e = 0; e < layers_.stretches.size(); ++e) {
      const SankeyStretch& stretch = layers_.stretches[e];
      const auto x = [&](std::size_t s) { return x_[static_cast<std::size_t>(layers_.stations[s].column)]; };
      bands[stretch.link].push_back({{x(stretch.from) + bar_width, bar_top_[stretch.from] + port_out_[e]},
                                     {x(stretch.to), bar_top_[stretch.to] + port_in_[e]}});
    }
    std::vector<double> low_out(layers_.stations.size()), low_in(layers_.stations.size());
    for (std::size_t s = 0; s < layers_.stations.size(); ++s)
      low_out[s] = low_in[s] = bar_top_[s] + bar_height_[s];
    std::vector<ReturnBand> returns(input_.links.size());
    for (const std::size_t l : channels_) {
      const std::size_t source = layers_.station_of[input_.links[l].source],
                        target = layers_.station_of[input_.links[l].target];
      const double w = width_of(l);
      low_out[source] -= w;
      low_in[target] -= w;
      returns[l] = {{x_[column_of(input_.links[l].source)] + bar_width, low_out[source]},
                    {x_[column_of(input_.links[l].target)], low_in[target]},
                    lead_out_[l],
                    lead_in_[l],
                    channel_top_[l],
                    w,
                    bend};
    }
    for (std::size_t l = 0; l < input_.links.size(); ++l) {
      const SankeyLink& link = input_.links[l];
      if (!link.drawn()) continue;
      PlacedRibbon ribbon;
      ribbon.link = l;
      ribbon.width = width_of(l);
      ribbon.widened = link.value * scale_ < options_.thinnest * (1 - 1e-9);
      layout_.widened += ribbon.widened;
      ribbon.back = columns_.back[l];
      if (ribbon.back) {
        const ReturnBand& band = returns[l];
        ribbon.turn = band;
        ribbon.outline = return_outline(band);
        const double from = band.from.x + band.from_lead, to = band.to.x - band.to_lead;
        ribbon.channel = Rect{to, band.channel_top, from - to, band.width};
      } else {
        const double tip = bar_width + std::min(0.08 * ribbon.width, 2.0);
        ribbon.ends = {input_.nodes[link.source].is_end() ? bar_width : 0,
                       input_.nodes[link.target].is_end() ? tip : 0};
        ribbon.stretches = bands[l];
        ribbon.outline = band_outline(ribbon.stretches, ribbon.width, ribbon.ends);
      }
      layout_.ribbons.push_back(std::move(ribbon));
    }
  }

  /// The picture ends where its lowest part does.
  void trim() {
    double top = 1e300, bottom = 0;
    const auto take = [&](const Rect& rect) {
      top = std::min(top, rect.y);
      bottom = std::max(bottom, rect.bottom());
    };
    for (const PlacedNode& node : layout_.nodes) {
      take(node.bar);
      take(node.label.box);
    }
    for (const PlacedRibbon& ribbon : layout_.ribbons) {
      take(ribbon.outline.bounds());
      if (!ribbon.value.empty()) take(ribbon.value_box);
    }
    shift(layout_, -top);
    layout_.height = bottom - top;
  }

  const SankeyInput& input_;
  const SankeyOptions& options_;
  SankeyColumns columns_;
  SankeyLayers layers_;
  TextStyle style_;
  double scale_ = 1;
  SankeyLayout layout_;
  std::vector<double> throughput_;                           ///< per node
  std::vector<double> left_, right_, bar_height_, bar_top_;  ///< per station
  std::vector<double> left_used_, right_used_;               ///< per station: height of its forward bands
  std::vector<SankeyLabel> labels_;                          ///< per station
  std::vector<double> port_in_, port_out_;                   ///< per stretch
  std::vector<std::size_t> channels_;                        ///< back flows from the innermost
  std::vector<double> turn_out_, turn_in_, x_, needed_;      ///< per column
  std::vector<Rect> zones_;                                  ///< per column; only x and width count
  std::vector<double> lead_out_, lead_in_, channel_top_;     ///< per link
};

double input_total(const SankeyInput& input) {
  double total = 0;
  for (const SankeyLink& link : input.links)
    if (link.drawn()) total += link.value;
  return total;
}

}  // namespace

SankeyLayout lay_out_sankey(const SankeyInput& input, const SankeyOptions& options) {
  SankeyLayout layout = Placer(input, options).run();
  // Flows of ends that nobody could see take room and attention from those one can.
  SankeyInput seen = input;
  std::size_t hidden = 0;
  double hidden_value = 0;
  for (SankeyLink& link : seen.links) {
    const bool of_end = input.nodes[link.source].is_end() || input.nodes[link.target].is_end();
    if (!link.drawn() || !of_end || link.value * layout.scale >= options.invisible) continue;
    ++hidden;
    hidden_value += link.value;
    link.value = 0;
  }
  if (hidden > 0 && hidden_value < 0.01 * input_total(input)) {
    layout = Placer(seen, options).run();
    layout.hidden = hidden;
    layout.hidden_value = hidden_value;
  }
  // Where columns are too narrow, texts get smaller: for words down to a size that is still easy to read, for
  // numbers further.
  constexpr double smallest_for_words = 5.5, smallest = 4.5;
  if (options.font_size > (layout.crowded ? smallest : smallest_for_words) &&
      (layout.crowded || layout.broken_words > 0)) {
    SankeyOptions smaller = options;
    smaller.font_size = options.font_size - 0.5;
    SankeyLayout other = lay_out_sankey(input, smaller);
    if (layout.crowded || other.broken_words < layout.broken_words) return other;
  }
  return layout;
}

}  // namespace lode

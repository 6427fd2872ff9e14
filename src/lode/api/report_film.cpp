// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_film.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/api/figure_spec.hpp"
#include "lode/api/report_questions.hpp"
#include "lode/report/figure.hpp"
#include "lode/report/sankey_data.hpp"
#include "lode/report/sankey_layout.hpp"

namespace lode {
namespace {

/// Wider than a page of print: a screen has the room, and labels wrap less.
constexpr double film_width = 760, film_font = 9.5, film_highest = 480;

struct Frame {
  SankeyData data;
  SankeyLayout layout;
  bool same = false;  ///< as in the first scenario
  struct Band {
    double low = 0, high = 0;  ///< the outermost quantiles
    double deviation = 0;
  };
  std::map<std::string, Band> bands;  ///< by flow
};

struct Layer {
  std::string dimension, label;
};

std::vector<Layer> layers_of(const Dimensions& dims) {
  for (DimensionId d = 1; d < dims.all.size(); ++d) {
    if (!dims[d].balance_each || d != dims[d].root || dims[d].size() < 2) continue;
    std::vector<Layer> layers;
    for (const std::string& label : dims[d].labels) layers.push_back({dims[d].name, label});
    return layers;
  }
  return {{}};
}

bool same_flows(const SankeyInput& a, const SankeyInput& b) {
  const auto same_node = [](const SankeyNode& x, const SankeyNode& y) {
    return x.id == y.id && x.stock_change == y.stock_change && x.imbalance == y.imbalance;
  };
  const auto same_link = [](const SankeyLink& x, const SankeyLink& y) {
    return x.id == y.id && x.source == y.source && x.target == y.target && x.value == y.value;
  };
  return std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same_node) &&
         std::equal(a.links.begin(), a.links.end(), b.links.begin(), b.links.end(), same_link);
}

/// Nodes in the order in which they stand when every flow is as large as it ever gets: the same one above the
/// other in every year.
std::map<std::string, int> common_order(const std::vector<std::vector<Frame>>& frames,
                                        const SankeyOptions& options) {
  SankeyInput all;
  std::map<std::string, std::size_t> nodes;
  std::map<std::string, std::size_t> links;
  for (const auto& years : frames)
    for (const Frame& frame : years) {
      const SankeyInput& input = frame.data.input;
      for (const SankeyNode& node : input.nodes)
        if (nodes.emplace(node.id, all.nodes.size()).second) {
          all.nodes.push_back(node);
          all.nodes.back().stock_change = all.nodes.back().imbalance = 0;
        }
      for (const SankeyLink& link : input.links) {
        const std::string& source = input.nodes[link.source].id;
        const std::string& target = input.nodes[link.target].id;
        const auto [place, is_new] = links.emplace(source + "\n" + target + "\n" + link.id, all.links.size());
        if (is_new) {
          all.links.push_back(link);
          all.links.back().source = nodes.at(source);
          all.links.back().target = nodes.at(target);
        }
        double& value = all.links[place->second].value;
        value = std::max(value, link.value);
      }
    }
  SankeyOptions small = options;
  small.scale.reset();
  const SankeyLayout layout = lay_out_sankey(all, small);
  std::vector<const PlacedNode*> placed;
  for (const PlacedNode& node : layout.nodes) placed.push_back(&node);
  std::stable_sort(placed.begin(), placed.end(),
                   [](const PlacedNode* a, const PlacedNode* b) { return a->bar.y < b->bar.y; });
  std::map<std::string, int> order;
  for (std::size_t i = 0; i < placed.size(); ++i) order[all.nodes[placed[i]->node].id] = static_cast<int>(i);
  return order;
}

/// What the draws say of each flow: its deviation goes to its label and its edges.
void add_bands(const Session& session, std::size_t period, const Layer& layer, Frame& frame) {
  const BoundModel& model = *session.bound;
  for (SankeyLink& link : frame.data.input.links) {
    const auto id = model.find_quantity(link.id);
    if (!id) continue;
    const Quantity& flow = model.quantities[*id];
    std::size_t label = 0, layers = 0;
    for (const DimensionId dimension : flow.dims.labels) {
      const Dimension& one = model.dimensions[dimension];
      if (!one.balance_each) continue;
      ++layers;
      if (const auto found = one.index_of(layer.label); found && one.name == layer.dimension) label = *found;
    }
    if (layers != (layer.dimension.empty() ? 0 : 1)) continue;
    const DrawnRatios ratios = drawn_ratios(session, sum_formula(model, flow), period, label);
    if (ratios.quantiles.size() < 2 || !(ratios.deviation > 1e-6)) continue;
    const double a = link.value * ratios.quantiles.front(), b = link.value * ratios.quantiles.back();
    const double deviation = link.value * ratios.deviation;
    link.plus_minus = deviation;
    frame.bands[link.id] = {std::min(a, b), std::max(a, b), deviation};
  }
}

int tenths(double points) {
  return static_cast<int>(std::lround(points * 10));
}

const char* role_of(const SankeyInput& input, const PlacedRibbon& ribbon) {
  if (ribbon.back) return "return";
  const SankeyLink& link = input.links[ribbon.link];
  const SankeyLane target = input.nodes[link.target].lane, source = input.nodes[link.source].lane;
  if (target == SankeyLane::exports || target == SankeyLane::losses) return lane_name(target);
  return source == SankeyLane::imports ? "import" : "flow";
}

/// What a film names once: nodes by id, links by id and ends, for they turn where a flow turns its sign.
class Names {
 public:
  std::size_t node(const SankeyNode& node) {
    const auto [place, is_new] = nodes_.emplace(node.id, nodes_json_.size());
    if (is_new)
      nodes_json_.push_back({{"id", node.id},
                             {"title", title_json(node.title, node.title_zh)},
                             {"lane", lane_name(node.lane)}});
    return place->second;
  }
  std::size_t link(const SankeyInput& input, const PlacedRibbon& ribbon) {
    const SankeyLink& link = input.links[ribbon.link];
    const std::size_t source = node(input.nodes[link.source]), target = node(input.nodes[link.target]);
    const std::string role = role_of(input, ribbon);
    const auto [place, is_new] =
        links_.emplace(link.id + "\n" + std::to_string(source) + "\n" + std::to_string(target) + "\n" + role,
                       links_json_.size());
    if (is_new)
      links_json_.push_back({{"flow", link.id},
                             {"source", source},
                             {"target", target},
                             {"title", title_json(link.title, link.title_zh)},
                             {"role", role}});
    return place->second;
  }
  /// The size of a node's label where it was first met: it hardly ever changes.
  const Json& label(std::size_t node, const Rect& box) {
    Json& label = nodes_json_[node]["label"];
    if (label.is_null()) label = Json::array({tenths(box.width), tenths(box.height)});
    return label;
  }
  Json nodes() const { return nodes_json_; }
  Json links() const { return links_json_; }

 private:
  std::map<std::string, std::size_t> nodes_, links_;
  Json nodes_json_ = Json::array(), links_json_ = Json::array();
};

Json rect_json(const Rect& rect) {
  return Json::array({tenths(rect.x), tenths(rect.y), tenths(rect.width), tenths(rect.height)});
}

/// A node: [node, x, y, height, {label, anchor, stock, stock_change, imbalance_box, imbalance}?]; its label
/// stands on the middle of its bar, as large as the node's own, unless told otherwise. A ribbon: [link,
/// value, width, path, [label box]?, [low, high, deviation]?]; the path holds upper corners: [y, y] from bar
/// to bar, [x, y, x, y, …] by stretches, or of one that returns [from x, y, lead, to x, y, lead, channel].
Json frame_json(const Frame& frame, bool exact, Names& names) {
  const SankeyInput& input = frame.data.input;
  const auto kept = [&](double value) { return exact ? value : significant(value, beside_digits); };
  Json nodes = Json::array(), ribbons = Json::array();
  for (const PlacedNode& placed : frame.layout.nodes) {
    const SankeyNode& node = input.nodes[placed.node];
    const Rect& label = placed.label.box;
    const std::size_t index = names.node(node);
    const Json& usual = names.label(index, label);
    Json out = Json::array({index, tenths(placed.bar.x), tenths(placed.bar.y), tenths(placed.bar.height)});
    Json more = Json::object();
    const bool on_bar = std::abs(label.middle_x() - placed.bar.middle_x()) < 0.5 &&
                        std::abs(label.bottom() - placed.bar.y) < 0.5 &&
                        placed.label.anchor == TextAnchor::middle;
    // A digit more or less does not change what fits.
    const bool as_usual = std::abs(tenths(label.width) - usual[0].get<int>()) <= 60 &&
                          std::abs(tenths(label.height) - usual[1].get<int>()) <= 1;
    if (!on_bar || !as_usual) more["label"] = rect_json(label);
    if (placed.label.anchor != TextAnchor::middle) more["anchor"] = static_cast<int>(placed.label.anchor);
    if (placed.stock) {
      more["stock"] = rect_json(*placed.stock);
      more["stock_change"] = kept(node.stock_change);
    }
    if (placed.imbalance) {
      more["imbalance_box"] = rect_json(*placed.imbalance);
      more["imbalance"] = kept(node.imbalance);
    }
    if (!more.empty()) out.push_back(std::move(more));
    nodes.push_back(std::move(out));
  }
  for (const PlacedRibbon& ribbon : frame.layout.ribbons) {
    const SankeyLink& link = input.links[ribbon.link];
    Json path = Json::array();
    const auto corner = [&](const Point& point) {
      path.push_back(tenths(point.x));
      path.push_back(tenths(point.y));
    };
    if (ribbon.turn) {
      corner(ribbon.turn->from);
      path.push_back(tenths(ribbon.turn->from_lead));
      corner(ribbon.turn->to);
      path.push_back(tenths(ribbon.turn->to_lead));
      path.push_back(tenths(ribbon.turn->channel_top));
    } else if (ribbon.stretches.size() == 1) {
      path = {tenths(ribbon.stretches[0].start.y), tenths(ribbon.stretches[0].end.y)};
    } else {
      for (const BandStretch& stretch : ribbon.stretches) {
        corner(stretch.start);
        corner(stretch.end);
      }
    }
    Json out =
        Json::array({names.link(input, ribbon), kept(link.value), tenths(ribbon.width), std::move(path)});
    const auto band = frame.bands.find(link.id);
    if (!ribbon.value.empty())
      out.push_back(rect_json(ribbon.value_box));
    else if (band != frame.bands.end())
      out.push_back(nullptr);
    if (band != frame.bands.end())
      out.push_back(Json::array({significant(band->second.low, 4), significant(band->second.high, 4),
                                 significant(band->second.deviation, 4)}));
    ribbons.push_back(std::move(out));
  }
  // What is too thin to see is in the table all the same.
  Json hidden = Json::array();
  std::vector<bool> drawn(input.links.size(), false);
  for (const PlacedRibbon& ribbon : frame.layout.ribbons) drawn[ribbon.link] = true;
  for (std::size_t l = 0; l < input.links.size(); ++l) {
    if (drawn[l] || !input.links[l].drawn()) continue;
    PlacedRibbon ribbon;
    ribbon.link = l;
    hidden.push_back(Json::array({names.link(input, ribbon), kept(input.links[l].value)}));
  }
  Json out = {
      {"height", tenths(frame.layout.height)}, {"nodes", std::move(nodes)}, {"ribbons", std::move(ribbons)}};
  if (!hidden.empty()) out["hidden"] = std::move(hidden);
  return out;
}

Json layer_json(const Dimensions& dims, const ResultSet& results, const Layer& layer) {
  if (layer.dimension.empty()) return Json::object();
  const DimensionId id = *dims.find(layer.dimension);
  const std::size_t label = *dims[id].index_of(layer.label);
  const ResultDimension& named = results.dimensions[id];
  return {{"dimension", layer.dimension},
          {"label", layer.label},
          {"title", title_json(named.titles[label], named.titles_zh[label])}};
}

}  // namespace

Json sankey_film(const std::vector<ReportScenario>& scenarios, std::string& problem) {
  const Dimensions& dims = scenarios.front().session->bound->dimensions;
  const std::size_t years = dims.years.size() - dims.lead;
  const auto outside = outside_roles(*scenarios.front().session);
  SankeyOptions options;
  options.width = film_width;
  options.font_size = film_font;
  options.highest = film_highest;
  Json film = {{"width", tenths(film_width)}, {"font", tenths(film_font)}};
  film["layers"] = Json::array();
  Json layers = Json::array();
  Names names;
  double tallest = 0;
  for (const Layer& layer : layers_of(dims)) {
    std::vector<std::vector<Frame>> frames(scenarios.size(), std::vector<Frame>(years));
    const auto each = [&](const auto& what) {
      tbb::parallel_for(std::size_t{0}, scenarios.size() * years,
                        [&](std::size_t i) { what(i / years, i % years); });
    };
    each([&](std::size_t s, std::size_t y) {
      const int year = dims.years[dims.lead + y];
      SankeySelection selection{year, year, {}, {}, outside};
      if (!layer.dimension.empty()) selection.only[layer.dimension] = layer.label;
      frames[s][y].data = take_sankey(*scenarios[s].session->bound, *scenarios[s].results, selection);
      if (scenarios[s].session->draws) add_bands(*scenarios[s].session, dims.lead + y, layer, frames[s][y]);
    });
    double largest = 0;
    std::string unit;
    for (std::size_t s = 0; s < scenarios.size(); ++s)
      for (std::size_t y = 0; y < years; ++y) {
        Frame& frame = frames[s][y];
        if (!frame.data.problem.empty()) {
          problem = frame.data.problem;
          continue;
        }
        unit = frame.data.unit;
        frame.same = s > 0 && same_flows(frame.data.input, frames[0][y].data.input);
        for (const SankeyLink& link : frame.data.input.links)
          if (link.drawn()) largest = std::max(largest, link.value);
      }
    if (unit.empty()) continue;
    problem.clear();
    options.unit = display_unit(unit, largest, "en");
    const auto order = common_order(frames, options);
    std::vector<double> scales(scenarios.size() * years, 0);
    const auto wanted = [&](const Frame& frame) { return frame.data.problem.empty() && !frame.same; };
    each([&](std::size_t s, std::size_t y) {
      Frame& frame = frames[s][y];
      for (SankeyNode& node : frame.data.input.nodes)
        if (const auto place = order.find(node.id); place != order.end()) node.order = place->second;
      if (wanted(frame)) scales[s * years + y] = lay_out_sankey(frame.data.input, options).scale;
    });
    SankeyOptions at_scale = options;
    double least = 0;
    for (const double scale : scales)
      if (scale > 0 && (least == 0 || scale < least)) least = scale;
    at_scale.scale = least;
    each([&](std::size_t s, std::size_t y) {
      if (wanted(frames[s][y])) frames[s][y].layout = lay_out_sankey(frames[s][y].data.input, at_scale);
    });
    Json by_scenario = Json::array();
    for (std::size_t s = 0; s < scenarios.size(); ++s) {
      Json by_year = Json::array();
      for (const Frame& frame : frames[s]) {
        by_year.push_back(!frame.data.problem.empty() ? Json(nullptr)
                          : frame.same                ? Json(0)
                                                      : frame_json(frame, s == 0, names));
        tallest = std::max(tallest, frame.layout.height);
      }
      by_scenario.push_back(std::move(by_year));
    }
    layers.push_back(std::move(by_scenario));
    Json told = layer_json(dims, *scenarios.front().results, layer);
    told["unit"] = unit;
    told["points_per_unit"] = least;
    if (!frames[0][0].data.left_out.empty()) told["left_out"] = frames[0][0].data.left_out;
    film["layers"].push_back(std::move(told));
  }
  if (layers.empty()) return nullptr;
  film["height"] = tenths(tallest);
  film["thinnest"] = tenths(options.thinnest);
  film["nodes"] = names.nodes();
  film["links"] = names.links();
  film["frames"] = std::move(layers);
  return film;
}

}  // namespace lode

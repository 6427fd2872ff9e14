// SPDX-License-Identifier: Apache-2.0
#include "lode/report/sankey_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lode/report/series.hpp"
#include "lode/results/cells.hpp"

namespace lode {
namespace {

/// Differences below this part of what flows through a process are rounding.
constexpr double rounding = 1e-6;

class Taker {
 public:
  Taker(const BoundModel& bound, const ResultSet& results, const SankeySelection& selection)
      : bound_(bound), results_(results), selection_(selection) {}

  SankeyData run() {
    if (!check()) return std::move(data_);
    choose_unit();
    add_processes();
    for (std::size_t id = 0; id < bound_.quantities.size(); ++id)
      if (bound_.quantities[id].kind == Quantity::Kind::flow) add_flow(bound_.quantities[id]);
    balance();
    if (std::none_of(data_.input.links.begin(), data_.input.links.end(),
                     [](const SankeyLink& link) { return link.drawn(); }))
      data_.problem = nothing_flows();
    return std::move(data_);
  }

 private:
  /// Why nothing is drawn: nothing flows, or what flows cannot be added up.
  std::string nothing_flows() const {
    for (const auto& [dimension, unit] : mixed_) {
      const Dimensions& dims = bound_.dimensions;
      return fmt::format(
          "the flows are in {}, which differs by label and does not add up: choose one, as in {}={}", unit,
          dims[dimension].name, dims[dimension].labels.front());
    }
    return "nothing flows in what was asked for";
  }

  bool several_years() const { return selection_.first_year != selection_.last_year; }

  bool check() {
    const auto fail = [&](std::string problem) {
      data_.problem = std::move(problem);
      return false;
    };
    const Dimensions& dims = bound_.dimensions;
    for (const int year : {selection_.first_year, selection_.last_year})
      if (!dims.year_index(year))
        return fail(
            fmt::format("{} is no year of this model ({}–{})", year, dims.first_year(), dims.last_year()));
    if (selection_.first_year > selection_.last_year)
      return fail(fmt::format("{} comes after {}", selection_.first_year, selection_.last_year));
    for (const auto& [name, label] : selection_.only) {
      const auto id = dims.find(name);
      if (!id || *id == time_dimension) return fail(fmt::format("no dimension is called `{}`", name));
      if (!dims[*id].index_of(label)) return fail(fmt::format("`{}` has no label `{}`", name, label));
    }
    if (!selection_.by.empty()) {
      by_ = dims.find(selection_.by);
      if (!by_ || *by_ == time_dimension)
        return fail(fmt::format("no dimension is called `{}`", selection_.by));
    }
    for (DimensionId d = 1; d < dims.all.size(); ++d) {
      if (!dims[d].balance_each || d != dims[d].root) continue;
      const bool chosen = std::any_of(selection_.only.begin(), selection_.only.end(), [&](const auto& only) {
        return dims.share_root(*dims.find(only.first), d);
      });
      if (!chosen && !(by_ && dims.share_root(*by_, d)) && dims[d].size() > 1)
        return fail(fmt::format("labels of `{0}` are never summed: choose one, as in {0}={1}", dims[d].name,
                                dims[d].labels.front()));
    }
    return true;
  }

  /// Whether a label belongs to what was asked for. False for a dimension the choice says nothing about.
  bool speaks_of(DimensionId chosen, DimensionId axis) const {
    const Dimensions& dims = bound_.dimensions;
    return dims.share_root(chosen, axis) ||
           (dims[chosen].kind == Dimension::Kind::groups && dims.share_root(dims[chosen].parent, axis));
  }
  bool wanted(DimensionId chosen, const std::string& label, DimensionId axis, std::size_t index) const {
    const Dimensions& dims = bound_.dimensions;
    if (dims.share_root(chosen, axis)) return dims[axis].labels[index] == label;
    const auto member = dims[dims[chosen].parent].index_of(dims[axis].labels[index]);
    return member && dims[chosen].labels[static_cast<std::size_t>(dims[chosen].group_of[*member])] == label;
  }

  /// Calls `use(cell, unit, years, label)` for each cell that was asked for; `years` is what turns a rate
  /// into an amount, `label` one of the dimension flows are split by, or −1. False if it cannot be said what
  /// part of the variable is meant.
  template <class Use>
  bool each_cell(const ResultVariable& variable, Use use) const {
    const CellLayout layout(results_, variable);
    for (const auto& [name, label] : selection_.only) {
      const DimensionId chosen = *bound_.dimensions.find(name);
      if (std::none_of(variable.dimensions.begin(), variable.dimensions.end(),
                       [&](DimensionId axis) { return axis != time_dimension && speaks_of(chosen, axis); }))
        return false;
    }
    std::vector<std::optional<std::vector<int>>> split;
    for (const DimensionId axis : variable.dimensions)
      split.push_back(by_ && axis != time_dimension ? labels_within(bound_.dimensions, *by_, axis)
                                                    : std::nullopt);
    for (std::size_t cell = 0; cell < variable.values.size(); ++cell) {
      if (!std::isfinite(variable.values[cell])) continue;
      bool inside = true;
      int group = -1;
      double years = several_years() && !layout.time_axis ? all_years() : 1;
      for (std::size_t j = 0; j < variable.dimensions.size() && inside; ++j) {
        const DimensionId axis = variable.dimensions[j];
        const std::size_t index = layout.label_at(cell, j);
        if (axis == time_dimension) {
          const ResultDimension& time = results_.dimensions[axis];
          const int year = std::stoi(time.labels[index]);
          inside = year >= selection_.first_year && year <= selection_.last_year;
          if (several_years()) years = time.period_lengths[index];
          continue;
        }
        if (split[j]) group = (*split[j])[index];
        for (const auto& [name, label] : selection_.only) {
          const DimensionId chosen = *bound_.dimensions.find(name);
          if (speaks_of(chosen, axis)) inside = inside && wanted(chosen, label, axis, index);
        }
      }
      if (inside) use(cell, unit_of(variable, layout, cell), years, group);
    }
    return true;
  }

  /// The unit flows have by default, if any of them is to be had in it; else the one that most are.
  void choose_unit() {
    struct Candidate {
      std::string text;
      Unit unit;
      std::size_t flows = 0;
    };
    std::vector<Candidate> candidates;
    if (const auto unit = parse_unit(bound_.model->default_flow_unit).unit)
      candidates.push_back({bound_.model->default_flow_unit, *unit});
    for (const Quantity& flow : bound_.quantities) {
      const ResultVariable* variable = flow.kind == Quantity::Kind::flow ? results_.find(flow.name) : nullptr;
      if (!variable) continue;
      std::set<std::string> units;
      each_cell(*variable, [&](std::size_t cell, const std::string& text, double, int) {
        if (variable->values[cell] != 0) units.insert(text);
      });
      // What is in several units cannot be added up.
      if (units.size() != 1 && !by_) continue;
      for (const std::string& text : units) {
        const auto own = parse_unit(text).unit;
        if (!own) continue;
        auto found = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
          return conversion(*own, each.unit, bound_.model->substance).has_value();
        });
        if (found == candidates.end()) found = candidates.insert(candidates.end(), {text, *own});
        ++found->flows;
      }
    }
    if (!candidates.empty()) {
      const auto best =
          candidates.front().flows > 0
              ? candidates.begin()
              : std::max_element(candidates.begin(), candidates.end(),
                                 [](const Candidate& a, const Candidate& b) { return a.flows < b.flows; });
      data_.unit = best->text;
      unit_ = best->unit;
    }
    if (!several_years()) return;
    const std::string& text = data_.unit;
    const bool per_year = text.size() > 3 && text.compare(text.size() - 3, 3, "/yr") == 0;
    data_.unit = per_year ? text.substr(0, text.size() - 3) : text + " yr";
  }

  struct Sum {
    double value = 0;
    double deviation = 0;
    std::size_t uncertain = 0;  ///< numbers in it
  };
  using Sums = std::map<int, Sum>;  ///< by label of what flows are split by, −1 where they are not

  /// What a variable comes to in what was asked for, in the diagram's unit; none if its unit does not
  /// convert.
  std::optional<Sums> sums(const ResultVariable& variable) {
    std::map<std::string, std::optional<double>> factors;
    Sums out;
    bool converts = true;
    each_cell(variable, [&](std::size_t cell, const std::string& unit, double years, int label) {
      auto found = factors.find(unit);
      if (found == factors.end()) {
        const auto parsed = parse_unit(unit).unit;
        const auto factor = parsed ? conversion(*parsed, unit_, bound_.model->substance) : std::nullopt;
        found = factors.emplace(unit, factor).first;
      }
      const double value = variable.values[cell];
      converts = converts && (found->second || value == 0);
      const double factor = found->second.value_or(0) * years;
      Sum& sum = out[label];
      sum.value += value * factor;
      if (!variable.uncertainty) return;
      const double deviation = variable.uncertainty->deviation[cell];
      if (!(deviation > 0)) return;
      sum.deviation = deviation * std::abs(factor);
      ++sum.uncertain;
    });
    if (converts) return out;
    if (factors.size() > 1)
      if (const CellLayout layout(results_, variable); layout.unit_axis)
        mixed_.emplace(variable.dimensions[*layout.unit_axis], variable.unit);
    return std::nullopt;
  }
  std::optional<double> sum(const ResultVariable& variable) {
    const std::optional<Sums> parts = sums(variable);
    if (!parts) return std::nullopt;
    double all = 0;
    for (const auto& [label, part] : *parts) all += part.value;
    return all;
  }
  double all_years() const {
    const ResultDimension& time = results_.dimensions[time_dimension];
    double years = 0;
    for (std::size_t i = 0; i < time.labels.size(); ++i) {
      const int year = std::stoi(time.labels[i]);
      if (year >= selection_.first_year && year <= selection_.last_year) years += time.period_lengths[i];
    }
    return years;
  }

  static void set_title(const Title& title, const std::string& id, std::string& english,
                        std::string& chinese) {
    english = title.empty() ? id : title.in("en");
    if (title.empty()) std::replace(english.begin(), english.end(), '_', ' ');
    const auto found = title.by_language.find("zh");
    if (found != title.by_language.end()) chinese = found->second;
  }

  void add_processes() {
    const Model& model = *bound_.model;
    node_of_.assign(bound_.processes.size(), none);
    for (std::size_t p = 0; p < bound_.processes.size(); ++p) {
      const BoundProcess& process = bound_.processes[p];
      if (is_outside(p)) continue;
      SankeyNode node;
      node.id = process.name;
      set_title(process.declaration ? process.declaration->title : Title{}, process.name, node.title,
                node.title_zh);
      if (process.declaration && process.declaration->stage)
        for (std::size_t s = 0; s < model.stages.size(); ++s)
          if (model.stages[s].name.id == process.declaration->stage->id) node.stage = static_cast<int>(s);
      node_of_[p] = data_.input.nodes.size();
      data_.input.nodes.push_back(std::move(node));
    }
  }
  bool is_outside(std::size_t process) const {
    const ProcessDecl* declaration = bound_.processes[process].declaration;
    return declaration && declaration->outside;
  }

  void add_flow(const Quantity& flow) {
    const ResultVariable* variable = results_.find(flow.name);
    if (!variable || !flow.from || !flow.to) return;
    std::optional<Sums> values = sums(*variable);
    SankeyLink link;
    link.id = flow.name;
    set_title(flow.title, flow.name, link.title, link.title_zh);
    if (!values) {
      data_.left_out.push_back(link.title);
      incomplete_.insert({*flow.from, *flow.to});
      return;
    }
    if (values->empty()) values->emplace(-1, Sum{});
    for (const auto& [label, sum] : *values) {
      // What is nothing in a label would only add to the table.
      if (label >= 0 && sum.value == 0) continue;
      const bool backwards = sum.value < 0;
      SankeyLink part = link;
      part.value = std::abs(sum.value);
      if (sum.uncertain == 1) part.plus_minus = sum.deviation;
      if (label >= 0) part.group = bound_.dimensions[*by_].labels[static_cast<std::size_t>(label)];
      if (backwards) {
        // A net import of less than nothing is no import: the name alone would say the contrary.
        part.title += " (negative)";
        if (!part.title_zh.empty()) part.title_zh += "（负值）";
      }
      const std::size_t from = backwards ? *flow.to : *flow.from, to = backwards ? *flow.from : *flow.to;
      part.source = end_of(from, true, flow, part);
      part.target = end_of(to, false, flow, part);
      data_.input.links.push_back(std::move(part));
      data_.labels.push_back(label);
    }
  }
  /// The node a flow begins or ends at; a new one outside the boundary.
  std::size_t end_of(std::size_t process, bool source, const Quantity& flow, const SankeyLink& link) {
    if (!is_outside(process)) return node_of_[process];
    const auto [found, is_new] =
        ends_.emplace(flow.name + (source ? ".from" : ".to"), data_.input.nodes.size());
    if (!is_new) return found->second;
    SankeyNode node;
    node.id = found->first;
    node.title = link.title;
    node.title_zh = link.title_zh;
    const std::string role = outside_role(bound_, process, selection_.outside);
    node.lane = source           ? SankeyLane::imports
                : role == "loss" ? SankeyLane::losses
                : role == "use"  ? SankeyLane::uses
                                 : SankeyLane::exports;
    data_.input.nodes.push_back(std::move(node));
    return found->second;
  }

  void balance() {
    std::vector<double> in(data_.input.nodes.size(), 0), out(data_.input.nodes.size(), 0);
    for (const SankeyLink& link : data_.input.links) {
      out[link.source] += link.value;
      in[link.target] += link.value;
    }
    for (std::size_t p = 0; p < bound_.processes.size(); ++p) {
      if (is_outside(p) || incomplete_.count(p)) continue;
      const BoundProcess& process = bound_.processes[p];
      SankeyNode& node = data_.input.nodes[node_of_[p]];
      const double difference = in[node_of_[p]] - out[node_of_[p]];
      const double least = rounding * std::max(in[node_of_[p]], out[node_of_[p]]);
      if (process.stocks.empty()) {
        if (std::abs(difference) > least) node.imbalance = difference;
        continue;
      }
      const ResultVariable* told = results_.find("balance." + process.name);
      const double missing = told ? sum(*told).value_or(0) : 0;
      if (std::abs(missing) > least) node.imbalance = missing;
      const double stored = difference - node.imbalance;
      if (std::abs(stored) > least) node.stock_change = stored;
    }
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  const BoundModel& bound_;
  const ResultSet& results_;
  const SankeySelection& selection_;
  Unit unit_;
  SankeyData data_;
  std::optional<DimensionId> by_;
  std::map<std::string, std::size_t> ends_;
  std::map<DimensionId, std::string> mixed_;  ///< dimensions by which a unit differs that kept flows out
  std::vector<std::size_t> node_of_;          ///< per process
  std::set<std::size_t> incomplete_;          ///< processes with flows that were left out
};

}  // namespace

std::string outside_role(const BoundModel& bound, std::size_t process,
                         const std::map<std::string, std::string>& declared) {
  const BoundProcess& outside = bound.processes[process];
  if (const auto found = declared.find(outside.name); found != declared.end()) return found->second;
  return outside.outputs.empty() ? "loss" : outside.inputs.empty() ? "source" : "market";
}

SankeyData take_sankey(const BoundModel& bound, const ResultSet& results, const SankeySelection& selection) {
  return Taker(bound, results, selection).run();
}

}  // namespace lode

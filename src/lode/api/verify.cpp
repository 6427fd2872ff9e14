// SPDX-License-Identifier: Apache-2.0
#include "lode/api/verify.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "lode/api/trace.hpp"
#include "lode/api/variants.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);
/// Φ(−1) and Φ(1)
constexpr double lower_sigma = 0.15865525393145707, upper_sigma = 0.8413447460685429;

bool within(const CheckpointDecl& checkpoint, double ours, double published) {
  double allowed = checkpoint.rounding;
  if (checkpoint.tolerance) {
    const auto& [number, kind] = *checkpoint.tolerance;
    allowed = kind == "%" ? std::abs(published) * number / 100 : number;
    // A tolerance of 0 still allows the rounding of print.
    allowed = std::max(allowed, kind == "%" && number > 0 ? 0.0 : checkpoint.rounding);
  } else if (checkpoint.relation == "~") {
    allowed = std::max(allowed, 0.05 * std::abs(published));
  }
  const double slack = 1e-9 * std::max(1.0, std::abs(published));
  const double beyond = checkpoint.tolerance ? allowed : 0;
  if (checkpoint.relation == ">") return ours > published - beyond;
  if (checkpoint.relation == "<") return ours < published + beyond;
  if (checkpoint.relation == ">=") return ours >= published - beyond - slack;
  if (checkpoint.relation == "<=") return ours <= published + beyond + slack;
  return std::abs(ours - published) <= allowed + slack;
}

std::set<std::string> words(const std::string& text) {
  std::set<std::string> result;
  std::string word;
  for (const char c : text + " ")
    if (c == ' ' || c == ',' || c == ';') {
      if (!word.empty()) result.insert(word);
      word.clear();
    } else {
      word += c;
    }
  return result;
}

/// Checkpoints that some cell of some parameter was taken from.
std::set<std::string> derived_ids(const BoundModel& model) {
  std::set<std::string> result;
  for (const Leaf& leaf : model.leaves) {
    for (const LeafRow& row : leaf.rows)
      if (!row.derived_from.empty()) result.merge(words(row.derived_from));
    if (leaf.declaration->derived_from) result.merge(words(leaf.declaration->derived_from->text));
  }
  return result;
}

bool stems_from(const Session& session, std::size_t quantity, const std::string& id) {
  const Trace trace(session);
  bool found = false;
  trace.visit_leaves(quantity, 0, 0, [&](std::size_t leaf_id, std::size_t series, std::size_t period) {
    const Leaf& leaf = session.bound->leaves[leaf_id];
    if (leaf.declaration->derived_from && words(leaf.declaration->derived_from->text).count(id)) found = true;
    const LeafCell& cell = leaf.cells[series * leaf.values.periods() + period];
    for (const std::int32_t row : {cell.row, cell.other_row})
      if (row >= 0 && words(leaf.rows[static_cast<std::size_t>(row)].derived_from).count(id)) found = true;
    return !found;
  });
  return found;
}

std::string number_text(const std::optional<double>& value) {
  if (!value) return "–";
  const double v = *value;
  if (v != 0 && (std::abs(v) >= 1e7 || std::abs(v) < 1e-3)) return fmt::format("{:.4g}", v);
  if (std::abs(v) >= 10000) return fmt::format("{:.0f}", v);
  return fmt::format("{:.5g}", v);
}

/// What a checkpoint that asks for a statistic is computed from: 8 scrambles of 512 points, enough for three
/// digits of a deviation.
constexpr std::uint64_t checkpoint_draws = 4096;

void draw_checkpoints(Session& session) {
  std::vector<std::size_t> wanted;
  DrawOptions options;
  options.design.draws = checkpoint_draws;
  options.threads = 1;
  std::set<double> quantiles{lower_sigma, upper_sigma};
  for (const BoundCheckpoint& checkpoint : session.bound->checkpoints) {
    if (!checkpoint.quantity) continue;
    wanted.push_back(*checkpoint.quantity);
    if (const auto quantile = quantile_of(checkpoint.declaration->statistic.text))
      quantiles.insert(*quantile);
  }
  options.quantiles.assign(quantiles.begin(), quantiles.end());
  session.uncertainty = bind_uncertainty(*session.bound, session.diagnostics);
  session.draw_model =
      std::make_unique<DrawModel>(*session.plan, *session.evaluation, session.uncertainty, wanted);
  if (session.draw_model->cells().empty()) return;
  Team alone;
  std::string problem;
  session.draws = lode::run_draws(*session.draw_model, options, alone, problem);
}

double statistic_of(const Session& session, std::size_t quantity, const std::string& statistic) {
  const std::size_t cell = session.draws ? session.draw_model->find(quantity, 0, 0) : DrawModel::no_cell;
  const double nominal = session.evaluation->quantity(quantity).value(0, 0);
  const bool is_location = statistic == "mean" || quantile_of(statistic);
  if (cell == DrawModel::no_cell) return is_location ? nominal : 0.0;  // it does not vary
  const CellSummary& summary = session.draws->cells[cell];
  const auto quantile = [&](double probability) {
    for (const QuantileEstimate& each : summary.quantiles)
      if (each.probability == probability) return each.value;
    return std::numeric_limits<double>::quiet_NaN();
  };
  if (statistic == "mean") return summary.mean;
  if (statistic == "sd") return summary.deviation;
  if (statistic == "cv") return summary.deviation / std::abs(summary.mean);
  if (statistic == "-sigma") return quantile(lower_sigma) / summary.mean - 1;
  if (statistic == "+sigma") return quantile(upper_sigma) / summary.mean - 1;
  return quantile(quantile_of(statistic).value_or(0.5));
}

}  // namespace

const char* status_name(Comparison::Status status) {
  switch (status) {
    case Comparison::Status::agrees:
      return "agrees";
    case Comparison::Status::differs:
      return "differs";
    case Comparison::Status::by_construction:
      return "by_construction";
    case Comparison::Status::input:
      return "input";
    case Comparison::Status::not_computable:
      return "not_computable";
  }
  return "";
}

std::size_t Verification::count(Comparison::Status status) const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const Comparison& c) { return c.status == status; }));
}

Verification verify(Session& session, const ScenarioChoice& choice, bool with_draws) {
  Verification result;
  const auto& declared = session.model->checkpoints;
  // One computation for each combination of scenarios that differs from the session's own.
  struct Combination {
    ScenarioChoice choice;
    bool with_draws = false;
    std::vector<bool> wanted;
    Session session;
  };
  std::vector<Combination> others;
  std::vector<std::size_t> combination_of(declared.size(), none);
  for (std::size_t i = 0; i < declared.size(); ++i) {
    ScenarioChoice wanted = choice;
    for (const auto& [axis, name] : declared[i].scenario) wanted[axis] = name;
    const bool same = std::all_of(wanted.begin(), wanted.end(), [&](const auto& each) {
      const auto current = session.model->scenario.find(each.first);
      return current != session.model->scenario.end() && current->second == each.second;
    });
    const bool drawn = !declared[i].statistic.text.empty();
    if ((same && !drawn) || (drawn && !with_draws)) continue;
    auto found = std::find_if(others.begin(), others.end(), [&](const Combination& other) {
      return other.choice == wanted && other.with_draws == drawn;
    });
    if (found == others.end()) {
      others.push_back({wanted, drawn, std::vector<bool>(declared.size(), false), {}});
      found = others.end() - 1;
    }
    found->wanted[i] = true;
    combination_of[i] = static_cast<std::size_t>(found - others.begin());
  }
  if (session.computed()) session.evaluation->affected_by({});  // looks at the plan, once for all threads
  tbb::parallel_for(std::size_t{0}, others.size(), [&](std::size_t k) {
    Combination& other = others[k];
    bool good = false;
    if (auto variant = make_variant(session, other.choice, {&other.wanted, other.with_draws})) {
      other.session = std::move(variant->session);
      good = !variant->failed;
    } else {
      other.session = open_session(session.as_read, other.choice, other.wanted);
      good = compute(other.session);
    }
    if (good && other.with_draws) draw_checkpoints(other.session);
  });
  for (const Combination& other : others)
    for (Diagnostic diagnostic : other.session.diagnostics.all())
      if (diagnostic.severity == Severity::error) session.diagnostics.add(std::move(diagnostic));

  std::set<std::string> derived = derived_ids(*session.bound);
  for (const Combination& other : others)
    if (other.session.bound) derived.merge(derived_ids(*other.session.bound));
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const CheckpointDecl& checkpoint = declared[i];
    if (!with_draws && !checkpoint.statistic.text.empty()) {
      ++result.undrawn;
      continue;
    }
    Comparison row;
    row.id = checkpoint.id.text;
    row.what = checkpoint.what_text.text;
    row.unit = checkpoint.unit.text;
    row.relation = checkpoint.relation;
    row.note = checkpoint.note;
    row.locator = checkpoint.locator;
    row.published = checkpoint.value;
    for (const auto& [axis, name] : checkpoint.scenario)
      row.scenario += (row.scenario.empty() ? "" : "; ") + axis + "=" + name;
    const Session* computed = combination_of[i] == none ? &session : &others[combination_of[i]].session;
    const auto finish = [&] { result.rows.push_back(std::move(row)); };
    if (!computed->computed() || i >= computed->bound->checkpoints.size() ||
        !computed->bound->checkpoints[i].quantity) {
      row.status =
          checkpoint.kind == "input" ? Comparison::Status::input : Comparison::Status::not_computable;
      finish();
      continue;
    }
    const BoundCheckpoint& bound = computed->bound->checkpoints[i];
    const double ours = (checkpoint.statistic.text.empty()
                             ? computed->evaluation->quantity(*bound.quantity).value(0, 0)
                             : statistic_of(*computed, *bound.quantity, checkpoint.statistic.text)) /
                        (bound.is_year ? 1.0 : bound.unit.scale());
    row.never = std::isnan(ours);
    if (!row.never) row.ours = ours;
    if (checkpoint.value && row.ours) {
      const double published = *checkpoint.value;
      row.relative_difference = published != 0 ? (ours - published) / std::abs(published) : ours - published;
    }
    if (checkpoint.kind == "input") {
      row.status = Comparison::Status::input;
    } else if (!checkpoint.value) {
      row.status = Comparison::Status::not_computable;
    } else if (derived.count(row.id) && stems_from(*computed, *bound.quantity, row.id)) {
      row.status = Comparison::Status::by_construction;
    } else {
      row.status = row.ours && within(checkpoint, ours, *checkpoint.value) ? Comparison::Status::agrees
                                                                           : Comparison::Status::differs;
    }
    finish();
  }
  return result;
}

std::string verification_line(const Verification& v) {
  using Status = Comparison::Status;
  std::string line =
      fmt::format("{} checkpoints: {} agree, {} differ, {} by construction, {} inputs, {} not computable",
                  v.rows.size() + v.undrawn, v.count(Status::agrees), v.count(Status::differs),
                  v.count(Status::by_construction), v.count(Status::input), v.count(Status::not_computable));
  if (v.undrawn > 0)
    line +=
        fmt::format(", {} not compared: they are statistics of draws (`lode verify` makes them)", v.undrawn);
  return line;
}

std::string verification_text(const Verification& verification) {
  std::string out;
  out += fmt::format("{} {} {} {} {} {} {}\n", padded("id", 8), padded("status", 15),
                     padded("ours", 11, true), padded("published", 13, true), padded("difference", 11, true),
                     padded("digits", 6, true), "unit and what");
  for (const Comparison& row : verification.rows) {
    std::string difference = "–", digits = "–";
    if (row.relative_difference) {
      difference = std::abs(*row.relative_difference) < 10
                       ? fmt::format("{:+.2f} %", *row.relative_difference * 100)
                       : fmt::format("{:+.0f} ×", *row.relative_difference);
      const double size = std::abs(*row.relative_difference);
      digits = fmt::format("{:.1f}", size < 1e-15 ? 15.0 : std::max(0.0, -std::log10(size)));
    }
    const std::string sign = row.relation == "=" ? "" : row.relation + " ";
    out += fmt::format("{} {} {} {} {} {} {}  {}{}\n", padded(row.id, 8), padded(status_name(row.status), 15),
                       padded(row.never ? "never" : number_text(row.ours), 11, true),
                       padded(sign + number_text(row.published), 13, true), padded(difference, 11, true),
                       padded(digits, 6, true), padded(row.unit, 6), row.what,
                       row.scenario.empty() ? "" : "  (" + row.scenario + ")");
    const bool tell =
        row.status == Comparison::Status::differs || row.status == Comparison::Status::not_computable;
    if (tell && !row.note.empty()) out += fmt::format("{:>25}{}\n", "", row.note);
  }
  out += "\n" + verification_line(verification) + "\n";
  return out;
}

std::string verification_json(const Verification& verification) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Comparison& row : verification.rows) {
    nlohmann::ordered_json one;
    one["id"] = row.id;
    one["status"] = status_name(row.status);
    one["ours"] = row.ours    ? nlohmann::ordered_json(*row.ours)
                  : row.never ? nlohmann::ordered_json("never")
                              : nlohmann::ordered_json(nullptr);
    one["published"] =
        row.published ? nlohmann::ordered_json(*row.published) : nlohmann::ordered_json(nullptr);
    one["unit"] = row.unit;
    one["relative_difference"] = row.relative_difference ? nlohmann::ordered_json(*row.relative_difference)
                                                         : nlohmann::ordered_json(nullptr);
    one["note"] = row.note;
    one["what"] = row.what;
    one["relation"] = row.relation;
    one["scenario"] = row.scenario;
    one["locator"] = row.locator;
    rows.push_back(std::move(one));
  }
  nlohmann::ordered_json summary;
  summary["total"] = verification.rows.size();
  using Status = Comparison::Status;
  for (const Status status :
       {Status::agrees, Status::differs, Status::by_construction, Status::input, Status::not_computable})
    summary[status_name(status)] = verification.count(status);
  return nlohmann::ordered_json{{"checkpoints", std::move(rows)}, {"summary", std::move(summary)}}.dump(2);
}

}  // namespace lode

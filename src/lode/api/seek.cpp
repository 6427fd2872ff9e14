// SPDX-License-Identifier: Apache-2.0
#include "lode/api/seek.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lode/api/lever_runs.hpp"

namespace lode {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// "0 %..100 %" from what stands behind `--between`: also "0 % 100 %".
std::string as_range(const std::string& text) {
  if (text.find("..") != std::string::npos) return text;
  // The second number begins behind the first one's unit.
  bool in_unit = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool begins = (text[i] >= '0' && text[i] <= '9') ||
                        (text[i] == '-' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9');
    if (text[i - 1] == ' ' && begins && in_unit) return text.substr(0, i) + ".." + text.substr(i);
    in_unit = in_unit || text[i] == ' ';
  }
  return text;
}

class Seeking {
 public:
  Seeking(Session& session, const SeekRequest& request, std::vector<Wish> wishes)
      : session_(session), request_(request) {
    seek_.wishes = std::move(wishes);
  }

  std::optional<Seek> run();

 private:
  bool read_inputs();
  bool set_limits(LeverRange& input, const std::string& text);
  Seek::At look(const std::vector<double>& values);
  double worst(const Wish& wish, Seek::At::Result* result) const;
  double excess(const std::vector<double>& values, bool equal_alone);
  void one_input();
  void several_inputs();

  Session& session_;
  const SeekRequest& request_;
  Seek seek_;
  std::vector<Lever> levers_;
  std::unique_ptr<LeverRuns> runs_;
};

bool Seeking::set_limits(LeverRange& input, const std::string& text) {
  const Lever& lever = input.lever;
  const bool given = input.low.has_value();
  seek_.limits_given.push_back(given);
  if (!input.values.empty() && !given) {
    session_.diagnostics.error("bad-values", lever.where, "a search takes a range, not a list of values")
        .help =
        fmt::format("for example `{} = {}..{}`", lever.name, lever_value_text(lever, input.values.front()),
                    lever_value_text(lever, input.values.back()));
    return false;
  }
  if (given) return true;
  if (lever.factor) {
    input.low = 0.0;
    input.high = 10.0;
    return true;
  }
  if (lever.unit.str() == "%" && lever.single && lever.now >= 0 && lever.now <= 1) {
    input.low = 0.0;
    input.high = 1.0;
    return true;
  }
  if (!lever.single || lever.now == 0) {
    session_.diagnostics
        .error("no-limits", lever.where, fmt::format("between which values of `{}` shall be looked?", text))
        .help = lever.single ? "add `--between LOW..HIGH`"
                             : fmt::format("its values differ: move them by a factor, `{} * 0..10`", text);
    return false;
  }
  input.low = std::min(0.0, 10 * lever.now);
  input.high = std::max(0.0, 10 * lever.now);
  return true;
}

bool Seeking::read_inputs() {
  bool good = true;
  for (const std::string& text : request_.inputs) {
    std::string whole = text;
    if (request_.inputs.size() == 1 && !request_.between.empty()) {
      const bool has = text.find("..") != std::string::npos;
      if (has) {
        session_.diagnostics.error("two-ranges", {}, "the range is given twice");
        return false;
      }
      const bool factor = text.find('*') != std::string::npos && text.find('*') > text.rfind(']') + 1;
      whole += (factor ? " " : " = ") + as_range(request_.between);
    }
    auto input = read_lever(session_, whole, session_.diagnostics);
    good = good && input && set_limits(*input, text);
    if (!good) continue;
    levers_.push_back(input->lever);
    seek_.inputs.push_back(std::move(*input));
  }
  if (good && request_.inputs.size() > 1 && !request_.between.empty()) {
    session_.diagnostics.error("two-ranges", {}, "`--between` is for one input").help =
        "write each with its range: `'collection = 0 %..60 %' 'growth = 2 %..8 %'`";
    return false;
  }
  if (good && levers_.empty()) {
    session_.diagnostics.error("no-input", {}, "which input is sought?");
    return false;
  }
  return good;
}

/// The largest excess over a wish's cells, and the cell.
double Seeking::worst(const Wish& wish, Seek::At::Result* result) const {
  const Array& values = runs_->quantity(wish.quantity);
  const Quantity& quantity = session_.bound->quantities[wish.quantity];
  double largest = nothing;
  const Wish::Cell* at = nullptr;
  for (const Wish::Cell& cell : wish.cells) {
    const double excess = wish.excess(values.value(cell.series, cell.period));
    if (std::isnan(excess)) {
      at = &cell;
      largest = nothing;
      break;
    }
    if (at && excess <= largest) continue;
    at = &cell;
    largest = excess;
  }
  if (!result) return largest;
  const Dimensions& dims = session_.bound->dimensions;
  const Unit unit = unit_of_cell(quantity.unit, quantity.dims, at->series, dims);
  result->is_year = quantity.type == Node::Type::year;
  result->value = values.value(at->series, at->period);
  result->unit = result->is_year ? "" : unit.str();
  result->shown = result->is_year ? result->value : result->value / unit.scale();
  if (wish.cells.size() > 1) result->cell = cell_name(quantity.dims, at->series, at->period, dims);
  return largest;
}

Seek::At Seeking::look(const std::vector<double>& values) {
  Seek::At at;
  at.values = values;
  const bool good = runs_->compute(values);
  for (const Wish& wish : seek_.wishes) {
    Seek::At::Result& result = at.results.emplace_back();
    if (good)
      worst(wish, &result);
    else
      result.value = result.shown = nothing;
  }
  return at;
}

/// What is to be zero or not above it: of the wish `=` alone, or the largest of all others.
double Seeking::excess(const std::vector<double>& values, bool equal_alone) {
  ++seek_.evaluations;
  if (!runs_->compute(values)) {
    if (seek_.problem.empty()) seek_.problem = runs_->problem();
    return nothing;
  }
  double largest = nothing;
  bool first = true;
  for (const Wish& wish : seek_.wishes) {
    if ((wish.relation == Wish::Relation::equal) != equal_alone) continue;
    const double own = worst(wish, nullptr);
    if (std::isnan(own)) return nothing;
    if (first || own > largest) largest = own;
    first = false;
  }
  return largest;
}

void Seeking::one_input() {
  const LeverRange& input = seek_.inputs.front();
  const RootSearch search{*input.low, *input.high, std::max<std::size_t>(request_.points, 3)};
  const bool others = std::any_of(seek_.wishes.begin(), seek_.wishes.end(),
                                  [](const Wish& wish) { return wish.relation != Wish::Relation::equal; });
  if (!seek_.equal) {
    const BelowSearch found = find_below([&](double x) { return excess({x}, false); }, search);
    seek_.intervals = found.intervals;
    for (const Below& interval : found.intervals) {
      seek_.answers.push_back(look({interval.low}));
      seek_.answers.push_back(look({interval.high}));
    }
    seek_.best = look({found.best});
    seek_.without_value = found.without_value;
    seek_.no_value_at = found.no_value_at;
    seek_.found = !found.intervals.empty();
    return;
  }
  const Roots found = find_roots([&](double x) { return excess({x}, true); }, search);
  seek_.jumps = found.jumps;
  seek_.low_value = found.first_value;
  seek_.high_value = found.last_value;
  seek_.without_value = found.without_value;
  seek_.no_value_at = found.no_value_at;
  for (const Root& root : found.roots) {
    if (others && !(excess({root.x}, false) <= 0)) continue;
    seek_.roots.push_back(root);
    seek_.answers.push_back(look({root.x}));
  }
  seek_.best = look({found.best});
  seek_.found = !seek_.answers.empty();
}

void Seeking::several_inputs() {
  LeastChangeProblem problem;
  for (const LeverRange& input : seek_.inputs) {
    problem.start.push_back(std::clamp(input.lever.now, *input.low, *input.high));
    problem.scale.push_back(*input.high - *input.low);
    problem.low.push_back(*input.low);
    problem.high.push_back(*input.high);
  }
  for (const Wish& wish : seek_.wishes)
    problem.equal.insert(problem.equal.end(), wish.cells.size(), wish.relation == Wish::Relation::equal);
  problem.conditions = [&](const std::vector<double>& x, std::vector<double>& c) {
    if (!runs_->compute(x)) {
      if (seek_.without_value++ == 0) seek_.problem = runs_->problem();
      return false;
    }
    std::size_t k = 0;
    for (const Wish& wish : seek_.wishes)
      for (const Wish::Cell& cell : wish.cells)
        c[k++] = wish.excess(runs_->quantity(wish.quantity).value(cell.series, cell.period));
    return true;
  };
  // Conditions are measured by how large they are about the start.
  problem.size.assign(problem.equal.size(), 0.0);
  std::vector<double> c(problem.equal.size()), x(problem.start.size());
  for (const double place : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = problem.low[i] + place * (problem.high[i] - problem.low[i]);
    if (!problem.conditions(x, c)) continue;
    for (std::size_t k = 0; k < c.size(); ++k)
      if (std::isfinite(c[k])) problem.size[k] = std::max(problem.size[k], std::abs(c[k]));
  }
  for (double& size : problem.size)
    if (size == 0) size = 1;
  seek_.change = least_change(problem);
  seek_.evaluations = seek_.change.evaluations;
  seek_.found = seek_.change.met;
  if (seek_.change.x.empty()) {
    seek_.best = look(problem.start);
    return;
  }
  seek_.best = look(seek_.change.x);
  if (seek_.found) seek_.answers.push_back(seek_.best);
}

std::optional<Seek> Seeking::run() {
  if (!read_inputs()) return std::nullopt;
  bool good = true;
  std::vector<std::size_t> quantities;
  for (std::size_t k = 0; k < seek_.wishes.size(); ++k) {
    quantities.push_back(session_.draw_questions[k].quantity);
    good = settle_wish(session_, seek_.wishes[k], quantities.back(), session_.diagnostics) && good;
  }
  if (!good) return std::nullopt;
  const auto equals = std::count_if(seek_.wishes.begin(), seek_.wishes.end(),
                                    [](const Wish& wish) { return wish.relation == Wish::Relation::equal; });
  seek_.equal = equals > 0;
  if (static_cast<std::size_t>(equals) > levers_.size()) {
    session_.diagnostics
        .error("too-few-inputs", seek_.wishes.back().where,
               fmt::format("{} equations for {} input{}", equals, levers_.size(),
                           levers_.size() == 1 ? "" : "s"))
        .help = "name as many inputs, or write `<=` or `>=` where that is meant";
    return std::nullopt;
  }
  if (levers_.size() > 1)
    for (const Lever& lever : levers_)
      if (!lever.single) {
        session_.diagnostics
            .error("several-values", lever.where,
                   fmt::format("the values of `{}` differ: from which would its change be measured?",
                               lever.name))
            .help = fmt::format("move them by a factor, `{} * 0.5..2`", lever.name);
        return std::nullopt;
      }
  runs_ = std::make_unique<LeverRuns>(session_, levers_, quantities);
  if (!runs_->connected()) {
    session_.diagnostics
        .error("not-connected", levers_.front().where,
               fmt::format("`{}` does not depend on {}", seek_.wishes.front().text,
                           levers_.size() == 1 ? "it" : "any of these"))
        .help = "`lode explain` shows what a result depends on";
    return std::nullopt;
  }
  if (std::all_of(levers_.begin(), levers_.end(), [](const Lever& lever) { return lever.single; })) {
    std::vector<double> now;
    for (const Lever& lever : levers_) now.push_back(lever.now);
    seek_.now = look(now);
  }
  if (levers_.size() == 1)
    one_input();
  else
    several_inputs();
  if (request_.draws > 0) {
    seek_.draws = seek_draws(session_, seek_, request_);
    if (!seek_.draws) return std::nullopt;
  }
  return std::move(seek_);
}

}  // namespace

std::optional<Seek> run_seek(Session& session, const SeekRequest& request, std::vector<Wish> wishes) {
  return Seeking(session, request, std::move(wishes)).run();
}

}  // namespace lode

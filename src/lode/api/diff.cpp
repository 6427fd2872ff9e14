// SPDX-License-Identifier: Apache-2.0
#include "lode/api/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "lode/language/expression.hpp"
#include "lode/units/unit.hpp"

namespace lode {

namespace {

constexpr double same_part = 1e-12;

bool same_number(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= same_part * std::max(std::abs(a), std::abs(b));
}

/// The labels of a cell, in the order of the variable's dimensions.
std::vector<std::size_t> labels_at(const ResultSet& set, const ResultVariable& variable, std::size_t cell) {
  std::vector<std::size_t> labels(variable.dimensions.size());
  for (std::size_t k = labels.size(); k-- > 0;) {
    const std::size_t size = set.dimensions[variable.dimensions[k]].labels.size();
    labels[k] = cell % size;
    cell /= size;
  }
  return labels;
}

std::string cell_text(const ResultSet& set, const ResultVariable& variable, std::size_t cell) {
  const auto labels = labels_at(set, variable, cell);
  std::string text;
  for (std::size_t k = 0; k < labels.size(); ++k)
    text += (k ? ", " : "") + set.dimensions[variable.dimensions[k]].labels[labels[k]];
  return text.empty() ? "" : "[" + text + "]";
}

std::string unit_at(const ResultSet& set, const ResultVariable& variable, std::size_t cell) {
  if (variable.label_units.empty()) return variable.unit;
  const auto labels = labels_at(set, variable, cell);
  for (std::size_t k = 0; k < labels.size(); ++k)
    if (set.dimensions[variable.dimensions[k]].labels.size() == variable.label_units.size())
      return variable.label_units[labels[k]];
  return variable.unit;
}

std::string place(const Location& where) {
  return where ? fmt::format("{}:{}", where.file->path(), where.line()) : "";
}

/// For each cell of `a` that of `b` with the same labels; −1 where there is none.
struct Alignment {
  std::vector<std::int64_t> cell;
  std::string problem;
};

Alignment align(const ResultSet& a, const ResultVariable& va, const ResultSet& b, const ResultVariable& vb) {
  Alignment result;
  const std::size_t rank = va.dimensions.size();
  bool same = rank == vb.dimensions.size();
  std::vector<std::vector<std::int64_t>> label(rank);
  std::vector<std::size_t> stride(rank, 1);
  for (std::size_t k = 0; k < rank && same; ++k) {
    const ResultDimension &da = a.dimensions[va.dimensions[k]], &db = b.dimensions[vb.dimensions[k]];
    same = da.name == db.name;
    std::map<std::string, std::int64_t> at;
    for (std::size_t i = 0; i < db.labels.size(); ++i) at.emplace(db.labels[i], static_cast<std::int64_t>(i));
    for (const std::string& text : da.labels) {
      const auto found = at.find(text);
      label[k].push_back(found == at.end() ? -1 : found->second);
    }
  }
  if (!same) {
    result.problem = "it has other dimensions";
    return result;
  }
  for (std::size_t k = rank; k-- > 1;)
    stride[k - 1] = stride[k] * b.dimensions[vb.dimensions[k]].labels.size();
  result.cell.resize(va.values.size());
  for (std::size_t cell = 0; cell < va.values.size(); ++cell) {
    const auto labels = labels_at(a, va, cell);
    std::int64_t to = 0;
    for (std::size_t k = 0; k < rank && to >= 0; ++k) {
      const std::int64_t own = label[k][labels[k]];
      to = own < 0 ? -1 : to + own * static_cast<std::int64_t>(stride[k]);
    }
    result.cell[cell] = to;
  }
  return result;
}

/// What turns numbers of one text into those of another; nothing where they are of different kinds.
std::optional<double> factor_between(const std::string& from, const std::string& to) {
  if (from == to) return 1.0;
  const UnitParse a = parse_unit(from), b = parse_unit(to);
  if (!a.unit || !b.unit) return std::nullopt;
  return conversion(*a.unit, *b.unit);
}

class Comparing {
 public:
  Comparing(const DiffSide& from, const DiffSide& to) : from_(from), to_(to) {}
  Difference run();

 private:
  void compare_input(const ResultVariable& a, const ResultVariable& b);
  void compare_result(const ResultVariable& a, const ResultVariable& b);
  void compare_uncertainty();
  void compare_formulas();
  void compare_names();

  const DiffSide &from_, &to_;
  Difference result_;
};

/// A parameter's cell of results in its session.
struct InputCell {
  const LeafCell* cell = nullptr;
  const Leaf* leaf = nullptr;

  bool given() const {
    return !cell || (cell->rule != FillRule::interpolated && cell->rule != FillRule::extrapolated);
  }
  std::string where() const {
    if (!leaf) return "";
    if (cell->row >= 0) return place(leaf->rows[static_cast<std::size_t>(cell->row)].where);
    return place(leaf->declaration->name.where);
  }
};

InputCell input_cell(const Session* session, const std::string& name, std::size_t cell) {
  InputCell result;
  if (!session) return result;
  const auto id = session->bound->find_leaf(name);
  if (!id) return result;
  result.leaf = &session->bound->leaves[*id];
  const std::size_t n = result.leaf->values.series(), periods = result.leaf->values.periods();
  const std::size_t period = session->bound->dimensions.first_period(result.leaf->dims.time) + cell / n;
  result.cell = &result.leaf->cells[cell % n * periods + period];
  return result;
}

void Comparing::compare_input(const ResultVariable& a, const ResultVariable& b) {
  const Alignment alignment = align(from_.results, a, to_.results, b);
  if (!alignment.problem.empty()) {
    result_.formulas.push_back({a.name, "", alignment.problem, "", ""});
    return;
  }
  // Along time first, so that years with the same change are one line.
  const bool timed = !a.dimensions.empty() && from_.results.dimensions[a.dimensions.front()].is_time;
  const std::size_t years = timed ? from_.results.dimensions[a.dimensions.front()].labels.size() : 1;
  const std::size_t series = years > 0 ? a.values.size() / years : 0;
  std::size_t filled = 0;
  for (std::size_t s = 0; s < series; ++s) {
    std::size_t first_year = 0;
    bool open = false;
    for (std::size_t y = 0; y < years; ++y) {
      const std::size_t cell = y * series + s;
      const std::int64_t other = alignment.cell[cell];
      const std::string unit = unit_at(from_.results, a, cell);
      double to = std::numeric_limits<double>::quiet_NaN();
      if (other >= 0) {
        const auto at = static_cast<std::size_t>(other);
        const auto factor = factor_between(unit_at(to_.results, b, at), unit);
        to = b.values[at] * factor.value_or(std::numeric_limits<double>::quiet_NaN());
      }
      if (other < 0 || same_number(a.values[cell], to)) {
        open = false;
        continue;
      }
      const InputCell before = input_cell(from_.session, a.name, cell),
                      after = input_cell(to_.session, b.name, static_cast<std::size_t>(other));
      if (!before.given() && !after.given()) {
        ++filled;
        open = false;
        continue;
      }
      Difference::Input input{
          a.name, cell_text(from_.results, a, cell), unit, a.values[cell], to, before.where(), after.where()};
      const bool goes_on = open && same_number(result_.inputs.back().from, input.from) &&
                           same_number(result_.inputs.back().to, input.to) &&
                           result_.inputs.back().from_where == input.from_where &&
                           result_.inputs.back().to_where == input.to_where;
      if (!goes_on) {
        first_year = y;
        open = true;
        result_.inputs.push_back(std::move(input));
        continue;
      }
      const auto& labels = from_.results.dimensions[a.dimensions.front()].labels;
      std::string text = cell_text(from_.results, a, cell);
      text.replace(1, labels[y].size(), labels[first_year] + ".." + labels[y]);
      result_.inputs.back().cell = std::move(text);
    }
  }
  if (filled > 0) result_.filled.push_back({a.name, filled});
}

void Comparing::compare_result(const ResultVariable& a, const ResultVariable& b) {
  Difference::Result found;
  found.name = a.name;
  found.group = a.group;
  found.unit = a.unit;
  const Alignment alignment = align(from_.results, a, to_.results, b);
  found.problem = alignment.problem;
  double largest = 0, most = -1;
  for (std::size_t cell = 0; cell < alignment.cell.size(); ++cell) {
    if (alignment.cell[cell] < 0) continue;
    const auto other = static_cast<std::size_t>(alignment.cell[cell]);
    const std::string unit = unit_at(from_.results, a, cell);
    const auto factor = factor_between(unit_at(to_.results, b, other), unit);
    if (!factor) {
      found.problem = fmt::format("`{}` does not convert to `{}`", unit_at(to_.results, b, other), unit);
      break;
    }
    const double x = a.values[cell], y = b.values[other] * *factor;
    if (std::isnan(x) && std::isnan(y)) continue;
    ++found.cells;
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
    if (std::isfinite(y)) largest = std::max(largest, std::abs(y));
    if (same_number(x, y)) continue;
    ++found.differing;
    const double off = std::isnan(x - y) ? 0 : std::abs(y - x);
    if (off <= most) continue;
    most = off;
    found.from = x;
    found.to = y;
    found.unit = unit;
    found.cell = cell_text(from_.results, a, cell);
    found.place = cell;
  }
  found.size = largest > 0 ? std::max(most, 0.0) / largest : 0;
  // Rounding of sums that cancel is no difference: balances are told where they do not hold.
  if (a.group == "balance" && found.problem.empty() && most < 1e-6) found.differing = 0;
  if (found.differing > 0 || !found.problem.empty())
    result_.results.push_back(std::move(found));
  else
    ++result_.same;
}

/// The uncertainty of a parameter; nothing where it is certain.
const UncertainLeaf* uncertainty_of(const Session& session, std::size_t leaf) {
  for (const UncertainLeaf& each : session.uncertainty.leaves)
    if (each.leaf == leaf) return &each;
  return nullptr;
}

/// What a given number is at a score, in internal units.
double at_score(const Leaf& leaf, const UncertainLeaf* uncertain, std::size_t given, double score) {
  const double nominal = leaf.givens[given].value;
  if (!uncertain || uncertain->column[given] == no_column) return nominal;
  return uncertain->distributions[given].at_score(score);
}

void Comparing::compare_uncertainty() {
  if (!from_.session || !to_.session) return;
  for (std::size_t id = 0; id < from_.session->bound->leaves.size(); ++id) {
    const Leaf& a = from_.session->bound->leaves[id];
    const auto other = to_.session->bound->find_leaf(a.name);
    if (!other) continue;
    const Leaf& b = to_.session->bound->leaves[*other];
    const UncertainLeaf *own = uncertainty_of(*from_.session, id),
                        *theirs = uncertainty_of(*to_.session, *other);
    if ((!own && !theirs) || a.givens.size() != b.givens.size()) continue;
    std::size_t numbers = 0;
    for (std::size_t g = 0; g < a.givens.size(); ++g) {
      if (a.givens[g].series != b.givens[g].series || a.givens[g].year != b.givens[g].year ||
          !same_number(a.givens[g].value, b.givens[g].value))
        continue;
      bool same = true;
      for (const double score : {-2.0, -1.0, 0.0, 1.0, 2.0})
        same = same && same_number(at_score(a, own, g, score), at_score(b, theirs, g, score));
      numbers += !same;
    }
    if (numbers > 0) result_.uncertain.push_back({a.name, numbers});
  }
}

std::string lifetime_text(const LifetimeDecl& lifetime) {
  std::string text = lifetime.family.id;
  for (const auto& [name, value] : lifetime.parameters)
    if (value) text += fmt::format(" {}: {}", name.id, print(*value));
  for (const LifetimeDecl& part : lifetime.parts) text += fmt::format(" ({})", lifetime_text(part));
  return text;
}

void Comparing::compare_formulas() {
  if (!from_.session || !to_.session) {
    for (const ResultVariable& a : from_.results.variables)
      if (const ResultVariable* b = to_.results.find(a.name); b && a.formula != b->formula)
        result_.formulas.push_back({a.name, a.formula, b->formula, "", ""});
    return;
  }
  const BoundModel &a = *from_.session->bound, &b = *to_.session->bound;
  const auto text = [](const Quantity& quantity) {
    std::string all;
    for (const BoundPiece& piece : quantity.pieces)
      all +=
          (all.empty() ? "" : "; ") + (piece.condition.empty() ? "" : piece.condition + ": ") + piece.formula;
    return all;
  };
  for (const Quantity& quantity : a.quantities) {
    if (quantity.kind != Quantity::Kind::flow && quantity.kind != Quantity::Kind::named) continue;
    const auto id = b.find_quantity(quantity.name);
    if (!id) continue;
    const std::string before = text(quantity), after = text(b.quantities[*id]);
    if (before == after) continue;
    const auto where = [](const Quantity& of) {
      return place(of.pieces.empty() ? of.where : of.pieces.front().where);
    };
    result_.formulas.push_back({quantity.name, before, after, where(quantity), where(b.quantities[*id])});
  }
  for (const StockDecl& stock : from_.session->model->stocks)
    for (const StockDecl& other : to_.session->model->stocks) {
      if (stock.name.id != other.name.id) continue;
      const std::string before = stock.lifetime ? lifetime_text(*stock.lifetime) : "",
                        after = other.lifetime ? lifetime_text(*other.lifetime) : "";
      if (before != after)
        result_.formulas.push_back({stock.name.id + ".lifetime", before, after,
                                    place(stock.lifetime ? stock.lifetime->family.where : stock.name.where),
                                    place(other.lifetime ? other.lifetime->family.where : other.name.where)});
    }
}

void Comparing::compare_names() {
  const auto only = [](const ResultSet& a, const ResultSet& b, std::vector<Difference::Only>& list) {
    for (const ResultDimension& dimension : a.dimensions) {
      const auto found =
          std::find_if(b.dimensions.begin(), b.dimensions.end(),
                       [&](const ResultDimension& other) { return other.name == dimension.name; });
      if (found == b.dimensions.end()) {
        list.push_back({"dimension", dimension.name});
        continue;
      }
      std::vector<std::string> labels;
      for (const std::string& label : dimension.labels)
        if (std::find(found->labels.begin(), found->labels.end(), label) == found->labels.end())
          labels.push_back(label);
      if (labels.empty()) continue;
      std::string text = labels.size() > 6 ? fmt::format("{} … {}", labels.front(), labels.back())
                                           : fmt::format("{}", fmt::join(labels, ", "));
      list.push_back({dimension.is_time ? "years" : "labels of " + dimension.name, std::move(text)});
    }
    for (const ResultVariable& variable : a.variables)
      if (!b.find(variable.name)) list.push_back({variable.group, variable.name});
  };
  only(from_.results, to_.results, result_.only_from);
  only(to_.results, from_.results, result_.only_to);
}

Difference Comparing::run() {
  result_.from_name = from_.name;
  result_.to_name = to_.name;
  for (const ResultVariable& a : from_.results.variables) {
    const ResultVariable* b = to_.results.find(a.name);
    if (!b) continue;
    if (a.group == "parameter")
      compare_input(a, *b);
    else
      compare_result(a, *b);
  }
  compare_uncertainty();
  compare_formulas();
  compare_names();
  std::stable_sort(result_.results.begin(), result_.results.end(),
                   [](const Difference::Result& a, const Difference::Result& b) {
                     if (a.problem.empty() != b.problem.empty()) return a.problem.empty();
                     return a.size > b.size;
                   });
  return std::move(result_);
}

}  // namespace

Difference difference_of(const DiffSide& from, const DiffSide& to) {
  return Comparing(from, to).run();
}

}  // namespace lode

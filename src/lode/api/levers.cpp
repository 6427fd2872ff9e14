// SPDX-License-Identifier: Apache-2.0
#include "lode/api/levers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "lode/binding/rebind.hpp"
#include "lode/support/text.hpp"

namespace lode {

namespace {

constexpr std::size_t default_count = 11, most_values = 10'000;

/// A stretch of the argument without the blanks at its ends.
struct Part {
  SourcePtr file;
  std::size_t begin = 0, end = 0;

  std::string text() const { return file->text().substr(begin, end - begin); }
  Location where() const { return {file, begin, std::max<std::size_t>(end - begin, 1)}; }
  bool empty() const { return begin == end; }
  Part trimmed() const {
    const std::string_view whole = file->text(), part = lode::trimmed(whole.substr(begin, end - begin));
    const auto first = static_cast<std::size_t>(part.data() - whole.data());
    return {file, first, first + part.size()};
  }
  Part between(std::size_t first, std::size_t last) const { return Part{file, first, last}.trimmed(); }
  std::size_t find(const std::string& what, std::size_t from) const {
    const std::size_t at = file->text().find(what, from);
    return at == std::string::npos || at + what.size() > end ? std::string::npos : at;
  }
  /// Parts between commas that no quotation marks enclose.
  std::vector<Part> split(char separator) const {
    std::vector<Part> parts;
    std::size_t start = begin;
    char quote = 0;
    for (std::size_t i = begin; i <= end; ++i) {
      const char c = i < end ? file->text()[i] : separator;
      if (quote) {
        if (c == quote && i < end) quote = 0;
        if (i < end) continue;
      }
      if (i < end && (c == '\'' || c == '"')) quote = c;
      if (i < end && c != separator) continue;
      parts.push_back(between(start, i));
      start = i + 1;
    }
    return parts;
  }
};

std::optional<int> year_in(const std::string& text) {
  int year = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), year);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return year;
}

std::string unquoted(const std::string& text) {
  const bool quoted =
      text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

class LeverReading {
 public:
  LeverReading(const Session& session, Diagnostics& diagnostics)
      : session_(session), model_(*session.bound), diagnostics_(diagnostics) {}

  std::optional<LeverRange> read(const std::string& text);

 private:
  bool read_name(const Part& part, Lever& lever);
  bool select(const Part& item, Lever& lever);
  bool keep_label(const Part& item, const std::string& label, std::optional<DimensionId> axis, Lever& lever);
  bool keep_years(const Part& item, int first, int last, Lever& lever);
  bool settle(const Part& part, Lever& lever);
  bool read_values(const Part& part, LeverRange& range);
  void keep(Lever& lever, const std::function<bool(std::size_t, std::size_t)>& wanted) const;

  const Session& session_;
  const BoundModel& model_;
  Diagnostics& diagnostics_;
};

void LeverReading::keep(Lever& lever, const std::function<bool(std::size_t, std::size_t)>& wanted) const {
  const Leaf& leaf = model_.leaves[lever.leaf];
  const std::size_t periods = leaf.values.periods();
  for (std::size_t s = 0; s < leaf.values.series(); ++s)
    for (std::size_t p = 0; p < periods; ++p)
      if (!wanted(s, p)) lever.cells[s * periods + p] = false;
}

bool LeverReading::keep_label(const Part& item, const std::string& label, std::optional<DimensionId> axis,
                              Lever& lever) {
  const Leaf& leaf = model_.leaves[lever.leaf];
  const Dimensions& dims = model_.dimensions;
  std::vector<std::pair<std::size_t, std::size_t>> found;  // place of the axis, label
  for (std::size_t k = 0; k < leaf.dims.labels.size(); ++k) {
    if (axis && leaf.dims.labels[k] != *axis) continue;
    if (const auto index = dims[leaf.dims.labels[k]].index_of(label)) found.emplace_back(k, *index);
  }
  if (found.size() > 1) {
    const std::string first = dims[leaf.dims.labels[found[0].first]].name;
    diagnostics_
        .error("ambiguous-label", item.where(),
               fmt::format("`{}` is a label of `{}` and of `{}`", label, first,
                           dims[leaf.dims.labels[found[1].first]].name))
        .help = fmt::format("write `{} = {}`", first, label);
    return false;
  }
  if (found.empty()) {
    Diagnostic& error = diagnostics_.error(
        "unknown-label", item.where(),
        leaf.dims.scalar() ? fmt::format("`{}` is one number: there is nothing to choose of it", leaf.name)
                           : fmt::format("`{}` is no label, year or condition of `{}`", label, leaf.name));
    std::vector<std::string> names;
    for (const DimensionId id : leaf.dims.labels)
      if (!axis || id == *axis) names.insert(names.end(), dims[id].labels.begin(), dims[id].labels.end());
    for (const ConditionDecl& condition : session_.model->conditions) names.push_back(condition.name.id);
    error.help = did_you_mean(label, names);
    if (error.help.empty() && !leaf.dims.scalar())
      error.help = fmt::format("it is over {}", leaf.dims.str(dims));
    return false;
  }
  const auto [k, index] = found.front();
  keep(lever, [&, place = k, wanted = index](std::size_t s, std::size_t) {
    return leaf.dims.unravel(s, dims)[place] == wanted;
  });
  return true;
}

bool LeverReading::keep_years(const Part& item, int first, int last, Lever& lever) {
  const Leaf& leaf = model_.leaves[lever.leaf];
  const Dimensions& dims = model_.dimensions;
  if (!leaf.dims.time) {
    diagnostics_.error("no-time", item.where(), fmt::format("`{}` is the same in all years", leaf.name))
        .help =
        leaf.dims.scalar() ? "leave the brackets out" : fmt::format("it is over {}", leaf.dims.str(dims));
    return false;
  }
  if (first > last || first > dims.last_year() || last < dims.first_year()) {
    diagnostics_.error(
        "unknown-year", item.where(),
        fmt::format("these are no years of the model ({}–{})", dims.first_year(), dims.last_year()));
    return false;
  }
  keep(lever, [&](std::size_t, std::size_t p) { return dims.years[p] >= first && dims.years[p] <= last; });
  return true;
}

bool LeverReading::select(const Part& item, Lever& lever) {
  const Dimensions& dims = model_.dimensions;
  const Leaf& leaf = model_.leaves[lever.leaf];
  const std::string text = item.text();
  const bool is_label = std::any_of(leaf.dims.labels.begin(), leaf.dims.labels.end(), [&](DimensionId id) {
    return dims[id].index_of(unquoted(text)).has_value();
  });
  if (const auto year = year_in(text); year && !is_label) return keep_years(item, *year, *year, lever);
  if (const std::size_t dots = text.find(".."); dots != std::string::npos) {
    const Part file_part = item;
    const auto first = year_in(file_part.between(item.begin, item.begin + dots).text()),
               last = year_in(file_part.between(item.begin + dots + 2, item.end).text());
    if (first && last) return keep_years(item, *first, *last, lever);
    diagnostics_.error("bad-years", item.where(), fmt::format("`{}` are no years", text)).help =
        "write them as `2020..2030`";
    return false;
  }
  if (const std::size_t equal = text.find('='); equal != std::string::npos) {
    const std::string name = item.between(item.begin, item.begin + equal).text();
    const std::string label = unquoted(item.between(item.begin + equal + 1, item.end).text());
    const auto axis = dims.find(name);
    if (name == "time")
      if (const auto year = year_in(label)) return keep_years(item, *year, *year, lever);
    if (!axis || !leaf.dims.has(*axis)) {
      diagnostics_
          .error("unknown-dimension", item.where(), fmt::format("`{}` is not over `{}`", leaf.name, name))
          .help = fmt::format("it is over {}", leaf.dims.str(dims));
      return false;
    }
    return keep_label(item, label, axis, lever);
  }
  const std::string label = unquoted(text);
  const auto& conditions = session_.model->conditions;
  const bool is_condition = std::any_of(conditions.begin(), conditions.end(),
                                        [&](const ConditionDecl& each) { return each.name.id == text; });
  if (!is_label && is_condition) {
    const auto cells = condition_cells(model_, text, leaf.dims);
    if (!cells) {
      diagnostics_
          .error("condition-without-dimension", item.where(),
                 fmt::format("`{}` speaks of a dimension that `{}` has not", text, leaf.name))
          .help = leaf.dims.scalar() ? "it is one number" : fmt::format("it is over {}", leaf.dims.str(dims));
      return false;
    }
    keep(lever, [&](std::size_t s, std::size_t p) { return cells->at(s, p); });
    return true;
  }
  return keep_label(item, label, std::nullopt, lever);
}

/// What the chosen cells hold now, and the unit they share.
bool LeverReading::settle(const Part& part, Lever& lever) {
  const Leaf& leaf = model_.leaves[lever.leaf];
  const Array& values = session_.evaluation->leaf(lever.leaf);
  std::optional<double> first;
  std::optional<Unit> unit;
  for (std::size_t i = 0; i < lever.cells.size(); ++i) {
    const std::size_t s = i / values.periods(), p = i % values.periods();
    if (!leaf.defined.at(s, p) || std::isnan(values.data()[i])) lever.cells[i] = false;
    if (!lever.cells[i]) continue;
    const double value = values.data()[i];
    lever.single = lever.single && (!first || *first == value);
    if (!first) first = value;
    const Unit own = unit_of_cell(leaf.unit, leaf.dims, s, model_.dimensions);
    if (!unit) unit = own;
    if (own.scale() != unit->scale() || !own.same_kind(*unit)) {
      diagnostics_
          .error("several-units", part.where(),
                 fmt::format("the cells of `{}` differ in their unit", part.text()))
          .help = fmt::format("choose one label, or move it by a factor: `{} * 0.5..2`", part.text());
      return false;
    }
  }
  if (!first) {
    diagnostics_.error("no-cells", part.where(), fmt::format("no cell of `{}` is chosen", leaf.name));
    return false;
  }
  lever.now = *first;
  lever.unit = *unit;
  // What the case writes in per cent is read and told so.
  const std::string text = lever.unit.str();
  const auto percents = [](const LeafRow& row) { return row.text.find('%') != std::string::npos; };
  if (lever.unit.scale() == 1 && (text == "1" || text.starts_with("1/")) &&
      (std::any_of(leaf.rows.begin(), leaf.rows.end(), percents) ||
       (leaf.declaration->value && leaf.declaration->value->percent)))
    if (const UnitParse parse = parse_unit("%" + text.substr(1)); parse.unit) lever.unit = *parse.unit;
  if (leaf.solved_by) {
    diagnostics_.error("found-parameter", part.where(),
                       fmt::format("`{}` is found by `solve:`, whatever value it is given", leaf.name));
    return false;
  }
  const bool whole = std::all_of(lever.cells.begin(), lever.cells.end(), [](bool moved) { return moved; });
  if (leaf.declaration->sums_to && !(whole && leaf.dims.labels.empty())) {
    auto& diagnostic = diagnostics_.error(
        "sums-to", part.where(),
        fmt::format("the numbers of `{}` sum to a total: one cannot move alone", leaf.name));
    diagnostic.labels.push_back({leaf.declaration->sums_to->where, "declared here"});
    diagnostic.help = "compute the shares from a parameter of their own, and move that";
    return false;
  }
  return true;
}

bool LeverReading::read_name(const Part& part, Lever& lever) {
  const std::string text = part.text();
  const std::size_t bracket = text.find('[');
  const Part name = part.between(part.begin, bracket == std::string::npos ? part.end : part.begin + bracket);
  const auto leaf = model_.find_leaf(name.text());
  if (!leaf) {
    const bool computed = model_.find_quantity(name.text()).has_value();
    Diagnostic& error = diagnostics_.error(
        "unknown-name", name.where(),
        name.empty() ? "this names no parameter"
        : computed   ? fmt::format("`{}` is computed: only a parameter can be moved", name.text())
                     : fmt::format("no parameter is called `{}`", name.text()));
    std::vector<std::string> names;
    for (const Leaf& each : model_.leaves) names.push_back(each.name);
    if (!computed) error.help = did_you_mean(name.text(), names);
    if (error.help.empty()) error.help = "for example `collection = 0 %..100 % : 21`";
    return false;
  }
  lever.leaf = *leaf;
  lever.where = part.where();
  lever.name = text;
  lever.cells.assign(model_.leaves[*leaf].values.size(), true);
  if (bracket != std::string::npos) {
    if (text.back() != ']') {
      diagnostics_.error("bad-brackets", part.where(),
                         fmt::format("the bracket of `{}` is not closed", text));
      return false;
    }
    for (const Part& item : Part{part.file, part.begin + bracket + 1, part.end - 1}.split(','))
      if (!select(item, lever)) return false;
  }
  return settle(part, lever);
}

bool LeverReading::read_values(const Part& part, LeverRange& range) {
  const auto value = [&](const Part& written) {
    return read_lever_value(session_, range.lever,
                            FormulaText::plain(written.file, written.begin, written.end - written.begin),
                            diagnostics_);
  };
  const std::size_t dots = part.find("..", part.begin);
  if (dots == std::string::npos) {
    for (const Part& each : part.split(',')) {
      if (each.empty()) {
        diagnostics_.error("bad-values", part.where(), "a value is missing").help =
            "write `a, b, c`, or a range `a..b : 21`";
        return false;
      }
      const auto number = value(each);
      if (!number) return false;
      if (std::find(range.values.begin(), range.values.end(), *number) != range.values.end()) {
        diagnostics_.error("bad-values", each.where(), fmt::format("`{}` stands here twice", each.text()));
        return false;
      }
      range.values.push_back(*number);
    }
    return true;
  }
  const std::size_t colon = part.find(":", dots);
  const Part first = part.between(part.begin, dots),
             last = part.between(dots + 2, colon == std::string::npos ? part.end : colon);
  if (first.empty() || last.empty()) {
    diagnostics_.error("bad-values", part.where(), "a range has two ends").help = "write `a..b : 21`";
    return false;
  }
  range.high = value(last);
  if (!range.high) return false;
  // "0..100 %": the unit at the end counts for both.
  Diagnostics ignored;
  const auto plain =
      parse_value(FormulaText::plain(first.file, first.begin, first.end - first.begin), ignored);
  const auto with_unit =
      parse_value(FormulaText::plain(last.file, last.begin, last.end - last.begin), ignored);
  if (plain && with_unit && !plain->unit && !plain->percent && (with_unit->unit || with_unit->percent) &&
      !range.lever.factor) {
    const std::string tail = last.text();
    const std::size_t unit = tail.find_first_not_of("0123456789.,-+eE ");
    const std::string both = first.text() + " " + tail.substr(std::min(unit, tail.size()));
    range.low = read_lever_value(
        session_, range.lever,
        FormulaText::plain(std::make_shared<SourceFile>("range", both), 0, both.size()), ignored);
  } else {
    range.low = value(first);
  }
  if (!range.low) return false;
  if (!(*range.low < *range.high)) {
    diagnostics_.error("bad-values", part.where(), "a range goes upwards").help =
        fmt::format("write `{}..{}`", last.text(), first.text());
    return false;
  }
  std::size_t count = default_count;
  if (colon != std::string::npos) {
    const Part written = part.between(colon + 1, part.end);
    const auto number = year_in(written.text());
    if (!number || *number < 2 || *number > static_cast<int>(most_values)) {
      diagnostics_
          .error("bad-values", written.empty() ? part.where() : written.where(),
                 "behind the colon stands how many values the range has")
          .help = fmt::format("from 2 to {}", thousands(most_values));
      return false;
    }
    count = range.count = static_cast<std::size_t>(*number);
  }
  const double step = (*range.high - *range.low) / static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count; ++i) {
    double at = i + 1 == count ? *range.high : *range.low + static_cast<double>(i) * step;
    // Round values stay round: 0.30000000000000004 would be told as such in tables.
    const double scale = range.lever.factor ? 1 : range.lever.unit.scale();
    const double rounded = std::round(at / scale * 1e12) / 1e12 * scale;
    if (std::abs(rounded - at) <= 1e-14 * std::max(std::abs(*range.low), std::abs(*range.high))) at = rounded;
    range.values.push_back(at);
  }
  return true;
}

std::optional<LeverRange> LeverReading::read(const std::string& text) {
  const Part all = Part{std::make_shared<SourceFile>("argument", text), 0, text.size()}.trimmed();
  // The sign behind the brackets.
  std::size_t sign = all.begin, depth = 0;
  for (; sign < all.end; ++sign) {
    const char c = text[sign];
    if (c == '[') ++depth;
    if (c == ']' && depth > 0) --depth;
    if (depth == 0 && (c == '=' || c == '*')) break;
  }
  LeverRange range;
  range.lever.factor = sign < all.end && text[sign] == '*';
  if (!read_name(all.between(all.begin, sign), range.lever)) return std::nullopt;
  if (range.lever.factor) {
    range.lever.now = 1;
    range.lever.single = true;
    range.lever.unit = Unit();
  }
  if (sign == all.end) return range;
  const Part values = all.between(sign + 1, all.end);
  if (values.empty()) {
    diagnostics_.error("bad-values", all.where(), "no values are given").help =
        "write `a..b : 21`, or `a, b, c`";
    return std::nullopt;
  }
  if (!read_values(values, range)) return std::nullopt;
  return range;
}

}  // namespace

std::optional<LeverRange> read_lever(const Session& session, const std::string& text,
                                     Diagnostics& diagnostics) {
  return LeverReading(session, diagnostics).read(text);
}

std::optional<double> read_lever_value(const Session& session, const Lever& lever, const FormulaText& text,
                                       Diagnostics& diagnostics) {
  const auto value = parse_value(text, diagnostics);
  if (!value) return std::nullopt;
  const Unit& unit = lever.unit;
  const std::string name = lever.factor ? lever.name : session.bound->leaves[lever.leaf].name;
  if (lever.factor) {
    if (!value->unit) return value->number;
    diagnostics.error("unit-mismatch", value->unit->where, "a factor has no unit");
    return std::nullopt;
  }
  if (!value->unit) {
    // A bare number is in the parameter's own unit; so is a per cent sign where that unit begins with one.
    if (!value->percent) return value->number * unit.scale();
    if (unit.dimensionless()) return value->number;
    if (unit.str().starts_with("%")) return value->number * 100 * unit.scale();
    diagnostics
        .error("unit-mismatch", value->where, fmt::format("`{}` is in {}, not in per cent", name, unit.str()))
        .help = fmt::format("to move it by a share of itself: `{} * 0.5..1.5`", lever.name);
    return std::nullopt;
  }
  const UnitParse parse = parse_unit(value->unit->text);
  if (!parse.unit) {
    diagnostics.error("unknown-unit", value->unit->where, parse.error).help = parse.help;
    return std::nullopt;
  }
  const auto factor = conversion(*parse.unit, unit, session.model->substance);
  if (!factor) {
    diagnostics.error(
        "unit-mismatch", value->unit->where,
        fmt::format("`{}` is in {}, which `{}` does not convert to", name, unit.str(), parse.unit->str()));
    return std::nullopt;
  }
  return value->number * *factor * unit.scale();
}

void move_lever(const BoundModel& model, const Lever& lever, double value, Array& values) {
  const Leaf& leaf = model.leaves[lever.leaf];
  const auto before = values.data();
  // Given numbers that are moved, to be followed by the cells filled from them.
  std::vector<double> given(leaf.givens.size());
  std::vector<bool> moved(leaf.givens.size(), false);
  for (std::size_t g = 0; g < given.size(); ++g) given[g] = leaf.givens[g].value;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (lever.cells[i]) values.data()[i] = lever.factor ? before[i] * value : value;
    const LeafCell& cell = leaf.cells[i];
    if (cell.given < 0 || cell.other_given >= 0 || cell.rule == FillRule::extrapolated ||
        cell.rule == FillRule::interpolated)
      continue;
    const auto g = static_cast<std::size_t>(cell.given);
    if (leaf.givens[g].constant) continue;
    given[g] = values.data()[i];  // of a draw, not the one that was given
    moved[g] = lever.cells[i];
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    const LeafCell& cell = leaf.cells[i];
    if (lever.cells[i] || cell.given < 0) continue;
    const auto from = static_cast<std::size_t>(cell.given);
    const auto to = static_cast<std::size_t>(std::max(cell.other_given, 0));
    if (!moved[from] && (cell.other_given < 0 || !moved[to])) continue;
    values.data()[i] = filled(cell, given[from], cell.other_given < 0 ? 0.0 : given[to]);
  }
}

double lever_number(const Lever& lever, double value) {
  return lever.factor ? value : value / lever.unit.scale();
}

std::string lever_unit(const Lever& lever) {
  return lever.factor || (lever.unit.dimensionless() && lever.unit.scale() == 1) ? "" : lever.unit.str();
}

std::string lever_value_text(const Lever& lever, double value) {
  const std::string unit = lever_unit(lever);
  const double number = lever_number(lever, value);
  std::string text = fmt::format("{:.6g}", number);
  if (std::abs(number) >= 1e4 && std::abs(number) < 1e15 && number == std::nearbyint(number)) {
    text = thousands(static_cast<std::uint64_t>(std::abs(number)));
    if (number < 0) text.insert(0, "-");
  }
  return (lever.factor ? "× " : "") + text + (unit.empty() ? "" : " " + unit);
}

std::string lever_setting(const Lever& lever, double value) {
  return fmt::format("{} {}{}", lever.name, lever.factor ? "" : "= ", lever_value_text(lever, value));
}

}  // namespace lode

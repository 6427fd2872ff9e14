// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lode/api/lenders.hpp"
#include "lode/api/session.hpp"
#include "lode/units/unit.hpp"

namespace lode {

namespace {

/// The cases of its axes that a lender is computed with.
ScenarioChoice choice_for(const CaseDecl& declaration, const Model& model) {
  ScenarioChoice choice;
  for (const auto& [axis, name] : declaration.scenario) choice[axis.id] = name.id;
  for (const CaseDecl::Match& one : declaration.match)
    if (const auto own = model.scenario.find(one.axis.id); own != model.scenario.end()) {
      const auto other = one.cases.find(own->second);
      choice[one.axis.id] = other == one.cases.end() ? own->second : other->second;
    }
  return choice;
}

/// A result with the axes and labels that are taken of it.
struct Taken {
  const ResultVariable* variable = nullptr;
  std::vector<std::size_t> dimensions;             ///< of the result, but time
  std::vector<std::optional<std::size_t>> labels;  ///< per dimension: the one that is taken
  bool time = false;
};

class Borrower {
 public:
  Borrower(Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {}

  void run();

 private:
  std::shared_ptr<const Lender> lender(const CaseDecl& declaration);
  std::optional<Taken> take(const BorrowDecl& borrowed, const Lender& lender);
  void fill(ParameterDecl& parameter);
  bool fits(const ParameterDecl& parameter, const BorrowDecl& borrowed, const Lender& lender,
            const Taken& taken, const NameAt* label_axis);
  void add_rows(Table& table, const BorrowDecl& borrowed, const std::shared_ptr<const Lender>& lender,
                const Taken& taken, const NameAt* label_axis);
  const DimensionDecl* dimension(const std::string& name) const;
  bool is(const std::string& own, const std::string& other) const;
  bool part_of(const ParameterDecl& parameter, const std::string& other) const;

  Model& model_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::shared_ptr<const Lender>> lenders_;
};

const DimensionDecl* Borrower::dimension(const std::string& name) const {
  for (const DimensionDecl& each : model_.dimensions)
    if (each.name.id == name) return &each;
  return nullptr;
}

/// Whether a dimension of ours is one of the other case: of the same name, or a part of it.
bool Borrower::is(const std::string& own, const std::string& other) const {
  if (own == other) return true;
  const DimensionDecl* declaration = dimension(own);
  return declaration && declaration->kind == DimensionDecl::Kind::part_of && declaration->parent &&
         is(declaration->parent->id, other);
}

/// Whether a parameter takes a part of this dimension: its column serves the part.
bool Borrower::part_of(const ParameterDecl& parameter, const std::string& other) const {
  return parameter.over &&
         std::any_of(parameter.over->begin(), parameter.over->end(),
                     [&](const NameAt& own) { return own.id != other && is(own.id, other); });
}

std::shared_ptr<const Lender> Borrower::lender(const CaseDecl& declaration) {
  const auto [known, is_new] = lenders_.try_emplace(declaration.name.id);
  if (!is_new) return known->second;
  for (const auto& [axis, cases] : declaration.match) {
    if (model_.scenario.count(axis.id)) continue;
    std::vector<std::string> names;
    for (const ScenarioAxis& each : model_.axes) names.push_back(each.name.id);
    Diagnostic& error = diagnostics_.error("unknown-axis", axis.where,
                                           fmt::format("there is no scenario axis `{}` here", axis.id));
    error.help = did_you_mean(axis.id, names);
    if (error.help.empty()) error.help = "`match` names axes that both cases have";
    return nullptr;
  }
  auto found = model_.lenders->get(declaration, choice_for(declaration, model_));
  for (const auto& [path, hash] : found->files) {
    const auto seen =
        (declaration.path / path).lexically_normal().lexically_relative(model_.folder.lexically_normal());
    const std::pair<std::string, std::string> entry{seen.generic_string(), hash};
    if (std::find(model_.files.begin(), model_.files.end(), entry) == model_.files.end())
      model_.files.push_back(entry);
  }
  if (!found->problem.empty()) {
    Diagnostic& error = diagnostics_.error(
        "no-lender", declaration.results ? declaration.results->where : declaration.folder.where,
        fmt::format("`{}` cannot lend: {}", declaration.name.id, found->problem));
    error.why = found->why;
    error.help = found->help;
    return nullptr;
  }
  known->second = found;
  return found;
}

std::optional<Taken> Borrower::take(const BorrowDecl& borrowed, const Lender& lender) {
  Taken taken;
  taken.variable = lender.results.find(borrowed.result);
  if (!taken.variable) {
    std::vector<std::string> names;
    for (const ResultVariable& each : lender.results.variables) names.push_back(each.name);
    Diagnostic& error = diagnostics_.error(
        "unknown-name", borrowed.where, fmt::format("{} has no result `{}`", lender.place, borrowed.result));
    error.help = did_you_mean(borrowed.result, names);
    if (error.help.empty()) error.help = "what is taken must be a flow, stock, quantity or parameter there";
    return std::nullopt;
  }
  for (const std::size_t id : taken.variable->dimensions) {
    if (lender.results.dimensions[id].is_time)
      taken.time = true;
    else
      taken.dimensions.push_back(id);
  }
  taken.labels.resize(taken.dimensions.size());
  for (const Selector& selector : borrowed.labels) {
    bool found = false;
    for (std::size_t k = 0; k < taken.dimensions.size() && !found; ++k) {
      const ResultDimension& axis = lender.results.dimensions[taken.dimensions[k]];
      if (taken.labels[k] || (selector.dimension && selector.dimension->id != axis.name)) continue;
      const auto at = std::find(axis.labels.begin(), axis.labels.end(), selector.label->id);
      if (at == axis.labels.end()) continue;
      taken.labels[k] = static_cast<std::size_t>(at - axis.labels.begin());
      found = true;
    }
    if (found) continue;
    std::vector<std::string> labels;
    for (const std::size_t id : taken.dimensions)
      labels.insert(labels.end(), lender.results.dimensions[id].labels.begin(),
                    lender.results.dimensions[id].labels.end());
    Diagnostic& error = diagnostics_.error(
        "unknown-label", selector.where,
        fmt::format("`{}` of {} has no label `{}`", borrowed.result, lender.place, selector.label->id));
    error.help = did_you_mean(selector.label->id, labels);
    if (error.help.empty() && !labels.empty() && labels.size() <= 30)
      error.help = fmt::format("its labels are {}", fmt::join(labels, ", "));
    return std::nullopt;
  }
  return taken;
}

bool Borrower::fits(const ParameterDecl& parameter, const BorrowDecl& borrowed, const Lender& lender,
                    const Taken& taken, const NameAt* label_axis) {
  const ResultSet& results = lender.results;
  std::vector<std::string> has;
  if (taken.time) has.emplace_back("time");
  for (std::size_t k = 0; k < taken.dimensions.size(); ++k)
    if (!taken.labels[k]) has.push_back(results.dimensions[taken.dimensions[k]].name);
  if (parameter.over) {
    std::vector<std::string> wanted;
    for (const NameAt& own : *parameter.over)
      if (!label_axis || own.id != label_axis->id) wanted.push_back(own.id);
    const auto counterpart = [&](const std::string& own) {
      return std::any_of(has.begin(), has.end(), [&](const std::string& name) { return is(own, name); });
    };
    const bool same = has.size() == wanted.size() && std::all_of(wanted.begin(), wanted.end(), counterpart);
    if (!same) {
      const auto text = [](const std::vector<std::string>& names) {
        return names.empty() ? std::string("no dimension") : fmt::format("[{}]", fmt::join(names, ", "));
      };
      Diagnostic& error =
          diagnostics_.error("wrong-dimensions", borrowed.where,
                             fmt::format("`{}` of {} has {}, `{}` takes {}", borrowed.result, lender.place,
                                         text(has), parameter.name.id, text(wanted)));
      error.labels.push_back({parameter.name.where, "declared here"});
      error.why = "nothing is summed or copied at the border of two cases";
      error.help =
          fmt::format("choose a label, like `{}.{}[label]`, sum in the other case, or change `over:`",
                      borrowed.lender.id, borrowed.result);
      return false;
    }
  }
  const std::string unit = parameter.unit ? parameter.unit->text : "1";
  const auto wanted_unit = parse_unit(unit), given_unit = parse_unit(taken.variable->unit);
  if (wanted_unit.unit && given_unit.unit && !wanted_unit.unit->symbolic() && !given_unit.unit->symbolic() &&
      !conversion(*given_unit.unit, *wanted_unit.unit, model_.substance)) {
    Diagnostic& error =
        diagnostics_.error("unit-mismatch", borrowed.where,
                           fmt::format("`{}` of {} is in `{}`, which does not convert to `{}`",
                                       borrowed.result, lender.place, taken.variable->unit, unit));
    if (parameter.unit)
      error.labels.push_back({parameter.unit->where, "declared here"});
    else
      error.help = fmt::format("declare `unit: {}`", taken.variable->unit);
    return false;
  }
  for (std::size_t k = 0; k < taken.dimensions.size(); ++k) {
    const ResultDimension& axis = results.dimensions[taken.dimensions[k]];
    const DimensionDecl* own = dimension(axis.name);
    if (taken.labels[k] || !own || own->kind != DimensionDecl::Kind::listed || own->labels.empty()) continue;
    if (part_of(parameter, axis.name)) continue;  // the other labels are passed over
    std::vector<std::string> extra;
    for (const std::string& label : axis.labels)
      if (std::none_of(own->labels.begin(), own->labels.end(),
                       [&](const LabelDecl& each) { return each.id == label; }))
        extra.push_back(label);
    if (extra.empty()) continue;
    const std::size_t count = extra.size();
    if (count > 6) extra.resize(6);
    Diagnostic& error = diagnostics_.error(
        "unknown-label", borrowed.where,
        fmt::format("`{}` of {} has labels that `{}` lacks here: {}{}", borrowed.result, lender.place,
                    axis.name, fmt::join(extra, ", "), count > 6 ? ", …" : ""));
    error.labels.push_back({own->name.where, "declared here"});
    error.why = "values without a place here would be lost";
    error.help = "add the labels, or choose one where it is taken";
    return false;
  }
  return true;
}

void Borrower::add_rows(Table& table, const BorrowDecl& borrowed, const std::shared_ptr<const Lender>& lender,
                        const Taken& taken, const NameAt* label_axis) {
  const ResultVariable& variable = *taken.variable;
  const ResultSet& results = lender->results;
  std::size_t series = 1;
  for (const std::size_t id : taken.dimensions) series *= results.dimensions[id].labels.size();
  const ResultDimension* time = nullptr;
  for (const ResultDimension& each : results.dimensions)
    if (each.is_time) time = &each;
  const std::size_t periods = taken.time && time ? time->labels.size() : 1;
  const bool spread = variable.uncertainty && !variable.uncertainty->deviation.empty();
  const std::string note = fmt::format("{} of {}", borrowed.result, lender->place);

  struct Line {
    std::vector<std::string> cells;
    std::pair<std::size_t, std::size_t> from;
  };
  std::vector<Line> lines;
  for (std::size_t p = 0; p < periods; ++p)
    for (std::size_t s = 0; s < series; ++s) {
      const double value = variable.values[p * series + s];
      if (std::isnan(value)) continue;
      std::vector<std::size_t> labels(taken.dimensions.size());
      std::size_t rest = s;
      for (std::size_t k = labels.size(); k-- > 0;) {
        const std::size_t size = results.dimensions[taken.dimensions[k]].labels.size();
        labels[k] = rest % size;
        rest /= size;
      }
      bool wanted = true;
      for (std::size_t k = 0; k < labels.size(); ++k)
        wanted = wanted && (!taken.labels[k] || *taken.labels[k] == labels[k]);
      if (!wanted) continue;
      std::map<std::string, std::string> cells{{"value", fmt::format("{}", value)}, {"note", note}};
      if (taken.time && time) cells["time"] = time->labels[p];
      if (label_axis) cells[label_axis->id] = borrowed.label->id;
      cells["unit"] = variable.unit;
      for (std::size_t k = 0; k < labels.size(); ++k) {
        const ResultDimension& axis = results.dimensions[taken.dimensions[k]];
        if (!taken.labels[k]) cells[axis.name] = axis.labels[labels[k]];
        if (variable.label_units.size() == axis.labels.size())
          cells["unit"] = variable.label_units[labels[k]];
      }
      const double deviation = spread ? variable.uncertainty->deviation[p * series + s] : 0.0;
      if (deviation > 0) cells["sd"] = fmt::format("{}", deviation);
      Line line;
      for (const Cell& column : table.header) line.cells.push_back(cells[column.text]);
      line.from = {s, p};
      lines.push_back(std::move(line));
    }

  std::string text;
  for (const Line& line : lines) text += fmt::format("{}\n", fmt::join(line.cells, ","));
  const auto file = std::make_shared<const SourceFile>(
      fmt::format("{}: {}", borrowed.lender.id, borrowed.result), std::move(text));
  BorrowedRows rows{lender, borrowed.result, {}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Row row;
    std::size_t offset = file->line_start(i + 1);
    row.where = {file, offset, file->line(i + 1).size()};
    for (std::size_t c = 0; c < lines[i].cells.size(); ++c) {
      const std::string& cell = lines[i].cells[c];
      const bool own =
          label_axis && table.header[c].text == label_axis->id;  // its mistakes are those of the model
      row.cells.push_back({cell, own ? borrowed.label->where : Location{file, offset, cell.size()}});
      offset += cell.size() + 1;
    }
    rows.cells.push_back(lines[i].from);
    table.rows.push_back(std::move(row));
  }
  if (!table.file) table.file = file;
  model_.lenders->keep(file, std::move(rows));

  if (taken.time && time && variable.is_flow) {
    for (std::size_t i = 0; i < model_.time.years.size(); ++i) {
      const auto at =
          std::find(time->labels.begin(), time->labels.end(), fmt::format("{}", model_.time.years[i]));
      if (at == time->labels.end()) continue;
      const double other = time->period_lengths[static_cast<std::size_t>(at - time->labels.begin())];
      if (std::abs(other - model_.time.steps[i]) < 1e-9) continue;
      Diagnostic& warning = diagnostics_.warning(
          "other-periods", borrowed.where,
          fmt::format("`{}` of {} is a mean over {:g} yr in {}, here a period has {:g} yr", borrowed.result,
                      lender->place, other, model_.time.years[i], model_.time.steps[i]));
      warning.why = "a rate is averaged over its period";
      warning.help = "give both cases the same years, or take it as it is";
      break;
    }
  }
}

void Borrower::fill(ParameterDecl& parameter) {
  const bool labelled = parameter.from.front().label.has_value();
  const NameAt* label_axis = nullptr;
  TableRef reference;
  reference.path = parameter.from.front().lender.id + "." + parameter.from.front().result;
  reference.where = parameter.from.front().where;
  auto table = std::make_shared<Table>();
  std::vector<std::string> reach;
  for (const BorrowDecl& borrowed : parameter.from) {
    const auto declaration =
        std::find_if(model_.cases.begin(), model_.cases.end(),
                     [&](const CaseDecl& each) { return each.name.id == borrowed.lender.id; });
    const auto from = lender(*declaration);
    if (!from) return;
    const auto taken = take(borrowed, *from);
    if (!taken) return;
    std::vector<std::string> axes;
    for (std::size_t k = 0; k < taken->dimensions.size(); ++k)
      if (!taken->labels[k]) axes.push_back(from->results.dimensions[taken->dimensions[k]].name);
    if (labelled && !label_axis && parameter.over)
      for (const NameAt& own : *parameter.over)
        if (own.id != "time" &&
            std::none_of(axes.begin(), axes.end(), [&](const std::string& name) { return is(own.id, name); }))
          label_axis = &own;
    if (labelled && !label_axis) {
      Diagnostic& error =
          diagnostics_.error("missing-dimension", parameter.name.where,
                             fmt::format("`{}` takes a result for each label, of which dimension is not said",
                                         parameter.name.id));
      error.help = "name it in `over:`, like `over: [time, metal]`";
      return;
    }
    if (!fits(parameter, borrowed, *from, *taken, label_axis)) return;
    std::vector<std::string> header;
    if (taken->time) header.emplace_back("time");
    if (labelled) header.push_back(label_axis->id);
    for (const std::string& axis : axes) header.push_back(axis);
    for (const char* column : {"value", "unit", "sd", "note"}) header.emplace_back(column);
    if (table->header.empty())
      for (const std::string& name : header) table->header.push_back({name, borrowed.where});
    add_rows(*table, borrowed, from, *taken, labelled ? label_axis : nullptr);
    for (const ResultDimension& each : from->results.dimensions)
      if (taken->time && each.is_time && !each.labels.empty())
        reach.push_back(fmt::format("`{}.{}` has the years {} to {}", borrowed.lender.id, borrowed.result,
                                    each.labels.front(), each.labels.back()));
    const bool has_spread = taken->variable->uncertainty.has_value();
    if (has_spread && !parameter.uncertainty.independent)
      parameter.uncertainty.independent = std::vector<NameAt>{};
  }
  reference.table = table;
  parameter.table = std::move(reference);
  parameter.reach = fmt::format("{}", fmt::join(reach, "; "));
}

void Borrower::run() {
  for (ParameterDecl& parameter : model_.parameters)
    if (!parameter.from.empty()) fill(parameter);
  // A case that nothing is taken from still has to be there.
  for (const CaseDecl& declaration : model_.cases) lender(declaration);
  std::sort(model_.files.begin(), model_.files.end());
}

}  // namespace

std::vector<std::pair<std::string, std::shared_ptr<const Lender>>> lenders_of(const Model& model) {
  std::vector<std::pair<std::string, std::shared_ptr<const Lender>>> result;
  if (!model.lenders) return result;
  for (const CaseDecl& declaration : model.cases)
    if (auto lender = model.lenders->get(declaration, choice_for(declaration, model));
        lender->problem.empty())
      result.emplace_back(declaration.name.id, std::move(lender));
  return result;
}

void borrow_results(Model& model, Diagnostics& diagnostics) {
  if (model.cases.empty() || !model.lenders) return;
  Borrower(model, diagnostics).run();
}

}  // namespace lode

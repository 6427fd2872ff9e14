// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "lode/distributions/lifetime.hpp"
#include "lode/language/make_expression.hpp"
#include "lode/model/reader.hpp"

namespace lode {
namespace {

constexpr std::size_t max_labels = 200'000;
std::vector<std::string> lifetime_names() {
  std::vector<std::string> names;
  for (const LifetimeFamily& family : lifetime_families()) names.push_back(family.name);
  names.insert(names.end(), {"empirical", "mixture", "chain"});
  return names;
}

}  // namespace

void Reader::read_stages(const YamlPtr& node) {
  if (!node) return;
  std::map<std::string, Location> seen;
  const auto add = [&](const YamlPtr& key, const YamlPtr& title) {
    if (!key->is_scalar() || !good_name(*key, "a stage", true)) return;
    const auto [found, is_new] = seen.emplace(key->text, key->where);
    if (!is_new) {
      two_places(diagnostics_.error("duplicate-name", key->where,
                                    fmt::format("the stage `{}` stands twice", key->text)),
                 "again here", found->second, "first here");
      return;
    }
    stages_.insert(key->text);
    model_.stages.push_back({{key->text, key->where}, title_of(title)});
  };
  if (node->is_map())
    for (std::size_t i = 0; i < node->keys.size(); ++i) add(node->keys[i], node->values[i]);
  if (node->is_sequence())
    for (const YamlPtr& item : node->values) add(item, nullptr);
}

void Reader::read_dimension(const YamlPtr& key, const YamlNode& node) {
  if (!good_name(*key, "a dimension", true)) return;
  if (key->text == "time") {
    diagnostics_.error("bad-name", key->where, "the dimension `time` is there by itself").help =
        "its years stand in `time:` at the top of the model";
    return;
  }
  DimensionDecl dimension;
  dimension.name = {key->text, key->where};
  if (node.is_sequence()) {
    read_labels(dimension, node);
    model_.dimensions.push_back(std::move(dimension));
    return;
  }
  if (!node.is_map()) return;
  dimension.title = entry_title(node);
  const YamlPtr balance = node.find("balance");
  dimension.balance_each = balance && balance->text == "each";

  std::vector<YamlPtr> forms;
  for (const char* form : {"table", "labels", "groups", "part_of", "same_as"})
    if (YamlPtr found = node.find_key(form)) forms.push_back(found);
  if (forms.empty()) {
    diagnostics_.error("missing-key", key->where, fmt::format("the dimension `{}` has no labels", key->text))
        .help = "give it `table: data/….csv`, `labels: [a, b]`, `groups:`, `part_of:` or `same_as:`";
    return;
  }
  if (forms.size() > 1) {
    two_places(diagnostics_.error("two-values", forms[1]->where,
                                  fmt::format("`{}` gets its labels in two ways", key->text)),
               fmt::format("`{}` here", forms[1]->text), forms[0]->where,
               fmt::format("`{}` here", forms[0]->text));
  }
  const std::string& form = forms.front()->text;
  const YamlPtr given = node.find(form);
  if (form == "table" && given->is_scalar()) read_label_table(dimension, *given);
  if (form == "labels") read_labels(dimension, *given);
  if (form == "groups" && given->is_scalar()) {
    dimension.kind = DimensionDecl::Kind::groups;
    const std::size_t dot = given->text.find('.');
    const FormulaText text = formula_text(*given);
    dimension.parent = NameAt{given->text.substr(0, dot), text.at(0, std::min(dot, given->text.size()))};
    if (dot != std::string::npos)
      dimension.column = NameAt{given->text.substr(dot + 1), text.at(dot + 1, given->text.size())};
  }
  if (form == "part_of") {
    dimension.kind = DimensionDecl::Kind::part_of;
    dimension.parent = name_of(given, "a dimension");
    dimension.where = formula_of(node.find("where"));
    if (!node.find_key("where"))
      diagnostics_.error("missing-key", given->where, fmt::format("`{}` does not say which part", key->text))
          .help = fmt::format("add `where: {}.column = label`", given->text);
  } else if (const YamlPtr stray = node.find_key("where")) {
    diagnostics_.error("unknown-key", stray->where, "`where` goes with `part_of`").help =
        "a subset is `{part_of: product, where: product.category = cars}`";
  }
  if (form == "same_as") {
    dimension.kind = DimensionDecl::Kind::same_as;
    dimension.parent = name_of(given, "a dimension");
  }
  if (const YamlPtr units = node.find("units"); units && units->is_map()) {
    if (dimension.kind == DimensionDecl::Kind::listed)
      read_label_units(dimension, *units);
    else
      diagnostics_.error("unknown-key", node.find_key("units")->where, "`units` goes with `labels`").help =
          "the other forms take the attributes of the dimension they are made from";
  }
  model_.dimensions.push_back(std::move(dimension));
}

void Reader::read_labels(DimensionDecl& dimension, const YamlNode& list) {
  std::map<std::string, Location> seen;
  const auto add = [&](const YamlPtr& key, const YamlPtr& title) {
    if (!key->is_scalar()) return;
    if (key->text.empty()) {
      diagnostics_.error("bad-name", key->where, "a label may not be empty");
      return;
    }
    const auto [found, is_new] = seen.emplace(key->text, key->where);
    if (!is_new) {
      two_places(diagnostics_.error(
                     "duplicate-label", key->where,
                     fmt::format("the label `{}` stands twice in `{}`", key->text, dimension.name.id)),
                 "again here", found->second, "first here");
      return;
    }
    dimension.labels.push_back({key->text, title_of(title), key->where});
  };
  if (list.is_map())
    for (std::size_t i = 0; i < list.keys.size(); ++i) add(list.keys[i], list.values[i]);
  if (list.is_sequence()) {
    for (const YamlPtr& item : list.values) {
      if (item->is_map())
        for (std::size_t i = 0; i < item->keys.size(); ++i) add(item->keys[i], item->values[i]);
      else
        add(item, nullptr);
    }
  }
  if (dimension.labels.empty() && list.values.empty())
    diagnostics_.error("no-labels", list.where, fmt::format("`{}` has no labels", dimension.name.id));
}

void Reader::read_label_units(DimensionDecl& dimension, const YamlNode& units) {
  std::vector<Cell> cells(dimension.labels.size());
  std::vector<bool> given(dimension.labels.size());
  std::map<std::string, std::size_t> position;
  std::vector<std::string> names;
  for (const LabelDecl& label : dimension.labels) {
    position.emplace(label.id, names.size());
    names.push_back(label.id);
  }
  for (std::size_t i = 0; i < units.keys.size(); ++i) {
    const auto found = position.find(units.keys[i]->text);
    if (found == position.end()) {
      diagnostics_
          .error("unknown-label", units.keys[i]->where,
                 fmt::format("`{}` has no label `{}`", dimension.name.id, shown(units.keys[i]->text)))
          .help = suggestion(diagnostics_, units.keys[i]->text, names);
      continue;
    }
    given[found->second] = true;
    if (units.values[i]->is_scalar()) cells[found->second] = {units.values[i]->text, units.values[i]->where};
  }
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (!given[i])
      diagnostics_.error("missing-value", units.where,
                         fmt::format("`units` gives none for the label `{}`", names[i]));
  dimension.attributes["counted_in"] = cells;
  dimension.attributes["unit"] = std::move(cells);
}

void Reader::read_label_table(DimensionDecl& dimension, const YamlNode& path) {
  const std::shared_ptr<const Table> table = load_table(path, model_.default_decimal_comma);
  if (!table) return;
  const std::optional<std::size_t> label_column = table->column("label");
  if (!label_column) {
    std::vector<std::string> names;
    for (const Cell& cell : table->header) names.push_back(cell.text);
    Diagnostic& error =
        diagnostics_.error("no-column", table->header.empty() ? path.where : table->header.front().where,
                           fmt::format("{} has no column `label`", path.text));
    two_places(error, "its header", path.where, "needed here");
    error.help = "call the column with the labels `label`";
    return;
  }
  if (table->rows.size() > max_labels) {
    diagnostics_.error("too-large", path.where,
                       fmt::format("`{}` would have {} labels; at most {} are possible", dimension.name.id,
                                   table->rows.size(), max_labels));
    return;
  }
  const std::optional<std::size_t> name_column = table->column("name");
  const std::optional<std::size_t> name_zh_column = table->column("name_zh");
  const auto text_of = [](const Row& row, std::size_t column) {
    return column < row.cells.size() ? row.cells[column] : Cell{};
  };
  std::map<std::string, Location> seen;
  std::vector<const Row*> rows;
  for (const Row& row : table->rows) {
    const Cell label = text_of(row, *label_column);
    if (label.text.empty()) {
      diagnostics_.error("bad-name", label.where ? label.where : row.where, "the label of this row is empty");
      continue;
    }
    const auto [found, is_new] = seen.emplace(label.text, label.where);
    if (!is_new) {
      two_places(diagnostics_.error("duplicate-label", label.where,
                                    fmt::format("the label `{}` stands twice", label.text)),
                 "again here", found->second, "first here");
      continue;
    }
    LabelDecl declared{label.text, {}, label.where};
    if (name_column && !text_of(row, *name_column).text.empty())
      declared.title.by_language[name_zh_column ? "en" : ""] = text_of(row, *name_column).text;
    if (name_zh_column && !text_of(row, *name_zh_column).text.empty())
      declared.title.by_language["zh"] = text_of(row, *name_zh_column).text;
    dimension.labels.push_back(std::move(declared));
    rows.push_back(&row);
  }
  if (rows.empty())
    diagnostics_.error("no-labels", path.where, fmt::format("{} has no labels", path.text)).help =
        "write one row for each label";
  for (std::size_t c = 0; c < table->header.size(); ++c) {
    if (c == *label_column || c == name_column || c == name_zh_column) continue;
    std::vector<Cell> cells;
    for (const Row* row : rows) cells.push_back(text_of(*row, c));
    const std::string& header = table->header[c].text;
    const std::string canonical = canonical_header(header);
    if (canonical == "unit") {
      dimension.attributes["unit"] = cells;
      dimension.attributes.try_emplace("counted_in", cells);
    }
    dimension.attributes[header] = std::move(cells);
  }
}

void Reader::read_process(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "a process", true)) return;
  ProcessDecl process;
  process.name = {key->text, key->where};
  if (node->is_map()) {
    process.title = entry_title(*node);
    process.stage = name_of(node->find("stage"), "a stage");
    process.outside = truth_of(node->find("outside"));
    process.over = names_of(node->find("over"), "a dimension");
    read_transfer(process, node->find("transfer"));
    if (process.stage && stages_.count(process.stage->id) == 0) {
      Diagnostic& error = diagnostics_.error("unknown-name", process.stage->where,
                                             fmt::format("there is no stage `{}`", process.stage->id));
      if (guessing(stages_.size()))
        error.help = suggestion(diagnostics_, process.stage->id, {stages_.begin(), stages_.end()});
      if (error.help.empty()) error.help = "declare it in `stages:`";
    }
  }
  model_.processes.push_back(std::move(process));
}

void Reader::read_transfer(ProcessDecl& process, const YamlPtr& node) {
  if (!node || !node->is_map()) return;
  std::optional<Location> rest;
  for (std::size_t i = 0; i < node->keys.size(); ++i) {
    TransferDecl transfer;
    transfer.flow = {node->keys[i]->text, node->keys[i]->where};
    const YamlNode& share = *node->values[i];
    if (share.is_scalar() && share.text == "rest") {
      if (rest)
        two_places(
            diagnostics_.error("two-rests", share.where, fmt::format("`{}` has two rests", process.name.id)),
            "again here", *rest, "first here");
      rest = share.where;
    } else {
      transfer.share = formula_of(node->values[i]);
      if (!transfer.share) continue;
    }
    process.transfer.push_back(std::move(transfer));
  }
}

std::optional<FlowEnd> Reader::flow_end_of(const YamlPtr& node, const std::string& what) {
  if (!node || !node->is_scalar()) return std::nullopt;
  const FormulaText text = formula_text(*node);
  std::vector<std::pair<std::size_t, std::size_t>> words;
  for (std::size_t i = 0; i < text.text.size();) {
    while (i < text.text.size() && text.text[i] == ' ') ++i;
    const std::size_t begin = i;
    while (i < text.text.size() && text.text[i] != ' ') ++i;
    if (i > begin) words.emplace_back(begin, i);
  }
  const auto word = [&](std::size_t k) {
    return text.text.substr(words[k].first, words[k].second - words[k].first);
  };
  const auto place = [&](std::size_t k) { return text.at(words[k].first, words[k].second); };
  const bool with_at = words.size() == 3 && word(1) == "at";
  if (words.size() != 1 && !with_at) {
    diagnostics_.error("bad-name", node->where, fmt::format("`{}` must name a process", what)).help =
        "write `from: market`, or `from: market at exporter` for a process with dimensions";
    return std::nullopt;
  }
  for (std::size_t k = 0; k < words.size(); k += 2) {
    const std::string problem = name_problem(word(k));
    if (problem.empty()) continue;
    diagnostics_.error("bad-name", place(k), fmt::format("`{}` is no name", word(k))).why = problem;
    return std::nullopt;
  }
  FlowEnd end{{word(0), place(0)}, std::nullopt};
  if (with_at) end.at = NameAt{word(2), place(2)};
  return end;
}

void Reader::read_flow(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "a flow")) return;
  FlowDecl flow;
  flow.name = {key->text, key->where};
  claim(flow.name, "a flow");
  if (!node->is_map()) return;
  const std::optional<FlowEnd> from = flow_end_of(node->find("from"), "from");
  const std::optional<FlowEnd> to = flow_end_of(node->find("to"), "to");
  if (!from || !to) return;
  flow.from = *from;
  flow.to = *to;
  flow.title = entry_title(*node);
  flow.over = names_of(node->find("over"), "a dimension");
  flow.unit = scalar_of(node->find("unit"));
  flow.is_signed = truth_of(node->find("signed"));
  flow.unknown = truth_of(node->find("unknown"));
  model_.flows.push_back(std::move(flow));
}

// {family: parameters}, and beside it the moments that a source states; in a mixture also the share.
std::optional<LifetimeDecl> Reader::lifetime_of(const YamlPtr& node, bool is_part) {
  if (!node || !node->is_map()) return std::nullopt;
  LifetimeDecl lifetime;
  YamlPtr given;
  std::size_t families = 0;
  for (std::size_t i = 0; i < node->keys.size(); ++i) {
    const YamlNode& key = *node->keys[i];
    if (key.text == "mean") {
      lifetime.stated_mean = formula_of(node->values[i]);
    } else if (key.text == "sd") {
      lifetime.stated_deviation = formula_of(node->values[i]);
    } else if (key.text == "share" && is_part) {
      lifetime.share = formula_of(node->values[i]);
    } else {
      ++families;
      lifetime.family = {key.text, key.where};
      given = node->values[i];
    }
  }
  if (families != 1) {
    diagnostics_.error("bad-lifetime", node->where, "a lifetime is one family with its parameters").help =
        "write `lifetime: {weibull: {mean: m, shape: k}}`";
    return std::nullopt;
  }
  const std::string& family = lifetime.family.id;
  if (find_lifetime_family(family)) {
    if (!read_family(lifetime, given)) return std::nullopt;
  } else if (family == "chain" || family == "mixture") {
    if (!read_lifetime_parts(lifetime, given)) return std::nullopt;
  } else if (family == "empirical") {
    if (!given->is_scalar()) {
      diagnostics_
          .error("bad-lifetime", given->where, "`empirical` needs one parameter: the share in use by age")
          .help = "write `{empirical: survival}`";
      return std::nullopt;
    }
    lifetime.parameters.emplace_back(NameAt{"survival", given->where}, formula_of(given));
  } else {
    const std::vector<std::string> names = lifetime_names();
    Diagnostic& error = diagnostics_.error("unknown-name", lifetime.family.where,
                                           fmt::format("there is no lifetime family `{}`", family));
    error.help = suggestion(diagnostics_, family, names);
    if (error.help.empty()) error.help = fmt::format("available: {}", fmt::join(names, ", "));
    return std::nullopt;
  }
  return lifetime;
}

bool Reader::read_family(LifetimeDecl& lifetime, const YamlPtr& given) {
  if (given->is_scalar()) {
    const ParameterNames& names = find_lifetime_family(lifetime.family.id)->forms.front();
    if (names != ParameterNames{"value"}) {
      std::vector<std::string> example;
      for (const std::string& name : names) example.push_back(fmt::format("{}: {}", name, name[0]));
      diagnostics_
          .error("bad-lifetime", given->where, fmt::format("`{}` needs named parameters", lifetime.family.id))
          .help = fmt::format("write `{{{}: {{{}}}}}`", lifetime.family.id, fmt::join(example, ", "));
      return false;
    }
    lifetime.parameters.emplace_back(NameAt{"value", given->where}, formula_of(given));
  } else if (given->is_map()) {
    for (std::size_t i = 0; i < given->keys.size(); ++i)
      lifetime.parameters.emplace_back(NameAt{given->keys[i]->text, given->keys[i]->where},
                                       formula_of(given->values[i]));
  }
  return true;
}

bool Reader::read_lifetime_parts(LifetimeDecl& lifetime, const YamlPtr& given) {
  const bool is_mixture = lifetime.family.id == "mixture";
  const char* example = is_mixture
                            ? "{mixture: {short: {share: 30 %, fixed: 3}, long: {share: 70 %, fixed: 9}}}"
                            : "{chain: {use: {fixed: 3}, drawer: {weibull: {mean: m, shape: k}}}}";
  const auto wrong = [&](const Location& where, const std::string& text) {
    diagnostics_.error("bad-lifetime", where, text).help = fmt::format("write `{}`", example);
    return false;
  };
  if (!given->is_map() || given->keys.empty())
    return wrong(given->where, is_mixture ? "a mixture has named parts, each with its share"
                                          : "a chain has named stages, each with its lifetime");
  for (std::size_t i = 0; i < given->keys.size(); ++i) {
    const YamlNode& name = *given->keys[i];
    if (!given->values[i]->is_map())
      return wrong(name.where, fmt::format("`{}` of a {} is no lifetime", name.text, lifetime.family.id));
    std::optional<LifetimeDecl> part = lifetime_of(given->values[i], is_mixture);
    if (!part) return false;
    if (is_mixture && !part->share)
      return wrong(name.where, fmt::format("`{}` of a mixture has no share", name.text));
    part->name = {name.text, name.where};
    lifetime.parts.push_back(std::move(*part));
  }
  return true;
}

ExpressionPtr Reader::initial_of(const YamlPtr& node) {
  if (!node || !node->is_scalar()) return nullptr;
  // `0 t` is the one number with a unit that stands where a formula may.
  Diagnostics silent;
  const std::optional<ValueText> value = parse_value(formula_text(*node), silent);
  if (!value || !value->unit) return formula_of(node);
  if (name_problem(value->unit->text).empty() && parse_formula(formula_text(*node), silent))
    return formula_of(node);
  if (value->number != 0) {
    diagnostics_.error("number-with-unit", node->where, "a number with a unit does not stand in a formula")
        .help = fmt::format("make it a parameter, `before: {}`, and write `initial: before`", node->text);
    return nullptr;
  }
  return make_number(0, node->where);
}

void Reader::read_initial(StockDecl& stock, const YamlPtr& node) {
  if (!node) return;
  if (node->is_scalar()) {
    stock.initial = initial_of(node);
    stock.initial_kind = StockDecl::Initial::given;
    return;
  }
  if (!node->is_map()) return;
  const YamlPtr total = node->find("total");
  const YamlPtr ages = node->find("ages");
  const YamlPtr cohorts = node->find("cohorts");
  if ((total && cohorts) || (!total && !cohorts) || (total != nullptr) != (ages != nullptr)) {
    diagnostics_.error("bad-initial", node->where, "the first stock is given in one of three ways").help =
        "write `{total: x, ages: steady}`, `{cohorts: x}`, or a formula for what entered in each year before";
    return;
  }
  stock.initial_kind = total ? StockDecl::Initial::total : StockDecl::Initial::cohorts;
  stock.initial = formula_of(total ? total : cohorts);
}

void Reader::read_carries(StockDecl& stock, const YamlPtr& node) {
  if (!node || !node->is_map()) return;
  stock.carries.clear();
  for (std::size_t i = 0; i < node->keys.size(); ++i) {
    const NameAt name{node->keys[i]->text, node->keys[i]->where};
    const std::string problem = name_problem(name.id);
    if (!problem.empty()) {
      diagnostics_.error("bad-name", name.where, fmt::format("`{}` is no name", name.id)).why = problem;
      continue;
    }
    if (const ExpressionPtr content = formula_of(node->values[i])) stock.carries.emplace_back(name, content);
  }
}

void Reader::read_stock_options(StockDecl& stock, const YamlNode& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i]->text;
    const YamlPtr& value = node.values[i];
    if (key == "lifetime") {
      stock.lifetime = lifetime_of(value);
      stock.lifetime_broken = !stock.lifetime;
    }
    if (key == "stock") stock.level = pieces_of(value);
    if (key == "change") stock.change = formula_of(value);
    if (key == "initial") read_initial(stock, value);
    if (key == "hazard") stock.hazard = formula_of(value);
    if (key == "carries") read_carries(stock, value);
    if (!value->is_scalar()) continue;
    if (key == "cohorts") stock.cohorts = name_of(value, "a dimension");
    if (key == "spin_up")
      if (const std::optional<int> year = year_of(value, "`spin_up`")) stock.spin_up = {*year, value->where};
    if (key == "points")
      if (const std::optional<double> points = number_of(value, "`points`")) {
        if (*points >= 2 && *points <= 10 && *points == std::floor(*points))
          stock.points = static_cast<int>(*points);
        else
          diagnostics_.error("bad-option", value->where, "`points` is a whole number from 2 to 10");
      }
    const Scalar option{value->text, value->where};
    if (key == "inflow_at") stock.inflow_at = option;
    if (key == "outflow_by") stock.outflow_by = option;
    if (key == "negative_inflow") stock.negative_inflow = option;
    if (key == "join") stock.join = option;
  }
}

void Reader::read_stock(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "a stock")) return;
  StockDecl stock;
  stock.name = {key->text, key->where};
  claim(stock.name, "a stock");
  if (!node->is_map()) return;
  stock.title = entry_title(*node);
  stock.process = name_of(node->find("process"), "a process");
  stock.over = names_of(node->find("over"), "a dimension");
  stock.unit = scalar_of(node->find("unit"));
  stock.inflow = name_of(node->find("inflow"), "a flow or quantity");
  stock.outflow = name_of(node->find("outflow"), "a flow or quantity");
  stock.used_in = name_of(node->find("used_in"), "a flow or quantity");
  stock.used_out = name_of(node->find("used_out"), "a flow or quantity");
  read_stock_options(stock, *node);
  const YamlPtr change = node->find_key("change");
  const YamlPtr lifetime = node->find_key("lifetime");
  if (change && lifetime) {
    Diagnostic& error = diagnostics_.error(
        "two-values", change->where, fmt::format("`{}` has a net addition and a lifetime", stock.name.id));
    two_places(error, "net addition here", lifetime->where, "lifetime here");
    error.why = "a stock without lifetime changes by `change`, one with a lifetime by what enters and leaves";
  }
  if (!change && !stock.inflow && stock.level.empty() && !node->find_key("inflow") &&
      !node->find_key("stock"))
    diagnostics_
        .error("missing-key", key->where, fmt::format("the stock `{}` has nothing that fills it", key->text))
        .help = "give it `inflow:`, `stock:` or `change:`";
  model_.stocks.push_back(std::move(stock));
}

void Reader::read_solve(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "what is found", true)) return;
  SolveDecl solve;
  solve.name = {key->text, key->where};
  const auto range_of = [&](SolveDecl::Unknown& unknown, const YamlPtr& range) {
    if (!range || !range->is_sequence()) return;
    if (range->values.size() != 2) {
      diagnostics_.error("bad-range", range->where, "a range is the lowest and the highest value").help =
          "write `[2 yr, 25 yr]`";
      return;
    }
    unknown.low = value_of(range->values[0]);
    unknown.high = value_of(range->values[1]);
  };
  const YamlPtr relation = node->is_map() ? node->find("so_that") : node;
  if (!relation || !relation->is_scalar()) return;
  solve.so_that = parse_relation(formula_text(*relation), diagnostics_);
  if (!solve.so_that) return;
  const YamlPtr find = node->is_map() ? node->find("find") : nullptr;
  const YamlPtr within = node->is_map() ? node->find("within") : nullptr;
  if (find && within) {
    two_places(
        diagnostics_.error("two-values", within->where, "`within` is of one parameter, `find` names several"),
        "", find->where, "each has its range here");
    return;
  }
  if (find && find->is_map()) {
    for (std::size_t i = 0; i < find->keys.size(); ++i) {
      SolveDecl::Unknown unknown;
      unknown.parameter = {find->keys[i]->text, find->keys[i]->where};
      range_of(unknown, find->values[i]);
      solve.find.push_back(std::move(unknown));
    }
  } else {
    SolveDecl::Unknown unknown;
    unknown.parameter = solve.name;
    range_of(unknown, within);
    solve.find.push_back(std::move(unknown));
  }
  if (node->is_map())
    if (const YamlPtr errors = node->find("errors"); errors && errors->is_scalar())
      solve.relative = errors->text == "relative";
  model_.solves.push_back(std::move(solve));
}

void Reader::read_equation(const YamlPtr& key, const YamlPtr& node) {
  if (!good_name(*key, "a quantity")) return;
  EquationDecl equation;
  equation.name = {key->text, key->where};
  const auto claimed = claimed_.find(key->text);
  const bool is_flow = claimed != claimed_.end() && claimed->second.second == "a flow";
  if (!is_flow) claim(equation.name, "a quantity");
  if (node->is_scalar()) {
    equation.pieces = pieces_of(node);
  } else if (node->is_map()) {
    const bool long_form = node->find_key("equals") || node->find_key("over") || node->find_key("unit");
    if (long_form) {
      equation.title = entry_title(*node);
      equation.over = names_of(node->find("over"), "a dimension");
      equation.unit = scalar_of(node->find("unit"));
      equation.where = name_of(node->find("where"), "a condition");
      equation.pieces = pieces_of(node->find("equals"));
    } else {
      equation.pieces = pieces_from(*node);
    }
  }
  model_.equations.push_back(std::move(equation));
}

}  // namespace lode

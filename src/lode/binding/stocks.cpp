// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"

namespace lode {

void Binder::declare_stock(const StockDecl& declaration) {
  BoundStock stock;
  stock.name = declaration.name.id;
  stock.declaration = &declaration;
  bool good = !declaration.lifetime_broken;
  if (const auto over = bind_over(declaration.over ? *declaration.over : model().default_over))
    stock.dims = *over;
  else
    good = false;
  if (!stock.dims.time && good) {
    diagnostics_
        .error("no-time", declaration.name.where, fmt::format("stock `{}` must be over `time`", stock.name))
        .help = "add `time` to its `over:`, or to that of `defaults:`";
    good = false;
  }
  const std::string unit_text = declaration.unit ? declaration.unit->text : model().default_stock_unit;
  const Location unit_where = declaration.unit ? declaration.unit->where : model().default_stock_where;
  if (const auto unit = bind_unit(unit_text, unit_where, &stock.dims, stock.name)) {
    stock.unit = *unit;
    if (unit->power_of("yr") != 0) {
      const Unit amount = *unit * year_unit();
      auto& diagnostic = diagnostics_.error("rate-for-amount", unit_where,
                                            fmt::format("a stock is an amount: `{}` is a rate", unit->str()));
      if (unit->power_of("yr") == -1) diagnostic.help = fmt::format("write `{}`", amount.str());
      stock.unit = amount;  // as it was meant
    }
  } else {
    good = false;
  }
  if (declaration.process) {
    if (const auto found = process_ids_.find(declaration.process->id); found != process_ids_.end()) {
      stock.process = found->second;
    } else {
      std::vector<std::string> names;
      for (const BoundProcess& process : bound_.processes) names.push_back(process.name);
      diagnostics_
          .error("unknown-process", declaration.process->where,
                 fmt::format("no process is called `{}`", declaration.process->id))
          .help = did_you_mean(declaration.process->id, names);
    }
  }
  stock.begin = dims().lead;
  if (declaration.spin_up) {
    const int year = declaration.spin_up->year;
    if (year >= dims().first_year()) {
      diagnostics_
          .error("bad-time", declaration.spin_up->where,
                 fmt::format("`spin_up` is a year before the first, {}", dims().first_year()))
          .help = "the stock runs from that year on, so that it has ages in the first year";
    } else {
      stock.begin = 0;
      while (dims().years[stock.begin] < year) ++stock.begin;
    }
  } else if (declaration.lifetime && (declaration.initial_kind == StockDecl::Initial::given ||
                                      declaration.initial_kind == StockDecl::Initial::cohorts)) {
    stock.begin = 0;
  }
  // A stock that carries something stands in the balance through that, unless the flows are counted as it is.
  if (stock.process) {
    BoundProcess& process = bound_.processes[*stock.process];
    bool counts = declaration.carries.empty();
    for (const auto& list : {process.inputs, process.outputs})
      for (const std::size_t flow : list)
        counts = counts || units_agree(bound_.quantities[flow].unit * year_unit(), stock.unit, nullptr);
    if (counts) process.stocks.push_back(bound_.stocks.size());
  }
  const std::size_t id = add_stock(std::move(stock), declaration.name.where, declaration.title,
                                   declaration.change == nullptr, good);
  if (declaration.cohorts) declare_cohorts(id);
}

/// Stock and outflow by year of entry, and the mean ages that follow from them.
void Binder::declare_cohorts(std::size_t id) {
  const StockDecl& declaration = *bound_.stocks[id].declaration;
  const NameAt& name = *declaration.cohorts;
  const auto axis = dims().find(name.id);
  if (!axis || !dims().is_years(*axis)) {
    auto& diagnostic = diagnostics_.error("unknown-dimension", name.where,
                                          fmt::format("`{}` is no list of years of entry", name.id));
    diagnostic.help =
        fmt::format("declare it under `dimensions:` as `{}: {{same_as: time}}`", axis ? "cohort" : name.id);
    return;
  }
  if (!declaration.lifetime) {
    diagnostics_.error("missing-lifetime", name.where,
                       fmt::format("`{}` has no lifetime, and so no cohorts", declaration.name.id));
    return;
  }
  DimSet own = bound_.stocks[id].dims;
  DimSet with_axis = own;
  with_axis.insert(*axis);
  if (too_large(with_axis, name.where, declaration.name.id + ".cohorts")) return;
  const auto part = [&](const char* suffix, const DimSet& over, const Unit& unit) {
    Quantity quantity;
    quantity.name = declaration.name.id + suffix;
    quantity.kind = Quantity::Kind::stock_cohorts;
    quantity.dims = over;
    quantity.unit = unit;
    quantity.where = declaration.name.where;
    quantity.title = declaration.title;
    quantity.stock = id;
    quantity.may_be_absent = &over == &own;  // nothing is there, or nothing leaves
    const std::size_t q = add_quantity(std::move(quantity));
    states_[q] = failed_stocks_.count(id) ? State::failed : State::typed;
    return q;
  };
  const Unit amount = bound_.stocks[id].unit;
  BoundStock::ByCohort parts{*axis, 0, 0, 0, 0};
  parts.stock = part(".cohorts.stock", with_axis, amount);
  parts.outflow = part(".cohorts.outflow", with_axis, amount / year_unit());
  parts.mean_age = part(".mean_age", own, year_unit());
  parts.mean_age_leaving = part(".mean_age_leaving", own, year_unit());
  bound_.stocks[id].by_cohort = parts;
}

/// Declares the parts of a stock that formulas may name.
std::size_t Binder::add_stock(BoundStock stock, const Location& where, const Title& title, bool has_flows,
                              bool good) {
  const std::size_t stock_id = bound_.stocks.size();
  if (!good) failed_stocks_.insert(stock_id);
  const auto part = [&](const char* suffix, Quantity::Kind kind, const Unit& unit) {
    Quantity quantity;
    quantity.name = stock.name + suffix;
    quantity.kind = kind;
    quantity.dims = stock.dims;
    quantity.unit = unit;
    quantity.where = where;
    quantity.title = title;
    quantity.is_signed = kind == Quantity::Kind::stock_change;
    quantity.stock = stock_id;
    const std::size_t id = add_quantity(std::move(quantity));
    states_[id] = good ? State::typed : State::failed;
    return id;
  };
  const Unit rate = stock.unit / year_unit();
  stock.level = part(".stock", Quantity::Kind::stock_level, stock.unit);
  stock.change = part(".change", Quantity::Kind::stock_change, rate);
  stock.inflow = stock.outflow = no_quantity;
  if (has_flows) {
    stock.inflow = part(".inflow", Quantity::Kind::stock_inflow, rate);
    stock.outflow = part(".outflow", Quantity::Kind::stock_outflow, rate);
  }
  bound_.stocks.push_back(std::move(stock));
  return stock_id;
}

/// What a counted stock carries is a stock of its own, over the labels of its content too.
void Binder::declare_carried() {
  const std::size_t n = bound_.stocks.size();
  for (std::size_t id = 0; id < n; ++id) {
    const StockDecl& declaration = *bound_.stocks[id].declaration;
    for (const auto& [name, formula] : declaration.carries) {
      BindContext context;
      context.owner = declaration.name.id + "." + name.id;
      context.whole = false;
      NodePtr content = bind(*formula, context);
      if (!declaration.lifetime && !declaration.lifetime_broken)
        diagnostics_
            .error("missing-lifetime", name.where,
                   fmt::format("`{}` carries `{}` but has no lifetime", declaration.name.id, name.id))
            .help = "what leaves takes its content along by its year of entry: give the stock a `lifetime:`";
      if (!content || !expect_number(content, "a content")) content = nullptr;
      const BoundStock& carrier = bound_.stocks[id];
      BoundStock carried;
      carried.name = carrier.name + "." + name.id;
      carried.declaration = &declaration;
      carried.carrier = id;
      carried.begin = carrier.begin;
      carried.process = carrier.process;
      carried.dims = carrier.dims;
      bool good =
          content && declaration.lifetime && carrier.inflow != no_quantity && failed_stocks_.count(id) == 0;
      if (content) {
        carried.content_by_entry = content->dims.time;
        carried.content_by_label = content;
        for (const DimensionId axis : std::vector<DimensionId>(content->dims.labels)) {
          if (!dims().is_years(axis) || carrier.dims.has(axis)) continue;
          // A label of the years of entry is the year in which the carrier enters.
          content = rename_axis(content, axis, time_dimension, content->where);
          carried.content_by_entry = true;
        }
        for (const DimensionId axis : content->dims.labels)
          if (!aligned_axis(carrier.dims, axis, dims())) carried.dims.insert(axis);
        carried.content = content;
        const Unit amount = carrier.unit * content->unit;
        const auto usual = bind_unit(model().default_stock_unit, model().default_stock_where, nullptr, "");
        carried.unit = usual && units_agree(amount, *usual, nullptr) ? *usual : amount.internal();
        if (too_large(carried.dims, name.where, carried.name)) good = false;
      }
      if (carried.process) {
        auto& stocks = bound_.processes[*carried.process].stocks;
        if (std::find(stocks.begin(), stocks.end(), id) == stocks.end())
          stocks.push_back(bound_.stocks.size());
      }
      add_stock(std::move(carried), name.where, {}, true, good);
    }
  }
}

/// The stock's parts exist from its beginning on.
void Binder::define_from_begin(const BoundStock& stock, std::size_t quantity_id) {
  Quantity& quantity = bound_.quantities[quantity_id];
  quantity.defined = Mask(quantity.dims.series(dims()), quantity.dims.periods(dims()), false);
  for (std::size_t s = 0; s < quantity.defined.series(); ++s)
    for (std::size_t p = stock.begin; p < quantity.defined.periods(); ++p) quantity.defined.set(s, p);
}

void Binder::define_change(BoundStock& stock, const Location& where) {
  auto change = std::const_pointer_cast<Node>(make_map(
      Function::subtract, {quantity_node(stock.inflow, where), quantity_node(stock.outflow, where)}, where));
  change->unit = (stock.unit / year_unit()).internal();
  if (stock.used) {
    DimSet own = stock.dims;
    const NodePtr net = reduce_to(stock.used, own, Reduction::sum, where);
    auto with_used = std::const_pointer_cast<Node>(make_map(Function::add, {change, net}, where));
    with_used->unit = change->unit;
    change = with_used;
  }
  add_piece(stock.change, change, constant_mask(true), "", nullptr, where);
  if (!bound_.quantities[stock.change].pieces.empty())
    bound_.quantities[stock.change].pieces.back().formula = fmt::format(
        "{0}.inflow - {0}.outflow{1}", stock.name, stock.used ? " + what enters with an age" : "");
}

void Binder::bind_carried(BoundStock& stock) {
  const BoundStock& carrier = bound_.stocks[*stock.carrier];
  const Location& where = stock.content->where;
  const auto times_content = [&](std::size_t quantity) -> NodePtr {
    auto product = std::const_pointer_cast<Node>(
        make_map(Function::multiply, {quantity_node(quantity, where), stock.content}, where));
    product->unit = bound_.quantities[quantity].unit.internal() * stock.content->unit;
    return product;
  };
  for (const std::size_t id : {stock.level, stock.inflow, stock.outflow}) define_from_begin(stock, id);
  if (stock.content_by_entry) {
    stock.given_inflow = times_content(carrier.inflow);
    stock.level_mask = Mask(stock.dims.series(dims()), dims().periods(), false);
    stock.lifetime = carrier.lifetime;
    stock.hazard = carrier.hazard;
    if (carrier.used) {
      if (stock.content_by_label->dims.has(carrier.used_axis)) {
        const auto used = std::const_pointer_cast<Node>(
            make_map(Function::multiply, {carrier.used, stock.content_by_label}, where));
        used->unit = carrier.used->unit * stock.content->unit;
        stock.used = used;
        stock.used_axis = carrier.used_axis;
      } else {
        diagnostics_
            .error(
                "missing-dimension", where,
                fmt::format("`{}` takes in goods with an age: their content must be known by year of entry",
                            carrier.name))
            .help = fmt::format("give the content over `{}`", dims()[carrier.used_axis].name);
      }
    }
    if (carrier.steady) {
      // Nothing is known of the years before: what was there has the content of the first year.
      const NodePtr first = at_year(stock.content, dims().lead, where);
      stock.steady =
          std::const_pointer_cast<Node>(make_map(Function::multiply, {carrier.steady, first}, where));
    }
  } else {
    for (const auto& [own, carried] :
         {std::pair(stock.level, carrier.level), std::pair(stock.inflow, carrier.inflow),
          std::pair(stock.outflow, carrier.outflow)}) {
      add_piece(own, times_content(carried), constant_mask(true), "", nullptr, where);
      if (!bound_.quantities[own].pieces.empty())
        bound_.quantities[own].pieces.back().formula =
            fmt::format("{} * content", bound_.quantities[carried].name);
    }
  }
  define_change(stock, where);
}

void Binder::bind_stock(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  const auto stock_index = static_cast<std::size_t>(&stock - bound_.stocks.data());
  if (failed_stocks_.count(stock_index)) return;
  if (stock.carrier) return bind_carried(stock);
  define_from_begin(stock, stock.level);
  bind_lifetime(stock);
  bind_initial(stock);
  if (declaration.change) {
    if (declaration.inflow || declaration.outflow || declaration.lifetime || !declaration.level.empty())
      diagnostics_.error(
          "doubly-defined", declaration.name.where,
          fmt::format("stock `{}` has `change:` and needs no inflow, outflow, lifetime or stock",
                      stock.name));
    BindContext context;
    context.owner = stock.name + ".change";
    context.stock = stock_index;
    const NodePtr change = bind(*declaration.change, context);
    add_piece(stock.change, change, constant_mask(true), "", declaration.change.get(),
              declaration.change->where);
    stock.given_change = change;
    return;
  }
  define_from_begin(stock, stock.inflow);
  define_from_begin(stock, stock.outflow);
  bind_used(stock);
  define_change(stock, declaration.name.where);
  if (stock.by_cohort)
    for (const std::size_t part : {stock.by_cohort->stock, stock.by_cohort->outflow,
                                   stock.by_cohort->mean_age, stock.by_cohort->mean_age_leaving}) {
      Mask& defined = bound_.quantities[part].defined;
      defined = Mask(bound_.quantities[part].dims.series(dims()), dims().periods(), false);
      for (std::size_t s = 0; s < defined.series(); ++s)
        for (std::size_t p = dims().lead; p < defined.periods(); ++p) defined.set(s, p);
    }
  bind_given_level(stock);
  bind_stock_inflow(stock);
  bind_stock_outflow(stock);
}

/// Where the stock itself is given.
void Binder::bind_given_level(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  stock.level_mask = Mask(stock.dims.series(dims()), dims().periods(), false);
  if (declaration.level.empty()) return;
  if (!declaration.lifetime)
    diagnostics_.error("missing-lifetime", declaration.name.where,
                       fmt::format("a given stock needs a lifetime to tell the inflow of `{}`", stock.name));
  Mask alive(1, dims().periods(), true);
  const std::size_t first_given = declaration.spin_up ? stock.begin : dims().lead;
  for (std::size_t p = 0; p < first_given; ++p) alive.set(0, p, false);
  DimSet time;
  time.time = true;
  StaticMask covered;
  for (auto& [piece, cells] :
       piece_masks(declaration.level, std::nullopt, declaration.name.where, stock.name + ".stock", covered)) {
    if (!piece.formula) continue;
    BindContext context;
    context.cells = &cells;
    context.owner = stock.name + ".stock";
    const NodePtr expression = bind(*piece.formula, context);
    const std::size_t before = bound_.quantities[stock.level].pieces.size();
    add_piece(stock.level, expression, first_given > 0 ? combine(cells, {time, alive}, true) : cells,
              piece.condition ? piece.condition->id : "", piece.formula.get(), piece.formula->where);
    auto& pieces = bound_.quantities[stock.level].pieces;
    if (pieces.size() > before) {
      stock.level_mask |= *pieces.back().mask;
      stock.given_level.push_back(pieces.back());
    }
  }
  bound_.quantities[stock.level].pieces.clear();  // the stock's own operation writes it
}

NodePtr Binder::stock_reference(const BoundStock& stock, const NameAt& name) {
  Expression text;
  text.kind = Expression::Kind::name;
  text.text = name.id;
  text.where = name.where;
  BindContext context;
  context.owner = stock.name;
  return bind(text, context);
}

/// Where a stock with given level leaves the inflow to be given; cells before its beginning do not count.
Mask Binder::inflow_cells(const BoundStock& stock) const {
  Mask cells = stock.level_mask.complement();
  const std::size_t first = stock.declaration->spin_up ? stock.begin : dims().lead;
  for (std::size_t s = 0; s < cells.series(); ++s)
    for (std::size_t p = 0; p < first; ++p) cells.set(s, p, false);
  return cells;
}

/// A flow without equation that is `target`'s: the stock defines it.
void Binder::define_flow_by_stock(std::size_t flow, std::size_t part, const Location& where) {
  const NodePtr own = quantity_node(part, where);
  const DimSet target = bound_.quantities[flow].dims;
  bool possible = true;
  for (const DimensionId id : target.labels) possible = possible && aligned_axis(own->dims, id, dims());
  add_piece(flow, possible ? reduce_to(own, target, Reduction::sum, where) : own, constant_mask(true), "",
            nullptr, where);
  if (!bound_.quantities[flow].pieces.empty())
    bound_.quantities[flow].pieces.back().formula = bound_.quantities[part].name;
}

void Binder::bind_stock_inflow(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  const Mask cells = inflow_cells(stock);
  const bool always_given = !cells.any();
  if (!declaration.inflow) {
    if (always_given || !declaration.lifetime || declaration.level.empty()) return;
    auto& diagnostic = diagnostics_.error(
        "no-inflow", declaration.name.where,
        fmt::format("stock `{}` has no `inflow:` where the stock is not given", stock.name));
    diagnostic.help = "name the flow that enters it, or give the stock under `stock:` in every cell";
    return;
  }
  const auto found = quantity_ids_.find(declaration.inflow->id);
  const bool undefined_flow = found != quantity_ids_.end() &&
                              bound_.quantities[found->second].kind == Quantity::Kind::flow &&
                              !equation_of_[found->second] && !bound_.quantities[found->second].unknown &&
                              bound_.quantities[found->second].pieces.empty();
  if (undefined_flow && always_given) {
    define_flow_by_stock(found->second, stock.inflow, declaration.inflow->where);
    return;
  }
  const NodePtr inflow = stock_reference(stock, *declaration.inflow);
  if (!inflow || always_given) return;
  const StaticMask where{stock.dims, cells};
  if (fits(stock.dims, stock.unit / year_unit(), Node::Type::number, inflow, cells, &where,
           stock.name + ".inflow", declaration.name.where))
    stock.given_inflow = inflow;
}

void Binder::bind_stock_outflow(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  if (!declaration.outflow) return;
  if (!declaration.lifetime) {
    const NodePtr outflow = stock_reference(stock, *declaration.outflow);
    const Mask all(stock.dims.series(dims()), dims().periods(), true);
    if (outflow && fits(stock.dims, stock.unit / year_unit(), Node::Type::number, outflow, all, nullptr,
                        stock.name + ".outflow", declaration.name.where))
      stock.given_outflow = outflow;
    return;
  }
  const auto found = quantity_ids_.find(declaration.outflow->id);
  const bool is_flow =
      found != quantity_ids_.end() && bound_.quantities[found->second].kind == Quantity::Kind::flow;
  const bool has_equation = found != quantity_ids_.end() &&
                            (equation_of_[found->second] || bound_.quantities[found->second].unknown);
  if (is_flow && !has_equation) {
    define_flow_by_stock(found->second, stock.outflow, declaration.outflow->where);
  } else if (is_flow) {
    auto& diagnostic = diagnostics_.error("doubly-defined", declaration.outflow->where,
                                          fmt::format("`{}` is what leaves `{}`, and has an equation too",
                                                      declaration.outflow->id, stock.name));
    if (equation_of_[found->second])
      diagnostic.labels.push_back({equation_of_[found->second]->name.where, "the equation"});
    diagnostic.why = "each flow has exactly one definition";
  } else {
    stock_reference(stock, *declaration.outflow);
  }
}

/// A part of a stock that may differ by its labels and by year of entry: a list of years of entry is read at
/// the year.
NodePtr Binder::by_entry(NodePtr node, const BoundStock& stock, const char* what) {
  for (const DimensionId axis : std::vector<DimensionId>(node->dims.labels)) {
    if (aligned_axis(stock.dims, axis, dims())) continue;
    if (dims().is_years(axis)) {
      node = rename_axis(node, axis, time_dimension, node->where);
      continue;
    }
    diagnostics_.error("missing-dimension", node->where,
                       fmt::format("{} differs by `{}`, but `{}` is over {}", what, dims()[axis].name,
                                   stock.name, stock.dims.str(dims())));
    return nullptr;
  }
  return node;
}

/// What enters or leaves with an age, in one: the one less the other.
void Binder::bind_used(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  NodePtr net;
  for (const auto& [name, positive] :
       {std::pair(declaration.used_in, true), std::pair(declaration.used_out, false)}) {
    if (!name) continue;
    const std::string key = positive ? "used_in" : "used_out";
    if (!declaration.lifetime) {
      diagnostics_.error(
          "missing-lifetime", name->where,
          fmt::format("`{}` has no lifetime, and so no ages to enter or leave with", stock.name));
      return;
    }
    const std::string& policy = declaration.negative_inflow.text;
    if (policy != "error" && policy != "allow") {
      auto& diagnostic =
          diagnostics_.error("not-available", name->where,
                             fmt::format("`{}` and `negative_inflow: {}` do not go together", key, policy));
      diagnostic.why = "what leaves beyond ageing and what is sold with an age could not be told apart";
      diagnostic.help = "take `negative_inflow: allow`, or let `used_out` say what leaves";
      return;
    }
    NodePtr node = stock_reference(stock, *name);
    if (!node) return;
    std::optional<DimensionId> axis;
    for (const DimensionId id : node->dims.labels)
      if (dims().is_years(id) && !stock.dims.has(id)) axis = id;
    if (!axis || (net && *axis != stock.used_axis)) {
      auto& diagnostic = diagnostics_.error(
          "missing-dimension", name->where,
          fmt::format("`{}` is over {}: its ages are not known", name->id, node->dims.str(dims())));
      diagnostic.help = "give it a list of years of entry, `cohort: {same_as: time}`";
      return;
    }
    stock.used_axis = *axis;
    DimSet over = stock.dims;
    over.insert(*axis);
    const Mask all(over.series(dims()), dims().periods(), true);
    if (!fits(over, stock.unit / year_unit(), Node::Type::number, node, all, nullptr, stock.name + "." + key,
              declaration.name.where))
      return;
    if (!positive) {
      const auto negative = std::const_pointer_cast<Node>(make_map(Function::negate, {node}, node->where));
      negative->unit = node->unit;
      node = negative;
    }
    if (net) {
      const auto sum = std::const_pointer_cast<Node>(make_map(Function::add, {net, node}, node->where));
      sum->unit = net->unit;
      node = sum;
    }
    net = node;
  }
  stock.used = net;
}

void Binder::bind_initial(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  if (!declaration.initial) return;
  const Location& where = declaration.initial->where;
  BindContext context;
  context.owner = stock.name;
  NodePtr initial = bind(*declaration.initial, context);
  if (!initial || !expect_number(initial, "the first stock")) return;
  DimSet labels = stock.dims;
  labels.time = false;
  const Mask once(labels.series(dims()), 1, true);
  const std::string owner = stock.name + " (initial)";
  const auto fits_once = [&] {
    return fits(labels, stock.unit, Node::Type::number, initial, once, nullptr, owner,
                declaration.name.where);
  };
  if (!declaration.lifetime) {
    if (declaration.initial_kind != StockDecl::Initial::given) {
      diagnostics_
          .error("missing-lifetime", where,
                 fmt::format("`{}` has no lifetime: its first stock has no ages", stock.name))
          .help = "write the amount alone: `initial: x`";
    } else if (fits_once()) {
      stock.initial = initial;
    }
    return;
  }
  if (declaration.spin_up) {
    auto& diagnostic =
        diagnostics_.error("doubly-defined", where,
                           fmt::format("`{}` has a first stock and runs before the first year", stock.name));
    diagnostic.labels.push_back({declaration.spin_up->where, "spin_up"});
    diagnostic.help = "leave out one of the two";
    return;
  }
  if (declaration.initial_kind == StockDecl::Initial::total) {
    if (fits_once()) stock.steady = initial;
    return;
  }
  const bool entered = declaration.initial_kind == StockDecl::Initial::given;
  if (entered && !initial->any_unit && units_agree(initial->unit, stock.unit, nullptr)) {
    auto& diagnostic = diagnostics_.error(
        "unit-mismatch", where, fmt::format("the first stock of `{}` needs ages to leave by", stock.name));
    diagnostic.labels.front().text = unit_text(initial->unit);
    diagnostic.help = fmt::format(
        "`{{total: {0}, ages: steady}}` has the ages of a constant inflow, `{{cohorts: {0}}}` is by year of "
        "entry; a formula alone is what entered per year",
        print(*declaration.initial));
    return;
  }
  if (dims().lead == 0) {
    diagnostics_
        .error("no-cohorts", where,
               fmt::format("the first stock of `{}` is given by years of entry, but none is before {}",
                           stock.name, dims().first_year()))
        .help =
        fmt::format("name the earliest one: `time: {{…, cohorts_from: {}}}`", dims().first_year() - 20);
    return;
  }
  initial = by_entry(initial, stock, "the first stock");
  if (!initial) return;
  Mask before(stock.dims.series(dims()), dims().periods(), false);
  for (std::size_t s = 0; s < before.series(); ++s)
    for (std::size_t p = 0; p < dims().lead; ++p) before.set(s, p);
  if (!fits(stock.dims, entered ? stock.unit / year_unit() : stock.unit, Node::Type::number, initial, before,
            nullptr, owner, declaration.name.where))
    return;
  stock.entries = initial;
  stock.entries_remain = !entered;
}

}  // namespace lode

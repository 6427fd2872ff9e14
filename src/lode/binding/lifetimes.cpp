// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lode/arrays/align.hpp"
#include "lode/binding/binder.hpp"
#include "lode/distributions/lifetime.hpp"

namespace lode {

void Binder::bind_lifetime(BoundStock& stock) {
  const StockDecl& declaration = *stock.declaration;
  if (declaration.hazard) {
    BindContext context;
    context.owner = stock.name + ".hazard";
    NodePtr hazard = bind(*declaration.hazard, context);
    if (hazard && expect_dimensionless(hazard, "a factor of the hazard", context)) {
      if (!declaration.lifetime)
        diagnostics_.error("missing-lifetime", hazard->where,
                           fmt::format("`{}` has no lifetime whose hazard could change", stock.name));
      else
        stock.hazard = by_entry(hazard, stock, "the hazard");
    }
  }
  if (!declaration.lifetime) return;
  BoundLifetime result;
  if (bind_lifetime_part(*declaration.lifetime, stock, result.spec, result.parameters))
    stock.lifetime = std::move(result);
}

NodePtr Binder::lifetime_number(const std::string& name, const ExpressionPtr& expression, bool duration,
                                const BoundStock& stock) {
  if (!expression) return nullptr;
  BindContext context;
  context.owner = stock.name + ".lifetime";
  NodePtr node = bind(*expression, context);
  if (!node || !expect_number(node, "a lifetime")) return nullptr;
  const Unit wanted = duration ? year_unit() : Unit();
  const bool years = duration && expression->kind == Expression::Kind::number && !expression->percent;
  if (!years && !node->any_unit && !units_agree(node->unit, wanted, nullptr)) {
    auto& diagnostic = diagnostics_.error(
        "unit-mismatch", node->where,
        fmt::format("`{}` of a lifetime is {}", name, duration ? "a duration in years" : "a plain number"));
    diagnostic.labels.front().text = node->unit.dimensionless() ? "no unit" : node->unit.str();
    return nullptr;
  }
  return node;
}

bool Binder::bind_lifetime_part(const LifetimeDecl& declaration, const BoundStock& stock, LifetimeSpec& spec,
                                std::vector<NodePtr>& parameters) {
  spec.name = declaration.name.id;
  spec.family = declaration.family.id;
  bool good = true;
  const auto take = [&](const std::string& name, const ExpressionPtr& expression, bool duration) {
    NodePtr node = lifetime_number(name, expression, duration, stock);
    if (node) node = by_entry(node, stock, "the lifetime");
    if (node) parameters.push_back(node);
    good = good && node;
  };
  if (spec.family == "chain" || spec.family == "mixture") {
    const bool is_mixture = spec.family == "mixture";
    spec.kind = is_mixture ? LifetimeSpec::Kind::mixture : LifetimeSpec::Kind::chain;
    for (const LifetimeDecl& part : declaration.parts) {
      if (is_mixture) take("share", part.share, false);
      good = bind_lifetime_part(part, stock, spec.parts.emplace_back(), parameters) && good;
    }
  } else if (spec.family == "empirical") {
    good = bind_empirical(declaration, stock, spec, parameters);
  } else {
    const LifetimeFamily* family = find_lifetime_family(spec.family);
    if (!family) return false;  // said where the model was read
    std::vector<std::string> given;
    for (const auto& [name, expression] : declaration.parameters) given.push_back(name.id);
    std::sort(given.begin(), given.end());
    const auto form = std::find_if(family->forms.begin(), family->forms.end(), [&](ParameterNames names) {
      std::sort(names.begin(), names.end());
      return names == given;
    });
    if (form == family->forms.end()) {
      std::vector<std::string> forms;
      for (const auto& each : family->forms) forms.push_back(fmt::format("{{{}}}", fmt::join(each, ", ")));
      std::vector<std::string> names;
      for (const auto& [name, expression] : declaration.parameters) names.push_back(name.id);
      auto& diagnostic = diagnostics_.error(
          "lifetime-parameters", declaration.family.where,
          fmt::format("`{}` cannot be made of {{{}}}", family->name, fmt::join(names, ", ")));
      diagnostic.help = fmt::format("give {}", fmt::join(forms, " or "));
      return false;
    }
    spec.form = static_cast<std::size_t>(form - family->forms.begin());
    for (const std::string& name : *form)
      for (const auto& [key, expression] : declaration.parameters)
        if (key.id == name)
          take(
              name, expression,
              std::find(family->durations.begin(), family->durations.end(), name) != family->durations.end());
  }
  spec.states_mean = declaration.stated_mean != nullptr;
  if (spec.states_mean) take("mean", declaration.stated_mean, true);
  spec.states_deviation = declaration.stated_deviation != nullptr;
  if (spec.states_deviation) take("sd", declaration.stated_deviation, true);
  return good;
}

// The survival's own dimension holds the ages: one parameter for each of its labels, in order of age.
bool Binder::bind_empirical(const LifetimeDecl& declaration, const BoundStock& stock, LifetimeSpec& spec,
                            std::vector<NodePtr>& parameters) {
  spec.kind = LifetimeSpec::Kind::empirical;
  const NodePtr node = lifetime_number("survival", declaration.parameters.front().second, false, stock);
  if (!node) return false;
  const Location& where = node->where;
  std::vector<DimensionId> own;
  for (const DimensionId axis : node->dims.labels)
    if (!aligned_axis(stock.dims, axis, dims()) && !dims().is_years(axis)) own.push_back(axis);
  if (own.size() != 1) {
    diagnostics_
        .error("missing-dimension", where,
               own.empty()
                   ? "survival needs a dimension of its own: the ages"
                   : fmt::format("survival has the dimensions `{}` and `{}` of its own: which is the age?",
                                 dims()[own[0]].name, dims()[own[1]].name))
        .help = "declare one like `age: {labels: [0, 5, 10, 20]}` and give the share still in use over it";
    return false;
  }
  const Dimension& ages = dims()[own.front()];
  std::vector<std::pair<double, std::size_t>> ascending;
  for (std::size_t label = 0; label < ages.size(); ++label) {
    const std::string& text = ages.labels[label];
    double age = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), age);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(age >= 0)) {
      diagnostics_
          .error("bad-lifetime", where,
                 fmt::format("the labels of `{}` are the ages of the survival, but `{}` is no age", ages.name,
                             text))
          .help = "ages are numbers of years";
      return false;
    }
    ascending.emplace_back(age, label);
  }
  std::sort(ascending.begin(), ascending.end());
  for (const auto& [age, label] : ascending) {
    const NodePtr share = by_entry(select_label(node, own.front(), label, where), stock, "the lifetime");
    if (!share) return false;
    spec.ages.push_back(age);
    parameters.push_back(share);
  }
  return true;
}

}  // namespace lode

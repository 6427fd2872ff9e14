// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "lode/exchange/flow_list.hpp"
#include "lode/exchange/trade_parts.hpp"
#include "lode/support/text.hpp"

namespace lode {
namespace {

constexpr std::size_t most_cells = 20'000'000;
constexpr std::size_t gaps_shown = 8;

using Kind = TradeNumber::Kind;

std::string amount(double tonnes) {
  return fmt::format("{:.4g}", tonnes);
}

class TradeCaseMaker {
 public:
  TradeCaseMaker(const TradeData& data, const ContentTable* content, const TradeCaseOptions& options,
                 Diagnostics& diagnostics)
      : p_{data, content, options, {}, {}, {}, {}, {}, {}, {}, {}}, diagnostics_(diagnostics) {}

  std::optional<TradeCase> make() {
    if (!find_contents()) return std::nullopt;
    p_.keys = p_.data.sorted_keys();
    order_codes();
    look();
    if (!p_.has_weight) {
      diagnostics_.error("import-trade-empty", {}, "no row has a net weight: a material flow needs tonnes")
          .help = "download the column of net weights (netWgt, Netweight, q), or quantities in kg";
      return std::nullopt;
    }
    p_.pairs = mirror_pairs(p_.data, p_.options.margin, p_.shares);
    name_pairs();
    const std::size_t cells = p_.data.years.size() * p_.pair_order.size() * p_.data.codes.size();
    if (cells > most_cells) {
      diagnostics_
          .error("import-trade-size", {},
                 fmt::format("{} years × {} pairs of countries × {} codes are more than {} million cells",
                             p_.data.years.size(), p_.pair_order.size(), p_.data.codes.size(),
                             most_cells / 1'000'000))
          .help = "choose with --code, --country, --years";
      return std::nullopt;
    }
    compare_with_world();
    mirror_notes();
    TradeCase result;
    result.files.push_back({"model.yaml", trade_model(p_)});
    for (CaseFile& file : trade_tables(p_)) result.files.push_back(std::move(file));
    if (p_.mirrored) result.files.push_back({"figures.yaml", trade_figures(p_)});
    result.files.push_back({"sources.bib", trade_sources(p_)});
    result.files.push_back({"README.md", trade_readme(p_, notes_)});
    result.notes = std::move(notes_);
    result.gaps = gap_lines();
    result.flows = p_.pairs.size();
    result.mirrored = p_.mirrored;
    for (const MirrorPair& pair : p_.pairs) {
      result.two_sided += pair.two_sided();
      result.outside_band += pair.outside_band;
    }
    return result;
  }

 private:
  bool find_contents() {
    std::vector<std::string> lacking;
    for (const TradeCode& code : p_.data.codes) {
      const ContentTable::Row* row = p_.content == nullptr ? nullptr : p_.content->find(code.label);
      p_.rows.push_back(row);
      p_.shares.push_back(row == nullptr ? 1 : row->share);
      if (p_.content != nullptr && row == nullptr) lacking.push_back(code.label);
    }
    if (lacking.empty()) return true;
    diagnostics_
        .error("import-content", {},
               fmt::format("{} has no content of {}", p_.content->file, fmt::join(lacking, ", ")))
        .help = "add a row, or choose other codes with --code";
    return false;
  }

  void order_codes() {
    for (std::size_t c = 0; c < p_.data.codes.size(); ++c) p_.code_order.push_back(c);
    std::sort(p_.code_order.begin(), p_.code_order.end(),
              [&](std::size_t a, std::size_t b) { return p_.data.codes[a].label < p_.data.codes[b].label; });
  }

  void look() {
    for (const auto& [key, report] : p_.data.reports) {
      p_.has_weight = p_.has_weight || !report.weight.is(Kind::missing);
      if (key.flow == TradeFlow::exports) p_.exporters = true;
      if (key.flow == TradeFlow::imports) p_.importers = true;
      if (key.flow == TradeFlow::re_exports) p_.re_exports = true;
      if (key.flow == TradeFlow::re_imports) p_.re_imports = true;
      if (report.fob.is(Kind::given)) p_.states_fob = true;
    }
    p_.mirrored = p_.exporters && p_.importers && p_.data.layout != TradeData::Layout::baci;
  }

  void name_pairs() {
    std::set<std::pair<std::uint16_t, std::uint16_t>> seen;
    for (const TradeKey& key : p_.keys) seen.insert({key.exporter, key.importer});
    std::set<std::string> taken;
    p_.pair_order.assign(seen.begin(), seen.end());
    const auto label = [&](std::uint16_t country) { return p_.data.countries[country].label; };
    std::sort(p_.pair_order.begin(), p_.pair_order.end(), [&](const auto& a, const auto& b) {
      return std::pair(label(a.first), label(a.second)) < std::pair(label(b.first), label(b.second));
    });
    for (const auto& pair : p_.pair_order) {
      const std::string base = label(pair.first) + "_" + label(pair.second);
      std::string name = base;
      for (std::size_t i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
      p_.pair_labels[pair] = name;
    }
  }

  /// What a country's total with the world has beyond its partners: partners that are kept secret.
  void compare_with_world() {
    std::map<TradeKey, double> sums;
    std::set<TradeKey> incomplete;
    for (const auto& [key, report] : p_.data.reports) {
      const TradeKey total = total_of(key);
      if (report.weight.is(Kind::given)) sums[total] += report.weight.value;
      if (!report.weight.is(Kind::given)) incomplete.insert(total);
    }
    double lacking = 0, all = 0;
    std::size_t count = 0;
    for (const auto& [key, report] : p_.data.world) {
      if (!report.weight.is(Kind::given)) continue;
      TradeKey total = key;
      (is_bought(key.flow) ? total.exporter : total.importer) = 0;
      const auto found = sums.find(total);
      const double partners = found == sums.end() ? 0 : found->second;
      constexpr double rounding = 1e-9;
      const bool same = std::abs(report.weight.value - partners) <= rounding * report.weight.value;
      p_.world_rows.push_back({key, report.weight.value, same ? report.weight.value : partners});
      if (report.weight.value <= partners || same || incomplete.contains(total)) continue;
      all += report.weight.value;
      lacking += report.weight.value - partners;
      ++count;
    }
    if (count > 0)
      notes_.push_back(fmt::format(
          "{} of {} totals with the world exceed the sum of their partners, by {} t or {:.3g} % of these: "
          "trade whose partner is not told, see data/world.csv",
          count, p_.world_rows.size(), amount(lacking), 100 * lacking / all));
  }

  static TradeKey total_of(TradeKey key) {
    (is_bought(key.flow) ? key.exporter : key.importer) = 0;
    return key;
  }

  void mirror_notes() {
    std::size_t withheld = 0, below = 0, estimated = 0;
    for (const auto& [key, report] : p_.data.reports) {
      withheld += report.weight.is(Kind::withheld) + report.value.is(Kind::withheld);
      below += report.weight.is(Kind::below) + report.value.is(Kind::below);
      estimated += report.weight.estimated;
    }
    const auto note = [&](std::size_t count, const char* one, const char* many, const char* rest) {
      if (count > 0) notes_.push_back(counted(count, one, many) + " " + rest);
    };
    note(withheld, "number is", "numbers are", "withheld (W): missing, not zero");
    note(below, "number is", "numbers are",
         "below a limit (<1): anything between zero and it, a uniform distribution");
    note(estimated, "weight was", "weights were", "estimated by the publisher, quality `estimated`");
    std::size_t unspecified = 0;
    for (const TradeCountry& country : p_.data.countries) unspecified += country.unspecified;
    note(unspecified, "partner is", "partners are",
         "no single country (areas not specified): labels of their own, without a mirror");
    if (!p_.mirrored) {
      if (p_.data.layout == TradeData::Layout::baci)
        notes_.emplace_back("BACI has reconciled both sides already: no mirror");
      else
        notes_.push_back(fmt::format("only {} report: no mirror", p_.exporters ? "exporters" : "importers"));
      return;
    }
    std::size_t two = 0, valued = 0, outside = 0;
    for (const MirrorPair& pair : p_.pairs) {
      two += pair.two_sided();
      valued += pair.implied_margin.has_value();
      outside += pair.outside_band;
    }
    notes_.push_back(
        fmt::format("{} of {} are reported by both sides", two, counted(p_.pairs.size(), "flow", "flows")));
    if (valued > 0)
      notes_.push_back(fmt::format(
          "in {} of {} the values differ by more than freight and insurance could: CIF/FOB − 1 "
          "outside {} to {}",
          outside, valued, percent_text(p_.options.margin.low), percent_text(p_.options.margin.high)));
    stated_margins();
  }

  /// Importers that state both values show what the margin of these goods is.
  void stated_margins() {
    std::vector<double> margins;
    for (const auto& [key, report] : p_.data.reports)
      if (key.flow == TradeFlow::imports && report.value.is(Kind::given) && report.fob.is(Kind::given) &&
          report.fob.value > 0)
        margins.push_back(report.value.value / report.fob.value - 1);
    if (margins.empty()) return;
    const auto middle = margins.begin() + static_cast<std::ptrdiff_t>(margins.size() / 2);
    std::nth_element(margins.begin(), middle, margins.end());
    notes_.push_back(
        fmt::format("{} both CIF and FOB: the median of CIF/FOB − 1 is {:.3g} %, taken is {}",
                    counted(margins.size(), "importer's number states", "importers' numbers state"),
                    100 * *middle, percent_text(p_.options.margin.value)));
  }

  std::vector<std::string> gap_lines() const {
    if (!p_.mirrored) return {};
    std::vector<std::vector<std::string>> rows{
        {"code", "from → to", "year", "exporter [t]", "importer [t]", "CIF/FOB − 1"}};
    for (const MirrorPair& pair : p_.pairs) {
      if (!pair.weight_gap || *pair.weight_gap == 0 || rows.size() > gaps_shown) break;
      std::string margin = pair.implied_margin ? fmt::format("{:+.0f} %", 100 * *pair.implied_margin) : "–";
      if (pair.outside_band) margin += " !";
      rows.push_back(
          {p_.data.codes[pair.key.code].label,
           p_.data.countries[pair.key.exporter].label + " → " + p_.data.countries[pair.key.importer].label,
           std::to_string(pair.key.year), amount(pair.exporter->weight.value),
           amount(pair.importer->weight.value), margin});
    }
    if (rows.size() == 1) return {};
    return aligned_lines(rows, "lllr");
  }

  TradeParts p_;
  Diagnostics& diagnostics_;
  std::vector<std::string> notes_;
};

}  // namespace

std::optional<TradeCase> make_trade_case(const TradeData& data, const ContentTable* content,
                                         const TradeCaseOptions& options, Diagnostics& diagnostics) {
  return TradeCaseMaker(data, content, options, diagnostics).make();
}

}  // namespace lode

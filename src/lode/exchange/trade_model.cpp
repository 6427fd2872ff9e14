// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lode/exchange/flow_list.hpp"
#include "lode/exchange/trade_parts.hpp"

namespace lode {
namespace {

constexpr std::array<WayToReconcile, 5> ways{{
    {Reconcile::importer, "importer", "what the importer says, else the exporter", ""},
    {Reconcile::exporter, "exporter", "what the exporter says, else the importer", ""},
    {Reconcile::mean, "mean", "the mean of both", "(exporter_weight + importer_weight) / 2"},
    {Reconcile::larger, "larger", "the larger of both", "max(exporter_weight, importer_weight)"},
    {Reconcile::trust, "trust", "both, weighted by how near each country is to its partners elsewhere",
     "exporter_trust * exporter_weight + (1 - exporter_trust) * importer_weight"},
}};

std::string formula(const WayToReconcile& choice) {
  constexpr const char* one = "if known(importer_weight) then importer_weight else exporter_weight";
  if (choice.reconcile == Reconcile::importer) return one;
  if (choice.reconcile == Reconcile::exporter)
    return "if known(exporter_weight) then exporter_weight else importer_weight";
  return fmt::format("if known(exporter_weight) and known(importer_weight) then {} else {}", choice.formula,
                     one);
}

class ModelText {
 public:
  explicit ModelText(const TradeParts& parts) : p_(parts) {}

  std::string model() const {
    std::string out = fmt::format(
        "# yaml-language-server: $schema=lode.schema.json\n# Made by `lode import trade`; README.md says "
        "how.\nlode: 1\ntitle: {}\ntime: {}\ndefaults: {{over: [time, pair, code], flow: t/yr}}\n",
        yaml_text(p_.title()), time_text(p_.data.years));
    out +=
        "dimensions:\n"
        "  pair: {table: data/pairs.csv}  # who sells to whom\n"
        "  exporter: {groups: pair}\n"
        "  importer: {groups: pair}\n"
        "  code: {table: data/codes.csv}  # of the Harmonized System\n";
    out += qualities() + parameters();
    out +=
        "processes:\n"
        "  selling: {outside: true, name: {en: Exporting countries, zh: 出口国}}\n"
        "  buying: {outside: true, name: {en: Importing countries, zh: 进口国}}\n"
        "flows:\n"
        "  traded: {from: selling, to: buying, name: {en: Traded, zh: 贸易流}}\n"
        "equations:\n";
    if (p_.mirrored) {
      out += fmt::format("  reconciled: {}\n", formula(chosen_way(p_.options.reconcile)));
      out += traded("reconciled");
      out +=
          "  weight_gap: importer_weight - exporter_weight  # where both report\n"
          "  exporters_say: sum((if known(weight_gap) then " +
          of_substance("exporter_weight") +
          " else 0) over pair)\n"
          "  importers_say: sum((if known(weight_gap) then " +
          of_substance("importer_weight") +
          " else 0) over pair)\n"
          "  excess: if exporters_say > 0 then (importers_say - exporters_say) / exporters_say else 0\n";
      out += p_.states_fob ? "  importer_made_fob: if known(importer_fob) then importer_fob else "
                             "importer_value / (1 + cif_margin)\n"
                           : "  importer_made_fob: importer_value / (1 + cif_margin)\n";
      out += "  value_gap: importer_made_fob - exporter_value\n";
    } else {
      out += traded(p_.exporters ? p_.exporter_weight() : "importer_weight");
    }
    out +=
        "  exports: sum(traded by exporter)\n"
        "  imports: sum(traded by importer)\n";
    if (p_.re_exports)
      out += fmt::format("  re_exports: sum({} by exporter)\n", of_substance("re_exported_weight"));
    if (p_.re_imports)
      out += fmt::format("  re_imports: sum({} by importer)\n", of_substance("re_imported_weight"));
    if (!p_.mirrored) out += values();
    if (p_.mirrored) out += scenarios();
    return out;
  }

 private:
  /// What is traded in money, where one side alone reports it.
  std::string values() const {
    if (p_.exporters) return fmt::format("  export_value: sum({} by exporter)\n", p_.exporter_value());
    std::string out = "  import_value: sum(importer_value by importer)\n";
    if (p_.states_fob) out += "  import_value_fob: sum(importer_fob by importer)\n";
    return out;
  }

  std::string of_substance(const std::string& weight) const {
    return p_.content == nullptr ? weight : "content * " + weight;
  }

  std::string traded(const std::string& weight) const {
    return fmt::format("  traded: {}\n", of_substance(weight));
  }

  std::string qualities() const {
    std::string out =
        "quality:  # give a class its distribution, like {normal: {cv: 5 %}}, where you know it\n"
        "  reported: {}\n"
        "  estimated: {}  # by the publisher of the file\n";
    std::set<std::string> classes{"reported", "estimated"};
    if (p_.content == nullptr) return out;
    const auto column = p_.content->column("quality");
    for (const ContentTable::Row* row : p_.rows)
      if (column && !row->cells[*column].empty() && classes.insert(row->cells[*column]).second)
        out += fmt::format("  {}: {{}}\n", row->cells[*column]);
    return out;
  }

  std::string parameters() const {
    std::string out = "parameters:\n";
    const auto add = [&](const char* name, const char* unit, const char* en, const char* zh) {
      out += fmt::format(
          "  {0}: {{over: [time, pair, code], unit: {1}, table: data/{0}.csv, missing: absent, source: {2}, "
          "name: {{en: {3}, zh: {4}}}}}\n",
          name, unit, p_.source_key(), yaml_text(en), yaml_text(zh));
    };
    if (p_.exporters) {
      if (p_.is_baci()) {
        add("weight", "t/yr", "Weight, reconciled by BACI", "重量（BACI 协调值）");
        add("value", "USD/yr", "Value FOB, reconciled by BACI", "离岸价值（BACI 协调值）");
      } else {
        add("exporter_weight", "t/yr", "Weight by the exporter", "出口国报告的重量");
        add("exporter_value", "USD/yr", "Value FOB by the exporter", "出口国报告的离岸价值");
      }
    }
    if (p_.importers) {
      add("importer_weight", "t/yr", "Weight by the importer", "进口国报告的重量");
      add("importer_value", "USD/yr", "Value CIF by the importer", "进口国报告的到岸价值");
      if (p_.states_fob) add("importer_fob", "USD/yr", "Value FOB by the importer", "进口国报告的离岸价值");
    }
    if (p_.re_exports)
      add("re_exported_weight", "t/yr", "Re-exported, part of what the exporter reports", "再出口");
    if (p_.re_imports)
      add("re_imported_weight", "t/yr", "Re-imported, part of what the importer reports", "再进口");
    if (p_.mirrored) {
      out +=
          "  exporter_trust: {over: [pair], unit: 1, table: data/pairs.csv, column: exporter_trust, note: "
          "made by the import}\n";
      const CifMargin& m = p_.options.margin;
      out += fmt::format(
          "  cif_margin: {{value: {}, {}source: {}, name: {{en: Freight and insurance, zh: 运费与保险}}}}\n",
          percent_text(m.value),
          m.high > m.low
              ? fmt::format("triangular: {{low: {}, high: {}}}, ", percent_text(m.low), percent_text(m.high))
              : "",
          p_.options.margin_chosen ? "own_choice" : "[imf2017, oecd2016, wits2010]");
    }
    if (p_.content != nullptr)
      out += fmt::format(
          "  content: {{over: [code], unit: 1, table: data/content.csv, name: {{en: Content, zh: "
          "含量}}{}}}\n",
          p_.content->column("source") ? "" : ", source: content_table");
    return out;
  }

  std::string scenarios() const {
    std::string out =
        fmt::format("scenarios:\n  reconcile:  # which number stands for a flow\n    default: {}\n",
                    chosen_way(p_.options.reconcile).name);
    for (const WayToReconcile& choice : ways_to_reconcile()) {
      if (choice.reconcile == p_.options.reconcile) {
        out += fmt::format("    {}: {{}}  # {}\n", choice.name, choice.words);
      } else {
        out +=
            fmt::format("    {}:  # {}\n      reconciled: {}\n", choice.name, choice.words, formula(choice));
      }
    }
    return out;
  }

  const TradeParts& p_;
};

}  // namespace

const std::array<WayToReconcile, 5>& ways_to_reconcile() {
  return ways;
}

const WayToReconcile& chosen_way(Reconcile reconcile) {
  return *std::find_if(ways.begin(), ways.end(),
                       [&](const WayToReconcile& way) { return way.reconcile == reconcile; });
}

std::string TradeParts::title() const {
  if (!options.title.empty()) return options.title;
  std::vector<std::string> labels;
  for (const std::size_t c : code_order) labels.push_back(data.codes[c].label);
  constexpr std::size_t few = 4;
  return fmt::format("Trade in {}", labels.size() <= few ? fmt::format("{}", fmt::join(labels, ", "))
                                                         : counted(labels.size(), "code", "codes"));
}

std::string trade_model(const TradeParts& parts) {
  return ModelText(parts).model();
}

std::string trade_figures(const TradeParts& parts) {
  std::string out = "figures:\n";
  if (parts.data.years.size() > 1) {
    out +=
        "  mirror:\n    kind: lines\n    title: {en: What exporters and importers report, zh: "
        "出口方与进口方的报告}\n";
    out +=
        "    show: {exporters_say: {en: Exporters, zh: 出口方}, importers_say: {en: Importers, zh: "
        "进口方}}\n";
    if (parts.data.codes.size() > 1) out += "    panels: code\n";
    out += "    note: {en: Flows that both sides report, zh: 仅含双方均有报告的贸易流}\n";
  }
  out +=
      "  exports: {kind: stacked, title: {en: Exports by country, zh: 各国出口}, show: exports, by: "
      "exporter, as: bars}\n";
  return out;
}

}  // namespace lode

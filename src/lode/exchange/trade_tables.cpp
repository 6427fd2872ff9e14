// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "lode/exchange/trade_parts.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

using Kind = TradeNumber::Kind;

class Tables {
 public:
  explicit Tables(const TradeParts& parts) : p_(parts) {}

  std::vector<CaseFile> all() const {
    std::vector<CaseFile> files;
    files.push_back({"data/pairs.csv", pairs()});
    files.push_back({"data/codes.csv", codes()});
    if (p_.content != nullptr) files.push_back({"data/content.csv", contents()});
    const auto numbers = [&](const char* name, TradeFlow flow,
                             const std::function<TradeNumber(const TradeReport&)>& of) {
      files.push_back({fmt::format("data/{}.csv", name), table(flow, of)});
    };
    const auto weight = [](const TradeReport& report) { return report.weight; };
    const auto value = [](const TradeReport& report) { return report.value; };
    if (p_.exporters) {
      numbers(p_.exporter_weight(), TradeFlow::exports, weight);
      numbers(p_.exporter_value(), TradeFlow::exports, value);
    }
    if (p_.importers) {
      numbers("importer_weight", TradeFlow::imports, weight);
      numbers("importer_value", TradeFlow::imports, value);
      if (p_.states_fob)
        numbers("importer_fob", TradeFlow::imports, [](const TradeReport& report) { return report.fob; });
    }
    if (p_.re_exports) numbers("re_exported_weight", TradeFlow::re_exports, weight);
    if (p_.re_imports) numbers("re_imported_weight", TradeFlow::re_imports, weight);
    if (p_.mirrored) files.push_back({"data/mirror.csv", mirror()});
    if (!p_.world_rows.empty()) files.push_back({"data/world.csv", world()});
    if (!p_.data.left_out.empty()) files.push_back({"data/left_out.csv", left_out()});
    return files;
  }

 private:
  std::string pairs() const {
    const auto distances = reporting_distances(p_.pairs, p_.data.countries.size());
    std::string out = fmt::format("{}label,name,exporter,importer{}\n", byte_order_mark,
                                  p_.mirrored ? ",exporter_trust" : "");
    for (const auto& pair : p_.pair_order) {
      const TradeCountry &from = p_.data.countries[pair.first], &to = p_.data.countries[pair.second];
      const auto name = [](const TradeCountry& country) {
        return country.name.empty() ? country.label : country.name;
      };
      out += fmt::format("{},{},{},{}", csv_cell(p_.pair_labels.at(pair)),
                         csv_cell(name(from) + " → " + name(to)), csv_cell(from.label), csv_cell(to.label));
      if (p_.mirrored)
        out += fmt::format(",{:.6g}", exporter_trust(distances[pair.first], distances[pair.second]));
      out += "\n";
    }
    return out;
  }

  std::string codes() const {
    std::string out = std::string(byte_order_mark) + "label,name\n";
    for (const std::size_t c : p_.code_order) {
      std::string name =
          p_.rows[c] != nullptr && !p_.rows[c]->name.empty() && p_.rows[c]->code == p_.data.codes[c].label
              ? p_.rows[c]->name
              : p_.data.codes[c].name;
      out += fmt::format("{},{}\n", p_.data.codes[c].label,
                         csv_cell(name.empty() ? p_.data.codes[c].label : name));
    }
    return out;
  }

  std::string contents() const {
    const auto source = p_.content->column("source");
    std::string out = fmt::format("{}code,{}\n", byte_order_mark, fmt::join(p_.content->columns, ","));
    for (const std::size_t c : p_.code_order) {
      out += p_.data.codes[c].label;
      for (std::size_t i = 0; i < p_.content->columns.size(); ++i) {
        const std::string& cell = p_.rows[c]->cells[i];
        out += "," + csv_cell(source && *source == i && !cell.empty() ? identifier(cell) : cell);
      }
      out += "\n";
    }
    return out;
  }

  std::string table(TradeFlow flow, const std::function<TradeNumber(const TradeReport&)>& of) const {
    std::map<std::tuple<std::uint16_t, std::string, std::string>, std::string> lines;  // year, pair, code
    bool censored = false;
    for (const TradeKey& key : p_.keys)
      censored = censored || (key.flow == flow && of(p_.data.reports.at(key)).is(Kind::below));
    for (const TradeKey& key : p_.keys) {
      if (key.flow != flow) continue;
      const TradeReport& report = p_.data.reports.at(key);
      const TradeNumber number = of(report);
      if (number.is(Kind::missing)) continue;
      const std::string &pair = p_.pair_labels.at({key.exporter, key.importer}),
                        &code = p_.data.codes[key.code].label;
      std::string value, low, high, distribution, note = p_.data.place(report.place);
      if (number.is(Kind::given)) value = fmt::format("{}", number.value);
      if (number.is(Kind::withheld)) note = "withheld (W); " + note;
      if (number.is(Kind::below)) {
        value = fmt::format("{}", number.value / 2);
        low = "0";
        high = fmt::format("{}", number.value);
        distribution = "uniform";
        note = fmt::format("censored, below {}; {}", high, note);
      }
      std::string line = fmt::format("{},{},{},{}", key.year, csv_cell(pair), code, value);
      if (censored) line += fmt::format(",{},{},{}", low, high, distribution);
      line += fmt::format(",{},{}\n", number.estimated ? "estimated" : "reported", csv_cell(note));
      lines.emplace(std::tuple(key.year, pair, code), std::move(line));
    }
    std::string out = fmt::format("{}time,pair,code,value{},quality,note\n", byte_order_mark,
                                  censored ? ",low,high,distribution" : "");
    for (const auto& [key, line] : lines) out += line;
    return out;
  }

  std::string mirror() const {
    const auto text = [](const TradeReport* report, TradeNumber TradeReport::*member) -> std::string {
      if (report == nullptr) return "";
      const TradeNumber& number = report->*member;
      if (number.is(Kind::withheld)) return "W";
      if (number.is(Kind::below)) return fmt::format("<{}", number.value);
      return number.is(Kind::given) ? fmt::format("{}", number.value) : "";
    };
    const auto optional = [](const std::optional<double>& value) {
      return value ? fmt::format("{:.10g}", *value) : std::string();
    };
    std::string out =
        std::string(byte_order_mark) +
        "code,time,exporter,importer,reported_by,exporter_weight_t,importer_weight_t,weight_gap_t,exporter_"
        "value_usd,"
        "importer_value_usd,value_gap_fob_usd,cif_over_fob_less_1,outside_band,exporter_row,importer_row\n";
    for (const MirrorPair& pair : p_.pairs) {
      out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", p_.data.codes[pair.key.code].label,
                         pair.key.year, csv_cell(p_.data.countries[pair.key.exporter].label),
                         csv_cell(p_.data.countries[pair.key.importer].label),
                         pair.two_sided()           ? "both"
                         : pair.exporter != nullptr ? "exporter"
                                                    : "importer",
                         text(pair.exporter, &TradeReport::weight), text(pair.importer, &TradeReport::weight),
                         optional(pair.weight_gap), text(pair.exporter, &TradeReport::value),
                         text(pair.importer, &TradeReport::value), optional(pair.value_gap),
                         optional(pair.implied_margin),
                         pair.implied_margin ? (pair.outside_band ? "yes" : "no") : "",
                         pair.exporter == nullptr ? "" : csv_cell(p_.data.place(pair.exporter->place)),
                         pair.importer == nullptr ? "" : csv_cell(p_.data.place(pair.importer->place)));
    }
    return out;
  }

  std::string world() const {
    std::vector<std::string> lines;
    for (const TradeParts::WorldRow& row : p_.world_rows) {
      const bool in = is_bought(row.key.flow);
      static constexpr std::array<const char*, 4> words{"export", "import", "re-export", "re-import"};
      lines.push_back(fmt::format("{},{},{},{},{},{},{:.10g}\n", row.key.year,
                                  csv_cell(p_.data.countries[in ? row.key.importer : row.key.exporter].label),
                                  words[static_cast<std::size_t>(row.key.flow)],
                                  p_.data.codes[row.key.code].label, row.weight, row.partners,
                                  row.weight - row.partners));
    }
    std::sort(lines.begin(), lines.end());
    std::string out = std::string(byte_order_mark) +
                      "time,reporter,flow,code,world_t,sum_of_partners_t,partner_not_told_t\n";
    for (const std::string& line : lines) out += line;
    return out;
  }

  std::string left_out() const {
    std::string out = std::string(byte_order_mark) + "place,reason,row\n";
    for (const LeftOutRow& row : p_.data.left_out)
      out += fmt::format("{},{},{}\n", csv_cell(p_.data.place(row.place)), csv_cell(row.reason),
                         csv_cell(row.text));
    return out;
  }

  const TradeParts& p_;
};

}  // namespace

std::vector<CaseFile> trade_tables(const TradeParts& parts) {
  return Tables(parts).all();
}

}  // namespace lode

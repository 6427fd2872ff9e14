// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/flow_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "lode/language/expression.hpp"
#include "lode/language/lexer.hpp"
#include "lode/support/utf8.hpp"
#include "lode/tables/csv_cell.hpp"

namespace lode {
namespace {

constexpr std::size_t longest_name = 90;  // a name of the language has at most 100 characters
constexpr double closes = 1e-9;           // of the throughput

/// Names that are each given once.
class Names {
 public:
  explicit Names(std::set<std::string> taken) : taken_(std::move(taken)) {}
  std::string give(const std::string& text) {
    std::string base = identifier(text);
    while (code_points(base) > longest_name || !is_valid_utf8(base)) base.pop_back();
    std::string name = base;
    for (std::size_t i = 2; is_reserved(name) || !taken_.insert(name).second; ++i)
      name = fmt::format("{}_{}", base, i);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

struct Process {
  std::string title, name;
  bool takes = false, gives = false, outside = false, stock = false;
};

class CaseMaker {
 public:
  CaseMaker(const FlowList& list, const FlowCaseOptions& options, Diagnostics& diagnostics)
      : list_(list), options_(options), diagnostics_(diagnostics) {}

  std::optional<FlowCase> make() {
    choose_types();
    find_processes();
    if (!apply_choices()) return std::nullopt;
    name_entries();
    has_regions_ = !list_.region_header.empty();
    region_ = has_regions_ ? dimension_name(list_.region_header, "region") : "";
    type_ = by_type_ ? dimension_name(list_.type_header, "type") : "";
    if (type_ == region_) type_ += "_2";
    source_ = source_key();
    balance();
    FlowCase result;
    result.files = {{"model.yaml", model()}, {"data/flows.csv", flows()}, {"data/entries.csv", entries()}};
    if (has_regions_) result.files.push_back({"data/regions.csv", labels(list_.regions)});
    if (by_type_) result.files.push_back({"data/types.csv", labels(types_)});
    result.files.push_back({"sources.bib", sources()});
    result.files.push_back({"README.md", readme()});
    for (const Entry& entry : entries_) result.flow_names.push_back(entry.name);
    result.processes = processes_.size();
    result.notes = std::move(notes_);
    return result;
  }

 private:
  /// A flow of the model: one of the list, or all types between two processes.
  struct Entry {
    std::string name, title;
    std::vector<std::size_t> listed;
    bool is_signed = false;
  };

  void choose_types() {
    std::map<std::pair<std::string, std::string>, std::size_t> count;
    for (const ListedFlow& flow : list_.flows) ++count[{flow.source, flow.target}];
    const auto several =
        std::count_if(count.begin(), count.end(), [](const auto& c) { return c.second > 1; });
    by_type_ = options_.types == FlowCaseOptions::Types::dimension ||
               (options_.types == FlowCaseOptions::Types::automatic &&
                2 * static_cast<std::size_t>(several) > count.size());
    if (list_.type_header.empty()) by_type_ = false;
    pairs_ = std::move(count);
    for (const ListedFlow& flow : list_.flows)
      if (std::find(types_.begin(), types_.end(), flow.type) == types_.end()) types_.push_back(flow.type);
    if (by_type_)
      notes_.push_back(
          fmt::format("`{}` is a dimension of all flows, {} labels", list_.type_header, types_.size()));
  }

  void find_processes() {
    Names names({});
    const auto process = [&](const std::string& title) -> Process& {
      const auto [at, is_new] = index_.emplace(title, processes_.size());
      if (is_new) processes_.push_back({title, names.give(title), false, false, false, false});
      return processes_[at->second];
    };
    for (const ListedFlow& flow : list_.flows) {
      process(flow.source).gives = true;
      process(flow.target).takes = true;
    }
    for (Process& each : processes_) each.outside = !each.takes || !each.gives;
  }

  bool apply_choices() {
    std::vector<std::string> titles;
    for (const Process& each : processes_) titles.push_back(each.title);
    const auto find = [&](const std::string& wanted, const char* option) -> Process* {
      if (const auto at = index_.find(wanted); at != index_.end()) return &processes_[at->second];
      diagnostics_
          .error("import-process", {}, fmt::format("--{}: no flow begins or ends at `{}`", option, wanted))
          .help = did_you_mean(wanted, titles);
      return nullptr;
    };
    for (const std::string& wanted : options_.outside)
      if (Process* const each = find(wanted, "outside")) each->outside = true;
    for (const std::string& wanted : options_.stocks) {
      Process* const each = find(wanted, "stock");
      if (each == nullptr) continue;
      each->outside = false;
      each->stock = true;
    }
    return !diagnostics_.has_errors();
  }

  void name_entries() {
    Names names({"listed", "else", "always", "rest", "default"});
    for (const Process& each : processes_)
      if (each.stock) names.give(each.name + "_stock");
    std::map<std::pair<std::string, std::string>, std::size_t> made;
    for (std::size_t f = 0; f < list_.flows.size(); ++f) {
      const ListedFlow& flow = list_.flows[f];
      const auto ends = std::pair(flow.source, flow.target);
      if (const auto at = made.find(ends); by_type_ && at != made.end()) {
        entries_[at->second].listed.push_back(f);
      } else {
        made.emplace(ends, entries_.size());
        std::string text = fmt::format("{} to {}", flow.source, flow.target);
        const bool told_apart = !by_type_ && pairs_[ends] > 1 && !flow.type.empty();
        if (told_apart) text += " " + flow.type;
        std::string title = by_type_ || flow.type.empty() ? "" : flow.type;
        entries_.push_back({names.give(text), std::move(title), {f}, false});
      }
      Entry& entry = entries_[by_type_ ? made.at(ends) : entries_.size() - 1];
      entry.is_signed = entry.is_signed || std::any_of(flow.values.begin(), flow.values.end(),
                                                       [](const auto& v) { return v.second < 0; });
    }
  }

  static std::string dimension_name(const std::string& header, const std::string& otherwise) {
    static const std::set<std::string> meant{"time", "value", "unit", "source", "note", "quality", "label",
                                             "name", "entry", "low",  "high",   "sd",   "cv",      "target"};
    const std::string name = identifier(header);
    return is_reserved(name) || meant.contains(name) ? otherwise : name;
  }

  std::string source_key() const {
    std::string word, year;
    for (const char c : options_.citation) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter) break;
      word += static_cast<char>(c | 0x20);
    }
    for (std::size_t i = 0; i + 4 <= options_.citation.size() && year.empty(); ++i) {
      const std::string four = options_.citation.substr(i, 4);
      const bool whole = i == 0 || !std::isdigit(static_cast<unsigned char>(options_.citation[i - 1]));
      if (whole && (four.starts_with("19") || four.starts_with("20")) && read_year(four)) year = four;
    }
    return word.empty() || year.empty() ? "imported" : word + year;
  }

  /// What comes in and goes out of each process, cell by cell.
  void balance() {
    using Cell = std::tuple<std::size_t, std::size_t, int, std::string>;  // process, region, year, type
    std::map<Cell, std::pair<double, double>> sums;
    for (const ListedFlow& flow : list_.flows) {
      const std::size_t from = index_.at(flow.source), to = index_.at(flow.target);
      for (const auto& [where, value] : flow.values) {
        const std::string type = by_type_ ? flow.type : "";
        sums[{from, where.first, where.second, type}].second += value;
        sums[{to, where.first, where.second, type}].first += value;
      }
    }
    struct Open {
      double left = 0, share = 0;
      std::size_t cells = 0;
    };
    std::map<std::size_t, Open> open;
    std::size_t checked = 0;
    for (const Process& each : processes_) checked += !each.outside && !each.stock;
    for (const auto& [cell, sum] : sums) {
      const Process& process = processes_[std::get<0>(cell)];
      const double left = sum.first - sum.second, size = std::max(std::abs(sum.first), std::abs(sum.second));
      if (process.outside || process.stock || std::abs(left) <= closes * size) continue;
      Open& found = open[std::get<0>(cell)];
      found.left += left;
      found.share = std::max(found.share, std::abs(left) / size);
      ++found.cells;
    }
    notes_.push_back(fmt::format("{} of {} processes balance in every cell", checked - open.size(), checked));
    for (const auto& [index, found] : open) {
      const std::string& title = processes_[index].title;
      std::string text = fmt::format(
          "{} does not balance in {}: by up to {:.3g} % of its throughput, {:.6g} {} in all", title,
          counted(found.cells, "cell", "cells"), 100 * found.share, found.left, amount_unit());
      if (found.left > 0) text += fmt::format("; if that stays there: --stock {}", yaml_text(title));
      notes_.push_back(std::move(text));
    }
    std::size_t cells = list_.flows.size() * list_.regions.size() * list_.years.size();
    if (list_.values < cells)
      notes_.push_back(fmt::format("{} of {} cells have a row; the others are no flow, `missing: 0`",
                                   list_.values, cells));
  }

  std::string amount_unit() const {
    return list_.unit.ends_with("/yr") ? list_.unit.substr(0, list_.unit.size() - 3) : "";
  }

  std::string title() const {
    if (!options_.title.empty()) return options_.title;
    return std::filesystem::path(list_.file).stem().string();
  }

  std::string over() const {
    std::string result = "time";
    if (has_regions_) result += ", " + region_;
    if (by_type_) result += ", " + type_;
    return result;
  }

  std::string model() const {
    std::string out = fmt::format(
        "# yaml-language-server: $schema=lode.schema.json\n# Made by `lode import flows` from {}; README.md "
        "says how.\nlode: "
        "1\ntitle: {}\ntime: {}\ndefaults: {{over: [{}], flow: {}",
        list_.file, yaml_text(title()), time_text(list_.years), over(), yaml_text(list_.unit));
    if (!amount_unit().empty()) out += fmt::format(", stock: {}", yaml_text(amount_unit()));
    out += "}\ndimensions:\n";
    if (has_regions_) out += fmt::format("  {}: {{table: data/regions.csv}}\n", region_);
    if (by_type_) out += fmt::format("  {}: {{table: data/types.csv}}\n", type_);
    out += "  entry: {table: data/entries.csv}  # the flows of the list, with its own words\n";
    out += fmt::format(
        "parameters:\n  listed: {{over: [{}, entry], unit: {}, table: data/flows.csv, columns: time, "
        "missing: "
        "0, source: {}}}\n",
        over(), yaml_text(list_.unit), source_);
    out += "processes:\n";
    for (const Process& each : processes_)
      out += fmt::format("  {}: {{name: {}{}}}\n", each.name, yaml_text(each.title),
                         each.outside ? ", outside: true" : "");
    out += "flows:\n";
    for (const Entry& entry : entries_) {
      const ListedFlow& flow = list_.flows[entry.listed[0]];
      out += fmt::format("  {}: {{from: {}, to: {}", entry.name, processes_[index_.at(flow.source)].name,
                         processes_[index_.at(flow.target)].name);
      if (!entry.title.empty()) out += ", name: " + yaml_text(entry.title);
      if (entry.is_signed) out += ", signed: true";
      out += "}\n";
    }
    out += stocks();
    out += "equations:\n";
    for (const Entry& entry : entries_) out += fmt::format("  {0}: listed[entry = {0}]\n", entry.name);
    return out;
  }

  std::string stocks() const {
    std::string out;
    for (const Process& each : processes_) {
      if (!each.stock) continue;
      if (out.empty()) out = "stocks:\n";
      out += fmt::format(
          "  {0}_stock: {{process: {0}, change: residual({0}), name: {1}}}  # what enters and does not "
          "leave\n",
          each.name, yaml_text(each.title));
    }
    return out;
  }

  /// One row for each flow, region and type that has a value; the years stand across.
  std::string flows() const {
    std::string out = std::string(byte_order_mark) + "entry";
    if (has_regions_) out += "," + region_;
    if (by_type_) out += "," + type_;
    for (const int year : list_.years) out += fmt::format(",{}", year);
    out += "\n";
    for (const Entry& entry : entries_) {
      for (const std::size_t f : entry.listed) {
        const ListedFlow& flow = list_.flows[f];
        for (std::size_t region = 0; region < list_.regions.size(); ++region) {
          std::string row;
          bool any = false;
          for (const int year : list_.years) {
            row += ",";
            const auto value = flow.values.find({region, year});
            if (value == flow.values.end()) continue;
            row += fmt::format("{}", value->second);
            any = true;
          }
          if (!any) continue;
          out += entry.name;
          if (has_regions_) out += "," + csv_cell(list_.regions[region]);
          if (by_type_) out += "," + csv_cell(flow.type);
          out += row + "\n";
        }
      }
    }
    return out;
  }

  std::string entries() const {
    const bool typed = !by_type_ && !list_.type_header.empty();
    std::string out =
        fmt::format("{}label,name,origin,destination{}\n", byte_order_mark, typed ? ",type" : "");
    for (const Entry& entry : entries_) {
      const ListedFlow& flow = list_.flows[entry.listed[0]];
      std::string name = fmt::format("{} → {}", flow.source, flow.target);
      if (typed) name += fmt::format(" ({})", flow.type);
      out += fmt::format("{},{},{},{}", entry.name, csv_cell(name), csv_cell(flow.source),
                         csv_cell(flow.target));
      if (typed) out += "," + csv_cell(flow.type);
      out += "\n";
    }
    return out;
  }

  static std::string labels(const std::vector<std::string>& texts) {
    std::string out = std::string(byte_order_mark) + "label\n";
    for (const std::string& text : texts) out += csv_cell(text) + "\n";
    return out;
  }

  std::string sources() const {
    std::string note = options_.citation.empty() ? "no citation was given" : bibtex_text(options_.citation);
    if (!options_.licence.empty()) note += "; licence: " + bibtex_text(options_.licence);
    return fmt::format("@misc{{{},\n  title = {{{}}},\n  howpublished = {{file {}}},\n  note = {{{}}}\n}}\n",
                       source_, bibtex_text(title()), bibtex_text(list_.file), note);
  }

  std::string readme() const {
    std::string out = fmt::format("# {}\n\nA list of flows, imported from `{}`", title(), list_.file);
    if (!options_.citation.empty()) out += fmt::format(": {}", options_.citation);
    out += options_.citation.ends_with('.') ? "" : ".";
    if (!options_.licence.empty()) out += fmt::format(" Licence of the data: {}.", options_.licence);
    out += fmt::format("\n\n    {}\n\n", options_.command);
    out += fmt::format(
        "{} flows between {} processes, {}, {}: {} values in {}.\n\n", entries_.size(), processes_.size(),
        has_regions_ ? fmt::format("{} labels of `{}`", list_.regions.size(), region_) : "no regions",
        list_.years.size() == 1 ? std::to_string(list_.years[0])
                                : fmt::format("{} to {}", list_.years.front(), list_.years.back()),
        list_.values, list_.unit);
    out +=
        "`data/flows.csv` holds the numbers, `data/entries.csv` says which flow of the list each name is. "
        "Processes "
        "where flows only begin or only end lie outside the system; all others are balanced in every "
        "year.\n\n## How "
        "the file was read\n\n";
    for (const std::string& note : list_.notes) out += "- " + note + "\n";
    for (const std::string& note : notes_) out += "- " + note + "\n";
    if (!list_.remarks.empty()) {
      out += "\n## Remarks in the file\n\n";
      for (const std::string& remark : list_.remarks) out += "- " + remark + "\n";
    }
    return out;
  }

  const FlowList& list_;
  const FlowCaseOptions& options_;
  Diagnostics& diagnostics_;
  std::map<std::pair<std::string, std::string>, std::size_t> pairs_;  ///< types between two processes
  std::vector<std::string> types_;
  std::vector<Process> processes_;
  std::map<std::string, std::size_t> index_;
  std::vector<Entry> entries_;
  std::vector<std::string> notes_;
  std::string region_, type_, source_;
  bool by_type_ = false, has_regions_ = false;
};

}  // namespace

std::optional<FlowCase> make_flow_case(const FlowList& list, const FlowCaseOptions& options,
                                       Diagnostics& diagnostics) {
  return CaseMaker(list, options, diagnostics).make();
}

}  // namespace lode

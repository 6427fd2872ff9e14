// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "lode/exchange/trade_parts.hpp"

namespace lode {

bool is_bought(TradeFlow flow) {
  return flow == TradeFlow::imports || flow == TradeFlow::re_imports;
}

std::string percent_text(double share) {
  return fmt::format("{:g} %", 100 * share);
}

std::string trade_sources(const TradeParts& parts) {
  std::vector<std::string> files;
  for (const std::string& file : parts.data.files)
    files.push_back(std::filesystem::path(file).filename().string());
  const std::string note =
      parts.options.licence.empty() ? "" : "licence: " + bibtex_text(parts.options.licence);
  std::string out = fmt::format(
      "@misc{{{},\n  title = {{{}}},\n  howpublished = {{files {}}},\n  note = {{{}}}\n}}\n",
      parts.source_key(),
      !parts.options.citation.empty() ? bibtex_text(parts.options.citation)
      : parts.is_baci()
          ? "BACI: International Trade Database at the Product-Level, CEPII (Gaulier and Zignago 2010)"
          : "UN Comtrade Database, United Nations Statistics Division",
      bibtex_text(fmt::format("{}", fmt::join(files, ", "))), note);
  if (parts.mirrored && parts.options.margin_chosen)
    out += "@misc{own_choice,\n  title = {Chosen when the case was made, see README.md}\n}\n";
  if (parts.mirrored && !parts.options.margin_chosen)
    out +=
        "@book{imf2017,\n  title = {Direction of Trade Statistics Yearbook},\n  author = {{International "
        "Monetary Fund}},\n  year = {2017},\n"
        "  note = {a CIF/FOB factor of 1.06 is used}\n}\n"
        "@misc{oecd2016,\n  title = {New OECD Database on International Transport and Insurance Costs},\n  "
        "author = {{OECD}},\n  year = {2016},\n"
        "  note = {trade-weighted mean of 6 per cent, 1995 to 2014}\n}\n"
        "@misc{wits2010,\n  title = {Imports, Exports and Mirror Data with UN COMTRADE},\n  author = "
        "{{World Bank, WITS}},\n  year = {2010},\n"
        "  note = {CIF against FOB may make 10 to 20 per cent}\n}\n";
  if (parts.content == nullptr) return out;
  if (!parts.content->column("source"))
    return out +
           fmt::format("@misc{{content_table,\n  title = {{{}}}\n}}\n", bibtex_text(parts.content->file));
  std::set<std::string> keys;
  for (const ContentTable::Row* row : parts.rows)
    if (!row->source.empty() && keys.insert(identifier(row->source)).second)
      out += fmt::format("@misc{{{},\n  title = {{{}}}\n}}\n", identifier(row->source),
                         bibtex_text(row->source));
  return out;
}

std::string trade_readme(const TradeParts& parts, const std::vector<std::string>& notes) {
  std::string out =
      fmt::format("# {}\n\nTrade by code, country and year, imported from {}:\n\n    {}\n\n", parts.title(),
                  parts.is_baci() ? "BACI" : "UN Comtrade", parts.options.command);
  if (!parts.options.citation.empty()) out += fmt::format("Cite: {}\n\n", parts.options.citation);
  if (!parts.options.licence.empty())
    out += fmt::format("Licence of the data: {}\n\n", parts.options.licence);
  out +=
      parts.content == nullptr
          ? "`traded` is the weight of the goods as reported.\n\n"
          : fmt::format("`traded` is the weight of the substance: weight × `content` of the code ({}).\n\n",
                        parts.content->file);
  if (parts.mirrored) {
    out += fmt::format(
        "Both reports are kept, each number with its file and line: `data/exporter_*.csv` (FOB) and "
        "`data/importer_*.csv` (CIF). Where both "
        "report, `traded` follows the axis `reconcile`, by default `{}`: {}. `data/mirror.csv` lists all "
        "flows, the largest gaps first.\n\n",
        chosen_way(parts.options.reconcile).name, chosen_way(parts.options.reconcile).words);
    out += fmt::format(
        "Weights have no margin. Values are compared after freight and insurance of {} (`cif_margin`), and "
        "marked where they differ by more than {} to {} could explain.\n\n",
        percent_text(parts.options.margin.value), percent_text(parts.options.margin.low),
        percent_text(parts.options.margin.high));
    out +=
        "Trust: d is, country by country, the mean of |ln(importer / exporter)| over its flows that both "
        "sides report, weighted by weight; the exporter's share of trust is d_importer / (d_exporter + "
        "d_importer).\n\n";
  }
  out += "## How the files were read\n\n";
  for (const std::string& note : parts.data.notes) out += "- " + note + "\n";
  for (const std::string& note : notes) out += "- " + note + "\n";
  return out;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "lode/api/import_files.hpp"
#include "lode/api/messages.hpp"
#include "lode/exchange/trade_case.hpp"
#include "lode/import.hpp"
#include "lode/model/model.hpp"
#include "lode/tables/table.hpp"

namespace lode {
namespace {

bool read_years(const std::string& text, TradeOptions& options, Diagnostics& diagnostics) {
  if (text.empty()) return true;
  const auto dots = text.find("..");
  options.first_year = read_year(text.substr(0, dots));
  options.last_year = dots == std::string::npos ? options.first_year : read_year(text.substr(dots + 2));
  if (options.first_year && options.last_year && *options.first_year <= *options.last_year) return true;
  diagnostics.error("import-years", {}, fmt::format("`{}` are no years", text)).help =
      "one year or two, as in --years 2000..2017";
  return false;
}

bool read_choices(const TradeImport& request, TradeCaseOptions& options, Diagnostics& diagnostics) {
  static constexpr std::array<std::pair<const char*, Reconcile>, 5> ways{{{"importer", Reconcile::importer},
                                                                          {"exporter", Reconcile::exporter},
                                                                          {"mean", Reconcile::mean},
                                                                          {"larger", Reconcile::larger},
                                                                          {"trust", Reconcile::trust}}};
  const auto way = std::find_if(ways.begin(), ways.end(),
                                [&](const auto& each) { return request.reconcile == each.first; });
  if (way == ways.end()) {
    diagnostics.error("import-reconcile", {}, fmt::format("`{}` is no way to reconcile", request.reconcile))
        .help = "importer, exporter, mean, larger or trust";
    return false;
  }
  options.reconcile = way->second;
  const CifMargin usual;
  options.margin = {request.cif_margin / 100, request.cif_low / 100, request.cif_high / 100};
  const CifMargin& m = options.margin;
  options.margin_chosen = m.value != usual.value || m.low != usual.low || m.high != usual.high;
  if (m.low > -1 && m.low <= m.value && m.value <= m.high) return true;
  diagnostics
      .error("import-margin", {},
             fmt::format("a CIF/FOB margin of {:g} % lies outside its band, {:g} % to {:g} %",
                         request.cif_margin, request.cif_low, request.cif_high))
      .help = "give both: --cif-margin 3 --cif-band 1,8";
  return false;
}

void import(const TradeImport& request, TradeImportResult& result, Diagnostics& diagnostics) {
  if (!may_make_case(request.folder, "", diagnostics)) return;
  TradeOptions options;
  TradeCaseOptions choices;
  if (!read_years(request.years, options, diagnostics) || !read_choices(request, choices, diagnostics))
    return;
  options.codes = request.codes;
  options.countries = request.countries;
  options.revision = request.revision;
  options.country_names = request.country_names;
  options.product_names = request.product_names;
  options.shifted = request.shifted;
  options.keep_going = request.keep_going;
  options.decimal_comma = request.decimal_comma;
  std::optional<ContentTable> content;
  if (!request.content.empty()) {
    content = read_content(request.content, request.decimal_comma, diagnostics);
    if (!content) return;
    if (options.codes.empty())
      for (const ContentTable::Row& row : content->rows) options.codes.push_back(row.code);
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto data = read_trade(request.files, options, diagnostics);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!data) return;
  choices.title = request.title;
  choices.citation = request.citation;
  choices.licence = request.licence;
  choices.command = request.command;
  const auto made = make_trade_case(*data, content ? &*content : nullptr, choices, diagnostics);
  if (!made) return;
  result.notes = data->notes;
  result.notes.insert(result.notes.end(), made->notes.begin(), made->notes.end());
  result.gaps = made->gaps;
  result.rows = data->rows;
  result.bytes = data->bytes;
  result.flows = made->flows;
  result.two_sided = made->two_sided;
  result.outside_band = made->outside_band;
  result.mirrored = made->mirrored;
  result.codes = data->codes.size();
  result.countries =
      static_cast<std::size_t>(std::count_if(data->countries.begin(), data->countries.end(),
                                             [](const TradeCountry& each) { return each.number != 0; }));
  result.first_year = data->years.front();
  result.last_year = data->years.back();
  std::vector<CaseFile> files = made->files;
  files.push_back({"lode.schema.json", json_schema()});
  result.ok = write_case_files(request.folder, files, result.files, diagnostics);
}

}  // namespace

TradeImportResult import_trade(const TradeImport& request) {
  TradeImportResult result;
  Diagnostics diagnostics;
  import(request, result, diagnostics);
  result.messages = messages_of(diagnostics);
  result.messages_text = render(diagnostics, request.colour);
  return result;
}

std::string import_json(const TradeImportResult& result) {
  nlohmann::ordered_json out;
  out["ok"] = result.ok;
  if (result.ok) {
    out["rows"] = result.rows;
    out["bytes"] = result.bytes;
    out["seconds"] = result.seconds;
    out["flows"] = result.flows;
    out["two_sided"] = result.two_sided;
    out["outside_band"] = result.outside_band;
    out["countries"] = result.countries;
    out["codes"] = result.codes;
    out["first_year"] = result.first_year;
    out["last_year"] = result.last_year;
  }
  return import_json(std::move(out), result.notes, result.files, result.messages);
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lode/support/text.hpp"
#include "lode/tables/table.hpp"

namespace lode {
namespace {

struct FieldName {
  TradeField field;
  std::string_view comtrade, legacy, baci;  ///< as a header has it; empty: not in this layout
};

using F = TradeField;
constexpr FieldName names[] = {
    {F::year, "refYear", "Year", "t"},
    {F::period, "period", "Period", ""},
    {F::month, "refMonth", "", ""},
    {F::flow, "flowCode", "Trade Flow Code", ""},
    {F::flow, "flowDesc", "Trade Flow", ""},
    {F::reporter, "reporterCode", "Reporter Code", "i"},
    {F::reporter_iso, "reporterISO", "Reporter ISO", ""},
    {F::reporter_name, "reporterDesc", "Reporter", ""},
    {F::partner, "partnerCode", "Partner Code", "j"},
    {F::partner_iso, "partnerISO", "Partner ISO", ""},
    {F::partner_name, "partnerDesc", "Partner", ""},
    {F::second_partner, "partner2Code", "2nd Partner Code", ""},
    {F::customs, "customsCode", "Customs Proc. Code", ""},
    {F::transport, "motCode", "Mode of Transport Code", ""},
    {F::revision, "classificationCode", "Classification", ""},
    {F::code, "cmdCode", "Commodity Code", "k"},
    {F::code_name, "cmdDesc", "Commodity", ""},
    {F::weight, "netWgt", "Netweight (kg)", "q"},
    {F::weight_estimated, "isNetWgtEstimated", "", ""},
    {F::quantity_unit, "qtyUnitCode", "Qty Unit Code", ""},
    {F::quantity_unit_name, "qtyUnitAbbr", "Qty Unit", ""},
    {F::quantity, "qty", "Qty", ""},
    {F::quantity_estimated, "isQtyEstimated", "", ""},
    {F::cif, "cifvalue", "CIF Trade Value (US$)", ""},
    {F::fob, "fobvalue", "FOB Trade Value (US$)", ""},
    {F::value, "primaryValue", "Trade Value (US$)", "v"},
    {F::estimation_flag, "legacyEstimationFlag", "Flag", ""},
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool looks_like_code(std::string_view text) {
  return (text.size() >= 2 && text.size() <= 6 && all_digits(text)) || text == "TOTAL" ||
         (text.size() == 3 && text.starts_with("AG"));
}

bool looks_like_year(std::string_view text) {
  const auto year = read_year(text);
  return year && *year >= 1960 && *year <= 2100;
}

std::string_view name_in(const FieldName& name, TradeData::Layout layout) {
  switch (layout) {
    case TradeData::Layout::comtrade:
      return name.comtrade;
    case TradeData::Layout::legacy:
      return name.legacy;
    case TradeData::Layout::baci:
      return name.baci;
  }
  return {};
}

}  // namespace

const std::string& TradeColumns::name(TradeField field) const {
  return header[*at[static_cast<std::size_t>(field)]];
}

std::optional<TradeColumns> find_trade_columns(std::span<const std::string_view> header,
                                               std::string& problem) {
  using Layout = TradeData::Layout;
  TradeColumns result;
  std::vector<std::string> lower;
  for (const std::string_view cell : header) {
    result.header.emplace_back(cell);
    lower.push_back(lower_case(cell));
  }
  const auto has = [&](std::string_view name) {
    return std::find(lower.begin(), lower.end(), name) != lower.end();
  };
  if (has("t") && has("i") && has("j") && has("k")) {
    result.layout = Layout::baci;
  } else if (has("reportercode") || has("cmdcode") || has("flowcode")) {
    result.layout = Layout::comtrade;
  } else if (has("trade flow") || has("trade flow code") || has("commodity code")) {
    result.layout = Layout::legacy;
  } else {
    problem =
        "these columns are neither those of UN Comtrade (refYear, flowCode, reporterCode, …), nor of its old "
        "form "
        "(Year, Trade Flow, Reporter, …), nor of BACI (t,i,j,k,v,q)";
    return std::nullopt;
  }
  for (const FieldName& name : names) {
    auto& column = result.at[static_cast<std::size_t>(name.field)];
    const std::string_view wanted = name_in(name, result.layout);
    const auto found = std::find(lower.begin(), lower.end(), lower_case(wanted));
    if (!column && !wanted.empty() && found != lower.end())
      column = static_cast<std::size_t>(found - lower.begin());
  }
  std::vector<std::string> lacking;
  const auto need = [&](std::initializer_list<TradeField> any) {
    for (const TradeField field : any)
      if (result[field]) return;
    const auto entry = std::find_if(std::begin(names), std::end(names),
                                    [&](const FieldName& name) { return name.field == *any.begin(); });
    lacking.emplace_back(name_in(*entry, result.layout));
  };
  need({F::year, F::period});
  if (result.layout != Layout::baci) need({F::flow});
  need({F::reporter});
  need({F::partner});
  need({F::code});
  need({F::weight, F::value, F::cif, F::fob, F::quantity});
  if (!lacking.empty()) {
    problem = fmt::format("the header lacks `{}`", fmt::join(lacking, "`, `"));
    return std::nullopt;
  }
  return result;
}

int column_shift(const TradeColumns& columns, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return 0;
  const auto fits = [&](int shift) {
    std::size_t good = 0;
    for (const auto& row : rows) {
      const auto cell = [&](TradeField field) -> std::string_view {
        const auto column = columns[field];
        if (!column) return {};
        const auto at = static_cast<std::ptrdiff_t>(*column) + shift;
        if (at < 0 || at >= static_cast<std::ptrdiff_t>(row.size())) return {};
        return row[static_cast<std::size_t>(at)];
      };
      bool fit = looks_like_code(cell(F::code)) && all_digits(cell(F::reporter));
      if (columns[F::year]) fit = fit && looks_like_year(cell(F::year));
      if (columns[F::flow]) {
        const std::string_view flow = cell(F::flow);
        fit = fit && (read_trade_flow(flow) || is_partial_flow(flow));
      }
      if (columns.layout == TradeData::Layout::baci) fit = fit && all_digits(cell(F::partner));
      good += fit;
    }
    return static_cast<double>(good) / static_cast<double>(rows.size());
  };
  constexpr double few = 0.1, most = 0.9;
  if (fits(0) > few) return 0;
  for (const int shift : {-1, 1})
    if (fits(shift) >= most) return shift;
  return 0;
}

std::optional<TradeFlow> read_trade_flow(std::string_view text) {
  const std::string flow = lower_case(text);
  if (flow == "x" || flow == "2" || flow == "export" || flow == "exports") return TradeFlow::exports;
  if (flow == "m" || flow == "1" || flow == "import" || flow == "imports") return TradeFlow::imports;
  if (flow == "rx" || flow == "3" || flow == "re-export" || flow == "re-exports")
    return TradeFlow::re_exports;
  if (flow == "rm" || flow == "4" || flow == "re-import" || flow == "re-imports")
    return TradeFlow::re_imports;
  return std::nullopt;
}

bool is_partial_flow(std::string_view text) {
  static constexpr std::array<std::string_view, 8> parts{"dx",  "fm",  "mip", "xip",
                                                         "mop", "xop", "mif", "xif"};
  const std::string flow = lower_case(text);
  return std::find(parts.begin(), parts.end(), flow) != parts.end() || flow.find("domestic") == 0 ||
         flow.find("foreign") == 0 || flow.find("processing") != std::string::npos;
}

}  // namespace lode

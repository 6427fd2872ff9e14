// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lode/exchange/trade.hpp"

namespace lode {

enum class TradeField : std::size_t {
  year,
  period,
  month,
  flow,
  reporter,
  reporter_iso,
  reporter_name,
  partner,
  partner_iso,
  partner_name,
  second_partner,
  customs,
  transport,
  revision,
  code,
  code_name,
  weight,
  weight_estimated,
  quantity_unit,
  quantity_unit_name,
  quantity,
  quantity_estimated,
  cif,
  fob,
  value,
  estimation_flag,
  count
};

/// Where each field stands in a file; columns from 0.
struct TradeColumns {
  TradeData::Layout layout = TradeData::Layout::comtrade;
  std::vector<std::string> header;
  std::array<std::optional<std::size_t>, static_cast<std::size_t>(TradeField::count)> at;
  int shift = 0;  ///< the values stand so many columns right of their headers

  std::optional<std::size_t> operator[](TradeField field) const {
    return at[static_cast<std::size_t>(field)];
  }
  const std::string& name(TradeField field) const;  ///< of a column that is there
};

/// Recognises the layout by its header; nothing, and a `problem` in words, if it is none or lacks a column
/// that is needed.
std::optional<TradeColumns> find_trade_columns(std::span<const std::string_view> header,
                                               std::string& problem);

/// By how many columns the rows are shifted against the header: 0 unless nearly none fits where it should
/// and nearly all fit one column left or right of it. Judged by what years, flows and codes look like.
int column_shift(const TradeColumns& columns, const std::vector<std::vector<std::string>>& rows);

/// "M", "Import", "1" and so on; nothing for flows that are parts of these ("DX", "FM") or unknown.
std::optional<TradeFlow> read_trade_flow(std::string_view text);
/// A part of a flow by kind of trade, known but not read: "DX", "XIP".
bool is_partial_flow(std::string_view text);

}  // namespace lode

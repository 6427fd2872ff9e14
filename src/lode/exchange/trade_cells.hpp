// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lode/exchange/text_rows.hpp"
#include "lode/exchange/trade.hpp"
#include "lode/exchange/trade_columns.hpp"

namespace lode {

/// The cells of one row of a trade file, by what they mean, and the numbers they hold.
class TradeCells {
 public:
  /// A cell that does not hold what it should, and why.
  struct Wrong {
    std::string_view at;
    std::string message;
  };

  TradeCells(const TradeColumns& columns, bool decimal_comma)
      : columns_(columns), decimal_comma_(decimal_comma) {}

  /// The row's text has to stay as long as the cells are asked for.
  void split(const TextRow& row, char delimiter);
  const std::vector<std::string_view>& all() const { return cells_; }
  /// Empty where there is no such column, or the row ends before it.
  std::string_view operator[](TradeField field) const;

  bool flag(TradeField field) const;
  /// True unless the row is a part, by customs procedure, means of transport or second partner.
  bool is_total() const;
  std::optional<int> country_number(TradeField field, std::vector<Wrong>& wrong) const;
  /// Times `factor`, over `divisor`: kilograms over 1000 are rounded once, times 0.001 twice.
  TradeNumber number(TradeField field, double factor, double divisor, std::vector<Wrong>& wrong) const;
  /// Weight and values of a row of UN Comtrade; `from_quantity`: the weight is that of the quantity in kg.
  TradeReport comtrade_numbers(TradeFlow flow, bool& from_quantity, std::vector<Wrong>& wrong) const;

 private:
  const TradeColumns& columns_;
  bool decimal_comma_;
  std::vector<std::string_view> cells_;
  std::vector<std::string> storage_;
};

}  // namespace lode

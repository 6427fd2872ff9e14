// SPDX-License-Identifier: Apache-2.0
#include "lode/exchange/trade_cells.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "lode/tables/table.hpp"

namespace lode {

using F = TradeField;

void TradeCells::split(const TextRow& row, char delimiter) {
  split_cells(row, delimiter, cells_, storage_);
}

std::string_view TradeCells::operator[](TradeField field) const {
  const auto column = columns_[field];
  if (!column) return {};
  const auto at = static_cast<std::ptrdiff_t>(*column) + columns_.shift;
  return at < 0 || at >= static_cast<std::ptrdiff_t>(cells_.size()) ? std::string_view()
                                                                    : cells_[static_cast<std::size_t>(at)];
}

bool TradeCells::flag(TradeField field) const {
  const std::string_view text = (*this)[field];
  return text == "1" || text == "True" || text == "true" || text == "TRUE";
}

bool TradeCells::is_total() const {
  const auto is_any = [](std::string_view text, std::string_view total) {
    return text.empty() || text == total || text == "0";
  };
  return is_any((*this)[F::customs], "C00") && is_any((*this)[F::transport], "0") &&
         is_any((*this)[F::second_partner], "0");
}

std::optional<int> TradeCells::country_number(TradeField field, std::vector<Wrong>& wrong) const {
  std::string_view text = (*this)[field];
  if (text.ends_with(".0")) text.remove_suffix(2);
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size() && number >= 0)
    return number;
  wrong.push_back({(*this)[field], text.empty() ? fmt::format("`{}` is empty", columns_.name(field))
                                                : fmt::format("`{}` is no number of a country", text)});
  return std::nullopt;
}

TradeNumber TradeCells::number(TradeField field, double factor, double divisor,
                               std::vector<Wrong>& wrong) const {
  const std::string_view text = (*this)[field];
  TradeNumber result;
  if (text.empty()) return result;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = read.ec == std::errc() && read.ptr == text.data() + text.size() && std::isfinite(value);
  if (!plain) {
    const NumberCell written = read_number(text, decimal_comma_);
    using Kind = NumberCell::Kind;
    if (written.kind == Kind::empty || written.kind == Kind::absent) return result;
    if (written.kind == Kind::censored && std::isinf(written.value)) {
      result.kind = TradeNumber::Kind::withheld;
      return result;
    }
    if (written.kind == Kind::text || written.percent || !written.unit.empty()) {
      const std::string why =
          written.kind == Kind::text ? written.problem : fmt::format("`{}` is no plain number", text);
      wrong.push_back({text, fmt::format("`{}`: {}", columns_.name(field), why)});
      return result;
    }
    value = written.value;
    if (written.kind == Kind::censored) result.kind = TradeNumber::Kind::below;
  }
  if (value < 0) {
    wrong.push_back({text, fmt::format("`{}` is below zero: {}", columns_.name(field), text)});
    return {};
  }
  if (result.kind == TradeNumber::Kind::missing) result.kind = TradeNumber::Kind::given;
  result.value = value * factor / divisor;
  return result;
}

TradeReport TradeCells::comtrade_numbers(TradeFlow flow, bool& from_quantity,
                                         std::vector<Wrong>& wrong) const {
  TradeReport report;
  const bool bought = flow == TradeFlow::imports || flow == TradeFlow::re_imports;
  report.value = number(bought ? F::cif : F::fob, 1, 1, wrong);
  const TradeNumber primary = number(F::value, 1, 1, wrong);
  if (bought) report.fob = number(F::fob, 1, 1, wrong);
  using Kind = TradeNumber::Kind;
  // An importer that states FOB alone repeats it as its primary value; it is no CIF value.
  if (report.value.is(Kind::missing) && !report.fob.is(Kind::given)) report.value = primary;
  report.weight = number(F::weight, 1, 1000, wrong);
  report.weight.estimated =
      flag(F::weight_estimated) || (*this)[F::estimation_flag] == "4" || (*this)[F::estimation_flag] == "6";
  const bool valued = (report.value.is(Kind::given) && report.value.value > 0) ||
                      (report.fob.is(Kind::given) && report.fob.value > 0);
  // A weight of zero beside a value is a weight that nobody recorded.
  if (valued && report.weight.is(Kind::given) && report.weight.value == 0) report.weight = {};
  if (report.weight.is(Kind::missing) &&
      ((*this)[F::quantity_unit] == "8" || (*this)[F::quantity_unit_name] == "kg")) {
    const TradeNumber quantity = number(F::quantity, 1, 1000, wrong);
    if (!quantity.is(Kind::missing) && !(valued && quantity.is(Kind::given) && quantity.value == 0)) {
      report.weight = quantity;
      report.weight.estimated = flag(F::quantity_estimated) || (*this)[F::estimation_flag] == "2" ||
                                (*this)[F::estimation_flag] == "6";
      from_quantity = true;
    }
  }
  return report;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/results/cells.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "lode/support/contract.hpp"

namespace lode {
namespace {

/// True if `unit` holds "<dimension>." as a word of its own.
bool names_attribute_of(const std::string& unit, const std::string& dimension) {
  const std::string reference = dimension + '.';
  for (std::size_t at = unit.find(reference); at != std::string::npos; at = unit.find(reference, at + 1)) {
    const unsigned char before = at == 0 ? ' ' : static_cast<unsigned char>(unit[at - 1]);
    if (before < 0x80 && !std::isalnum(before) && before != '_') return true;
  }
  return false;
}

}  // namespace

CellLayout::CellLayout(const ResultSet& results, const ResultVariable& variable) {
  const std::size_t rank = variable.dimensions.size();
  sizes.resize(rank);
  strides.resize(rank);
  for (std::size_t j = rank; j-- > 0;) {
    LODE_EXPECT(variable.dimensions[j] < results.dimensions.size());
    const ResultDimension& dimension = results.dimensions[variable.dimensions[j]];
    sizes[j] = dimension.labels.size();
    strides[j] = count;
    count *= sizes[j];
    if (dimension.is_time) time_axis = j;
  }
  LODE_EXPECT(variable.values.size() == count);
  if (variable.label_units.empty()) return;

  // The unit names its dimension, as in "kg/product.counted_in"; else the first axis of the right size
  // carries it.
  for (std::size_t j = rank; j-- > 0;) {
    if (sizes[j] != variable.label_units.size()) continue;
    unit_axis = j;
    if (names_attribute_of(variable.unit, results.dimensions[variable.dimensions[j]].name)) break;
  }
  LODE_EXPECT(unit_axis.has_value());
}

const std::string& unit_of(const ResultVariable& variable, const CellLayout& layout, std::size_t cell) {
  if (!layout.unit_axis) return variable.unit;
  return variable.label_units[layout.label_at(cell, *layout.unit_axis)];
}

std::vector<StatisticColumn> statistic_columns(const ResultSet& results, const ResultVariable& variable) {
  if (!variable.uncertainty) return {};
  const ResultUncertainty& uncertainty = *variable.uncertainty;
  std::vector<StatisticColumn> columns = {
      {"mean", &uncertainty.mean},           {"mean_error", &uncertainty.mean_error},
      {"deviation", &uncertainty.deviation}, {"deviation_error", &uncertainty.deviation_error},
      {"minimum", &uncertainty.minimum},     {"maximum", &uncertainty.maximum}};
  if (!uncertainty.below_zero.empty()) columns.push_back({"below_zero", &uncertainty.below_zero});
  LODE_EXPECT(uncertainty.quantiles.size() == results.quantiles.size());
  for (std::size_t q = 0; q < uncertainty.quantiles.size(); ++q) {
    columns.push_back({quantile_name(results.quantiles[q]), &uncertainty.quantiles[q]});
  }
  for ([[maybe_unused]] const StatisticColumn& column : columns)
    LODE_EXPECT(column.values->size() == variable.values.size());
  return columns;
}

std::string quantile_name(double probability) {
  // The point moves in the digits: 100 times 0.07 would be 7.000000000000001.
  char buffer[512];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, probability, std::chars_format::fixed);
  LODE_EXPECT(end.ec == std::errc{});
  std::string digits(buffer, end.ptr);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  if (point < digits.size()) digits.erase(point, 1);
  if (digits.size() < point + 2) digits.append(point + 2 - digits.size(), '0');
  std::string whole = digits.substr(0, point + 2);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  const std::string rest = digits.substr(point + 2);
  return 'p' + whole + (rest.empty() ? "" : '.' + rest);
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-5 && size < 1e16);
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  LODE_EXPECT(end.ec == std::errc{});
  out.append(digits, end.ptr);
}

}  // namespace lode

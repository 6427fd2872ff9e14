// SPDX-License-Identifier: Apache-2.0
#include "lode/api/verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lode/api/figure_spec.hpp"
#include "lode/report/numbers.hpp"

namespace lode {

std::optional<int> year_of_table(const Session& session, int wanted, std::string& problem) {
  const Dimensions& dims = session.bound->dimensions;
  if (wanted == 0) {
    const auto past = last_year_of_history(*session.model);
    return past && dims.year_index(*past) ? *past : dims.last_year();
  }
  if (dims.year_index(wanted)) return wanted;
  problem = fmt::format("{} is no year of this model ({}–{})", wanted, dims.first_year(), dims.last_year());
  return std::nullopt;
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

std::string title_of(const Title& title, const std::string& fallback, const std::string& language) {
  return title.empty() ? fallback : title.in(language);
}

std::string label_title(const ResultDimension& dimension, std::size_t label, const std::string& language) {
  if (is_chinese(language) && label < dimension.titles_zh.size() && !dimension.titles_zh[label].empty())
    return dimension.titles_zh[label];
  if (label < dimension.titles.size() && !dimension.titles[label].empty()) return dimension.titles[label];
  return dimension.labels[label];
}

}  // namespace lode

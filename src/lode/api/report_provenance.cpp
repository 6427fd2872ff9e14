// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_provenance.hpp"

#include <fmt/format.h>

namespace lode {

std::size_t Provenance::text(const std::string& text) {
  const auto [place, is_new] = text_index_.emplace(text, texts_.size());
  if (is_new) {
    texts_.push_back(text);
    used_ += text.size() + 3;
  }
  return place->second;
}

std::size_t Provenance::part(const Explanation& explanation) {
  // The value tells expressions apart that read alike, for other labels.
  const std::string key =
      fmt::format("{}\n{}\n{}\n{}", explanation.name, explanation.value, explanation.unit, explanation.how);
  const auto [place, is_new] = part_index_.emplace(key, parts_.size());
  const std::size_t index = place->second;
  if (is_new) {
    parts_.push_back({text(explanation.name), text(explanation.is_year ? "year" : explanation.unit),
                      text(explanation.how), text(explanation.place), text(explanation.source),
                      explanation.value});
    used_ += 40;
  }
  // The one that goes deepest is kept.
  if (explanation.parts.empty() || !parts_[index].parts.empty()) return index;
  Json list = Json::array();
  for (const Explanation& each : explanation.parts) {
    Json one = Json::array(
        {part(each), each.share ? Json(significant(*each.share, 4)) : Json(nullptr), text(each.sign)});
    if (each.elasticity && *each.elasticity != 1 && *each.elasticity != -1)
      one.push_back(significant(*each.elasticity, 4));
    used_ += 22;
    list.push_back(std::move(one));
  }
  parts_[index].parts = std::move(list);
  return index;
}

bool Provenance::add(const std::string& key, const Explanation& explanation) {
  if (used_ >= room_) return false;
  numbers_.emplace_back(key, part(explanation));
  used_ += key.size() + 8;
  return true;
}

Json Provenance::json() const {
  Json out = {{"texts", texts_}, {"parts", Json::array()}, {"numbers", Json::object()}};
  for (const Part& part : parts_)
    out["parts"].push_back(Json::array({part.name, number_json(significant(part.value, 9)), part.unit,
                                        part.how, part.place, part.source, part.parts}));
  for (const auto& [key, index] : numbers_) out["numbers"][key] = index;
  return out;
}

}  // namespace lode

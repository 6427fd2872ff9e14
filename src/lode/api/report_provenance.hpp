// SPDX-License-Identifier: Apache-2.0
//
// Explanations of many numbers, each part kept once: parts of one number are often numbers of their own.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "lode/api/explain.hpp"
#include "lode/api/report_json.hpp"

namespace lode {

class Provenance {
 public:
  /// `bytes`: what all of it may take, about.
  explicit Provenance(std::size_t bytes) : room_(bytes) {}

  /// Keeps an explanation under a key, "in_use.stock[2017, AC]". False once there is no more room.
  bool add(const std::string& key, const Explanation& explanation);

  /// {"texts": […], "parts": [[name, value, unit, how, place, source, [[part, share, sign, elasticity], …]],
  /// …], "numbers": {key: part}}; name, unit, how, place, source and sign index into texts.
  Json json() const;

 private:
  struct Part {
    std::size_t name, unit, how, place, source;
    double value;
    Json parts = Json::array();
  };
  std::size_t text(const std::string& text);
  std::size_t part(const Explanation& explanation);

  std::size_t room_, used_ = 0;
  std::vector<std::string> texts_;
  std::map<std::string, std::size_t> text_index_, part_index_;
  std::vector<Part> parts_;
  std::vector<std::pair<std::string, std::size_t>> numbers_;
};

}  // namespace lode

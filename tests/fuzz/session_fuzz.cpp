// SPDX-License-Identifier: Apache-2.0
// A model.yaml in memory through the whole way: read, bound, planned and, if small, computed and summarised.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "lode/api/graph.hpp"
#include "lode/engine/evaluation.hpp"
#include "lode/model/model.hpp"
#include "lode/plan/plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20000) return 0;
  lode::Diagnostics diagnostics;
  auto model =
      lode::read_case_text(std::string(reinterpret_cast<const char*>(data), size), "model.yaml", diagnostics);
  if (!model) return 0;
  lode::apply_scenario(*model, {}, diagnostics);
  if (lode::graph_mermaid(*model, "zh").empty() || lode::graph_dot(*model, "en").empty()) std::abort();
  const auto shared = std::make_shared<const lode::Model>(std::move(*model));
  const auto bound = std::make_shared<lode::BoundModel>(lode::bind_model(shared, diagnostics));
  if (!diagnostics.has_errors()) {
    const lode::Plan plan = lode::make_plan(bound, diagnostics);
    if (!diagnostics.has_errors()) {
      if (lode::print(plan).empty()) std::abort();
      std::size_t cells = 0;
      for (const lode::PlanArray& array : plan.arrays) cells += array.series * array.periods;
      if (cells < 200000) {
        lode::Evaluation evaluation(plan);
        evaluation.run();
      }
    }
  }
  diagnostics.sort_and_unique();
  if (!diagnostics.all().empty() && lode::render(diagnostics).empty()) std::abort();
  return 0;
}

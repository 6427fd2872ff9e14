// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lode/model/model.hpp"
#include "lode/model/reader.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  lode::Diagnostics diagnostics;
  std::optional<lode::Model> model = lode::read_case_text(text, "model.yaml", diagnostics);
  require(model || diagnostics.has_errors());
  if (model) {
    require(model->time.years.size() == model->time.steps.size());
    lode::apply_scenario(*model, {}, diagnostics);
    require(diagnostics.has_errors() || model->scenario.size() == model->axes.size());
  }
  for (const lode::Diagnostic& diagnostic : diagnostics.all()) {
    require(!diagnostic.code.empty() && !diagnostic.message.empty());
    for (const lode::Label& label : diagnostic.labels)
      require(!label.where || label.where.offset + label.where.length <= label.where.file->text().size());
  }
  diagnostics.sort_and_unique();
  require(diagnostics.all().empty() || !lode::render(diagnostics).empty());

  lode::Diagnostics bibliography;
  lode::parse_bibtex(std::make_shared<lode::SourceFile>("sources.bib", text), bibliography);
  return 0;
}

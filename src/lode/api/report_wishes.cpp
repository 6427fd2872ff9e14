// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report_wishes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lode/model/yaml.hpp"
#include "lode/support/files.hpp"

namespace lode {
namespace {

class WishReader {
 public:
  explicit WishReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  ReportWishes read(const YamlNode& root) {
    ReportWishes wishes;
    if (!known_keys(root, {"summary", "answer", "charts"})) return wishes;
    if (const YamlPtr text = root.find("summary")) wishes.summary = title_of(*text);
    for (const YamlPtr& item : items(root, "answer")) {
      if (!known_keys(*item, {"number", "name", "note"})) continue;
      ReportAnswer answer;
      answer.where = item->where;
      if (const YamlPtr number = item->find("number"); number && number->is_scalar()) {
        answer.number = number->text;
        answer.where = number->where;
      } else {
        diagnostics_.error("missing-key", item->where, "an answer needs a `number:`").help =
            "a formula that gives one number: number: 'gap[2035]'";
        continue;
      }
      if (const YamlPtr name = item->find("name")) answer.title = title_of(*name);
      if (const YamlPtr note = item->find("note")) answer.note = title_of(*note);
      wishes.answer.push_back(std::move(answer));
    }
    for (const YamlPtr& item : items(root, "charts")) {
      if (!known_keys(*item, {"show", "name", "note"})) continue;
      ReportChart chart;
      chart.where = item->where;
      if (const YamlPtr show = item->find("show")) {
        if (show->is_scalar()) chart.show.push_back(show->text);
        for (const YamlPtr& name : show->values)
          if (show->is_sequence() && name->is_scalar()) chart.show.push_back(name->text);
      }
      if (chart.show.empty()) {
        diagnostics_.error("missing-key", item->where, "a chart needs what to `show:`").help =
            "names of flows, stocks or quantities: show: [demand, supply_offered]";
        continue;
      }
      if (const YamlPtr name = item->find("name")) chart.title = title_of(*name);
      if (const YamlPtr note = item->find("note")) chart.note = title_of(*note);
      wishes.charts.push_back(std::move(chart));
    }
    return wishes;
  }

 private:
  bool known_keys(const YamlNode& map, const std::vector<std::string>& known) {
    if (!map.is_map()) {
      diagnostics_.error("wrong-kind", map.where,
                         fmt::format("keys are expected here: {}", fmt::join(known, ", ")));
      return false;
    }
    for (const YamlPtr& key : map.keys)
      if (std::find(known.begin(), known.end(), key->text) == known.end())
        diagnostics_
            .error("unknown-key", key->where, fmt::format("`{}` is no key of report.yaml here", key->text))
            .help = did_you_mean(key->text, known);
    return true;
  }

  std::vector<YamlPtr> items(const YamlNode& root, const char* key) {
    const YamlPtr list = root.find(key);
    if (!list) return {};
    if (list->is_sequence()) return list->values;
    diagnostics_.error("wrong-kind", list->where, fmt::format("`{}:` is a list", key)).help =
        "each entry begins with a dash: - {…}";
    return {};
  }

  Title title_of(const YamlNode& node) {
    Title title;
    if (node.is_scalar()) {
      title.by_language[""] = node.text;
    } else if (node.is_map()) {
      for (std::size_t i = 0; i < node.keys.size(); ++i)
        if (node.values[i]->is_scalar()) title.by_language[node.keys[i]->text] = node.values[i]->text;
    } else {
      diagnostics_.error("wrong-kind", node.where, "a text is expected here, or {en: …, zh: …}");
    }
    return title;
  }

  Diagnostics& diagnostics_;
};

}  // namespace

ReportWishes read_report_wishes(const Model& model, Diagnostics& diagnostics) {
  const std::filesystem::path path = model.folder / "report.yaml";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const std::string shown = (std::filesystem::path(model.shown_folder) / "report.yaml").string();
  std::string problem;
  const auto bytes = read_file(path, problem);
  if (!bytes) {
    diagnostics.error("unreadable", {}, fmt::format("{}: {}", shown, problem));
    return {};
  }
  const YamlPtr root = parse_yaml(*bytes, shown, diagnostics);
  if (!root || root->is_null()) return {};
  return WishReader(diagnostics).read(*root);
}

}  // namespace lode

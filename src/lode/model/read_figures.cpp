// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "lode/model/figure_decl.hpp"
#include "lode/model/keys.hpp"
#include "lode/model/reader.hpp"
#include "lode/model/yaml.hpp"
#include "lode/support/files.hpp"

namespace lode {
namespace {

/// Reads what check_shape() has looked at; what is of the wrong kind is passed over without a further word.
class FigureReader {
 public:
  explicit FigureReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  FigureFile read(const YamlNode& root) {
    FigureFile file;
    file.outside = choices_of(root.find("outside"));
    if (const YamlPtr events = root.find("events"); events && events->is_map())
      for (std::size_t i = 0; i < events->keys.size(); ++i)
        if (const auto year = year_of(events->keys[i]))
          file.events.push_back({year->year, title_of(events->values[i])});
    std::vector<FigureDecl>& figures = file.figures;
    const std::optional<YearAt> history = year_of(root.find("history"));
    const YamlPtr entries = root.find("figures");
    if (!entries || !entries->is_map()) return file;
    for (std::size_t i = 0; i < entries->keys.size(); ++i) {
      if (!entries->values[i]->is_map()) continue;
      if (!good_id(*entries->keys[i])) continue;
      figures.push_back(read_one(*entries->keys[i], *entries->values[i]));
      if (!figures.back().history) figures.back().history = history;
    }
    return file;
  }

 private:
  /// An id becomes the name of a file.
  bool good_id(const YamlNode& key) {
    const bool good = !key.text.empty() && key.text.size() <= 100 &&
                      std::all_of(key.text.begin(), key.text.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                               c == '-' || c == '_';
                      });
    if (!good)
      diagnostics_.error("bad-name", key.where, fmt::format("`{}` cannot name a figure", shown(key.text)))
          .help = "its name is that of its files: letters a to z, digits, - and _";
    return good;
  }

  FigureDecl read_one(const YamlNode& id, const YamlNode& entry) {
    FigureDecl figure;
    figure.id = {id.text, id.where};
    if (const YamlPtr kind = scalar(entry, "kind")) figure.kind = {kind->text, kind->where};
    figure.title = title_of(entry.find("title"));
    figure.note = title_of(entry.find("note"));
    for (const char* role : {"show", "total", "imports", "exports", "demand", "supply", "recycling"})
      if (const YamlPtr node = entry.find(role)) figure.series[role] = series_of(*node);
    figure.results = texts_of(entry.find("results"));
    figure.inputs = texts_of(entry.find("inputs"));
    if (const YamlPtr by = scalar(entry, "by")) figure.by = NameAt{by->text, by->where};
    if (const YamlPtr panels = scalar(entry, "panels")) figure.panels = NameAt{panels->text, panels->where};
    figure.only = choices_of(entry.find("only"));
    figure.scenario = choices_of(entry.find("scenario"));
    figure.history = year_of(entry.find("history"));
    read_years(entry, figure);
    if (const YamlPtr unit = scalar(entry, "unit")) figure.unit = Scalar{unit->text, unit->where};
    if (const YamlPtr as = scalar(entry, "as")) figure.bars = as->text == "bars";
    if (const YamlPtr events = scalar(entry, "events")) figure.events = events->text != "false";
    if (const YamlPtr scales = scalar(entry, "scales")) {
      figure.own_scales = scales->text == "own";
      figure.one_scale = scales->text == "shared";
    }
    return figure;
  }

  static YamlPtr scalar(const YamlNode& entry, std::string_view key) {
    YamlPtr node = entry.find(key);
    return node && node->is_scalar() ? node : nullptr;
  }

  /// A text or a list of them.
  static std::vector<Scalar> texts_of(const YamlPtr& node) {
    std::vector<Scalar> texts;
    if (node && node->is_scalar()) texts.push_back({node->text, node->where});
    if (node && node->is_sequence())
      for (const YamlPtr& item : node->values)
        if (item->is_scalar()) texts.push_back({item->text, item->where});
    return texts;
  }

  static std::vector<FigureSeriesDecl> series_of(const YamlNode& node) {
    std::vector<FigureSeriesDecl> series;
    const auto add = [&](const YamlNode& name, Title title) {
      if (name.is_scalar()) series.push_back({{name.text, name.where}, std::move(title)});
    };
    if (node.is_scalar()) add(node, {});
    if (node.is_sequence())
      for (const YamlPtr& item : node.values) add(*item, {});
    if (node.is_map())
      for (std::size_t i = 0; i < node.keys.size(); ++i) add(*node.keys[i], title_of(node.values[i]));
    return series;
  }

  static std::vector<std::pair<NameAt, Scalar>> choices_of(const YamlPtr& node) {
    std::vector<std::pair<NameAt, Scalar>> choices;
    if (!node || !node->is_map()) return choices;
    for (std::size_t i = 0; i < node->keys.size(); ++i)
      if (node->values[i]->is_scalar())
        choices.push_back(
            {{node->keys[i]->text, node->keys[i]->where}, {node->values[i]->text, node->values[i]->where}});
    return choices;
  }

  std::optional<YearAt> year_of(const YamlPtr& node) {
    if (!node || !node->is_scalar()) return std::nullopt;
    return year_of(node->text, node->where);
  }
  std::optional<YearAt> year_of(const std::string& text, const Location& where) {
    if (const std::optional<int> year = read_year(text)) return YearAt{*year, where};
    diagnostics_.error("not-a-year", where, fmt::format("`{}` is no year", shown(text)));
    return std::nullopt;
  }

  void read_years(const YamlNode& entry, FigureDecl& figure) {
    const YamlPtr year = scalar(entry, "year"), years = scalar(entry, "years");
    if (year && years) {
      diagnostics_.error("bad-time", years->where, "`year` and `years` both stand here").help =
          "write `year: 2017` or `years: 2000..2017`";
      return;
    }
    if (year) figure.first_year = figure.last_year = year_of(year);
    if (!years) return;
    const std::size_t dots = years->text.find("..");
    if (dots == std::string::npos) {
      diagnostics_.error("not-a-year", years->where, fmt::format("`{}` are no years", shown(years->text)))
          .help = "write the first and the last, like `years: 2000..2017`";
      return;
    }
    figure.first_year = year_of(years->text.substr(0, dots), years->where);
    figure.last_year = year_of(years->text.substr(dots + 2), years->where);
    if (figure.first_year && figure.last_year && figure.first_year->year > figure.last_year->year)
      diagnostics_.error("bad-time", years->where,
                         fmt::format("{} comes after {}", figure.first_year->year, figure.last_year->year));
  }

  Diagnostics& diagnostics_;
};

}  // namespace

FigureFile read_figures_text(std::string yaml, const std::string& shown_path, Diagnostics& diagnostics) {
  const YamlPtr root = parse_yaml(std::move(yaml), shown_path, diagnostics);
  if (!root || root->is_null()) return {};
  check_shape(*root, figures_shape(), "figures.yaml", true, diagnostics);
  if (!root->is_map()) return {};
  return FigureReader(diagnostics).read(*root);
}

FigureFile read_figures(const std::filesystem::path& folder, Diagnostics& diagnostics) {
  const std::filesystem::path file = (folder / "figures.yaml").lexically_normal();
  std::error_code missing;
  if (!std::filesystem::exists(file, missing)) return {};
  std::string problem;
  std::optional<std::string> bytes = read_file(file, problem);
  if (!bytes) {
    diagnostics.error("no-file", {}, fmt::format("cannot read {}: {}", file.generic_string(), problem));
    return {};
  }
  return read_figures_text(std::move(*bytes), file.generic_string(), diagnostics);
}

}  // namespace lode

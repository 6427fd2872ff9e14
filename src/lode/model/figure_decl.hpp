// SPDX-License-Identifier: Apache-2.0
//
// figures.yaml of a case: which figures it has, as written. What the names stand for is not looked up yet.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lode/model/model.hpp"

namespace lode {

/// A result that a figure shows, perhaps under a title of its own.
struct FigureSeriesDecl {
  NameAt result;
  Title title;
};

/// A year that charts mark.
struct MarkedYear {
  int year = 0;
  Title title;
};

struct FigureDecl {
  NameAt id;
  Scalar kind;  ///< a name of figure_kind_names()
  Title title, note;
  /// What is shown, by the key it stands under: show, total, imports, exports, demand, supply, recycling.
  std::map<std::string, std::vector<FigureSeriesDecl>> series;
  std::vector<Scalar> results;                      ///< formulas that give one number
  std::vector<Scalar> inputs;                       ///< of a sweep
  std::optional<NameAt> by, panels;                 ///< dimensions or scenario axes
  std::vector<std::pair<NameAt, Scalar>> only;      ///< dimension, label
  std::vector<std::pair<NameAt, Scalar>> scenario;  ///< axis, case
  std::optional<YearAt> first_year, last_year;      ///< the same for one year
  std::optional<YearAt> history;                    ///< its last year
  std::optional<Scalar> unit;
  bool bars = false;        ///< and not areas
  bool own_scales = false;  ///< of panels
  bool one_scale = false;   ///< of Sankey diagrams of all years
  bool events = true;       ///< marks the years of `events`
};

/// All that figures.yaml says.
struct FigureFile {
  std::vector<FigureDecl> figures;
  /// Processes outside the system, and what they are to it: market, source, use or loss.
  std::vector<std::pair<NameAt, Scalar>> outside;
  std::vector<MarkedYear> events;  ///< beside those of the model
};

/// Kinds of figures, in the order they are documented.
const std::vector<std::string>& figure_kind_names();

/// figures.yaml of a case's folder; empty if there is no such file. What cannot be read is reported.
FigureFile read_figures(const std::filesystem::path& folder, Diagnostics& diagnostics);
/// The same from the text of the file.
FigureFile read_figures_text(std::string yaml, const std::string& shown_path, Diagnostics& diagnostics);

/// `events:` of the case's model and of what it extends, in order of the years. They mean nothing to what is
/// computed; mistakes in them are told where the model is read.
std::vector<MarkedYear> read_events(const std::filesystem::path& folder);

/// The JSON Schema of figures.yaml, from the description that the reader checks keys against.
std::string figures_schema();

}  // namespace lode

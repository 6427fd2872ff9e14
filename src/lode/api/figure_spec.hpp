// SPDX-License-Identifier: Apache-2.0
//
// A figure to be drawn: what figures.yaml declares or a request asks for, with defaults filled in.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lode/api/session.hpp"
#include "lode/lode.hpp"
#include "lode/report/figure.hpp"

namespace lode {

struct FigureSpec {
  std::string id, kind;
  Title title, note;
  struct Series {
    std::string result;
    Title title;
  };
  std::map<std::string, std::vector<Series>> series;  ///< by role, see FigureDecl
  std::vector<std::string> results, inputs;
  std::string by, panels;  ///< dimension or scenario axis, empty: none
  std::map<std::string, std::string> only;
  ScenarioChoice scenario;  ///< beside that of the session
  int first_year = 0, last_year = 0;
  std::optional<int> history;  ///< last year of the past; none: no difference is made
  /// What processes outside the system are to it: market, source, use or loss.
  std::map<std::string, std::string> outside;
  std::vector<MarkedYear> events;
  std::string unit;
  bool bars = false, own_scales = false, one_scale = false;
  std::string language = "en";
  double width = 180;  ///< millimetres
  std::uint64_t draws = 4096, seed = 1;

  const std::vector<Series>& role(const std::string& name) const;
  FigureOptions options() const;
};

/// Reports what the figures name and the model does not have; it becomes that of the session.
void take_figures(Session& session, FigureFile figures);

/// What processes outside the system are to it, as figures.yaml says.
std::map<std::string, std::string> outside_roles(const Session& session);

/// The figures of a case: those of figures.yaml, or a choice that suits the model.
std::vector<FigureSpec> figure_set(const Session& session);

/// What a request asks for; none if there is no such figure, and `problem` says so.
std::optional<FigureSpec> spec_of(const Session& session, const FigureRequest& request, std::string& problem);

/// The last year of the past, where the model says: by a condition `history` or `projection` on time alone.
std::optional<int> last_year_of_history(const Model& model);

}  // namespace lode

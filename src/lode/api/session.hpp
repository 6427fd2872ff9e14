// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lode/engine/calibrate.hpp"
#include "lode/engine/draws.hpp"
#include "lode/engine/evaluation.hpp"
#include "lode/model/figure_decl.hpp"
#include "lode/model/model.hpp"
#include "lode/plan/plan.hpp"
#include "lode/results/result_set.hpp"

namespace lode {

using ScenarioChoice = std::map<std::string, std::string>;

struct DrawnTornado;

/// Results of one session less those of another, draw by draw.
struct DrawnDifference : DrawnPart {
  std::unique_ptr<DrawDifference> of;
};

/// A case read, bound, planned and computed for one choice of scenarios. Each stage is there only if the one
/// before succeeded.
struct Session {
  std::shared_ptr<const Model> as_read;  ///< before any scenario was applied
  std::shared_ptr<const Model> model;
  std::shared_ptr<BoundModel> bound;
  std::shared_ptr<const BoundModel> variant_of;  ///< what a variant's own bound model is a copy of
  std::shared_ptr<const Plan> plan;              ///< of a variant, perhaps another session's
  std::unique_ptr<Evaluation> evaluation;
  FigureFile figures;                     ///< figures.yaml
  bool only_checkpoints = false;          ///< computes no more than these need
  std::vector<Calibration> calibrations;  ///< one for each entry of `solve:`
  Uncertainty uncertainty;
  /// What is asked of draws: a quantity, whole or one number.
  struct DrawQuestion {
    enum class Kind { focus, probability, until, shown };
    Kind kind = Kind::focus;
    std::string text;
    std::size_t quantity = 0;
    double bound = 0;                ///< until: standard error of the mean, relative to it
    std::vector<std::size_t> cells;  ///< that vary, by place in DrawModel::cells()
  };
  std::vector<DrawQuestion> draw_questions;
  std::vector<std::string> kept_results;  ///< whose statistics draws keep; empty: of all results
  std::size_t varying_results = 0;        ///< cells that vary in the draws, whether kept or not
  std::unique_ptr<DrawModel> draw_model;
  std::optional<DrawResult> draws;
  /// Another scenario, and the differences to it.
  std::shared_ptr<Session> against;
  std::optional<DrawnDifference> difference;
  std::shared_ptr<const DrawnTornado> tornado;  ///< the last one, for its other language
  Diagnostics diagnostics;

  bool readable() const { return model != nullptr; }
  bool planned() const { return plan != nullptr; }
  bool computed() const { return evaluation != nullptr; }
};

/// Reads and checks: everything short of numbers.
Session open_session(const std::filesystem::path& folder, const ScenarioChoice& choice);
/// The same for a case whose results another takes: they share what they computed of others.
Session open_session(const std::filesystem::path& folder, const ScenarioChoice& choice,
                     std::shared_ptr<Lenders> lenders);
/// The same for another choice of scenarios, without reading the files again.
Session open_session(const std::shared_ptr<const Model>& as_read, const ScenarioChoice& choice);
/// Of the checkpoints only those
/// for which `wanted` holds (by place in the list) are bound.
Session open_session(const std::shared_ptr<const Model>& as_read, const ScenarioChoice& choice,
                     const std::vector<bool>& wanted);
/// Computes; events become diagnostics. False after a failure.
bool compute(Session& session);
/// Finds what these entries of `solve:` ask for and puts it in place of the parameters' values. False where
/// it could not be found; the reasons become diagnostics.
bool find_parameters(Session& session, const std::vector<bool>& entries);
/// Makes diagnostics of what happened while computing. False after a failure.
bool tell_events(Session& session);

/// The value of one cell in its display unit, with the unit's text.
struct ShownValue {
  double value = 0;
  std::string unit;
};
ShownValue shown(const Session& session, std::size_t quantity, std::size_t series, std::size_t period);
/// "1,000,000"
std::string thousands(std::uint64_t number);
/// "supply=high, recycling=today"
std::string scenario_text(const ScenarioChoice& choice);
/// "4,693 t/yr", "67.6 %", "2020", "never".
std::string shown_text(double value, const std::string& unit, bool is_year = false);

/// Flows, stocks, quantities, balances and parameters as labelled arrays with units, and the manifest.
ResultSet results_of(const Session& session);

}  // namespace lode

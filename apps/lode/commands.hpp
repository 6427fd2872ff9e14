// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "lode/import.hpp"
#include "lode/lode.hpp"

/// What the command line asked for; one struct for all commands, each reads what it needs.
struct Request {
  std::string path, output, question, language = "en", format = "text", template_name = "chain";
  std::vector<std::string> scenario, against;
  bool json = false, csv = false, xlsx = false, watch = false, no_colour = false, fail_on_alert = false;
  std::size_t depth = 3, width = 6;
  lode::DrawRequest draws;
  std::uint64_t draw_count = 0;       ///< 0: none were asked for
  std::vector<double> quantiles;      ///< per cent
  std::vector<std::string> of_draws;  ///< options given that do nothing without draws
  bool profile = false;
  lode::SensitivityRequest sensitivity;
  std::string kind = "sankey", years, layer, figure, by, panels, unit;
  std::vector<std::string> only, show, inputs, formats = {"svg", "csv"};
  int year = 0, dpi = 300;
  double millimetres = 180;
  bool one_scale = false, all_figures = false, list_figures = false, figures_schema = false;
  lode::FlowImport import;
  lode::TradeImport trade;
  std::vector<double> cif_band;
  std::vector<std::string> also;
  bool alone = false;
  lode::ScenarioRequest scenarios;
  lode::SweepRequest sweep;
  lode::SeekRequest seek;
  std::vector<std::string> between, from, to;
  std::string other_path;
  std::size_t most = 12;
};

/// Exit status: 0 done, 1 the model says no, 2 misuse.
int run_new(const Request& request);
int run_check(const Request& request);
int run_tables(const Request& request);
int run_run(const Request& request);
int run_verify(const Request& request);
int run_sensitivity(const Request& request);
int run_sweep(const Request& request);
int run_seek(const Request& request);
int run_diff(const Request& request);
int run_classify(const Request& request);
int run_diagnose(const Request& request);
int run_explain(const Request& request);
int run_plan(const Request& request);
int run_graph(const Request& request);
int run_figure(const Request& request);
int run_report(const Request& request);
int run_schema(const Request& request);
int run_import_flows(const Request& request);
int run_import_trade(const Request& request);

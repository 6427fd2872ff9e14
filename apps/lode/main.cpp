// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <limits>

#include "commands.hpp"
#include "lode/lode.hpp"
#include "numbers.hpp"
#include "systems.hpp"

namespace {

/// The command line, for a README that says how a case was made.
std::string called_as(int argc, char** argv) {
  std::string out = "lode";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$`*?;&|<>()[]{}#!~") == std::string::npos;
    out += " ";
    if (plain) {
      out += word;
      continue;
    }
    out += "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c == '\n' ? ' ' : c);
    out += "'";
  }
  return out;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Dynamic material flow analysis: a system declared in text and tables, checked, computed, explained.",
      "lode"};
  app.set_version_flag("--version", "lode " + lode::engine_version());
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 done, 1 the model says no, 2 misuse.\nBegin with: lode new my-case && lode run "
      "my-case");
  Request request;
  int (*action)(const Request&) = nullptr;

  const auto command = [&](const char* name, const char* what, const char* example,
                           int (*run)(const Request&)) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->footer(std::string("Example:\n  ") + example);
    sub->callback([&action, run] { action = run; });
    sub->add_flag("--no-colour,--no-color", request.no_colour, "Plain text, also on a terminal");
    return sub;
  };
  const auto takes_case = [&](CLI::App* sub) {
    sub->add_option("case", request.path, "Folder with a model.yaml")->required();
    sub->add_option("-s,--scenario", request.scenario, "AXIS=CASE, several with commas or by repeating");
    sub->add_flag("--json", request.json, "For machines");
  };

  const CLI::Validator any_seed = whole_number(0, std::numeric_limits<std::uint64_t>::max()),
                       some_threads = whole_number(0, 4096);
  /// Gives the option of the seed, which does nothing where there are no draws.
  const auto takes_draws = [&](CLI::App* sub, const char* words, std::uint64_t least = 8) {
    sub->add_option("-n,--draws", request.draw_count, words)
        ->transform(whole_number(least, std::uint64_t{1} << 32));
    sub->add_option("--threads", request.draws.threads, "For draws; all unless given")
        ->transform(some_threads);
    return sub->add_option("--seed", request.draws.seed, "Of the draws")
        ->transform(any_seed)
        ->capture_default_str();
  };
  const auto takes_looks = [&](CLI::App* sub) {
    sub->add_option("--lang", request.language, "Of figures: en or zh")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    sub->add_option("--width", request.millimetres,
                    "Millimetres of a figure: 85 for one column of a journal, 180 for two")
        ->check(CLI::Range(60, 500))
        ->capture_default_str();
    sub->add_option("--dpi", request.dpi, "Dots per inch of a PNG")
        ->check(CLI::Range(36, 2400))
        ->capture_default_str();
  };

  CLI::App* create = command("new", "Make a case that runs, from a template",
                             "lode new nd --template stock-driven", run_new);
  create->add_option("case", request.path, "Folder to make")->required();
  create
      ->add_option("-t,--template", request.template_name, "chain, stock-driven, flow-map, pathway or trade")
      ->check(CLI::IsMember(lode::template_names()))
      ->capture_default_str();

  CLI::App* check =
      command("check", "Say everything that is wrong or missing", "lode check cases/neodymium-china --watch",
              [](const Request& each) { return each_system(each, run_check); });
  takes_case(check);
  check->add_flag("--watch", request.watch, "Again whenever a file changes");

  takes_case(
      command("tables", "Write the tables and rows that the case still needs", "lode tables nd", run_tables));

  CLI::App* run = command("run", "Compute, write the results, and say how it went",
                          "lode run cases/neodymium-china --scenario supply=high --xlsx -o results/high",
                          [](const Request& each) { return each_system(each, run_run); });
  takes_case(run);
  run->add_option("-o,--output", request.output, "Folder for the results (default results/<case>)");
  run->add_option("--scenarios", request.scenarios.sets,
                  "Several scenarios in one run: all, or 'AXIS=CASE,CASE; AXIS=all'; axes combine")
      ->allow_extra_args(false);
  run->add_option("--show", request.scenarios.show,
                  "With --scenarios: a number to tell for each, like 'gap[2035]'")
      ->allow_extra_args(false);
  run->add_flag("--csv", request.csv, "Also one tidy CSV per quantity");
  run->add_flag("--xlsx", request.xlsx, "Also a workbook, a sheet per group");
  takes_draws(run, "Compute so many draws of the uncertain inputs too");
  run->add_option("--design", request.draws.design, "sobol, latin or random")
      ->check(CLI::IsMember({"sobol", "latin", "random"}))
      ->capture_default_str();
  run->add_option("--quantiles", request.quantiles, "Kept of every result, like 2.5,50,97.5 [%]")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0));
  run->add_option("--results", request.draws.results,
                  "Keep statistics of the draws of these results alone, like 'gap, in_use.stock'; may be "
                  "repeated")
      ->allow_extra_args(false);
  run->add_option("--focus", request.draws.focus, "A result to tell more of, like 'gap[2035]': its band");
  run->add_option("--probability", request.draws.probability, "Of a condition, like 'gap[2035] > 0'");
  run->add_option("--until", request.draws.until,
                  "Go on until the mean is known so well, like 'demand[2050]: 0.5 %'");
  run->add_option(
      "--against", request.against,
      "Another scenario, AXIS=CASE: differences to it, draw by draw, with their bands; of --scenarios: "
      "each less the one with these cases");
  run->add_flag("--keep", request.draws.keep, "Write the draws themselves of --focus");
  run->add_flag("--correlations", request.draws.correlations,
                "Of --focus: its numbers with each other and with the uncertain inputs");
  run->add_option("--difference", request.scenarios.differences,
                  "With --scenarios and draws: 'A - B' for two of them, instead of each less one")
      ->allow_extra_args(false);
  run->add_option("--state", request.draws.state_file,
                  "Keep what is done of the draws in this file, and go on from it after an interruption");
  run->add_flag("--profile", request.profile, "Say where the time of the draws went");
  run->add_flag("--fail-on-alert", request.fail_on_alert,
                "Exit 1 if an alert of severity `error` is crossed");

  CLI::App* sensitivity =
      command("sensitivity", "Rank the inputs by how much of a result's variance comes from them",
              "lode sensitivity cases/neodymium-china 'gap[2035]'", run_sensitivity);
  takes_case(sensitivity);
  sensitivity->add_option("result", request.sensitivity.what, "One or several numbers, like 'gap[2035]'")
      ->required();
  sensitivity
      ->add_option(
          "--method", request.sensitivity.method,
          "sobol: shares alone and with others; draws: shares alone, of every single number; screening: "
          "mean effects")
      ->check(CLI::IsMember({"sobol", "draws", "screening"}))
      ->capture_default_str();
  sensitivity->add_flag("--by-number", request.sensitivity.by_number,
                        "Every given number by itself, not a parameter as a whole");
  sensitivity
      ->add_option("--group", request.sensitivity.groups,
                   "Parameters that count as one: 'production: ore_output, metal_output'")
      ->allow_extra_args(false);
  sensitivity->add_option("-n,--draws", request.sensitivity.draws, "Draws of the base design")
      ->transform(whole_number(64, std::uint64_t{1} << 26))
      ->capture_default_str();
  sensitivity->add_option("--seed", request.sensitivity.seed, "Of the draws")
      ->transform(any_seed)
      ->capture_default_str();
  sensitivity->add_option("--threads", request.sensitivity.threads, "All unless given")
      ->transform(some_threads);

  CLI::App* diff = command("diff", "What differs between two scenarios, versions or results, inputs first",
                           "lode diff cases/neodymium-china --from supply=low --to supply=high", run_diff);
  diff->add_option("first", request.path, "A case, or results: a .nc or the folder with it")->required();
  diff->add_option("second", request.other_path, "Another; left out, the same case under another scenario");
  diff->add_option("--from", request.from, "AXIS=CASE of the first")->allow_extra_args(false);
  diff->add_option("--to", request.to, "AXIS=CASE of the second")->allow_extra_args(false);
  diff->add_option("--most", request.most, "Lines of each kind")
      ->transform(whole_number(1, 1000000))
      ->capture_default_str();
  takes_draws(diff, "Draw both sides with the same scores: bands of the differences of results")
      ->needs("--draws");
  diff->add_flag("--json", request.json, "For machines");
  diff->add_flag("--csv", request.csv, "As a table")->excludes("--json");

  CLI::App* sweep =
      command("sweep", "Run one or two inputs through values and tell results of each",
              "lode sweep cases/neodymium-china 'collection[projection] = 0 %..100 % : 11' --what "
              "'gap[2035]'",
              run_sweep);
  takes_case(sweep);
  sweep
      ->add_option("input", request.sweep.inputs,
                   "One or two, like 'x = 0 %..100 % : 21', 'x[2030] = 1, 2, 5' or factors 'x * 0.5..2 : 16'")
      ->required();
  sweep
      ->add_option("--what", request.sweep.what,
                   "A result, like 'gap[2035]'; a series of years goes to files")
      ->required()
      ->allow_extra_args(false);
  sweep->add_option("-o,--output", request.output, "File: .csv, .nc, .json, or a figure: .svg, .png, .pdf");
  takes_looks(sweep);
  sweep->add_option("--threads", request.sweep.threads, "All unless given")->transform(some_threads);

  CLI::App* seek =
      command("seek", "Find values of inputs that make a condition hold",
              "lode seek cases/neodymium-china 'collection[projection]' --so-that 'gap[2035] = 0'", run_seek);
  takes_case(seek);
  seek->add_option("input", request.seek.inputs,
                   "One, like collection or 'x[2030] = 1..5'; of several the least change is sought")
      ->required();
  seek->add_option("--so-that", request.seek.so_that,
                   "A condition, like 'gap[2035] = 0' or 'gap[2025..2050] <= 0'; all of several")
      ->required()
      ->allow_extra_args(false);
  seek->add_option("--between", request.between, "Where to look, like '0 %..60 %'")->expected(1, 4);
  seek->add_option("--points", request.seek.points, "Looked at before searching between them")
      ->check(CLI::Range(3, 100000))
      ->capture_default_str();
  seek->add_option("-n,--draws", request.seek.draws, "Also search in so many draws of the uncertain inputs")
      ->transform(whole_number(8, std::uint64_t{1} << 24));
  seek->add_option("--seed", request.seek.seed, "Of the draws")
      ->transform(any_seed)
      ->needs("--draws")
      ->capture_default_str();
  seek->add_option("--quantiles", request.quantiles, "Told of the draws' answers, like 2.5,50,97.5 [%]")
      ->needs("--draws")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0));
  seek->add_option("--threads", request.seek.threads, "All unless given")->transform(some_threads);

  takes_case(command("verify", "Compare with the published figures of checkpoints.csv",
                     "lode verify cases/neodymium-china",
                     [](const Request& each) { return each_system(each, run_verify); }));

  const auto takes_verdict = [&](CLI::App* sub) {
    takes_case(sub);
    sub->add_option("--year", request.year, "Without it the last year of the past, else the last");
    takes_draws(sub, "Of the uncertain inputs")->needs("--draws");
    sub->add_option("--lang", request.language, "en or zh")
        ->check(CLI::IsMember({"en", "zh"}))
        ->capture_default_str();
    sub->add_flag("--csv", request.csv, "As a table")->excludes("--json");
  };
  CLI::App* classify =
      command("classify", "Show what lies in which class, by the rules of the case",
              "lode classify cases/neodymium-resources --year 2030 --by product", run_classify);
  takes_verdict(classify);
  classify->add_option("--name", request.question, "Of the classification; all unless given");
  classify->add_option("--by", request.by, "Dimension of the rows, `time` among them");

  takes_verdict(command("diagnose", "Compare the stages of the chain and name the weak one",
                        "lode diagnose cases/neodymium-resources --lang zh", run_diagnose));

  CLI::App* explain = command("explain", "Show where a number comes from, down to the cells of the tables",
                              "lode explain cases/neodymium-china 'in_use[2017, AC]'", run_explain);
  takes_case(explain);
  explain->add_option("number", request.question, "A formula that gives one number")->required();
  explain->add_option("--depth", request.depth, "Levels shown below the number")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  explain->add_option("--width", request.width, "Parts of a sum shown one by one")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));

  takes_case(
      command("plan", "Show the compiled plan, pass by pass", "lode plan cases/neodymium-china", run_plan));

  CLI::App* graph = command("graph", "Show the system as text for Graphviz or Mermaid",
                            "lode graph nd --format dot | dot -Tsvg > nd.svg", run_graph);
  takes_case(graph);
  graph->add_option("--format", request.format, "mermaid or dot")
      ->check(CLI::IsMember({"mermaid", "dot"}))
      ->default_str("mermaid");
  graph->add_option("--lang", request.language, "en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();

  CLI::App* figure = command("figure", "Draw a figure as SVG, PNG or PDF",
                             "lode figure cases/neodymium-china --year 2017 --lang zh -o nd.svg", run_figure);
  takes_case(figure);
  CLI::Option* id = figure->add_option("figure", request.figure, "One of the case's figures, see --list");
  figure->add_flag("--all", request.all_figures, "Every figure of the case, into the folder of -o")
      ->excludes(id);
  figure->add_flag("--list", request.list_figures, "Name the case's figures and draw none");
  figure->add_option("--kind", request.kind, "What to draw, instead of a figure of the case")
      ->check(CLI::IsMember(lode::figure_kinds()))
      ->excludes(id)
      ->capture_default_str();
  figure->add_option("--show", request.show, "Results it shows, several with commas or by repeating")
      ->delimiter(',');
  figure
      ->add_option("--input", request.inputs,
                   "Of --kind sweep: one or two, like 'collection = 0 %..100 % : 21'")
      ->allow_extra_args(false);
  figure->add_option("--by", request.by,
                     "Dimension or scenario axis it is split by; of a Sankey diagram what colours stand for");
  figure->add_option("--panels", request.panels,
                     "Dimension or scenario axis: a panel for each label or case");
  figure->add_option("--unit", request.unit, "Unit it is shown in");
  takes_draws(figure,
              "Compute so many draws of the uncertain inputs and show their bands; fans and tornados make "
              "4096 without it",
              64);
  figure->add_option("--year", request.year, "Year shown (default the last)");
  figure->add_option("--years", request.years, "FIRST..LAST: amounts over all these years")
      ->excludes("--year");
  figure->add_option("--only", request.only, "DIMENSION=LABEL, several with commas or by repeating");
  figure->add_option("--layer", request.layer, "Which substance, where several are balanced each");
  figure->add_flag("--one-scale", request.one_scale, "As wide as in a row of figures of every year");
  takes_looks(figure);
  figure->add_option("--formats", request.formats, "Of --all: svg, png, pdf, json, csv")
      ->delimiter(',')
      ->check(CLI::IsMember({"svg", "png", "pdf", "json", "csv"}))
      ->capture_default_str();
  figure->add_option("-o,--output", request.output,
                     "File: .svg, .png, .pdf, .json for the scene, .csv for the table (default "
                     "<case>-<kind>-<year>.svg)");

  CLI::App* import = app.add_subcommand("import", "Make a case of somebody else's file");
  import->require_subcommand(1);
  import->footer(
      "Example:\n  lode import flows steel.xlsx -o steel\n  lode import trade TradeData.csv --code 850511 -o "
      "magnets");
  CLI::App* flows =
      import->add_subcommand("flows", "A list of flows: source, target, type, region, year, value, unit");
  flows->footer(
      "Example:\n  lode import flows steel.xlsx -o steel --region country --unit kt/yr --stock 'Use phase'\n"
      "Columns are found by their headers unless named here. Years may stand across, one column each.");
  flows->callback([&action] { action = run_import_flows; });
  flows->add_flag("--no-colour,--no-color", request.no_colour, "Plain text, also on a terminal");
  flows->add_flag("--json", request.json, "For machines");
  flows->add_option("file", request.import.file, "Workbook (.xlsx) or text file of columns")->required();
  flows->add_option("-o,--output", request.output, "Folder of the case to make")->required();
  flows->add_option("--sheet", request.import.sheet, "Sheet of the workbook (default the first)");
  flows->add_option("--source", request.import.source, "Header of the column where flows begin");
  flows->add_option("--target", request.import.target, "Header of the column where flows end");
  flows->add_option("--type", request.import.type, "Header of the column of what flows");
  flows->add_option("--region", request.import.region, "Header of the column of regions");
  flows->add_option("--year", request.import.year, "Header of the column of years, or the year of all rows");
  flows->add_option("--value", request.import.value, "Header of the column of numbers");
  flows->add_option("--unit", request.import.unit, "Header of the column of units, or the unit of all rows");
  flows->add_option("--types", request.import.types, "auto, flows (a flow for each type) or dimension")
      ->check(CLI::IsMember({"auto", "flows", "dimension"}))
      ->capture_default_str();
  flows->add_option("--stock", request.import.stocks,
                    "Process that keeps what does not leave; may be repeated");
  flows->add_option("--outside", request.import.outside, "Process beyond the boundary; may be repeated");
  flows->add_flag("--sum-duplicates", request.import.sum_duplicates,
                  "Rows of one flow, region and year add up");
  flows->add_flag("--negative", request.import.negative, "Take values below zero as they are");
  flows->add_flag("--decimal-comma", request.import.decimal_comma, "Texts write 0,5");
  flows->add_flag("--data-only", request.import.data_only, "Renew the numbers of a case that is there");
  flows->add_option("--title", request.import.title, "Of the case (default the file's name)");
  flows->add_option("--cite", request.import.citation, "How the data are to be cited");
  flows->add_option("--licence,--license", request.import.licence, "Licence of the data");
  CLI::App* trade =
      import->add_subcommand("trade", "UN Comtrade or BACI: trade by HS code, country and year, both sides");
  trade->footer(
      "Example:\n  lode import trade TradeData_*.csv --content magnets.csv --country CHN --years 2015..2023 "
      "-o magnets\n"
      "Where exporter and importer both report, both are kept, and the case says which one counts.");
  trade->callback([&action] { action = run_import_trade; });
  trade->add_flag("--no-colour,--no-color", request.no_colour, "Plain text, also on a terminal");
  trade->add_flag("--json", request.json, "For machines");
  trade->add_option("files", request.trade.files, "Files of UN Comtrade, old or new layout, or of BACI")
      ->required();
  trade->add_option("-o,--output", request.output, "Folder of the case to make")->required();
  trade->add_option("--content", request.trade.content,
                    "Table code,content,…: how much of a substance the goods hold");
  trade
      ->add_option("--code", request.trade.codes,
                   "HS codes, with commas or by repeating (default those of --content)")
      ->delimiter(',');
  trade
      ->add_option("--country", request.trade.countries,
                   "Only trade with these at one end: ISO3, number or name")
      ->delimiter(',');
  trade->add_option("--years", request.trade.years, "2017 or 2000..2017");
  trade->add_option("--revision", request.trade.revision,
                    "Only this revision of the Harmonized System, like H4");
  trade
      ->add_option("--reconcile", request.trade.reconcile,
                   "What stands for a flow that both report: importer, exporter, mean, larger or trust")
      ->check(CLI::IsMember({"importer", "exporter", "mean", "larger", "trust"}))
      ->capture_default_str();
  trade->add_option("--cif-margin", request.trade.cif_margin, "Freight and insurance, % of the FOB value")
      ->capture_default_str();
  trade->add_option("--cif-band", request.cif_band, "What they may be, LOW,HIGH in % (default 0,20)")
      ->delimiter(',')
      ->expected(2);
  trade->add_option("--country-names", request.trade.country_names,
                    "BACI's country_codes file (default beside the file)");
  trade->add_option("--product-names", request.trade.product_names,
                    "BACI's product_codes file (default beside the file)");
  trade->add_flag("--shifted", request.trade.shifted,
                  "Read a file whose columns are shifted by one as it was meant");
  trade->add_flag("--keep-going", request.trade.keep_going,
                  "Leave out rows that cannot be read, and keep them in data/left_out.csv");
  trade->add_flag("--decimal-comma", request.trade.decimal_comma, "Numbers are written 0,5");
  trade->add_option("--title", request.trade.title, "Of the case");
  trade->add_option("--cite", request.trade.citation, "How the data are to be cited");
  trade->add_option("--licence,--license", request.trade.licence, "Licence of the data");
  request.import.command = request.trade.command = called_as(argc, argv);

  CLI::App* report =
      command("report", "Make one HTML file to read and pass on, and a folder of figures",
              "lode report cases/neodymium-china --draws 4096 -o reports/neodymium", run_report);
  takes_case(report);
  report->add_option("-o,--output", request.output, "Folder for it (default reports/<case>)");
  report->add_option(
      "--also", request.also,
      "A scenario to switch to, AXIS=CASE, several axes with commas; may be repeated (default: "
      "every other case of every axis, one at a time)");
  report->add_flag("--alone", request.alone, "No other scenario")->excludes("--also");
  report->add_option("--lang", request.language, "en or zh: the language it opens in")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();
  takes_draws(report, "Show bands, from so many draws of the uncertain inputs")->needs("--draws");

  CLI::App* schema = command("schema", "Print the JSON Schema of model.yaml, for completion in editors",
                             "lode schema > lode.schema.json", run_schema);
  schema->add_flag("--figures", request.figures_schema, "Of figures.yaml");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error, std::cout, std::cerr);
    return 2;
  }
  for (const char* name : {"--seed", "--design", "--profile"})
    if (run->parsed() && run->count(name) > 0) request.of_draws.emplace_back(name);
  return action(request);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lode: %s\n", error.what());
    return 2;
  }
}

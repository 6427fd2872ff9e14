// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <iostream>

#include "opened.hpp"
#include "output.hpp"

extern char** environ;

namespace {

/// "2000..2017" as two years.
bool read_years(const std::string& text, lode::FigureRequest& figure) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return false;
  const auto year = [](const std::string& digits, int& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  return year(text.substr(0, dots), figure.first_year) && year(text.substr(dots + 2), figure.last_year);
}

/// Runs librsvg's converter; nothing of the command line passes through a shell.
bool convert(const std::filesystem::path& svg, const std::filesystem::path& target, const std::string& format,
             int dpi) {
  const std::string dots = std::to_string(dpi), from = std::filesystem::absolute(svg).string(),
                    to = std::filesystem::absolute(target).string();
  std::vector<std::string> words = {"rsvg-convert", "--format", format,     "--dpi-x", dots,
                                    "--dpi-y",      dots,       "--output", to,        from};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, "rsvg-convert", nullptr, nullptr, arguments.data(), environ);
  if (failed != 0) {
    std::cerr
        << "lode: a " << format
        << " needs the program rsvg-convert, which was not found\n"
           "  help: install it (Debian and Ubuntu: librsvg2-bin; Fedora: librsvg2-tools; macOS: brew install "
           "librsvg), or ask for .svg\n";
    return false;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  // Some systems report a missing program only here.
  std::cerr << "lode: rsvg-convert did not make " << target.string() << "\n";
  return false;
}

}  // namespace

std::string extension_of(const std::filesystem::path& file) {
  std::string text = file.extension().string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_figure_file(const std::filesystem::path& file) {
  const std::string extension = extension_of(file);
  return extension == ".svg" || extension == ".png" || extension == ".pdf" || extension == ".json" ||
         extension == ".csv";
}

bool write_figure(const lode::FigureResult& figure, const std::filesystem::path& output, int dpi) {
  const std::string format = extension_of(output);
  if (format == ".svg") return write_file(output, figure.svg);
  if (format == ".json") return write_file(output, figure.scene_json);
  if (format == ".csv") return write_file(output, figure.table_csv);
  std::filesystem::path vector = output;
  vector += ".svg";
  const bool good = write_file(vector, figure.svg) && convert(vector, output, format.substr(1), dpi);
  std::error_code ignored;
  std::filesystem::remove(vector, ignored);
  return good;
}

namespace {

/// Draws once, for all figures that are asked for.
bool draw(lode::Case& model, const Request& request) {
  lode::DrawRequest draws;
  draws.draws = request.draw_count;
  draws.seed = request.draws.seed;
  draws.threads = request.draws.threads;
  if (model.run_draws(draws)) return true;
  std::cerr << model.messages_text();
  return false;
}

int run_one(const lode::Case& model, const lode::FigureRequest& figure, const std::filesystem::path& output,
            int dpi) {
  const lode::FigureResult result = model.figure(figure);
  if (!result.problem.empty()) {
    std::cerr << "lode: " << result.problem << "\n";
    return misuse;
  }
  for (const std::string& remark : result.remarks) std::cerr << "lode: " << remark << "\n";
  return write_figure(result, output, dpi) ? print(output.string() + "\n", done) : misuse;
}

/// Every figure of the case, each in every format asked for.
int run_all(const lode::Case& model, lode::FigureRequest figure, const Request& request) {
  const std::filesystem::path folder = output_folder(request, "figures");
  if (folder.empty()) return misuse;
  int status = done;
  for (const lode::FigureInfo& info : model.figures()) {
    figure.id = info.id;
    const lode::FigureResult result = model.figure(figure);
    if (!result.problem.empty()) {
      std::cerr << "lode: " << info.id << ": " << result.problem << "\n";
      status = misuse;
      continue;
    }
    for (const std::string& remark : result.remarks)
      std::cerr << "lode: " << info.id << ": " << remark << "\n";
    for (const std::string& format : request.formats) {
      const std::filesystem::path file = folder / (info.id + "." + format);
      if (!write_figure(result, file, request.dpi) || print(file.string() + "\n", done) != done)
        return misuse;
    }
  }
  return status;
}

}  // namespace

int run_figure(const Request& request) {
  lode::FigureRequest figure;
  figure.id = request.figure;
  figure.kind = request.kind;
  figure.show = request.show;
  figure.inputs = request.inputs;
  figure.by = request.by;
  figure.panels = request.panels;
  figure.unit = request.unit;
  figure.language = request.language;
  figure.layer = request.layer;
  figure.width = request.millimetres;
  figure.one_scale = request.one_scale;
  if (request.draw_count > 0) figure.draws = request.draw_count;
  figure.seed = request.draws.seed;
  figure.first_year = request.year;
  if (!request.years.empty() && !read_years(request.years, figure)) {
    std::cerr << "lode: --years takes FIRST..LAST, as in 2000..2017, not `" << request.years << "`\n";
    return misuse;
  }
  if (!read_choices(request.only, "--only takes DIMENSION=LABEL", figure.only)) return misuse;
  std::filesystem::path output = request.output;
  if (!request.all_figures && !output.empty() && !is_figure_file(output)) {
    std::cerr << "lode: a figure is written as .svg, .png, .pdf, .json or .csv, not as `" << output.string()
              << "`\n";
    return misuse;
  }

  Opened opened = compute(request);
  if (opened.status != done) return opened.status;
  if (request.draw_count > 0 && !draw(*opened.model, request)) return refused;
  if (request.list_figures) {
    std::string text;
    for (const lode::FigureInfo& info : opened.model->figures())
      text += info.id + "  " + info.kind + (info.title.empty() ? "" : "  " + info.title) + "\n";
    return print(text, done);
  }
  if (request.all_figures) return run_all(*opened.model, figure, request);
  if (output.empty()) {
    std::string name = case_name(request.path) + "-" + (figure.id.empty() ? request.kind : figure.id);
    if (request.year != 0) name += "-" + std::to_string(request.year);
    if (!request.years.empty()) name += "-" + request.years;
    output = name + ".svg";
  }
  return run_one(*opened.model, figure, output, request.dpi);
}

// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "opened.hpp"

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

bool write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  out.close();
  if (out) return true;
  std::cerr << "lode: " << file.string() << ": " << std::strerror(errno) << "\n";
  return false;
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

std::string extension_of(const std::filesystem::path& file) {
  std::string text = file.extension().string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

int run_figure(const Request& request) {
  lode::FigureRequest figure;
  figure.kind = request.kind;
  figure.language = request.language;
  figure.layer = request.layer;
  figure.width = request.millimetres;
  figure.one_scale = request.one_scale;
  figure.first_year = request.year;
  if (!request.years.empty() && !read_years(request.years, figure)) {
    std::cerr << "lode: --years takes FIRST..LAST, as in 2000..2017, not `" << request.years << "`\n";
    return misuse;
  }
  if (!read_choices(request.only, "--only takes DIMENSION=LABEL", figure.only)) return misuse;
  std::filesystem::path output = request.output;
  const std::string kind = output.empty() ? ".svg" : extension_of(output);
  if (kind != ".svg" && kind != ".png" && kind != ".pdf" && kind != ".json" && kind != ".csv") {
    std::cerr << "lode: a figure is written as .svg, .png, .pdf, .json or .csv, not as `" << output.string()
              << "`\n";
    return misuse;
  }

  Opened opened = compute(request);
  if (opened.status != done) return opened.status;
  const lode::FigureResult result = opened.model->figure(figure);
  if (!result.problem.empty()) {
    std::cerr << "lode: " << result.problem << "\n";
    return misuse;
  }
  for (const std::string& remark : result.remarks) std::cerr << "lode: " << remark << "\n";
  if (output.empty()) {
    std::string name = case_name(request.path) + "-" + request.kind;
    if (request.year != 0) name += "-" + std::to_string(request.year);
    if (!request.years.empty()) name += "-" + request.years;
    output = name + ".svg";
  }
  bool good = true;
  if (kind == ".png" || kind == ".pdf") {
    std::filesystem::path vector = output;
    vector += ".svg";
    good = write(vector, result.svg) && convert(vector, output, kind.substr(1), request.dpi);
    std::error_code ignored;
    std::filesystem::remove(vector, ignored);
  } else {
    good = write(output, kind == ".svg"    ? result.svg
                         : kind == ".json" ? result.scene_json
                                           : result.table_csv);
  }
  return good ? print(output.string() + "\n", done) : misuse;
}

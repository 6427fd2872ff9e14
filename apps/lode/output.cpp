// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "opened.hpp"

std::filesystem::path output_folder(const Request& request, const char* kind) {
  std::filesystem::path folder = request.output.empty()
                                     ? std::filesystem::path(kind) / case_name(request.path)
                                     : std::filesystem::path(request.output);
  return make_folder(folder) ? folder : std::filesystem::path();
}

bool make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) std::cerr << "lode: " << folder.string() << ": " << error.message() << "\n";
  return !error;
}

bool write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  out.close();
  if (out) return true;
  std::cerr << "lode: " << file.string() << ": " << std::strerror(errno) << "\n";
  return false;
}

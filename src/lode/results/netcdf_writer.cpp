// SPDX-License-Identifier: Apache-2.0
#include "lode/results/netcdf_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lode/results/netcdf_session.hpp"

namespace lode {
namespace {

/// Leaves room for suffixes: that of a statistic and one that makes a name unique.
constexpr std::size_t longest_name = NC_MAX_NAME - 40;

constexpr std::size_t chunk_cells = std::size_t{1} << 17;
/// Below this a chunk's index takes more than deflating gains.
constexpr std::size_t cells_worth_deflating = std::size_t{1} << 12;
/// Higher levels take several times as long and save a few per cent of such numbers.
constexpr int deflate_level = 1;

}  // namespace

std::string legal_netcdf_name(const std::string& name) {
  std::string legal;
  for (const char c : name) {
    if (c == '/') {
      legal += name_stroke;
    } else {
      legal += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '_' : c;
    }
  }
  if (legal.size() > longest_name) {
    std::size_t end = longest_name;
    while (end > 0 && (static_cast<unsigned char>(legal[end]) & 0xC0) == 0x80)
      --end;  // between two characters
    legal.resize(end);
  }
  while (!legal.empty() && legal.back() == ' ') legal.back() = '_';
  const unsigned char first = legal.empty() ? 0 : static_cast<unsigned char>(legal.front());
  if (first < 0x80 && !std::isalnum(first) && first != '_') legal.insert(legal.begin(), '_');
  return legal;
}

NetcdfWriter::NetcdfWriter(const std::string& path) {
  check(nc_create(path.c_str(), NC_NETCDF4 | NC_CLOBBER, &file_));
}

NetcdfWriter::~NetcdfWriter() {
  if (file_ >= 0) nc_close(file_);
}

std::string NetcdfWriter::claim(const std::string& wish) {
  std::string name = wish;
  for (int n = 2; !names_.insert(name).second; ++n) name = fmt::format("{}_{}", wish, n);
  return name;
}

int NetcdfWriter::dimension(const std::string& name, std::size_t size) {
  int id = -1;
  // Size 0 makes it unlimited, with no records.
  if (ok()) check(nc_def_dim(file_, name.c_str(), size, &id));
  return id;
}

int NetcdfWriter::variable(const std::string& name, nc_type type, const std::vector<int>& dimensions) {
  int id = -1;
  if (ok()) {
    check(nc_def_var(file_, name.c_str(), type, static_cast<int>(dimensions.size()), dimensions.data(), &id));
  }
  return id;
}

void NetcdfWriter::compress(int variable, const std::vector<std::size_t>& sizes) {
  std::size_t cells = 1;
  for (const std::size_t size : sizes) cells *= size;
  if (!ok() || cells < cells_worth_deflating) return;
  std::vector<std::size_t> chunk = sizes;
  for (std::size_t& extent : chunk) {  // outer dimensions are cut first
    const std::size_t inner = cells / extent;
    if (cells > chunk_cells) extent = std::max<std::size_t>(1, chunk_cells / inner);
    cells = inner * extent;
    if (cells <= chunk_cells) break;
  }
  check(nc_def_var_chunking(file_, variable, NC_CHUNKED, chunk.data()));
  check(nc_def_var_deflate(file_, variable, 1, 1, deflate_level));
}

void NetcdfWriter::text(int variable, const char* name, const std::string& value) {
  if (!value.empty()) text_or_empty(variable, name, value);
}

void NetcdfWriter::text_or_empty(int variable, const char* name, const std::string& value) {
  attributes_.push_back({variable, name, value});
}

void NetcdfWriter::put(const Attribute& attribute) {
  const auto& [variable, name, value] = attribute;
  const bool ascii = std::all_of(value.begin(), value.end(), [](char c) { return (c & 0x80) == 0; });
  if (ascii) {
    check(nc_put_att_text(file_, variable, name.c_str(), value.size(), value.data()));
  } else {  // libnetcdf declares characters to be ASCII and only strings to be UTF-8
    const char* const pointer = value.c_str();
    check(nc_put_att_string(file_, variable, name.c_str(), 1, const_cast<const char**>(&pointer)));
  }
}

void NetcdfWriter::fill(int variable, double value) {
  if (ok()) check(nc_def_var_fill(file_, variable, NC_FILL, &value));
}

// Attaching dimensions to a variable reads all its attributes several times: those come after.
void NetcdfWriter::end_definitions() {
  if (ok()) check(nc_enddef(file_));
  for (const Attribute& each : attributes_)
    if (ok()) put(each);
  attributes_.clear();
}

void NetcdfWriter::values(int variable, const std::vector<double>& values) {
  if (ok() && !values.empty()) check(nc_put_var_double(file_, variable, values.data()));
}

void NetcdfWriter::values(int variable, const std::vector<int>& values) {
  if (ok() && !values.empty()) check(nc_put_var_int(file_, variable, values.data()));
}

void NetcdfWriter::values(int variable, const std::vector<std::string>& texts) {
  if (!ok() || texts.empty()) return;
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  check(nc_put_var_string(file_, variable, pointers.data()));
}

void NetcdfWriter::close() {
  if (!ok()) return;
  const int file = file_;
  file_ = -1;
  check(nc_close(file));
}

}  // namespace lode

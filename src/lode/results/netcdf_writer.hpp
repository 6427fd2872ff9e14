// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netcdf.h>

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace lode {

/// NetCDF forbids '/', control characters, a first character like '.', and blanks at the end. A stroke
/// becomes the division sign that looks like it, so that the paths of files stay readable.
std::string legal_netcdf_name(const std::string& name);

/// A NetCDF file being written. The first failure is kept, later calls do nothing.
class NetcdfWriter {
 public:
  explicit NetcdfWriter(const std::string& path);
  NetcdfWriter(const NetcdfWriter&) = delete;
  NetcdfWriter& operator=(const NetcdfWriter&) = delete;
  ~NetcdfWriter();

  /// A name that nothing in the file has yet.
  std::string claim(const std::string& wish);

  int dimension(const std::string& name, std::size_t size);
  int variable(const std::string& name, nc_type type, const std::vector<int>& dimensions);
  /// Chunks of at most 1 MiB, byte-shuffled and deflated, if the variable has enough values to gain by it.
  void compress(int variable, const std::vector<std::size_t>& sizes);
  void text(int variable, const char* name, const std::string& value);
  void text_or_empty(int variable, const char* name, const std::string& value);
  void fill(int variable, double value);
  void end_definitions();
  void values(int variable, const std::vector<double>& values);
  void values(int variable, const std::vector<int>& values);
  void values(int variable, const std::vector<std::string>& texts);
  void close();

  bool ok() const { return status_ == NC_NOERR; }
  std::string failure() const { return nc_strerror(status_); }

 private:
  struct Attribute {
    int variable;
    std::string name, value;
  };
  void put(const Attribute& attribute);
  void check(int status) {
    if (ok()) status_ = status;
  }

  int file_ = -1;
  int status_ = NC_NOERR;
  std::set<std::string> names_;
  std::vector<Attribute> attributes_;
};

/// What is to be written once all is defined: HDF5 is faster when definitions and data do not alternate.
struct NetcdfPending {
  std::vector<std::pair<int, const std::vector<std::string>*>> texts;
  std::vector<std::pair<int, std::vector<int>>> integers;
  std::vector<std::pair<int, std::vector<double>>> computed;
  std::vector<std::pair<int, const std::vector<double>*>> results;
};

}  // namespace lode

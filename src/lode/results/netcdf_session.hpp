// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mutex>

namespace lode {

/// Held around all calls to libnetcdf: neither it nor HDF5 beneath it is thread-safe, so there is one lock
/// for the whole process.
class NetcdfSession {
 public:
  NetcdfSession();

 private:
  static std::mutex lock_;
  std::lock_guard<std::mutex> guard_;
};

/// Attribute names that write_netcdf and read_netcdf agree on.
namespace attribute {
inline constexpr const char* format = "lode_results_format";
inline constexpr const char* timestamp = "date_created";
inline constexpr const char* unit = "display_unit";  ///< the unit as Lode shows it; `units` is for UDUNITS
inline constexpr const char* label_units =
    "label_units";                               ///< name of the string variable with a unit per label
inline constexpr const char* titles = "titles";  ///< on a dimension: the variable with its labels' titles
inline constexpr const char* titles_zh = "titles_zh";
inline constexpr const char* parts = "parts";
inline constexpr const char* numbers = "numbers";
inline constexpr const char* name = "lode_name";  ///< where NetCDF could not take the name as it is
inline constexpr const char* ancillary = "ancillary_variables";  ///< CF's: names, separated by blanks
inline constexpr const char* quantiles = "quantiles";            ///< name of the variable with the quantiles
inline constexpr const char* statistic = "statistic";            ///< one of the below
}  // namespace attribute

/// What a variable tells of draws; also the ending of its name.
namespace statistic {
inline constexpr const char* mean = "mean";
inline constexpr const char* mean_error = "mean_error";
inline constexpr const char* deviation_error = "deviation_error";
inline constexpr const char* deviation = "deviation";
inline constexpr const char* minimum = "minimum";
inline constexpr const char* maximum = "maximum";
inline constexpr const char* below_zero = "below_zero";
inline constexpr const char* quantiles = "quantiles";
inline constexpr const char* quantile_errors = "quantile_errors";
inline constexpr const char* probabilities = "probabilities";  ///< of the quantiles: their coordinate
inline constexpr const char* draws = "draws";
}  // namespace statistic

inline constexpr const char* results_format = "1";
/// A manifest entry whose key is one of the attributes above, or not allowed in NetCDF, gets this prefix.
inline constexpr const char* manifest_prefix = "manifest_";
/// Stands for '/' in names: U+2215.
inline constexpr const char* name_stroke = "\u2215";

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fmt/format.h>
#include <netcdf.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>

#include "lode/results/cells.hpp"
#include "lode/results/netcdf_session.hpp"
#include "lode/results/netcdf_uncertainty.hpp"
#include "lode/results/netcdf_writer.hpp"
#include "lode/results/output_files.hpp"
#include "lode/results/write.hpp"
#include "lode/version.hpp"

namespace lode {

std::mutex NetcdfSession::lock_;

NetcdfSession::NetcdfSession() : guard_(lock_) {
  // HDF5 prints each failed look-up to stderr unless told not to, thread by thread; libnetcdf tells it only
  // in the thread that came first. The function is looked up because libnetcdf does not offer HDF5's headers.
  using SetAuto = int (*)(std::int64_t, void*, void*);
  static const auto set_auto = reinterpret_cast<SetAuto>(::dlsym(RTLD_DEFAULT, "H5Eset_auto2"));
  if (set_auto != nullptr) set_auto(0, nullptr, nullptr);
}

namespace {

/// Days from 1900-01-01 to 1 January of a year of the proleptic Gregorian calendar.
double days_to_new_year(int year) {
  using namespace std::chrono;
  const sys_days epoch{std::chrono::year{1900} / January / 1};
  return static_cast<double>((sys_days{std::chrono::year{year} / January / 1} - epoch).count());
}

/// The same for a point within a year, by linear interpolation: periods may be shorter than a year.
double days_to(double year) {
  const double whole = std::floor(year);
  const int first = static_cast<int>(whole);
  const double start = days_to_new_year(first);
  return start + (year - whole) * (days_to_new_year(first + 1) - start);
}

std::optional<int> year_of(const std::string& label) {
  int year = 0;
  const char* const end = label.data() + label.size();
  const auto parsed = std::from_chars(label.data(), end, year);
  if (parsed.ec != std::errc{} || parsed.ptr != end || std::to_string(year) != label) return std::nullopt;
  if (year < -9999 || year > 9999) return std::nullopt;
  return year;
}

bool any_text(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(), [](const std::string& text) { return !text.empty(); });
}

struct Axis {
  int id = -1;
  std::string name;
  std::string
      coordinates;  ///< blank-separated names for the attribute `coordinates` of what lies on this axis
};

// Time follows CF: a numeric coordinate with bounds. A label is its period's end, so the coordinate is the
// period's last day (31 December) and the bounds run to the midnight after it; then selecting a year in
// xarray or ferret finds its own period, which a stamp of 1 January 00:00 would not. `year` repeats the label
// as a plain number.
void define_time(NetcdfWriter& out, NetcdfPending& pending, Axis& axis, const ResultDimension& dimension,
                 const std::vector<int>& years) {
  std::vector<double> days, bounds;
  std::vector<double> lengths = dimension.period_lengths;
  lengths.resize(years.size(), 1.0);
  for (std::size_t i = 0; i < years.size(); ++i) {
    const double end = days_to(years[i] + 1);
    days.push_back(end - 1);
    bounds.push_back(days_to(years[i] + 1 - lengths[i]));
    bounds.push_back(end);
  }
  const std::string bounds_name = out.claim(axis.name + "_bnds");
  const std::string year_name = out.claim("year");
  const int pair = out.dimension(out.claim("bnds"), 2);

  const int time = out.variable(axis.name, NC_DOUBLE, {axis.id});
  out.text(time, "standard_name", "time");
  out.text(time, "long_name", dimension.title);
  out.text(time, "long_name_zh", dimension.title_zh);
  out.text(time, "units", "days since 1900-01-01");
  out.text(time, "calendar", "proleptic_gregorian");
  out.text(time, "axis", "T");
  out.text(time, "bounds", bounds_name);
  pending.computed.emplace_back(time, std::move(days));

  pending.computed.emplace_back(out.variable(bounds_name, NC_DOUBLE, {axis.id, pair}), std::move(bounds));

  const int year = out.variable(year_name, NC_INT, {axis.id});
  out.text(year, "long_name", "calendar year at the end of the period");
  out.text(year, "long_name_zh", "时段末所在年份");
  out.text(year, "units", "1");
  out.text(time, "year", year_name);
  pending.integers.emplace_back(year, years);
  axis.coordinates = year_name;

  if (std::any_of(lengths.begin(), lengths.end(), [](double length) { return length != 1.0; })) {
    const std::string name = out.claim("period_length");
    const int length = out.variable(name, NC_DOUBLE, {axis.id});
    out.text(length, "long_name", "length of the period in calendar years");
    out.text(length, "long_name_zh", "时段长度（年）");
    out.text(length, "units", "1");
    out.text(time, "period_length", name);
    axis.coordinates += ' ' + name;
    pending.computed.emplace_back(length, std::move(lengths));
  }
}

// Labels are strings in a variable of the dimension's own name: xarray takes that as the index, and ncdump
// shows them as quoted texts, neither of which holds for arrays of characters. CF calls only numeric ones
// coordinate variables, so `coordinates` names them too, as it asks for string-valued labels.
Axis define_axis(NetcdfWriter& out, NetcdfPending& pending, const ResultDimension& dimension,
                 const std::string& name) {
  Axis axis;
  axis.name = name;
  axis.id = out.dimension(name, dimension.labels.size());

  std::vector<int> years;
  if (dimension.is_time) {
    for (const std::string& label : dimension.labels) {
      const auto year = year_of(label);
      if (!year) break;
      years.push_back(*year);
    }
  }
  if (dimension.is_time && years.size() == dimension.labels.size() && !years.empty()) {
    define_time(out, pending, axis, dimension, years);
    return axis;
  }

  const int labels = out.variable(name, NC_STRING, {axis.id});
  out.text(labels, "long_name", dimension.title);
  out.text(labels, "long_name_zh", dimension.title_zh);
  if (name != dimension.name) out.text(labels, attribute::name, dimension.name);
  pending.texts.emplace_back(labels, &dimension.labels);
  axis.coordinates = name;

  const auto titles = [&](const std::vector<std::string>& texts, const char* suffix, const char* role) {
    if (!any_text(texts) || texts.size() != dimension.labels.size()) return;
    const std::string titles_name = out.claim(name + suffix);
    pending.texts.emplace_back(out.variable(titles_name, NC_STRING, {axis.id}), &texts);
    out.text(labels, role, titles_name);
    axis.coordinates += ' ' + titles_name;
  };
  titles(dimension.titles, "_title", attribute::titles);
  titles(dimension.titles_zh, "_title_zh", attribute::titles_zh);
  std::string parts;
  for (const auto& [part, texts] : dimension.parts) {
    const std::string part_name = out.claim(legal_netcdf_name(name + "_" + part));
    const int id = out.variable(part_name, NC_STRING, {axis.id});
    out.text(id, "long_name", part);
    pending.texts.emplace_back(id, &texts);
    parts += (parts.empty() ? "" : " ") + part_name;
    axis.coordinates += ' ' + part_name;
  }
  out.text(labels, attribute::parts, parts);
  if (!dimension.numbers.empty()) {
    const std::string numbers = out.claim(name + "_value");
    const int id = out.variable(numbers, NC_DOUBLE, {axis.id});
    out.text(id, "long_name", dimension.title);
    out.text(id, "units", dimension.udunits);
    if (dimension.unit != dimension.udunits) out.text_or_empty(id, attribute::unit, dimension.unit);
    out.text(labels, attribute::numbers, numbers);
    pending.computed.emplace_back(id, dimension.numbers);
    axis.coordinates += ' ' + numbers;
  }
  return axis;
}

void put_manifest(NetcdfWriter& out, const ResultSet& results) {
  out.text(NC_GLOBAL, "Conventions", "CF-1.10");
  out.text(NC_GLOBAL, "title", results.title);
  out.text(NC_GLOBAL, "title_zh", results.title_zh);
  out.text(NC_GLOBAL, "source", fmt::format("Lode {}", version));
  out.text(NC_GLOBAL, attribute::format, results_format);
  out.text(NC_GLOBAL, attribute::timestamp, results.timestamp);
  std::set<std::string> taken = {
      "Conventions", "title", "title_zh", "source", attribute::format, attribute::timestamp, "_NCProperties"};
  for (const auto& [key, value] : results.manifest) {
    std::string name = legal_netcdf_name(key);
    if (taken.count(name) > 0 || name.rfind(manifest_prefix, 0) == 0) name.insert(0, manifest_prefix);
    while (!taken.insert(name).second) name += '_';
    out.text_or_empty(NC_GLOBAL, name.c_str(), value);
  }
}

void write_all(NetcdfWriter& out, const ResultSet& results) {
  NetcdfPending pending;
  put_manifest(out, results);

  std::vector<std::string> axis_names, variable_names;
  for (const ResultDimension& dimension : results.dimensions)
    axis_names.push_back(out.claim(legal_netcdf_name(dimension.name)));
  for (const ResultVariable& variable : results.variables)
    variable_names.push_back(out.claim(legal_netcdf_name(variable.name)));

  std::vector<Axis> axes;
  for (std::size_t d = 0; d < results.dimensions.size(); ++d) {
    axes.push_back(define_axis(out, pending, results.dimensions[d], axis_names[d]));
  }
  const NetcdfQuantiles quantiles = define_quantiles(out, pending, results);

  struct UnitList {
    std::size_t dimension;
    const std::vector<std::string>* units;
    std::string name;
  };
  std::vector<UnitList> unit_lists;

  for (std::size_t v = 0; v < results.variables.size(); ++v) {
    const ResultVariable& variable = results.variables[v];
    const CellLayout layout(results, variable);
    std::vector<int> dimensions;
    std::string coordinates;
    const auto add_coordinates = [&](const std::string& names) {
      if (!coordinates.empty()) coordinates += ' ';
      coordinates += names;
    };
    for (const std::size_t d : variable.dimensions) {
      dimensions.push_back(axes[d].id);
      add_coordinates(axes[d].coordinates);
    }
    std::string units_name;
    if (layout.unit_axis) {
      const std::size_t d = variable.dimensions[*layout.unit_axis];
      for (const UnitList& list : unit_lists) {
        if (list.dimension == d && *list.units == variable.label_units) units_name = list.name;
      }
      if (units_name.empty()) {
        units_name = out.claim(axes[d].name + "_unit");
        pending.texts.emplace_back(out.variable(units_name, NC_STRING, {axes[d].id}), &variable.label_units);
        unit_lists.push_back({d, &variable.label_units, units_name});
      }
      add_coordinates(units_name);
    }

    // Small arrays of fixed size: left contiguous and uncompressed, which is HDF5's fastest.
    const int id = out.variable(variable_names[v], NC_DOUBLE, dimensions);
    const std::string units = variable.udunits.empty() ? "1" : variable.udunits;
    std::string cell_methods;
    if (variable.is_flow || layout.time_axis) cell_methods = variable.is_flow ? "time: mean" : "time: point";
    out.fill(id, std::numeric_limits<double>::quiet_NaN());
    out.text(id, "units", units);
    out.text(id, "long_name", variable.title.empty() ? variable.name : variable.title);
    out.text(id, "long_name_zh", variable.title_zh);
    out.text(id, "cell_methods", cell_methods);
    out.text(id, "coordinates", coordinates);
    out.text_or_empty(id, "group", variable.group);
    out.text(id, "from", variable.from);
    out.text(id, "to", variable.to);
    out.text(id, "formula", variable.formula);
    if (variable.unit != units) out.text_or_empty(id, attribute::unit, variable.unit);
    out.text(id, attribute::label_units, units_name);
    if (variable_names[v] != variable.name) out.text(id, attribute::name, variable.name);
    pending.results.emplace_back(id, &variable.values);
    define_uncertainty(out, pending,
                       {id, variable_names[v], dimensions, layout.sizes, units, coordinates, cell_methods},
                       variable, quantiles);
  }
  std::vector<NetcdfAxis> draw_axes;
  for (const Axis& axis : axes) draw_axes.push_back({axis.id, axis.coordinates});
  define_draws(out, pending, results, draw_axes);

  out.end_definitions();
  for (const auto& [id, texts] : pending.texts) out.values(id, *texts);
  for (const auto& [id, integers] : pending.integers) out.values(id, integers);
  for (const auto& [id, values] : pending.computed) out.values(id, values);
  for (const auto& [id, values] : pending.results) out.values(id, *values);
  out.close();
}

/// Generous: a variable's attributes and index take about 4 kB.
std::size_t expected_size(const ResultSet& results) {
  std::size_t bytes = 1 << 20;
  for (const ResultDimension& dimension : results.dimensions) bytes += 500 * dimension.labels.size();
  for (const ResultVariable& variable : results.variables) {
    bytes += 16384 + 8 * variable.values.size() + 100 * variable.label_units.size() + variable.formula.size();
    if (!variable.uncertainty) continue;
    bytes += 7 * 16384 + 8 * (5 + 2 * results.quantiles.size()) * variable.values.size();
  }
  for (const ResultDraws& draws : results.draws) bytes += 16384 + 12 * draws.values.size();
  return bytes;
}

}  // namespace

WriteError write_netcdf(const ResultSet& results, const std::filesystem::path& file) {
  ScratchFile content(expected_size(results));
  std::string failure = content.problem();
  if (failure.empty()) {
    const NetcdfSession session;
    NetcdfWriter out(content.path());
    content.remove_name();
    write_all(out, results);
    if (!out.ok()) failure = out.failure();
  }
  if (!failure.empty()) return fmt::format("cannot write `{}`: {}", file.string(), failure);
  OutputFiles files;
  if (WriteError error = files.add(file, content.bytes())) return error;
  return files.commit();
}

}  // namespace lode

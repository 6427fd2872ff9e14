// SPDX-License-Identifier: Apache-2.0
#include "lode/results/netcdf_uncertainty.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <numeric>

#include "lode/results/netcdf_session.hpp"
#include "lode/support/contract.hpp"

namespace lode {
namespace {

/// For lists of names that blanks separate.
std::string without_blanks(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

/// "gap[2035]" becomes "gap_2035": brackets and commas in names are a nuisance in every tool.
std::string plain_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || std::isalnum(byte) || c == '.' || c == '_';
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return legal_netcdf_name(name);
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + ' ' + second;
}

class Companions {
 public:
  Companions(NetcdfWriter& out, const NetcdfNominal& nominal, const ResultVariable& variable)
      : out_(out), nominal_(nominal), title_(variable.title.empty() ? variable.name : variable.title) {}

  struct Defined {
    int id;
    std::string name;
  };
  /// `method`: how the axis of draws was collapsed, in the words of CF; "realization" is its standard name.
  Defined define(const char* statistic, const char* words, const char* method,
                 const NetcdfQuantiles& quantiles = {}, const char* units = nullptr) {
    std::vector<int> dimensions = nominal_.dimensions;
    std::vector<std::size_t> sizes = nominal_.sizes;
    if (quantiles.count > 0) {
      dimensions.insert(dimensions.begin(), quantiles.dimension);
      sizes.insert(sizes.begin(), quantiles.count);
    }
    const std::string name = out_.claim(without_blanks(nominal_.name) + '.' + statistic);
    const int id = out_.variable(name, NC_DOUBLE, dimensions);
    out_.compress(id, sizes);
    // At most eight attributes with HDF5's own, so that they stay in the variable's header: a ninth would
    // cost an index of its own, and there are seven variables here for each result.
    out_.fill(id, std::numeric_limits<double>::quiet_NaN());
    out_.text(id, "units", units ? units : nominal_.units);
    out_.text(id, "long_name", title_ + ", " + words);
    out_.text(id, "cell_methods", joined(nominal_.cell_methods, method));
    out_.text(id, "coordinates", nominal_.coordinates);
    out_.text(id, attribute::statistic, statistic);
    return {id, name};
  }

 private:
  NetcdfWriter& out_;
  const NetcdfNominal& nominal_;
  std::string title_;
};

std::vector<double> flat(const std::vector<std::vector<double>>& rows, std::size_t cells) {
  std::vector<double> all;
  all.reserve(rows.size() * cells);
  for (const std::vector<double>& row : rows) {
    LODE_EXPECT(row.size() == cells);
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

}  // namespace

NetcdfQuantiles define_quantiles(NetcdfWriter& out, NetcdfPending& pending, const ResultSet& results) {
  if (results.quantiles.empty()) return {};
  const std::string name = out.claim("quantile");
  const int dimension = out.dimension(name, results.quantiles.size());
  const int id = out.variable(name, NC_DOUBLE, {dimension});
  out.text(id, "long_name", "share of the draws that lie below");
  out.text(id, "long_name_zh", "低于该值的抽样所占比例");
  out.text(id, "units", "1");
  out.text(id, attribute::statistic, statistic::probabilities);
  pending.results.emplace_back(id, &results.quantiles);
  return {dimension, results.quantiles.size()};
}

void define_uncertainty(NetcdfWriter& out, NetcdfPending& pending, const NetcdfNominal& nominal,
                        const ResultVariable& variable, const NetcdfQuantiles& quantiles) {
  if (!variable.uncertainty) return;
  const ResultUncertainty& uncertainty = *variable.uncertainty;
  const std::size_t cells = variable.values.size();
  Companions companions(out, nominal, variable);

  std::string names;
  const auto define = [&](const char* name, const char* words, const char* method,
                          const std::vector<double>& values, const char* units = nullptr) {
    LODE_EXPECT(values.size() == cells);
    const Companions::Defined defined = companions.define(name, words, method, {}, units);
    names = joined(names, defined.name);
    pending.results.emplace_back(defined.id, &values);
  };
  define(statistic::mean, "mean of the draws", "realization: mean", uncertainty.mean);
  define(statistic::mean_error, "standard error of the mean of the draws", "", uncertainty.mean_error);
  define(statistic::deviation, "standard deviation of the draws", "realization: standard_deviation",
         uncertainty.deviation);
  define(statistic::deviation_error, "standard error of the standard deviation of the draws", "",
         uncertainty.deviation_error);
  define(statistic::minimum, "least of the draws", "realization: minimum", uncertainty.minimum);
  define(statistic::maximum, "greatest of the draws", "realization: maximum", uncertainty.maximum);
  if (!uncertainty.below_zero.empty())
    define(statistic::below_zero, "share of the draws below zero", "", uncertainty.below_zero, "1");
  out.text(nominal.id, attribute::ancillary, names);
  if (quantiles.count == 0) return;

  // CF allows ancillary variables no dimension that their variable lacks, so an attribute of ours leads to
  // the quantiles. It knows no cell method for them either: their coordinate says what they are.
  LODE_EXPECT(uncertainty.quantiles.size() == quantiles.count);
  LODE_EXPECT(uncertainty.quantile_errors.size() == quantiles.count);
  const auto values = companions.define(statistic::quantiles, "quantiles of the draws", "", quantiles);
  const auto errors = companions.define(statistic::quantile_errors,
                                        "standard errors of the quantiles of the draws", "", quantiles);
  pending.computed.emplace_back(values.id, flat(uncertainty.quantiles, cells));
  pending.computed.emplace_back(errors.id, flat(uncertainty.quantile_errors, cells));
  out.text(values.id, attribute::ancillary, errors.name);
  out.text(nominal.id, attribute::quantiles, values.name);
}

void define_draws(NetcdfWriter& out, NetcdfPending& pending, const ResultSet& results,
                  const std::vector<NetcdfAxis>& axes) {
  std::map<std::size_t, int> dimensions;  // by number of draws
  for (const ResultDraws& draws : results.draws) {
    const std::size_t count = draws_of_each(results, draws);
    const auto [dimension, is_new] = dimensions.try_emplace(count, -1);
    if (is_new) {
      const std::string name = out.claim("draw");
      dimension->second = out.dimension(name, count);
      const int id = out.variable(name, NC_INT, {dimension->second});
      out.compress(id, {count});
      out.text(id, "standard_name", "realization");
      out.text(id, "long_name", "number of the draw");
      out.text(id, "long_name_zh", "抽样序号");
      out.text(id, "units", "1");
      std::vector<int> numbers(count);
      std::iota(numbers.begin(), numbers.end(), 1);
      pending.integers.emplace_back(id, std::move(numbers));
    }
    const std::string units = draws.udunits.empty() ? "1" : draws.udunits;
    std::vector<int> dimensions_of = {dimension->second};
    std::vector<std::size_t> sizes = {count};
    std::string coordinates;
    if (draws.dimension) {
      dimensions_of.insert(dimensions_of.begin(), axes[*draws.dimension].dimension);
      sizes.insert(sizes.begin(), results.dimensions[*draws.dimension].labels.size());
      coordinates = axes[*draws.dimension].coordinates;
    }
    const int id = out.variable(out.claim(plain_name(draws.name) + ".draws"), NC_DOUBLE, dimensions_of);
    out.compress(id, sizes);
    out.fill(id, std::numeric_limits<double>::quiet_NaN());
    out.text(id, "units", units);
    out.text_or_empty(id, "long_name", draws.name);
    if (draws.unit != units) out.text_or_empty(id, attribute::unit, draws.unit);
    out.text(id, "coordinates", coordinates);
    out.text(id, attribute::statistic, statistic::draws);
    pending.results.emplace_back(id, &draws.values);
  }
}

}  // namespace lode

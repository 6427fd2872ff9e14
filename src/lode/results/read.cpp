// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <netcdf.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

#include "lode/results/netcdf_session.hpp"
#include "lode/results/write.hpp"

namespace lode {
namespace {

/// A file being read. The first failure is kept, later calls return empty things.
class Reader {
 public:
  explicit Reader(const std::string& path) { check(nc_open(path.c_str(), NC_NOWRITE, &file_)); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (file_ >= 0) nc_close(file_);
  }

  void check(int status) {
    if (ok()) status_ = status;
  }
  bool ok() const { return status_ == NC_NOERR; }
  std::string failure() const {
    if (status_ == NC_ENOTNC) return "it is not a NetCDF file";
    if (status_ == NC_EHDFERR || status_ == NC_EBADDIM || status_ == NC_EBADTYPE)
      return "the file is damaged";
    return nc_strerror(status_);
  }

  std::vector<int> dimensions() {
    int count = 0;
    check(nc_inq_dimids(file_, &count, nullptr, 0));
    std::vector<int> ids(ok() ? static_cast<std::size_t>(count) : 0);
    if (ok()) check(nc_inq_dimids(file_, &count, ids.data(), 0));
    return ids;
  }
  std::string dimension_name(int id) {
    char name[NC_MAX_NAME + 1] = "";
    if (ok()) check(nc_inq_dimname(file_, id, name));
    return name;
  }
  std::size_t dimension_size(int id) {
    std::size_t size = 0;
    if (ok()) check(nc_inq_dimlen(file_, id, &size));
    return ok() ? size : 0;
  }

  struct Variable {
    int id = -1;
    std::string name;
    nc_type type = NC_NAT;
    std::vector<int> dimensions;
    std::size_t count = 1;
  };
  std::vector<Variable> variables() {
    int count = 0;
    if (ok()) check(nc_inq_nvars(file_, &count));
    std::vector<Variable> found;
    for (int id = 0; ok() && id < count; ++id) {
      Variable variable;
      char name[NC_MAX_NAME + 1] = "";
      int rank = 0;
      check(nc_inq_var(file_, id, name, &variable.type, &rank, nullptr, nullptr));
      variable.id = id;
      variable.name = name;
      variable.dimensions.resize(ok() ? static_cast<std::size_t>(rank) : 0);
      if (ok() && rank > 0) check(nc_inq_vardimid(file_, id, variable.dimensions.data()));
      for (const int d : variable.dimensions) {
        const std::size_t size = dimension_size(d);
        if (size > 0 && variable.count > most_cells / size) check(NC_ENOMEM);
        variable.count *= size;
      }
      found.push_back(std::move(variable));
    }
    return found;
  }

  std::vector<std::string> attribute_names(int variable) {
    int count = 0;
    if (ok())
      check(variable == NC_GLOBAL ? nc_inq_natts(file_, &count) : nc_inq_varnatts(file_, variable, &count));
    std::vector<std::string> names;
    for (int i = 0; ok() && i < count; ++i) {
      char name[NC_MAX_NAME + 1] = "";
      check(nc_inq_attname(file_, variable, i, name));
      names.emplace_back(name);
    }
    return names;
  }
  /// Text of an attribute, "" where there is none.
  std::string text(int variable, const std::string& name) {
    nc_type type = NC_NAT;
    std::size_t size = 0;
    if (!ok() || nc_inq_att(file_, variable, name.c_str(), &type, &size) != NC_NOERR) return "";
    std::string value;
    if (type == NC_CHAR && size > 0) {
      value.resize(size);
      check(nc_get_att_text(file_, variable, name.c_str(), value.data()));
    } else if (type == NC_STRING && size == 1) {
      char* pointer = nullptr;
      check(nc_get_att_string(file_, variable, name.c_str(), &pointer));
      if (pointer != nullptr) value = pointer;
      nc_free_string(1, &pointer);
    }
    return value;
  }
  bool has(int variable, const std::string& name) {
    int id = 0;
    return ok() && nc_inq_attid(file_, variable, name.c_str(), &id) == NC_NOERR;
  }

  std::vector<double> numbers(const Variable& variable) {
    std::vector<double> values(ok() ? variable.count : 0);
    if (!values.empty()) check(nc_get_var_double(file_, variable.id, values.data()));
    return values;
  }
  std::vector<std::string> strings(const Variable& variable) {
    if (!ok() || variable.count == 0) return {};
    if (variable.type != NC_STRING) {
      check(NC_EBADTYPE);
      return {};
    }
    std::vector<char*> pointers(variable.count, nullptr);
    check(nc_get_var_string(file_, variable.id, pointers.data()));
    std::vector<std::string> texts;
    texts.reserve(pointers.size());
    for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
    nc_free_string(pointers.size(), pointers.data());
    return texts;
  }

 private:
  /// A damaged file may claim any size.
  static constexpr std::size_t most_cells = std::size_t{1} << 32;

  int file_ = -1;
  int status_ = NC_NOERR;
};

using Variables = std::map<std::string, Reader::Variable>;

std::vector<std::string> strings_named(Reader& in, const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::vector<std::string>{} : in.strings(found->second);
}

void read_time(Reader& in, const Variables& variables, const Reader::Variable& time,
               ResultDimension& dimension) {
  dimension.is_time = true;
  const auto year = variables.find(in.text(time.id, "year"));
  if (year != variables.end()) {
    for (const double number : in.numbers(year->second)) {
      dimension.labels.push_back(std::to_string(static_cast<long>(number)));
    }
  }
  const auto length = variables.find(in.text(time.id, "period_length"));
  dimension.period_lengths = length != variables.end() ? in.numbers(length->second)
                                                       : std::vector<double>(dimension.labels.size(), 1.0);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The variables that an attribute names, each with `count` values.
std::vector<std::vector<double>> numbers_named(Reader& in, const Variables& variables,
                                               const std::string& names, std::size_t count) {
  std::vector<std::vector<double>> numbers;
  for (const std::string& name : words_of(names)) {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.count != count) {
      in.check(NC_EBADDIM);
      return {};
    }
    numbers.push_back(in.numbers(found->second));
  }
  return numbers;
}

std::vector<std::vector<double>> rows_of(const std::vector<double>& values, std::size_t rows) {
  const std::size_t length = values.size() / rows;
  std::vector<std::vector<double>> split;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * length);
    split.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
  }
  return split;
}

std::optional<ResultUncertainty> read_uncertainty(Reader& in, const Variables& variables,
                                                  const Reader::Variable& nominal, std::size_t quantiles) {
  if (!in.has(nominal.id, attribute::ancillary)) return std::nullopt;
  std::map<std::string, std::vector<double>> told;  // by statistic
  for (const std::string& name : words_of(in.text(nominal.id, attribute::ancillary))) {
    auto numbers = numbers_named(in, variables, name, nominal.count);
    if (numbers.empty()) return std::nullopt;
    told[in.text(variables.at(name).id, attribute::statistic)] = std::move(numbers[0]);
  }
  ResultUncertainty uncertainty;
  for (const auto& [statistic, part] : {std::pair(statistic::mean, &uncertainty.mean),
                                        std::pair(statistic::mean_error, &uncertainty.mean_error),
                                        std::pair(statistic::deviation, &uncertainty.deviation),
                                        std::pair(statistic::minimum, &uncertainty.minimum),
                                        std::pair(statistic::maximum, &uncertainty.maximum)}) {
    const auto found = told.find(statistic);
    if (found == told.end()) {
      in.check(NC_EBADDIM);
      return std::nullopt;
    }
    *part = std::move(found->second);
  }
  // Files of before November 2026 have no error of the deviation.
  const auto error = told.find(statistic::deviation_error);
  uncertainty.deviation_error =
      error != told.end() ? std::move(error->second)
                          : std::vector<double>(nominal.count, std::numeric_limits<double>::quiet_NaN());
  if (const auto below = told.find(statistic::below_zero); below != told.end())
    uncertainty.below_zero = std::move(below->second);
  if (quantiles == 0) return uncertainty;

  const std::string name = in.text(nominal.id, attribute::quantiles);
  const std::size_t count = quantiles * nominal.count;
  const auto values = numbers_named(in, variables, name, count);
  const auto found = variables.find(name);
  const auto errors =
      found == variables.end()
          ? values
          : numbers_named(in, variables, in.text(found->second.id, attribute::ancillary), count);
  if (values.size() != 1 || errors.size() != 1) {
    in.check(NC_EBADDIM);
    return std::nullopt;
  }
  uncertainty.quantiles = rows_of(values[0], quantiles);
  uncertainty.quantile_errors = rows_of(errors[0], quantiles);
  return uncertainty;
}

/// `index_of_dimension`: by their numbers in the file, but that of draws.
ResultDraws read_draws(Reader& in, const Reader::Variable& stored,
                       const std::map<int, std::size_t>& index_of_dimension) {
  ResultDraws draws;
  draws.name = in.text(stored.id, "long_name");
  draws.udunits = in.text(stored.id, "units");
  draws.unit = in.has(stored.id, attribute::unit) ? in.text(stored.id, attribute::unit) : draws.udunits;
  draws.values = in.numbers(stored);
  if (stored.dimensions.size() > 1) {
    const auto found = index_of_dimension.find(stored.dimensions.front());
    if (found == index_of_dimension.end() || stored.dimensions.size() > 2)
      in.check(NC_EBADDIM);
    else
      draws.dimension = found->second;
  }
  return draws;
}

void read_manifest(Reader& in, ResultSet& results) {
  results.title = in.text(NC_GLOBAL, "title");
  results.title_zh = in.text(NC_GLOBAL, "title_zh");
  results.timestamp = in.text(NC_GLOBAL, attribute::timestamp);
  for (const std::string& name : in.attribute_names(NC_GLOBAL)) {
    const bool ours = name == "Conventions" || name == "title" || name == "title_zh" || name == "source" ||
                      name == attribute::format || name == attribute::timestamp;
    if (ours) continue;
    std::string key = name.rfind(manifest_prefix, 0) == 0 ? name.substr(std::strlen(manifest_prefix)) : name;
    for (std::size_t at = 0; (at = key.find(name_stroke)) != std::string::npos;) {
      key.replace(at, std::strlen(name_stroke), "/");
    }
    results.manifest.emplace_back(std::move(key), in.text(NC_GLOBAL, name));
  }
}

ResultSet read_all(Reader& in) {
  ResultSet results;
  read_manifest(in, results);

  Variables variables;
  const std::vector<Reader::Variable> in_order = in.variables();
  for (const Reader::Variable& variable : in_order) variables.emplace(variable.name, variable);

  std::map<int, std::size_t> index_of_dimension;
  for (const int id : in.dimensions()) {
    const std::string name = in.dimension_name(id);
    const auto found = variables.find(name);
    if (found == variables.end()) continue;  // the pair of bounds
    const Reader::Variable& labels = found->second;
    if (in.text(labels.id, attribute::statistic) == statistic::probabilities)
      results.quantiles = in.numbers(labels);
    const bool is_time = in.text(labels.id, "standard_name") == "time";
    if (labels.type != NC_STRING && !is_time) continue;  // quantiles, draws
    ResultDimension dimension;
    dimension.name = in.has(labels.id, attribute::name) ? in.text(labels.id, attribute::name) : name;
    dimension.title = in.text(labels.id, "long_name");
    dimension.title_zh = in.text(labels.id, "long_name_zh");
    if (labels.type == NC_STRING) {
      dimension.labels = in.strings(labels);
      dimension.is_time = name == "time";
    } else {
      read_time(in, variables, labels, dimension);
    }
    dimension.titles = strings_named(in, variables, in.text(labels.id, attribute::titles));
    dimension.titles_zh = strings_named(in, variables, in.text(labels.id, attribute::titles_zh));
    for (const std::string& part : words_of(in.text(labels.id, attribute::parts)))
      if (const auto texts = variables.find(part); texts != variables.end())
        dimension.parts.emplace_back(in.text(texts->second.id, "long_name"), in.strings(texts->second));
    if (const auto numbers = variables.find(in.text(labels.id, attribute::numbers));
        numbers != variables.end()) {
      dimension.numbers = in.numbers(numbers->second);
      const int of = numbers->second.id;
      dimension.udunits = in.text(of, "units");
      dimension.unit = in.has(of, attribute::unit) ? in.text(of, attribute::unit) : dimension.udunits;
    }
    index_of_dimension[id] = results.dimensions.size();
    results.dimensions.push_back(std::move(dimension));
  }

  for (const Reader::Variable& stored : in_order) {
    if (in.text(stored.id, attribute::statistic) == statistic::draws)
      results.draws.push_back(read_draws(in, stored, index_of_dimension));
    if (!in.has(stored.id, "group")) continue;  // labels, titles, bounds, statistics
    ResultVariable variable;
    variable.name = in.has(stored.id, attribute::name) ? in.text(stored.id, attribute::name) : stored.name;
    variable.title = in.text(stored.id, "long_name");
    if (variable.title == variable.name) variable.title.clear();  // CF wants a long name where we had none
    variable.title_zh = in.text(stored.id, "long_name_zh");
    variable.group = in.text(stored.id, "group");
    variable.udunits = in.text(stored.id, "units");
    variable.unit =
        in.has(stored.id, attribute::unit) ? in.text(stored.id, attribute::unit) : variable.udunits;
    variable.is_flow = in.text(stored.id, "cell_methods") == "time: mean";
    variable.formula = in.text(stored.id, "formula");
    variable.from = in.text(stored.id, "from");
    variable.to = in.text(stored.id, "to");
    variable.label_units = strings_named(in, variables, in.text(stored.id, attribute::label_units));
    for (const int id : stored.dimensions) {
      const auto found = index_of_dimension.find(id);
      if (found == index_of_dimension.end()) {
        in.check(NC_EBADDIM);
        return results;
      }
      variable.dimensions.push_back(found->second);
    }
    variable.values = in.numbers(stored);
    variable.uncertainty = read_uncertainty(in, variables, stored, results.quantiles.size());
    results.variables.push_back(std::move(variable));
  }
  return results;
}

}  // namespace

std::optional<ResultSet> read_netcdf(const std::filesystem::path& file, std::string& error) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) {
    error = fmt::format(
        "cannot read `{}`: {}", file.string(),
        code && code != std::errc::no_such_file_or_directory ? code.message() : "there is no such file");
    return std::nullopt;
  }
  if (std::filesystem::is_directory(file, code)) {
    error = fmt::format("cannot read `{}`: it is a folder", file.string());
    return std::nullopt;
  }
  const NetcdfSession session;
  Reader in(std::filesystem::absolute(file, code).string());
  if (in.ok() && in.text(NC_GLOBAL, attribute::format) != results_format) {
    error =
        fmt::format("cannot read `{}`: these are not results written by this version of Lode", file.string());
    return std::nullopt;
  }
  ResultSet results;
  if (in.ok()) results = read_all(in);
  if (!in.ok()) {
    error = fmt::format("cannot read `{}`: {}", file.string(), in.failure());
    return std::nullopt;
  }
  return results;
}

}  // namespace lode

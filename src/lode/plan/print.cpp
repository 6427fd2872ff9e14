// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "lode/plan/plan.hpp"

namespace lode {

namespace {

const char* kind_name(Operation::Kind kind) {
  switch (kind) {
    case Operation::Kind::map:
      return "map";
    case Operation::Kind::reduce:
      return "reduce";
    case Operation::Kind::over_time:
      return "over-time";
    case Operation::Kind::survival:
      return "survival";
    case Operation::Kind::cohort_results:
      return "cohort_results";
    case Operation::Kind::cohort:
      return "cohort";
    case Operation::Kind::accumulate:
      return "accumulate";
    case Operation::Kind::unknowns:
      return "unknowns";
    case Operation::Kind::scan:
      return "scan";
    case Operation::Kind::solve:
      return "solve";
  }
  return "";
}

std::string function_text(Function function, const std::string& a, const std::string& b,
                          const std::string& c) {
  switch (function) {
    case Function::add:
      return fmt::format("({} + {})", a, b);
    case Function::subtract:
      return fmt::format("({} - {})", a, b);
    case Function::multiply:
      return fmt::format("{} * {}", a, b);
    case Function::divide:
      return fmt::format("{} / {}", a, b);
    case Function::power:
      return fmt::format("{} ^ {}", a, b);
    case Function::negate:
      return fmt::format("-{}", a);
    case Function::minimum:
      return fmt::format("min({}, {})", a, b);
    case Function::maximum:
      return fmt::format("max({}, {})", a, b);
    case Function::exp:
      return fmt::format("exp({})", a);
    case Function::log:
      return fmt::format("log({})", a);
    case Function::log10:
      return fmt::format("log10({})", a);
    case Function::sqrt:
      return fmt::format("sqrt({})", a);
    case Function::absolute:
      return fmt::format("abs({})", a);
    case Function::equal:
      return fmt::format("({} = {})", a, b);
    case Function::not_equal:
      return fmt::format("({} <> {})", a, b);
    case Function::less:
      return fmt::format("({} < {})", a, b);
    case Function::less_equal:
      return fmt::format("({} <= {})", a, b);
    case Function::greater:
      return fmt::format("({} > {})", a, b);
    case Function::greater_equal:
      return fmt::format("({} >= {})", a, b);
    case Function::logical_and:
      return fmt::format("({} and {})", a, b);
    case Function::logical_or:
      return fmt::format("({} or {})", a, b);
    case Function::logical_not:
      return fmt::format("not {}", a);
    case Function::select:
      return fmt::format("(if {} then {} else {})", a, b, c);
    case Function::known:
      return fmt::format("known({})", a);
  }
  return "";
}

std::string array_name(ArrayId id, const Plan& plan) {
  const PlanArray& array = plan.arrays[id];
  return array.kind == PlanArray::Kind::temporary ? fmt::format("#{}", id) : array.name;
}

std::string read_text(const Operation& operation, std::size_t read, const Plan& plan) {
  const Access& access = operation.reads[read];
  std::string text = array_name(access.array, plan);
  if (access.stride != 0) text += "[year of entry = time]";
  if (access.time == Access::Time::fixed)
    text += fmt::format("[{}]", plan.model->dimensions.years[access.period]);
  if (access.time == Access::Time::mapped) {
    std::int64_t lag = 0;
    for (std::size_t p = 0; p < access.periods.size(); ++p)
      if (access.periods[p] >= 0) lag = static_cast<std::int64_t>(p) - access.periods[p];
    text += fmt::format("[t-{}]", lag);
  }
  return text;
}

std::string describe(const Operation& operation, const Plan& plan) {
  std::string text;
  if (operation.kind == Operation::Kind::map) {
    std::vector<std::string> registers(operation.registers);
    for (const Instruction& code : operation.code) {
      if (code.kind == Instruction::Kind::load) registers[code.target] = read_text(operation, code.a, plan);
      if (code.kind == Instruction::Kind::constant) registers[code.target] = fmt::format("{:g}", code.value);
      if (code.kind == Instruction::Kind::apply)
        registers[code.target] =
            function_text(code.function, registers[code.a], registers[code.b], registers[code.c]);
    }
    text = registers.empty() ? "" : registers.back();
  } else if (operation.kind == Operation::Kind::reduce) {
    static const char* names[] = {"sum", "mean", "min", "max"};
    text = fmt::format("{}({})", names[static_cast<int>(operation.reduction)], read_text(operation, 0, plan));
  } else if (operation.kind == Operation::Kind::over_time) {
    static const char* names[] = {"total",      "cumulate",  "mean",     "min",     "max",
                                  "first_year", "last_year", "max_year", "min_year"};
    text = fmt::format("{}({} from {} to {})", names[static_cast<int>(operation.time_function)],
                       read_text(operation, 0, plan), plan.model->dimensions.years[operation.first],
                       plan.model->dimensions.years[operation.last]);
  } else if (operation.kind != Operation::Kind::scan && operation.kind != Operation::Kind::solve) {
    for (std::size_t r = 0; r < operation.reads.size(); ++r)
      text += (r ? ", " : "") + read_text(operation, r, plan);
  }
  return text;
}

void print_operation(std::string& out, const Operation& operation, const Plan& plan, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  if (operation.kind == Operation::Kind::scan || operation.kind == Operation::Kind::solve) {
    std::string how;
    if (operation.kind == Operation::Kind::solve) {
      how = operation.affine ? " affine" : " newton";
      how += operation.whole_window ? ", all years at once; guesses" : ", year by year; guesses";
      for (const ArrayId tear : operation.tears) how += " " + array_name(tear, plan);
    } else {
      how = " forward in time";
    }
    out += fmt::format("{}{}{}\n", indent, kind_name(operation.kind), how);
    for (const Operation& inner : operation.body) print_operation(out, inner, plan, depth + 1);
    return;
  }
  const PlanArray& target = plan.arrays[operation.writes[0]];
  const std::string name =
      target.kind == PlanArray::Kind::temporary && operation.kind != Operation::Kind::survival
          ? array_name(operation.writes[0], plan)
          : operation.label;
  out += fmt::format("{}{:<10} {} {} := {}\n", indent, kind_name(operation.kind), name,
                     target.dims.str(plan.model->dimensions), describe(operation, plan));
}

void escape(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  out += '"';
}

void json_operation(std::string& out, const Operation& operation, const Plan& plan) {
  out += fmt::format("{{\"kind\":\"{}\",\"label\":", kind_name(operation.kind));
  escape(out, operation.label);
  out += ",\"text\":";
  escape(out, describe(operation, plan));
  out += fmt::format(",\"cells\":{}", operation.mask.count());
  if (!operation.body.empty()) {
    out += ",\"body\":[";
    for (std::size_t i = 0; i < operation.body.size(); ++i) {
      if (i) out += ',';
      json_operation(out, operation.body[i], plan);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

std::string print(const Plan& plan) {
  std::string out;
  for (const PassReport& pass : plan.passes) out += fmt::format("pass {}: {}\n", pass.name, pass.text);
  out += "\n";
  for (const Operation& operation : plan.operations) print_operation(out, operation, plan, 0);
  return out;
}

std::string to_json(const Plan& plan) {
  std::string out = "{\"passes\":[";
  for (std::size_t i = 0; i < plan.passes.size(); ++i) {
    if (i) out += ',';
    out += "{\"name\":";
    escape(out, plan.passes[i].name);
    out += ",\"text\":";
    escape(out, plan.passes[i].text);
    out += '}';
  }
  out += "],\"operations\":[";
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    if (i) out += ',';
    json_operation(out, plan.operations[i], plan);
  }
  return out + "]}";
}

}  // namespace lode

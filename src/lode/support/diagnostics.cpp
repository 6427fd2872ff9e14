// SPDX-License-Identifier: Apache-2.0
#include "lode/support/diagnostics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "lode/support/contract.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

constexpr std::size_t widest_excerpt = 110;  // columns of a source line that are shown
constexpr std::size_t columns_before = 44;   // kept before the first label of a line that is cut
constexpr std::size_t tab_width = 4;

const char* word(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "error";
}

struct Paint {
  bool on = false;
  std::string operator()(const char* code, const std::string& text) const {
    return on && !text.empty() ? std::string("\033[") + code + "m" + text + "\033[0m" : text;
  }
};

constexpr const char* gutter_colour = "1;34";
constexpr const char* second_colour = "1;36";

const char* colour_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "1;31";
    case Severity::warning:
      return "1;33";
    case Severity::note:
      return "1;36";
  }
  return "1;31";
}

/// How one character of a source line is shown: control characters must not reach the terminal.
struct Glyph {
  std::string text;
  std::size_t width = 1;
  std::size_t offset = 0;  // byte offset within the line
};

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

Glyph glyph_at(std::string_view text, std::size_t offset, std::size_t& length) {
  const CodePoint c = decode_utf8(text, offset);
  length = c.length;
  if (c.valid && c.value == '\t') return {std::string(tab_width, ' '), tab_width, offset};
  if (!c.valid || is_control(c.value)) return {"\uFFFD", 1, offset};
  return {std::string(text.substr(offset, c.length)), character_width(c.value), offset};
}

std::string harmless(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    if (text[i] == '\n') {
      result += ' ';
    } else {
      result += glyph_at(text, i, length).text;
    }
    i += length;
  }
  return result;
}

struct Mark {
  std::size_t begin = 0;  // byte offsets within the line
  std::size_t end = 0;
  std::string text;
  bool first = false;     // the label the diagnostic points at
  std::size_t left = 0;   // columns within the excerpt
  std::size_t right = 0;  // one past the last caret
};

struct Excerpt {
  std::size_t line = 0;
  std::vector<Mark> marks;
};

/// Shows a source line, cut around its first mark if it is long, and sets the columns of the marks.
std::string layout(std::string_view line, std::vector<Mark>& marks) {
  std::size_t focus = marks.empty() ? 0 : marks.front().begin;
  for (const Mark& mark : marks) {
    if (mark.first) focus = mark.begin;
  }
  focus = std::min(focus, line.size());
  // A line may be megabytes long; only the neighbourhood is decoded.
  std::size_t begin = 0;
  std::size_t end = line.size();
  constexpr std::size_t neighbourhood = 16 * widest_excerpt;
  const auto inside_character = [&](std::size_t i) {
    return i > 0 && i < line.size() && (static_cast<unsigned char>(line[i]) & 0xC0u) == 0x80u;
  };
  if (line.size() > 2 * neighbourhood) {
    if (focus > neighbourhood) begin = focus - neighbourhood;
    end = std::min(line.size(), focus + neighbourhood);
    for (int i = 0; i < 3 && inside_character(begin); ++i) ++begin;
    for (int i = 0; i < 3 && inside_character(end); ++i) --end;
  }

  std::vector<Glyph> glyphs;
  std::size_t total = 0;
  std::size_t before = 0;
  for (std::size_t i = begin; i < end;) {
    std::size_t length = 1;
    glyphs.push_back(glyph_at(line, i, length));
    total += glyphs.back().width;
    if (i + length <= focus) before = total;
    i += length;
  }

  std::size_t from = 0;
  std::size_t to = glyphs.size();
  if (total > widest_excerpt) {
    std::size_t skipped = 0;
    std::size_t skip = before > columns_before ? before - columns_before : 0;
    skip = std::min(skip, total - widest_excerpt);
    while (from < glyphs.size() && skipped < skip) skipped += glyphs[from++].width;
    std::size_t shown = 0;
    to = from;
    while (to < glyphs.size() && shown + glyphs[to].width <= widest_excerpt) shown += glyphs[to++].width;
  }
  const bool cut_left = begin > 0 || from > 0;
  const bool cut_right = end < line.size() || to < glyphs.size();

  std::string text = cut_left ? "…" : "";
  std::size_t column = cut_left ? 1 : 0;
  const std::size_t first_column = column;
  constexpr std::size_t unknown = static_cast<std::size_t>(-1);
  for (Mark& mark : marks) mark.left = mark.right = unknown;
  for (std::size_t i = from; i < to; ++i) {
    const std::size_t next = i + 1 < glyphs.size() ? glyphs[i + 1].offset : end;
    for (Mark& mark : marks) {
      if (mark.left == unknown && mark.begin < next) mark.left = column;
      if (mark.right == unknown && mark.end <= glyphs[i].offset) mark.right = column;
    }
    text += glyphs[i].text;
    column += glyphs[i].width;
  }
  for (Mark& mark : marks) {
    mark.left = std::clamp(mark.left, first_column, column);
    mark.right = std::clamp(mark.right, mark.left, column);
    if (mark.right == mark.left) mark.right = mark.left + 1;
  }
  if (cut_right) text += "…";
  return text;
}

/// A canvas row: text pieces put at columns, left to right or not.
class Canvas {
 public:
  bool is_free(std::size_t from, std::size_t to) const {
    return std::none_of(pieces_.begin(), pieces_.end(),
                        [&](const Piece& p) { return from < p.column + p.width && p.column < to; });
  }
  void put(std::size_t column, std::string text, const char* colour) {
    const std::size_t width = display_width(text);
    pieces_.push_back({column, width, std::move(text), colour});
  }
  std::string str(const Paint& paint) {
    std::sort(pieces_.begin(), pieces_.end(),
              [](const Piece& a, const Piece& b) { return a.column < b.column; });
    std::string result;
    std::size_t column = 0;
    for (const Piece& piece : pieces_) {
      if (piece.column > column) result.append(piece.column - column, ' ');
      result += paint(piece.colour, piece.text);
      column = std::max(column, piece.column) + piece.width;
    }
    return result;
  }

 private:
  struct Piece {
    std::size_t column;
    std::size_t width;
    std::string text;
    const char* colour;
  };
  std::vector<Piece> pieces_;
};

/// The rows under a source line: carets, the last text beside its carets, the other texts beneath theirs.
std::vector<std::string> caret_rows(std::vector<Mark>& marks, const char* main_colour, const Paint& paint) {
  std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.left < b.left; });
  const auto colour = [&](const Mark& mark) { return mark.first ? main_colour : second_colour; };
  std::vector<Canvas> rows(1);
  std::size_t end = 0;
  for (const Mark& mark : marks) {
    const std::size_t from = std::max(mark.left, end);
    if (mark.right > from) rows[0].put(from, std::string(mark.right - from, '^'), colour(mark));
    end = std::max(end, mark.right);
  }
  bool first_from_right = true;
  for (std::size_t i = marks.size(); i-- > 0;) {
    const Mark& mark = marks[i];
    if (mark.text.empty()) continue;
    const bool alone = std::count_if(marks.begin(), marks.end(),
                                     [&](const Mark& other) { return other.left == mark.left; }) == 1;
    if (first_from_right && mark.right == end && (alone || marks.size() == 1)) {
      rows[0].put(end + 1, mark.text, colour(mark));
      first_from_right = false;
      continue;
    }
    first_from_right = false;
    const std::size_t width = display_width(mark.text);
    std::size_t row = 1;
    while (row < rows.size() && !rows[row].is_free(mark.left, mark.left + width + 2)) ++row;
    if (row == rows.size()) rows.emplace_back();
    for (std::size_t r = 1; r < row; ++r) {
      if (rows[r].is_free(mark.left, mark.left + 1)) rows[r].put(mark.left, "|", colour(mark));
    }
    rows[row].put(mark.left, mark.text, colour(mark));
  }
  std::vector<std::string> result;
  for (Canvas& row : rows) result.push_back(row.str(paint));
  return result;
}

struct FileExcerpts {
  SourcePtr file;
  Location pointed;
  std::vector<Excerpt> lines;
};

std::vector<FileExcerpts> group_by_file(const std::vector<Label>& labels) {
  std::vector<FileExcerpts> files;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Location& where = labels[i].where;
    if (!where) continue;
    auto file =
        std::find_if(files.begin(), files.end(), [&](const FileExcerpts& f) { return f.file == where.file; });
    if (file == files.end()) {
      files.push_back({where.file, where, {}});
      file = files.end() - 1;
    }
    const std::size_t number = where.line();
    auto line = std::find_if(file->lines.begin(), file->lines.end(),
                             [&](const Excerpt& e) { return e.line == number; });
    if (line == file->lines.end()) {
      file->lines.push_back({number, {}});
      line = file->lines.end() - 1;
    }
    const std::size_t start = where.file->line_start(number);
    const std::size_t size = where.file->line(number).size();
    Mark mark;
    mark.begin = std::min(where.offset - std::min(where.offset, start), size);
    // What goes on over further lines is marked to the end of its first line.
    mark.end = std::min(size, mark.begin + std::min(where.length, size));
    mark.text = harmless(labels[i].text);
    mark.first = i == 0;
    line->marks.push_back(std::move(mark));
  }
  for (FileExcerpts& file : files) {
    std::sort(file.lines.begin(), file.lines.end(),
              [](const Excerpt& a, const Excerpt& b) { return a.line < b.line; });
  }
  return files;
}

void trim_right(std::string& text) {
  while (text.ends_with(' ')) text.pop_back();
}

}  // namespace

Diagnostic& Diagnostics::push(Severity severity, std::string code, const Location& where,
                              std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  if (where) diagnostic.labels.push_back({where, {}});
  return add(std::move(diagnostic));
}

Diagnostic& Diagnostics::error(std::string code, const Location& where, std::string message) {
  return push(Severity::error, std::move(code), where, std::move(message));
}

Diagnostic& Diagnostics::warning(std::string code, const Location& where, std::string message) {
  return push(Severity::warning, std::move(code), where, std::move(message));
}

Diagnostic& Diagnostics::note(std::string code, const Location& where, std::string message) {
  return push(Severity::note, std::move(code), where, std::move(message));
}

Diagnostic& Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) ++errors_;
  all_.push_back(std::move(diagnostic));
  return all_.back();
}

void Diagnostics::sort_and_unique() {
  // What has no place comes first: it is about the case as a whole.
  const auto key = [](const Diagnostic& d) {
    const Location where = d.labels.empty() ? Location{} : d.labels.front().where;
    return std::tuple<std::string_view, std::size_t>(where ? std::string_view(where.file->path()) : "",
                                                     where.offset);
  };
  std::stable_sort(all_.begin(), all_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  std::set<std::tuple<std::string, std::size_t, Severity, std::string>> seen;
  std::vector<Diagnostic> kept;
  errors_ = 0;
  for (Diagnostic& d : all_) {
    const auto [path, offset] = key(d);
    if (!seen.emplace(std::string(path), offset, d.severity, d.message).second) continue;
    if (d.severity == Severity::error) ++errors_;
    kept.push_back(std::move(d));
  }
  all_ = std::move(kept);
}

std::string render(const Diagnostic& diagnostic, bool colour) {
  const Paint paint{colour};
  const char* main_colour = colour_of(diagnostic.severity);
  std::string out =
      paint(main_colour, word(diagnostic.severity)) + ": " + paint("1", harmless(diagnostic.message)) + "\n";

  std::vector<FileExcerpts> files = group_by_file(diagnostic.labels);
  std::size_t digits = 1;
  for (const FileExcerpts& file : files) {
    for (const Excerpt& line : file.lines) digits = std::max(digits, std::to_string(line.line).size());
  }
  const std::string margin(files.empty() ? 1 : digits, ' ');
  const auto row = [&](const std::string& number, const std::string& text) {
    std::string line = paint(gutter_colour, std::string(margin.size() - number.size(), ' ') + number + " |");
    if (!text.empty()) line += " " + text;
    trim_right(line);
    out += line + "\n";
  };

  for (std::size_t f = 0; f < files.size(); ++f) {
    FileExcerpts& file = files[f];
    out += margin + paint(gutter_colour, f == 0 ? "-->" : ":::") + " " + harmless(file.pointed.str()) + "\n";
    if (file.file->text().empty()) continue;
    row("", "");
    std::size_t previous = 0;
    for (Excerpt& excerpt : file.lines) {
      if (previous != 0 && excerpt.line == previous + 2) {
        std::vector<Mark> none;
        row(std::to_string(previous + 1), layout(file.file->line(previous + 1), none));
      } else if (previous != 0 && excerpt.line > previous + 2) {
        out += paint(gutter_colour, "...") + "\n";
      }
      row(std::to_string(excerpt.line), layout(file.file->line(excerpt.line), excerpt.marks));
      for (const std::string& text : caret_rows(excerpt.marks, main_colour, paint)) row("", text);
      previous = excerpt.line;
    }
  }
  const auto remark = [&](const char* kind, const std::string& text) {
    if (text.empty()) return;
    const std::string indent(margin.size() + 5 + std::string_view(kind).size(), ' ');
    out += margin + " " + paint(gutter_colour, "=") + " " + paint("1", kind) + ": ";
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
      out += harmless(std::string_view(text).substr(begin, end - begin)) + "\n" + indent;
      begin = end + 1;
    }
    out += harmless(std::string_view(text).substr(begin)) + "\n";
  };
  remark("why", diagnostic.why);
  remark("help", diagnostic.help);
  return out;
}

std::string render(const Diagnostics& diagnostics, bool colour) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (!out.empty()) out += "\n";
    out += render(diagnostic, colour);
  }
  return out;
}

std::string to_json(const Diagnostics& diagnostics) {
  using nlohmann::ordered_json;
  const auto place = [](ordered_json& json, const Location& where) {
    json["file"] = where ? ordered_json(where.file->path()) : ordered_json(nullptr);
    json["line"] = where ? ordered_json(where.line()) : ordered_json(nullptr);
    json["column"] = where ? ordered_json(where.column()) : ordered_json(nullptr);
  };
  ordered_json list = ordered_json::array();
  for (const Diagnostic& d : diagnostics.all()) {
    ordered_json json;
    json["severity"] = word(d.severity);
    json["code"] = d.code;
    json["message"] = d.message;
    place(json, d.labels.empty() ? Location{} : d.labels.front().where);
    json["why"] = d.why;
    json["help"] = d.help;
    json["labels"] = ordered_json::array();
    for (const Label& label : d.labels) {
      ordered_json entry;
      place(entry, label.where);
      std::size_t characters = 0;
      if (label.where) {
        const std::string_view text = label.where.file->text();
        characters = code_points(text.substr(std::min(label.where.offset, text.size()), label.where.length));
      }
      entry["length"] = characters;
      entry["text"] = label.text;
      json["labels"].push_back(std::move(entry));
    }
    list.push_back(std::move(json));
  }
  return list.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

namespace {

std::u32string folded(std::string_view text) {
  std::u32string result = to_utf32(text);
  for (char32_t& c : result) {
    c = half_width(c);
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    if (c == U'-' || c == U' ') c = U'_';
  }
  return result;
}

/// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours count one
/// each.
std::size_t edit_distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> nearest(const std::string& word, std::span<const std::string> names,
                                 std::size_t limit) {
  constexpr std::size_t longest = 200;
  const std::u32string wanted = folded(word);
  if (wanted.empty() || wanted.size() > longest) return {};
  struct Candidate {
    std::size_t distance;
    std::size_t order;
  };
  std::vector<Candidate> candidates;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word || names[i].size() > 4 * longest || !seen.insert(names[i]).second) continue;
    const std::u32string name = folded(names[i]);
    const std::size_t longer = std::max(name.size(), wanted.size());
    const std::size_t shorter = std::min(name.size(), wanted.size());
    // One edit in three characters; a single character says too little to guess from.
    const std::size_t allowed = shorter < 2 ? 0 : std::max<std::size_t>(1, longer / 3);
    if (longer - shorter <= allowed) {
      const std::size_t distance = edit_distance(wanted, name);
      if (distance <= allowed) {
        candidates.push_back({distance, i});
        continue;
      }
    }
    const bool chinese = shorter > 0 && wanted[0] >= 0x2E80;
    const bool enough = shorter >= (chinese ? 2u : 3u);
    if (enough && (name.starts_with(wanted) || wanted.starts_with(name)))
      candidates.push_back({std::max<std::size_t>(2, longer / 3), i});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  std::vector<std::string> result;
  for (const Candidate& candidate : candidates) {
    if (result.size() == limit) break;
    result.push_back(names[candidate.order]);
  }
  return result;
}

std::string did_you_mean(const std::string& word, std::span<const std::string> names) {
  const std::vector<std::string> found = nearest(word, names);
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += i == 0 ? "did you mean " : i + 1 == found.size() ? " or " : ", ";
    text += "`" + found[i] + "`";
  }
  return text.empty() ? text : text + "?";
}

}  // namespace lode

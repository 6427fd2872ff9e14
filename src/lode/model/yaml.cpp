// SPDX-License-Identifier: Apache-2.0
#include "lode/model/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "lode/model/yaml_scan.hpp"
#include "lode/tables/encoding.hpp"

namespace lode {
namespace {

constexpr std::size_t max_bytes = 4u << 20;
constexpr std::size_t max_nodes = 400'000;
constexpr std::size_t max_depth = 40;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Follows a scalar's text through the raw file.
class Walker {
 public:
  Walker(const std::string& raw, std::size_t begin) : raw_(raw), at_(std::min(begin, raw.size())) {}

  void skip_properties() {
    while (at_ < raw_.size() && (raw_[at_] == '&' || raw_[at_] == '!')) {
      while (at_ < raw_.size() && !is_blank(raw_[at_]) && raw_[at_] != '\n') ++at_;
      skip_space_and_comments();
    }
  }

  YamlNode::Style style() const {
    if (at_ >= raw_.size()) return YamlNode::Style::plain;
    switch (raw_[at_]) {
      case '\'':
      case '"':
        return YamlNode::Style::quoted;
      case '|':
      case '>':
        return YamlNode::Style::block_text;
      default:
        return YamlNode::Style::plain;
    }
  }

  std::size_t position() const { return at_; }

  /// Offsets of all bytes of `text`, and one more for its end; afterwards position() is behind the scalar.
  std::vector<std::size_t> follow(const std::string& text) {
    std::vector<std::size_t> offsets;
    offsets.reserve(text.size() + 1);
    const YamlNode::Style form = style();
    char quote = 0;
    if (form == YamlNode::Style::quoted) quote = raw_[at_++];
    if (form == YamlNode::Style::block_text) {
      while (at_ < raw_.size() && raw_[at_] != '\n') ++at_;
      while (at_ < raw_.size() && (is_blank(raw_[at_]) || raw_[at_] == '\n')) ++at_;
    }
    std::size_t i = 0;
    while (i < text.size()) {
      if (at_ >= raw_.size()) {
        offsets.push_back(raw_.size());
        ++i;
        continue;
      }
      if (form == YamlNode::Style::block_text) {
        step_block(text, i, offsets);
        continue;
      }
      if (quote == '"' && raw_[at_] == '\\') {
        step_escape(text, i, offsets);
        continue;
      }
      const std::size_t breaks = fold_at();
      if (breaks > 0) {
        const std::size_t produced = breaks == 1 ? 1 : breaks - 1;
        for (std::size_t k = 0; k < produced && i < text.size(); ++k, ++i) offsets.push_back(at_);
        while (at_ < raw_.size() && (is_blank(raw_[at_]) || raw_[at_] == '\n')) ++at_;
        continue;
      }
      offsets.push_back(at_);
      if (quote == '\'' && raw_[at_] == '\'') ++at_;
      ++at_;
      ++i;
    }
    at_ = std::min(at_, raw_.size());
    offsets.push_back(at_);
    if (quote != 0 && at_ < raw_.size()) ++at_;
    return offsets;
  }

 private:
  void skip_space_and_comments() {
    while (at_ < raw_.size()) {
      if (is_blank(raw_[at_]) || raw_[at_] == '\n') {
        ++at_;
      } else if (raw_[at_] == '#') {
        while (at_ < raw_.size() && raw_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  /// Number of line breaks folded here, 0 if blanks here belong to the text.
  std::size_t fold_at() const {
    std::size_t p = at_;
    while (p < raw_.size() && is_blank(raw_[p])) ++p;
    if (p >= raw_.size() || raw_[p] != '\n') return 0;
    std::size_t breaks = 0;
    while (p < raw_.size() && (is_blank(raw_[p]) || raw_[p] == '\n')) breaks += raw_[p++] == '\n';
    return breaks;
  }

  void step_block(const std::string& text, std::size_t& i, std::vector<std::size_t>& offsets) {
    if (raw_[at_] == text[i]) {
      offsets.push_back(at_++);
      ++i;
      if (raw_[at_ - 1] == '\n') skip_indent(text, i);
    } else if (raw_[at_] == '\n' || is_blank(raw_[at_])) {
      if (text[i] == ' ') {  // a folded break
        offsets.push_back(at_++);
        ++i;
        skip_indent(text, i);
      } else {
        ++at_;
      }
    } else {
      offsets.push_back(at_);
      ++i;
    }
  }

  void skip_indent(const std::string& text, std::size_t i) {
    if (i < text.size() && text[i] == ' ') return;
    while (at_ < raw_.size() && is_blank(raw_[at_])) ++at_;
  }

  void step_escape(const std::string& text, std::size_t& i, std::vector<std::size_t>& offsets) {
    const char kind = at_ + 1 < raw_.size() ? raw_[at_ + 1] : '\0';
    if (kind == '\n') {  // an escaped line break joins the lines
      at_ += 2;
      while (at_ < raw_.size() && is_blank(raw_[at_])) ++at_;
      return;
    }
    std::size_t length = 2;
    if (kind == 'x') length = 4;
    if (kind == 'u') length = 6;
    if (kind == 'U') length = 10;
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (; bytes > 0 && i < text.size(); --bytes, ++i) offsets.push_back(at_);
    at_ = std::min(at_ + length, raw_.size());
  }

  const std::string& raw_;
  std::size_t at_;
};

/// Thrown through the YAML parser to stop it; the diagnostic is already made.
struct Stop {};

class Builder : public YAML::EventHandler {
 public:
  /// `text` is what the parser reads: the file, perhaps with full-width signs replaced in place.
  Builder(SourcePtr file, const std::string& text, Diagnostics& diagnostics)
      : file_(std::move(file)), text_(text), diagnostics_(diagnostics) {}

  YamlPtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      diagnostics_.error("second-document", at(mark, 3), "the file holds a second document after `---`")
          .help = "remove the line `---` and everything that does not belong to this model";
      throw Stop{};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = std::make_shared<YamlNode>();
    node->where = at(mark, 0);
    place(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.node) {
      diagnostics_.error("alias-cycle", at(mark, 1), "this alias stands inside the very thing it names").why =
          "what contains itself has no end";
      throw Stop{};
    }
    count(found->second.nodes, mark);
    put(found->second.node, found->second.nodes);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = std::make_shared<YamlNode>();
    node->kind = YamlNode::Kind::scalar;
    node->text = value;
    std::replace(node->text.begin(), node->text.end(), percent_stand_in, '%');
    Walker walker(text_, offset(mark));
    check_tag(mark, tag);
    walker.skip_properties();
    node->style = walker.style();
    const std::size_t begin = walker.position();
    walker.follow(value);
    node->where = {file_, begin, walker.position() - begin};
    place(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(YamlNode::Kind::sequence, mark, anchor, style);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_tag(mark, tag);
    open(YamlNode::Kind::map, mark, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    YamlPtr key;
    bool key_pending = false;
    std::size_t nodes = 1;
    std::unordered_map<std::string, std::size_t> seen;
  };
  struct Anchored {
    YamlPtr node;
    std::size_t nodes = 0;
  };

  std::size_t offset(const YAML::Mark& mark) const {
    return mark.pos < 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(mark.pos), file_->text().size());
  }
  Location at(const YAML::Mark& mark, std::size_t length) const {
    const std::size_t begin = offset(mark);
    return {file_, begin, std::min(length, file_->text().size() - begin)};
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    diagnostics_.error("yaml-tag", at(mark, 1), "`!` begins a tag here, which models do not use").help =
        "for \"not\" write `not x`; put quotes around a text that begins with `!`";
  }

  void count(std::size_t more, const YAML::Mark& mark) {
    nodes_ += more;
    if (nodes_ <= max_nodes) return;
    diagnostics_.error("too-large", at(mark, 1), fmt::format("the file holds more than {} parts", max_nodes))
        .why = "with its aliases written out it would not fit a model";
    throw Stop{};
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    count(1, mark);
    if (stack_.size() >= max_depth) {
      diagnostics_.error("too-deep", at(mark, 1),
                         fmt::format("more than {} levels inside one another", max_depth));
      throw Stop{};
    }
    Frame frame;
    frame.node = std::make_shared<YamlNode>();
    frame.node->kind = kind;
    frame.node->style = style == YAML::EmitterStyle::Flow ? YamlNode::Style::flow : YamlNode::Style::block;
    Walker walker(text_, offset(mark));
    walker.skip_properties();
    frame.node->where = {file_, walker.position(), 1};
    if (walker.position() >= file_->text().size()) frame.node->where.length = 0;
    frame.anchor = anchor;
    if (anchor != 0) anchors_[anchor] = {};
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    YamlNode& node = *frame.node;
    if (!node.values.empty()) {
      const Location& last = node.values.back()->where;
      if (last.file == file_ && last.offset >= node.where.offset) node.where = cover(node.where, last);
    }
    if (node.style == YamlNode::Style::flow) {
      const std::string& text = text_;
      std::size_t end = node.where.offset + node.where.length;
      const char closing = node.is_map() ? '}' : ']';
      while (end < text.size() && (is_blank(text[end]) || text[end] == ',')) ++end;
      if (end < text.size() && text[end] == closing) node.where.length = end + 1 - node.where.offset;
    }
    if (frame.anchor != 0) anchors_[frame.anchor] = {frame.node, frame.nodes};
    put(frame.node, frame.nodes);
  }

  void place(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
    YAML::Mark mark;
    mark.pos = static_cast<int>(node->where.offset);
    const std::size_t size = 1 + node->text.size() / 64;  // an alias of a long text weighs as many short ones
    count(size, mark);
    if (anchor != 0) anchors_[anchor] = {node, size};
    put(std::move(node), size);
  }

  void put(YamlPtr node, std::size_t nodes) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    frame.nodes += nodes;
    if (frame.node->is_sequence()) {
      frame.node->values.push_back(std::move(node));
      return;
    }
    if (!frame.key_pending) {
      frame.key = std::move(node);
      frame.key_pending = true;
      return;
    }
    frame.key_pending = false;
    add_entry(frame, std::move(frame.key), std::move(node));
  }

  void add_entry(Frame& frame, YamlPtr key, YamlPtr value) {
    if (!key->is_scalar()) {
      if (key->is_null())
        diagnostics_.error("bad-key", key->where, "a key is missing here").help =
            "look for a comma or colon too many";
      else
        diagnostics_.error("bad-key", key->where, "a key must be a name or a number");
      return;
    }
    if (key->text == "<<") {
      diagnostics_.error("merge-key", key->where, "`<<` is not known here").help =
          "write the keys out, or share whole sections with `extends:`";
      return;
    }
    const auto [seen, is_new] = frame.seen.emplace(key->text, frame.node->keys.size());
    if (!is_new) {
      Diagnostic& error =
          diagnostics_.error("duplicate-key", key->where, fmt::format("`{}` is written twice", key->text));
      if (error.labels.empty()) error.labels.push_back({key->where, ""});
      error.labels.front().text = "again here";
      error.labels.push_back({frame.node->keys[seen->second]->where, "first here"});
      error.help = "remove or rename one of the two";
      return;
    }
    if (value->is_null() &&
        value->text.empty()) {  // the parser's mark of nothing is the next token, maybe lines below
      auto moved = std::make_shared<YamlNode>(*value);
      moved->where = key->where;
      value = std::move(moved);
    }
    frame.node->keys.push_back(std::move(key));
    frame.node->values.push_back(std::move(value));
  }

  SourcePtr file_;
  const std::string& text_;
  Diagnostics& diagnostics_;
  YamlPtr root_;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

YamlPtr YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i]->text == key) return values[i];
  return nullptr;
}

YamlPtr YamlNode::find_key(std::string_view key) const {
  for (const YamlPtr& candidate : keys)
    if (candidate->text == key) return candidate;
  return nullptr;
}

FormulaText formula_text(const YamlNode& scalar) {
  FormulaText result;
  result.text = scalar.text;
  result.file = scalar.where.file;
  if (result.file) {
    result.offsets = Walker(result.file->text(), scalar.where.offset).follow(scalar.text);
  } else {
    result.offsets.assign(scalar.text.size() + 1, 0);
  }
  return result;
}

SourcePtr read_text(std::string bytes, const std::string& shown_path, Diagnostics& diagnostics) {
  if (bytes.size() > max_bytes) {
    const auto file = std::make_shared<SourceFile>(shown_path, "");
    diagnostics
        .error(
            "too-large", {file, 0, 0},
            fmt::format("the file has {} MB; at most {} are possible", bytes.size() >> 20, max_bytes >> 20))
        .help = "numbers belong into tables: data/*.csv";
    return nullptr;
  }
  DecodedText decoded = decode_text(std::move(bytes));
  std::string text;
  text.reserve(decoded.text.size());
  for (std::size_t i = 0; i < decoded.text.size(); ++i) {
    const bool windows =
        decoded.text[i] == '\r' && i + 1 < decoded.text.size() && decoded.text[i + 1] == '\n';
    if (windows) continue;
    text += decoded.text[i] == '\r' ? '\n' : decoded.text[i];
  }
  const auto file = std::make_shared<SourceFile>(shown_path, std::move(text));
  if (!decoded.problem.empty()) {
    const std::size_t at = std::min(decoded.offset, file->text().size());
    diagnostics
        .error("not-text", {file, at, std::min<std::size_t>(1, file->text().size() - at)}, decoded.problem)
        .help = "save it as UTF-8 text in the editor";
    return nullptr;
  }
  if (decoded.gb18030)
    diagnostics.note("converted", {file, 0, 0}, "the file is not UTF-8 and was read as GB18030").help =
        "save it as UTF-8, so that every editor and computer shows the same text";
  return file;
}

YamlPtr parse_yaml(std::string bytes, const std::string& shown_path, Diagnostics& diagnostics) {
  const SourcePtr file = read_text(std::move(bytes), shown_path, diagnostics);
  if (!file) return nullptr;

  ScanResult scan = scan_yaml(file, diagnostics);
  if (scan.stop) return nullptr;

  Builder builder(file, scan.repaired, diagnostics);
  try {
    std::istringstream stream(scan.repaired);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    const std::size_t begin = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
    explain_yaml_error(error.msg, std::min(begin, file->text().size()), file, diagnostics);
    return nullptr;
  }
  YamlPtr root = builder.root();
  if (!root || root->is_null()) {
    diagnostics.error("empty-file", {file, 0, 0}, "the file is empty").help =
        "begin with `lode new` or with a title and `time:`";
    return nullptr;
  }
  return mend_split_values(root, diagnostics);
}

}  // namespace lode

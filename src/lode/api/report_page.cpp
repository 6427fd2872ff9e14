// SPDX-License-Identifier: Apache-2.0
#include "lode/api/report.hpp"
#include "lode/api/report_bundle.hpp"

namespace lode {
namespace {

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// JSON in which no `<` is left, so that neither `</script>` nor `<!--` can stand in it.
std::string script_text(const Json& document) {
  const std::string json = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

void replace(std::string& page, const std::string& mark, const std::string& text) {
  const auto at = page.find(mark);
  if (at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string report_page(const Json& document, const std::string& language) {
  std::string page(report_bundle());
  std::string title;
  for (const char* each : {"en", "zh"})
    if (const auto found = document["title"].find(each);
        found != document["title"].end() && (title.empty() || language == each))
      title = found->get<std::string>();
  replace(page, "<html lang=\"en\">", "<html lang=\"" + html_text(language) + "\">");
  replace(page, "<title>lode</title>", "<title>" + html_text(title) + "</title>");
  replace(page, "\"lode:document\"", script_text(document));
  return page;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <cstdint>
#include <new>

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

std::string base64(const std::string& bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : letters[three >> (18 - 6 * k) & 63U];
  }
  return out;
}

/// Deflated and in the letters of base64, none of which can end the element it stands in.
std::string packed_text(const Json& document) {
  const std::string json = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  uLongf size = compressBound(static_cast<uLong>(json.size()));
  std::string packed(size, '\0');
  // It fails for want of memory only.
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(json.data()),
                static_cast<uLong>(json.size()), Z_BEST_COMPRESSION) != Z_OK)
    throw std::bad_alloc();
  packed.resize(size);
  return base64(packed);
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
  replace(page, "lode:document", packed_text(document));
  return page;
}

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#include "lode/tables/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "lode/support/source.hpp"
#include "lode/support/utf8.hpp"

namespace lode {
namespace {

constexpr const char* save_as_utf8 = "save the file as \"CSV UTF-8\"";

std::string repaired(std::string_view bytes, std::size_t& first_broken) {
  std::string text;
  first_broken = std::string::npos;
  for (std::size_t i = 0; i < bytes.size();) {
    const CodePoint c = decode_utf8(bytes, i);
    if (c.valid) {
      text.append(bytes.substr(i, c.length));
    } else {
      if (first_broken == std::string::npos) first_broken = text.size();
      text += "\uFFFD";
    }
    i += c.length;
  }
  return text;
}

std::optional<std::string> recoded(std::string_view bytes, const char* from, const char* to,
                                   std::size_t most) {
  const iconv_t converter = iconv_open(to, from);
  if (reinterpret_cast<std::intptr_t>(converter) == -1) return std::nullopt;
  std::string text(most, '\0');
  char* in = const_cast<char*>(bytes.data());
  std::size_t in_left = bytes.size();
  char* out = text.data();
  std::size_t out_left = text.size();
  const bool converted = iconv(converter, &in, &in_left, &out, &out_left) != static_cast<std::size_t>(-1) &&
                         iconv(converter, nullptr, nullptr, &out, &out_left) != static_cast<std::size_t>(-1);
  iconv_close(converter);
  if (!converted || in_left != 0) return std::nullopt;
  text.resize(text.size() - out_left);
  return text;
}

std::optional<std::string> from_gb18030(std::string_view bytes) {
  // A GB18030 character of two bytes gives three in UTF-8, one of four gives at most four.
  return recoded(bytes, "GB18030", "UTF-8", bytes.size() + bytes.size() / 2 + 16);
}

}  // namespace

/// GB18030 accepts most Western 8-bit text too, pairing an accented letter with the plain one after it. In
/// Chinese text nearly every second byte is high, so pairs with a plain letter or digit betray the other
/// kind.
bool looks_western(std::string_view bytes) {
  std::size_t pairs = 0;
  std::size_t mixed = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) continue;
    const unsigned char second = static_cast<unsigned char>(bytes[i + 1]);
    ++pairs;
    if (second >= 0x30 && second <= 0x39) {
      i += 3;
      continue;
    }
    if (second < 0x80) ++mixed;
    ++i;
  }
  return 2 * mixed > pairs;
}

bool looks_utf16(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 512);
  std::size_t nulls[2] = {0, 0};
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (start[i] == '\0') ++nulls[i % 2];
  }
  const std::size_t half = start.size() / 2;
  return half >= 2 && std::max(nulls[0], nulls[1]) * 2 > half && std::min(nulls[0], nulls[1]) == 0;
}

std::optional<std::string> to_utf8(std::string_view bytes, const char* encoding) {
  // One byte of an 8-bit encoding gives at most three of UTF-8; two of UTF-16 do, too.
  return recoded(bytes, encoding, "UTF-8", 3 * bytes.size() + 16);
}

DecodedText decode_text(std::string bytes) {
  DecodedText result;
  const auto refuse = [&](std::string problem, std::string help) {
    result.problem = std::move(problem);
    result.help = std::move(help);
    return result;
  };
  const std::string_view view = bytes;
  if (view.starts_with("\xFF\xFE") || view.starts_with("\xFE\xFF") || looks_utf16(view))
    return refuse("the file is in UTF-16 (Excel's \"Unicode text\")", save_as_utf8);
  if (view.starts_with(std::string_view("PK\x03\x04", 4)))
    return refuse("the file is a workbook (XLSX) or another ZIP archive, not a text table",
                  "save the sheet as \"CSV UTF-8\"");
  if (view.starts_with("\xD0\xCF\x11\xE0"))
    return refuse("the file is an old Excel workbook (XLS), not a text table",
                  "save the sheet as \"CSV UTF-8\"");
  if (view.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);

  if (!is_valid_utf8(bytes)) {
    std::optional<std::string> chinese = looks_western(bytes) ? std::nullopt : from_gb18030(bytes);
    if (chinese && is_valid_utf8(*chinese)) {
      result.gb18030 = true;
      bytes = std::move(*chinese);
    } else {
      result.text = repaired(bytes, result.offset);
      return refuse("this is neither UTF-8 nor GB18030", save_as_utf8);
    }
  }
  result.text = std::move(bytes);
  const std::size_t null = result.text.find('\0');
  if (null != std::string::npos) {
    result.offset = null;
    return refuse("the file holds a NUL byte, so it is no text", save_as_utf8);
  }
  return result;
}

std::optional<std::string> to_gb18030(std::string_view text) {
  // Two bytes of UTF-8 (a Greek or accented letter) may take four.
  return recoded(text, "UTF-8", "GB18030", 2 * text.size() + 16);
}

}  // namespace lode

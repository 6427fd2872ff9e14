// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lode {

/// A file's bytes as UTF-8 text, or why they are no text.
struct DecodedText {
  std::string text;  ///< valid UTF-8 without byte order mark, also on failure (broken bytes become U+FFFD)
  bool gb18030 = false;  ///< the bytes were in GB18030
  std::string problem;   ///< empty if all is well
  std::string help;
  std::size_t offset = 0;  ///< of the problem, within `text`
};

/// Reads UTF-8 (with or without byte order mark) or GB18030; other encodings and binary files are named and
/// refused.
DecodedText decode_text(std::string bytes);

/// Bytes of the encoding that iconv knows by this name, in UTF-8; empty if they are not in it.
std::optional<std::string> to_utf8(std::string_view bytes, const char* encoding);

/// Of bytes that are no UTF-8: whether they look like Western 8-bit text (else GB18030).
bool looks_western(std::string_view bytes);

/// Whether a file that begins so is in UTF-16.
bool looks_utf16(std::string_view bytes);

/// Valid UTF-8 in GB18030, which holds every character; empty if the system cannot convert.
std::optional<std::string> to_gb18030(std::string_view text);

}  // namespace lode

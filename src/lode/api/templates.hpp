// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

namespace lode {

struct TemplateFile {
  std::string_view path;  ///< within the new case folder, with '/'
  std::string_view text;  ///< the bytes of the file
};

/// A case that runs as it stands, to be copied by `lode new`.
struct Template {
  std::string_view name;
  std::span<const TemplateFile> files;
};

/// The folders of templates/, by name; compiled in by cmake/embed.cmake.
std::span<const Template> templates();

}  // namespace lode

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace lode {

/// web/report/dist/report.html, compiled in by cmake/embed_file.cmake.
std::string_view report_bundle();

}  // namespace lode

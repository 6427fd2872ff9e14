// SPDX-License-Identifier: Apache-2.0
//
// Files that the processes of a run write beside each other: the first one FILE, process r FILE.r, each with
// the same ending.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lode {

std::string process_file(const std::string& file, std::size_t rank, std::string_view ending = {});
/// Those that are there of processes from `from` on, ascending; one that ended early may have left none.
std::vector<std::string> process_files(const std::string& file, std::size_t from = 0,
                                       std::string_view ending = {});
void remove_files(const std::vector<std::string>& files);

}  // namespace lode

# SPDX-License-Identifier: Apache-2.0
# Compiles the report's page into the library, so that `lode report` needs no files beside the command.
#
# Included by CMakeLists.txt it defines lode_embed_file(target file); run as a script (cmake -DFILE=… -DOUTPUT=…
# -P embed_file.cmake) it writes the source. The function is declared in src/lode/api/report_bundle.hpp.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(LODE_EMBED_FILE_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(lode_embed_file target file)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/generated/lode/report_bundle.cpp)
    add_custom_command(OUTPUT ${output}
                       COMMAND ${CMAKE_COMMAND} -DFILE=${file} -DOUTPUT=${output} -P ${LODE_EMBED_FILE_SCRIPT}
                       DEPENDS ${file} ${LODE_EMBED_FILE_SCRIPT}
                       COMMENT "Embedding the report's page" VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

# Every byte as \xNN: no text can break out of the literal.
file(READ ${FILE} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR bytes "${digits} / 2")
string(REGEX REPLACE "(................................................................)" "\\1\"\n    \"" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" hex "${hex}")
file(WRITE ${OUTPUT} "// Written by cmake/embed_file.cmake from web/report/dist/report.html; changes are lost.
#include \"lode/api/report_bundle.hpp\"

namespace lode {

std::string_view report_bundle() {
  return {
    \"${hex}\", ${bytes}};
}

}  // namespace lode
")

# SPDX-License-Identifier: Apache-2.0
# Compiles the case templates into the library, so that `lode new` needs no files beside the command.
#
# Included by CMakeLists.txt it defines lode_embed(target folder): each folder inside `folder` is a template, its files
# are embedded byte by byte; the files of `folder`/common belong to every template. The table is declared in
# src/lode/api/templates.hpp. Run as a script (cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake) it writes the source.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(LODE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(lode_embed target folder)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/generated/lode/templates.cpp)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    add_custom_command(OUTPUT ${output}
                       COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DOUTPUT=${output} -P ${LODE_EMBED_SCRIPT}
                       DEPENDS ${files} ${LODE_EMBED_SCRIPT}
                       COMMENT "Embedding the case templates" VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

# Every byte as \xNN: no text can break out of the literal, and a byte order mark stays.
function(literal file result)
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "(................................................)" "\\1\"\n    \"" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" hex "${hex}")
  set(${result} "{\n    \"${hex}\", ${bytes}}" PARENT_SCOPE)
endfunction()

function(entries base result)
  file(GLOB_RECURSE files RELATIVE ${base} ${base}/*)
  list(SORT files)
  set(text "")
  foreach(file IN LISTS files)
    literal(${base}/${file} bytes)
    string(APPEND text "    {\"${file}\", ${bytes}},\n")
  endforeach()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(common "")
if(IS_DIRECTORY ${FOLDER}/common)
  entries(${FOLDER}/common common)
endif()
file(GLOB names RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT names)
set(arrays "")
set(table "")
foreach(name IN LISTS names)
  if(NOT EXISTS ${FOLDER}/${name}/model.yaml)
    continue()
  endif()
  string(MAKE_C_IDENTIFIER "files_${name}" array)
  entries(${FOLDER}/${name} own)
  string(APPEND arrays "constexpr TemplateFile ${array}[] = {\n${own}${common}};\n")
  string(APPEND table "    {\"${name}\", ${array}},\n")
endforeach()
if(table STREQUAL "")
  message(FATAL_ERROR "no template (a folder with model.yaml) in ${FOLDER}")
endif()

file(WRITE ${OUTPUT} "// Written by cmake/embed.cmake from templates/; changes are lost.
#include \"lode/api/templates.hpp\"

namespace lode {
namespace {

${arrays}
constexpr Template all_templates[] = {
${table}};

}  // namespace

std::span<const Template> templates() { return all_templates; }

}  // namespace lode
")

# SPDX-License-Identifier: Apache-2.0
# cmake --install: the library and its headers, found by find_package(lode); the command; templates and cases.
set(LODE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/lode)

install(TARGETS lode EXPORT lodeTargets
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include/lode)
  install(DIRECTORY include/lode DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
endif()
# Headers of src/ that the public ones show to whoever uses the library; tools/check_includes.py reads this list.
set(LODE_PUBLIC_PARTS lode/results/result_set.hpp)
foreach(part IN LISTS LODE_PUBLIC_PARTS)
  get_filename_component(folder ${part} DIRECTORY)
  install(FILES src/${part} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
endforeach()

# A static library leaves its own dependencies to whoever links it; a shared one brings them along.
get_target_property(LODE_LIBRARY_TYPE lode TYPE)
set(LODE_STATIC OFF)
if(LODE_LIBRARY_TYPE STREQUAL "STATIC_LIBRARY")
  set(LODE_STATIC ON)
endif()
install(EXPORT lodeTargets NAMESPACE lode:: DESTINATION ${LODE_CMAKE_DIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/lodeConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/lodeConfig.cmake
                              INSTALL_DESTINATION ${LODE_CMAKE_DIR})
# Before 1.0 each minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/lodeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lodeConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/lodeConfigVersion.cmake
        DESTINATION ${LODE_CMAKE_DIR})

if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/apps/lode/CMakeLists.txt)
  get_property(lode_programs DIRECTORY apps/lode PROPERTY BUILDSYSTEM_TARGETS)
  foreach(program IN LISTS lode_programs)
    get_target_property(type ${program} TYPE)
    if(type STREQUAL "EXECUTABLE")
      # The command finds the library beside it wherever the prefix was moved to.
      file(RELATIVE_PATH up_to_lib /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
      set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/${up_to_lib}")
      install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
  endforeach()
endif()

foreach(folder templates cases)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/lode PATTERN "results" EXCLUDE)
  endif()
endforeach()
foreach(text LICENSE NOTICE THIRD_PARTY.md)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${text})
    install(FILES ${text} DESTINATION ${CMAKE_INSTALL_DOCDIR})
  endif()
endforeach()

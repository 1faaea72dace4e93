# What programs of others are built with: the headers of include/baton, one static library of all rooms, and what CMake
# and pkg-config find them by. Static, because what lies behind the headers changes with every version: a program keeps
# the Baton that it was tested with.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(baton_library STATIC)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" OR BATON_SANITIZE)
  set_target_properties(baton_library PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
foreach(room base schedule config lease data batch replica monitor format runtime sqlite postgres http dynamodb server app)
  get_target_property(type baton_${room} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    target_sources(baton_library PRIVATE $<TARGET_OBJECTS:baton_${room}>)
  endif()
endforeach()
set_target_properties(
  baton_library
  PROPERTIES OUTPUT_NAME baton
             EXPORT_NAME baton
             LINKER_LANGUAGE CXX
             ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_compile_features(baton_library INTERFACE cxx_std_20)
target_include_directories(baton_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# The public headers need the first one; the others are linked only. cmake/batonConfig.cmake.in finds them, and
# cmake/baton.pc.in names them.
target_link_libraries(
  baton_library
  INTERFACE tl::expected
  PRIVATE fmt::fmt
          spdlog::spdlog
          yaml-cpp
          simdjson::simdjson
          date::date-tz
          SQLite::SQLite3
          PostgreSQL::PostgreSQL
          CURL::libcurl
          OpenSSL::Crypto
          ZLIB::ZLIB
          PkgConfig::HTTPLIB
          Threads::Threads
          md
          xxhash)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/baton)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/batonConfig.cmake.in ${CMAKE_BINARY_DIR}/batonConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/batonConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS baton_library EXPORT batonTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/baton DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT batonTargets NAMESPACE baton:: DESTINATION ${package_folder} COMPONENT development)
install(FILES ${CMAKE_BINARY_DIR}/batonConfig.cmake ${CMAKE_BINARY_DIR}/batonConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT development)
include(${CMAKE_SOURCE_DIR}/cmake/pkg-config.cmake)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/native DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT development)

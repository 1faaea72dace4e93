# Debian 12's packages; scripts/packages.txt lists them by name.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(SQLite3 REQUIRED)
# Of libpq, the client's library; CMake's module wants the server's headers too unless it is told.
set(PostgreSQL_ADDITIONAL_VERSIONS 15)
find_package(PostgreSQL REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)

# Its header wants the macros that the library was compiled with.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

find_library(MD_LIBRARY md REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)

# And those of scripts/packages-test.txt.
if(BATON_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
  find_library(BOOST_CONTEXT_LIBRARY boost_context REQUIRED)
endif()

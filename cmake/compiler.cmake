# One language level, one list of warnings, hardening, sanitizers by preset.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

set(BATON_SANITIZE "" CACHE STRING "value of -fsanitize, for example address,undefined or thread")
# A report names files and lines; more of the debugger's data than that would double the time to compile.
set(CMAKE_CXX_FLAGS_SANITIZER "-O1 -g1 -DNDEBUG")

# -Wrestrict is wrong about "literal" + std::string (GCC bug 105651).
add_library(baton_compiler INTERFACE)
target_compile_options(
  baton_compiler
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Werror
            -Wconversion
            -Wshadow
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wimplicit-fallthrough
            -Wno-restrict
            -fno-omit-frame-pointer)
if(BATON_SANITIZE)
  # GCC 12's flow warnings are wrong in instrumented code (GCC bugs 105593, 105562).
  target_compile_options(baton_compiler INTERFACE -fsanitize=${BATON_SANITIZE} -fno-sanitize-recover=all
                                                  -Wno-maybe-uninitialized)
  target_compile_definitions(baton_compiler INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(baton_compiler INTERFACE -fsanitize=${BATON_SANITIZE})
else()
  # Fortified functions need an optimizing build; the library's own assertions cost too much in one.
  target_compile_definitions(baton_compiler INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>
                                                      $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
  target_compile_options(baton_compiler INTERFACE -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(baton_compiler INTERFACE -fcf-protection)
  endif()
  target_link_options(baton_compiler INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

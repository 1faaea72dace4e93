# One language level, one list of warnings, sanitizers by preset.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

set(BATON_SANITIZE "" CACHE STRING "value of -fsanitize, for example address,undefined or thread")

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
            -fno-omit-frame-pointer)
if(BATON_SANITIZE)
  # GCC 12's flow warnings are wrong in instrumented code (GCC bugs 105593, 105562).
  target_compile_options(baton_compiler INTERFACE -fsanitize=${BATON_SANITIZE} -fno-sanitize-recover=all -O1
                                                  -Wno-maybe-uninitialized)
  target_link_options(baton_compiler INTERFACE -fsanitize=${BATON_SANITIZE})
else()
  target_compile_options(baton_compiler INTERFACE -fstack-protector-strong $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
  target_link_options(baton_compiler INTERFACE -Wl,-z,relro,-z,now)
endif()

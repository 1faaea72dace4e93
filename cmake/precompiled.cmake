# Headers that nearly every test includes, parsed once a build. Files include what they need all the same: with ccache,
# which would miss the text of a precompiled header, and in the preset `dev` nothing is precompiled, and a forgotten
# include is an error. Not for src/: GCC 12 gives wrong warnings of overflows where it optimizes behind such a header.
set(baton_precompiles OFF)
if(NOT CCACHE AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  set(baton_precompiles ON)
endif()

# baton_precompile_headers(NAME DEPENDS … OPTIONS … HEADERS …): a program, because programs are position-independent in
# another way than libraries.
function(baton_precompile_headers name)
  cmake_parse_arguments(P "" "" "DEPENDS;OPTIONS;HEADERS" ${ARGN})
  if(baton_precompiles)
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp "int main() { return 0; }\n")
    add_executable(${name} ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${P_DEPENDS} baton_compiler)
    target_compile_options(${name} PRIVATE ${P_OPTIONS})
    target_precompile_headers(${name} PRIVATE ${P_HEADERS})
  endif()
endfunction()

# baton_precompiled(TARGET NAME): the headers of NAME for TARGET, which is compiled with the same options.
function(baton_precompiled target name)
  if(baton_precompiles)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

# A room is one folder of harness/. Its door is a folder of the build tree with one link to the room; only a room that
# names another in USES gets that door on its include path, so the compiler refuses an arrow that CMakeLists.txt lacks.

# room(NAME [USES room-or-library ...])
function(room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES")
  file(GLOB sources CONFIGURE_DEPENDS harness/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  set(door ${CMAKE_BINARY_DIR}/doors/${name})
  file(MAKE_DIRECTORY ${door})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/harness/${name} ${door}/${name} SYMBOLIC)
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME upspec_${name})
  target_include_directories(${name} PUBLIC ${door})
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE house_rules)
  if(UPSPEC_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM std_headers)
  endif()
  compile_in_units(${name} ${sources})

  # Unit tests stand beside what they test; one program a room.
  file(GLOB tests CONFIGURE_DEPENDS harness/${name}/*_test.cpp)
  if(tests AND BUILD_TESTING)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gtest_main house_rules)
    # What tests wait for is in the rooms, which have the preset's optimisation; they themselves are to compile soon.
    target_compile_options(${name}_test PRIVATE -O0)
    if(UPSPEC_PRECOMPILE)
      target_precompile_headers(${name}_test REUSE_FROM test_headers)
    endif()
    compile_in_units(${name}_test ${tests})
    # Run from the root of the tree, so that no object holds a path and one cache serves every clone.
    target_compile_definitions(${name}_test PRIVATE UPSPEC_SOURCE_DIR=".")
    if(UPSPEC_UNITS)  # To start a program for each test would be a third of the time.
      add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
      list(LENGTH tests size)
      set_tests_properties(${name} PROPERTIES TIMEOUT 900 COST ${size})
    else()
      gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES TIMEOUT 120)
    endif()
  endif()
endfunction()

# compile_in_units(TARGET source ...): several files at once, half the work, in the presets that nobody waits for twice
# (the others see to it that each file compiles alone). Which ones may meet is what cmake/units.awk finds.
function(compile_in_units target)
  if(NOT UPSPEC_UNITS)
    return()
  endif()
  file(GLOB headers CONFIGURE_DEPENDS harness/*/*.hpp)
  execute_process(COMMAND awk -v most=10 -f ${CMAKE_SOURCE_DIR}/cmake/units.awk ${headers} ${ARGN}
    OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" lines "${lines}")
  foreach(line ${lines})
    string(REGEX MATCH "^([0-9]+) (.*)" line ${line})
    set_source_files_properties(${CMAKE_MATCH_2} PROPERTIES UNITY_GROUP ${CMAKE_MATCH_1})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/units.awk)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # To GCC all files of a unit are headers.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()

# The warnings hold for our code; libraries come in as SYSTEM.
add_library(house_rules INTERFACE)
target_compile_options(house_rules INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 warns of GoogleTest's own macros, and of initialiser lists that it has just filled.
  target_compile_options(house_rules INTERFACE -Wno-dangling-else -Wno-maybe-uninitialized)
  # ccache wants to see where precompiled headers come in.
  target_compile_options(house_rules INTERFACE -fpch-preprocess)
endif()

# What makes a build faster, where it is there.
find_program(CCACHE ccache)
if(CCACHE)
  # Paths of this clone count as relative ones: what one clone has compiled, the next one has. The slack is what
  # precompiled headers ask for.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  set(steady_pch -Xclang -fno-pch-timestamp)
endif()
# precompiled(NAME header ...): an empty library that holds them, for target_precompile_headers(... REUSE_FROM NAME).
function(precompiled name)
  file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "// Nothing but its precompiled headers (cmake/rooms.cmake).\n")
  add_library(${name} STATIC ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE house_rules tl::expected)
  target_compile_options(${name} PRIVATE ${steady_pch})
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

if(UPSPEC_PRECOMPILE)
  precompiled(std_headers ${CMAKE_SOURCE_DIR}/cmake/std_headers.hpp)
  if(BUILD_TESTING)
    precompiled(test_headers ${CMAKE_SOURCE_DIR}/cmake/std_headers.hpp <gtest/gtest.h>)
    target_link_libraries(test_headers PRIVATE GTest::gtest)
    target_compile_options(test_headers PRIVATE -O0)
  endif()
endif()

find_program(LLD ld.lld-19)
if(LLD AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_link_options(--ld-path=${LLD})
endif()

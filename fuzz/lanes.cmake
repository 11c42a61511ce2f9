# The lanes that fuzz somebody's implementation (docs/fuzzing.md). Each is built when asked for.
#
#   upspec_linked_fuzzer(NAME source... [LIBRARIES library...])    the adapter with libFuzzer and asan in one program
#   upspec_process_target(NAME source... [LIBRARIES library...])   the adapter as a program with coverage, for process_lane
#
# and, of each linked fuzzer, `run_NAME`: builds it and fuzzes for UPSPEC_LANE_SECONDS, and `NAME_coverage`: the same
# program without sanitizers, which writes what of the adapter a corpus covers (campaign.sh --coverage makes HTML of it).
if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang OR CMAKE_CXX_FLAGS MATCHES fuzzer)
  return()  # libFuzzer is clang's; and the harness itself is not to be instrumented, or its own loops would be features
endif()

set(UPSPEC_LANE_SECONDS 60 CACHE STRING "How long run_NAME fuzzes")
set(UPSPEC_ADAPTER_FLAGS "-g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address" CACHE STRING
  "What a linked fuzzer's adapter is compiled with")
separate_arguments(adapter_flags UNIX_COMMAND "${UPSPEC_ADAPTER_FLAGS}")
set(lanes ${CMAKE_CURRENT_SOURCE_DIR}/lanes)
set(runtime ${CMAKE_CURRENT_SOURCE_DIR}/runtime)

# linked_program(NAME FLAGS flag... SOURCES source... LIBRARIES library...)
function(linked_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FLAGS;SOURCES;LIBRARIES")
  add_library(${name}_adapter OBJECT EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_include_directories(${name}_adapter PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(${name}_adapter PRIVATE ${arg_FLAGS})
  target_link_libraries(${name}_adapter PRIVATE ${arg_LIBRARIES})
  add_executable(${name} EXCLUDE_FROM_ALL
    ${lanes}/linked.cpp ${lanes}/lane.cpp ${lanes}/child.cpp $<TARGET_OBJECTS:${name}_adapter>)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE net ${arg_LIBRARIES} ${UPSPEC_FUZZING_ENGINE})
  target_link_options(${name} PRIVATE ${arg_FLAGS})
endfunction()

function(upspec_linked_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  linked_program(${name} FLAGS ${adapter_flags} SOURCES ${arg_UNPARSED_ARGUMENTS} LIBRARIES ${arg_LIBRARIES})
  linked_program(${name}_coverage FLAGS -g -O1 -fprofile-instr-generate -fcoverage-mapping
    SOURCES ${arg_UNPARSED_ARGUMENTS} LIBRARIES ${arg_LIBRARIES})
  set(corpus ${CMAKE_CURRENT_BINARY_DIR}/corpus/${name})
  file(MAKE_DIRECTORY ${corpus})
  add_custom_target(run_${name}
    COMMAND ${name} -max_total_time=${UPSPEC_LANE_SECONDS} -max_len=4096 -print_final_stats=1 ${corpus}
    USES_TERMINAL VERBATIM)
endfunction()

function(upspec_process_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  add_library(${name}_adapter OBJECT EXCLUDE_FROM_ALL ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name}_adapter PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(${name}_adapter PRIVATE -g -O2 -fsanitize-coverage=trace-pc-guard)
  target_link_libraries(${name}_adapter PRIVATE ${arg_LIBRARIES})
  add_executable(${name} EXCLUDE_FROM_ALL
    ${runtime}/serve_main.c ${runtime}/upspec_cov.c $<TARGET_OBJECTS:${name}_adapter>)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} Threads::Threads)
endfunction()

add_executable(process_lane EXCLUDE_FROM_ALL ${lanes}/process.cpp ${lanes}/lane.cpp ${lanes}/child.cpp)
target_include_directories(process_lane PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(process_lane PRIVATE net house_rules ${UPSPEC_FUZZING_ENGINE})

# The worked examples: a server and a proxy on libnghttp2, and the same with a bug planted in them.
upspec_linked_fuzzer(nghttp2_linked examples/nghttp2_server.cpp LIBRARIES PkgConfig::nghttp2)
upspec_process_target(nghttp2_server examples/nghttp2_server.cpp LIBRARIES PkgConfig::nghttp2)
upspec_process_target(nghttp2_server_planted examples/nghttp2_server.cpp LIBRARIES PkgConfig::nghttp2)
target_compile_definitions(nghttp2_server_planted_adapter PRIVATE PLANTED_SEQUENCE_BUG)
set(proxy examples/nghttp2_proxy.cpp examples/proxy_heads.cpp)
set(proxy_libraries PkgConfig::nghttp2 OpenSSL::Crypto Boost::headers)
upspec_linked_fuzzer(nghttp2_proxy_linked ${proxy} LIBRARIES ${proxy_libraries})
upspec_process_target(nghttp2_proxy ${proxy} LIBRARIES ${proxy_libraries})
upspec_process_target(nghttp2_proxy_planted ${proxy} LIBRARIES ${proxy_libraries})
target_compile_definitions(nghttp2_proxy_planted_adapter PRIVATE PLANTED_TRANSLATION_BUG)

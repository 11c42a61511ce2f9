# What ctest runs beside the unit tests: the program as a whole.
set(suite_out ${CMAKE_BINARY_DIR}/reports)
add_test(NAME tree.doors-and-ids COMMAND ${CMAKE_SOURCE_DIR}/cmake/check_tree.sh WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME suite.selftest COMMAND upspec selftest --out ${suite_out}/selftest)
add_test(NAME suite.selftest-client COMMAND upspec selftest --role client --out ${suite_out}/selftest-client)
# Eight seconds of work, optimised; some minutes where nothing is.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_FLAGS_RELEASE MATCHES "-O1")
  add_test(NAME suite.selftest-proxy COMMAND upspec selftest --role proxy --first --out ${suite_out}/selftest-proxy)
endif()
add_test(NAME suite.cleartext COMMAND upspec run --role server --strict --out ${suite_out}/cleartext)
add_test(NAME suite.tls COMMAND upspec run --role server --strict --tls --out ${suite_out}/tls)
add_test(NAME suite.client COMMAND upspec run --role client --strict --timeout 30 --out ${suite_out}/client)
add_test(NAME suite.client-tls COMMAND upspec run --role client --strict --timeout 30 --tls --out ${suite_out}/client-tls)
# A program for each case. The program's own patience: enough for a busy machine, and less than the harness's. A
# sanitizer's build takes long to start, so there a few cases of each kind have to do.
set(few_cases)
if(CMAKE_CXX_FLAGS MATCHES "fsanitize")
  set(few_cases --case
    "control/*,accept/in-continuations,channel/client-ends-first,decline/with-content,malformed/101-*,frames/masked-text,negotiation/wrong-value*,h2c/preface")
endif()
add_test(NAME suite.client-command COMMAND upspec run --role client --strict --timeout 60 --out ${suite_out}/client-command
  ${few_cases} --client-protocols websocket,upspec-echo,h2c,none --client-command
  "$<TARGET_FILE:upspec> connect {url} --timeout 45 --dialect {dialect} --protocol {protocol} --message {message} --ca {ca}")
# The reference proxy as a program that the harness starts: lanes side by side, its memory, and one without upgrades.
function(add_started_proxy name description)
  add_test(NAME suite.${name} COMMAND upspec run --strict --implementation ${description} --out ${suite_out}/${name} ${ARGN})
  set_tests_properties(suite.${name} PROPERTIES ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:$<TARGET_FILE_DIR:upspec>")
endfunction()
set(targets ${CMAKE_SOURCE_DIR}/cases/targets)
add_started_proxy(proxy-started ${targets}/upspec-proxy.xml --case "*pressure/*,*offer/attributes/*,*reuse/*")
add_started_proxy(proxy-no-upgrades ${targets}/upspec-no-upgrades-proxy.xml)
add_started_proxy(proxy-no-upgrades-h2 ${targets}/upspec-no-upgrades-h2-proxy.xml)
if(NOT CMAKE_CXX_FLAGS MATCHES "fsanitize")  # resident memory says nothing there
  file(READ ${targets}/upspec-proxy.xml unbounded)
  string(REPLACE "upspec proxy" "upspec proxy --violate PXY-10/unbounded" unbounded "${unbounded}")
  file(WRITE ${CMAKE_BINARY_DIR}/unbounded-proxy.xml "${unbounded}")
  add_started_proxy(proxy-unbounded ${CMAKE_BINARY_DIR}/unbounded-proxy.xml --case "*pressure/client-does-not-read")
  set_tests_properties(suite.proxy-unbounded PROPERTIES PASS_REGULAR_EXPRESSION "resident memory grew by")
endif()
foreach(way cleartext tls)
  set_tests_properties(suite.${way} PROPERTIES FIXTURES_SETUP report-${way})
  add_test(NAME suite.${way}.junit-is-valid
    COMMAND xmllint --noout --schema ${CMAKE_SOURCE_DIR}/reports/junit.xsd ${suite_out}/${way}/junit.xml)
  set_tests_properties(suite.${way}.junit-is-valid PROPERTIES FIXTURES_REQUIRED report-${way})
endforeach()
add_test(NAME suite.fuzz-regressions COMMAND upspec fuzz --regressions --out ${suite_out}/fuzz)
set_tests_properties(suite.fuzz-regressions PROPERTIES TIMEOUT 300)

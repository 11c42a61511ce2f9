# What `cmake --install` puts where, and what the program is told of it. It finds its cases by its own place, so an
# installation can be moved as a whole.
set(upspec_datadir ${CMAKE_INSTALL_DATADIR}/upspec)
if(IS_ABSOLUTE ${CMAKE_INSTALL_DATADIR} OR IS_ABSOLUTE ${CMAKE_INSTALL_BINDIR})
  set(upspec_cases_from_program ${CMAKE_INSTALL_FULL_DATADIR}/upspec/cases)
else()
  file(RELATIVE_PATH upspec_cases_from_program /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${upspec_datadir}/cases)
endif()

set_source_files_properties(harness/run/case_folder.cpp PROPERTIES COMPILE_DEFINITIONS
  "UPSPEC_VERSION=\"${PROJECT_VERSION}\";UPSPEC_CASES_FROM_PROGRAM=\"${upspec_cases_from_program}\";UPSPEC_CASES_OF_SOURCE=\"${CMAKE_SOURCE_DIR}/cases\"")

install(TARGETS upspec RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY cases DESTINATION ${upspec_datadir})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})

# build/upspec is the release build's program: what the documents name.
if(CMAKE_BINARY_DIR STREQUAL ${CMAKE_SOURCE_DIR}/build/release)
  file(CREATE_LINK release/upspec ${CMAKE_SOURCE_DIR}/build/upspec SYMBOLIC)
endif()

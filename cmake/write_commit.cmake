# cmake -DSOURCE=<root> -DHEADER=<file> -P write_commit.cmake: a header that names the commit of SOURCE, touched only
# when that changes. Runs at every build, since no commit makes CMake configure anew.
set(commit "")
find_program(git NAMES git)
if(git)
  # A source archive inside somebody else's repository has no commit.
  execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --show-cdup RESULT_VARIABLE failed
                  OUTPUT_VARIABLE above ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed AND above STREQUAL "")
    execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty --exclude=* --abbrev=12
                    OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define DMCVR_COMMIT \"${commit}\"\n")

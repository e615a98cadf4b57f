# Every source of src/dmcvr has a test of the same name: src/dmcvr/a/b.cpp and tests/a/b_test.cpp.
#   cmake -DROOT=<source folder> -P cmake/check_mirror.cmake

set(missing "")
file(GLOB_RECURSE sources RELATIVE "${ROOT}/src/dmcvr" "${ROOT}/src/dmcvr/*.cpp")
foreach(source IN LISTS sources)
  string(REGEX REPLACE "\\.cpp$" "_test.cpp" test "${source}")
  if(NOT EXISTS "${ROOT}/tests/${test}")
    list(APPEND missing "src/dmcvr/${source} has no tests/${test}")
  endif()
endforeach()

# A test whose source is gone, or that the build does not know, would never fail.
file(STRINGS "${ROOT}/CMakeLists.txt" listed_sources REGEX "\\.cpp")
file(STRINGS "${ROOT}/tests/CMakeLists.txt" listed_tests REGEX "_test")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  if(NOT listed_sources MATCHES "${name}\\.cpp")
    list(APPEND missing "src/dmcvr/${source} is not listed in CMakeLists.txt")
  endif()
  if(NOT listed_tests MATCHES "${name}_test")
    list(APPEND missing "the test of src/dmcvr/${source} is not listed in tests/CMakeLists.txt")
  endif()
endforeach()

list(LENGTH sources count)
if(missing)
  list(JOIN missing "\n  " text)
  message(FATAL_ERROR "test mirror:\n  ${text}")
endif()
if(count EQUAL 0)
  message(FATAL_ERROR "test mirror: no source found below ${ROOT}/src/dmcvr")
endif()
message(STATUS "test mirror: ${count} sources have their tests")

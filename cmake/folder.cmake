# Three functions of the build: a folder of src/dmcvr, a half of the library, the tests of a folder.

# dmcvr_folder(<folder> <source>...): one object library per folder, so that a folder and its tests
# build without the folders that it does not use.
function(dmcvr_folder folder)
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/src/dmcvr/${folder}/")
  add_library(dmcvr_${folder} OBJECT ${ARGN})
  dmcvr_compile_options(dmcvr_${folder})
  target_link_libraries(dmcvr_${folder} PUBLIC torch nlohmann_json::nlohmann_json fmt::fmt-header-only
                                               spdlog::spdlog_header_only)
endfunction()

# dmcvr_half(<target> <folder>...): the static library of those of the folders that exist.
function(dmcvr_half target)
  add_library(${target} STATIC)
  add_library(dmcvr::${target} ALIAS ${target})
  foreach(folder IN LISTS ARGN)
    if(TARGET dmcvr_${folder})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:dmcvr_${folder}>)
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                                              $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} PUBLIC cxx_std_17)
  target_link_libraries(${target} PUBLIC torch nlohmann_json::nlohmann_json fmt::fmt-header-only
                                         spdlog::spdlog_header_only)
  dmcvr_use_openmp(${target})
endfunction()

# dmcvr_folder_test(<folder> <name>...): tests/<folder>/<name>_test.cpp in one program, linked with the
# folder and what the layer table lets it use.
function(dmcvr_folder_test folder)
  set(sources ${ARGN})
  list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/tests/${folder}/")
  list(TRANSFORM sources APPEND "_test.cpp")
  add_executable(${folder}_test EXCLUDE_FROM_ALL ${sources})
  dmcvr_compile_options(${folder}_test)
  dmcvr_used_folders(used ${folder})
  foreach(name IN LISTS used)
    if(TARGET dmcvr_${name})
      target_link_libraries(${folder}_test PRIVATE dmcvr_${name})
    endif()
  endforeach()
  target_link_libraries(${folder}_test PRIVATE dmcvr_test_main)
  add_dependencies(dmcvr_tests ${folder}_test)
  add_test(NAME unit/${folder} COMMAND ${folder}_test)
  # Threads that wait politely: on a busy machine the others get their work done meanwhile.
  set_tests_properties(unit/${folder} PROPERTIES LABELS unit TIMEOUT 900 ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()

# The folder itself and all that it uses, directly or not.
function(dmcvr_used_folders out folder)
  set(used ${folder})
  set(open ${folder})
  while(open)
    list(POP_FRONT open next)
    foreach(name IN LISTS DMCVR_USES_${next})
      if(NOT name IN_LIST used)
        list(APPEND used ${name})
        list(APPEND open ${name})
      endif()
    endforeach()
  endwhile()
  set(${out} ${used} PARENT_SCOPE)
endfunction()

function(dmcvr_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_17)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${target} PRIVATE DMCVR_VERSION="${PROJECT_VERSION}")
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow
                                           $<$<BOOL:${DMCVR_WERROR}>:-Werror>)
  dmcvr_use_openmp(${target})
  if(DMCVR_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${DMCVR_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${DMCVR_SANITIZE})
  endif()
endfunction()

function(dmcvr_use_openmp target)
  if(TARGET OpenMP::OpenMP_CXX)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  endif()
endfunction()

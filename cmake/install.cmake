# What `cmake --install` leaves: the program with its weights and recipes, and the library as others find it,
#   find_package(dmcvr 0.1 REQUIRED)
#   target_link_libraries(mine PRIVATE dmcvr::dmcvr)           # or dmcvr::dmcvr_learning
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(DMCVR_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/dmcvr)

# The program finds its weights in ../share/dmcvr from its own place (bundled_folder in src/cli).
install(TARGETS dmcvr_program RUNTIME DESTINATION bin)
install(DIRECTORY weights configs DESTINATION share/dmcvr)

set(installed_halves dmcvr_learning)
set(installed_folders ${DMCVR_LEARNING_FOLDERS})
if(DMCVR_IMAGING)
  list(APPEND installed_halves dmcvr)
  list(APPEND installed_folders ${DMCVR_IMAGING_FOLDERS})
endif()
install(TARGETS ${installed_halves} EXPORT dmcvrTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder IN LISTS installed_folders)
  if(TARGET dmcvr_${folder})
    install(DIRECTORY src/dmcvr/${folder} DESTINATION include/dmcvr FILES_MATCHING PATTERN "*.h")
  endif()
endforeach()

install(EXPORT dmcvrTargets NAMESPACE dmcvr:: DESTINATION ${DMCVR_PACKAGE_DIR})
configure_package_config_file(cmake/dmcvrConfig.cmake.in ${PROJECT_BINARY_DIR}/dmcvrConfig.cmake
                              INSTALL_DESTINATION ${DMCVR_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dmcvrConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dmcvrConfig.cmake ${PROJECT_BINARY_DIR}/dmcvrConfigVersion.cmake
        DESTINATION ${DMCVR_PACKAGE_DIR})
if(DMCVR_IMAGING)
  install(FILES cmake/FindGDCM.cmake DESTINATION ${DMCVR_PACKAGE_DIR})
endif()

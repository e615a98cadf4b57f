# GDCM::GDCM, what reads and writes DICOM files. In place of the package's own file, which warns at length where
# tools that nobody here uses (gdcmpdf, the VTK bridge) are not installed.
find_path(GDCM_INCLUDE_DIR gdcmImageReader.h PATH_SUFFIXES gdcm-3.0 gdcm-3.2)
set(gdcm_parts MSFF DSED DICT Common)
foreach(part IN LISTS gdcm_parts)
  find_library(GDCM_${part}_LIBRARY gdcm${part})
  list(APPEND gdcm_variables GDCM_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GDCM REQUIRED_VARS ${gdcm_variables} GDCM_INCLUDE_DIR)
mark_as_advanced(GDCM_INCLUDE_DIR ${gdcm_variables})

if(GDCM_FOUND AND NOT TARGET GDCM::GDCM)
  add_library(GDCM::GDCM INTERFACE IMPORTED)
  target_include_directories(GDCM::GDCM SYSTEM INTERFACE ${GDCM_INCLUDE_DIR})
  foreach(part IN LISTS gdcm_parts)
    target_link_libraries(GDCM::GDCM INTERFACE ${GDCM_${part}_LIBRARY})
  endforeach()
endif()

# CMake's description of the system "mnemOS": static libraries only, programs end in .elf.
# SPDX-License-Identifier: MIT OR Apache-2.0
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
set(CMAKE_EXECUTABLE_SUFFIX .elf)
set(CMAKE_STATIC_LIBRARY_PREFIX lib)
set(CMAKE_STATIC_LIBRARY_SUFFIX .a)
if(NOT CMAKE_BUILD_TYPE_INIT)
    set(CMAKE_BUILD_TYPE_INIT MinSizeRel)
endif()

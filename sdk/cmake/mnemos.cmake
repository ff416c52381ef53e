# Toolchain file for mnemOS programs.
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# cmake -B build -DCMAKE_TOOLCHAIN_FILE=/absolute/path/to/mnemos.cmake
#
#   MNEMOS_FLOAT            hard (default) or soft: how floating point is passed and computed
#   MNEMOS_TOOLCHAIN_PATH   folder of a GNU Arm toolchain that is not on PATH (also as environment variable)
#
# CMake reads this file again for every try_compile, so it is quiet and may run any number of times.
set(CMAKE_SYSTEM_NAME mnemOS)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MNEMOS_TOOLCHAIN_PATH MNEMOS_FLOAT)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
if(NOT CMAKE_CURRENT_LIST_DIR IN_LIST CMAKE_MODULE_PATH)
    list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
endif()

set(MNEMOS_FLOAT hard CACHE STRING "Floating point: hard or soft")
set_property(CACHE MNEMOS_FLOAT PROPERTY STRINGS hard soft)
set(MNEMOS_TOOLCHAIN_PATH "" CACHE PATH "Folder of the GNU Arm toolchain; empty: search PATH")
if(MNEMOS_FLOAT STREQUAL "hard")
    set(_mnemos_cpu "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16")
elseif(MNEMOS_FLOAT STREQUAL "soft")
    set(_mnemos_cpu "-mcpu=cortex-m4 -mthumb -mfloat-abi=soft")
else()
    message(FATAL_ERROR "mnemos: MNEMOS_FLOAT is \"${MNEMOS_FLOAT}\"\n    it can be: hard, soft")
endif()

if(NOT MNEMOS_CC)
    find_program(MNEMOS_CC arm-none-eabi-gcc
        HINTS "${MNEMOS_TOOLCHAIN_PATH}" "$ENV{MNEMOS_TOOLCHAIN_PATH}" PATH_SUFFIXES bin
        DOC "C compiler for mnemOS programs")
    if(NOT MNEMOS_CC)
        message(FATAL_ERROR
            "E16 arm-none-eabi-gcc not found\n"
            "    fix: sudo apt install --no-install-recommends gcc-arm-none-eabi picolibc-arm-none-eabi\n"
            "    or:  -DMNEMOS_TOOLCHAIN_PATH=/path/to/toolchain   (checked: that, \$MNEMOS_TOOLCHAIN_PATH, PATH)")
    endif()
    execute_process(COMMAND "${MNEMOS_CC}" -print-file-name=picolibc.specs
        OUTPUT_VARIABLE _mnemos_specs OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT IS_ABSOLUTE "${_mnemos_specs}")
        set(_mnemos_found "${MNEMOS_CC}")
        unset(MNEMOS_CC CACHE)
        message(FATAL_ERROR
            "E16 ${_mnemos_found} has no picolibc (picolibc.specs not found)\n"
            "    fix: sudo apt install --no-install-recommends picolibc-arm-none-eabi")
    endif()
endif()
get_filename_component(_mnemos_bin "${MNEMOS_CC}" DIRECTORY)
set(CMAKE_C_COMPILER "${MNEMOS_CC}")
set(CMAKE_CXX_COMPILER "${_mnemos_bin}/arm-none-eabi-g++")
set(CMAKE_ASM_COMPILER "${MNEMOS_CC}")
# The gcc-ar wrappers understand LTO objects; CMake would pick plain ar.
set(CMAKE_AR "${_mnemos_bin}/arm-none-eabi-gcc-ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${_mnemos_bin}/arm-none-eabi-gcc-ranlib" CACHE FILEPATH "")

set(_mnemos_flags "${_mnemos_cpu} --specs=picolibc.specs -ffunction-sections -fdata-sections -mword-relocations")
set(_mnemos_flags_C "${_mnemos_flags}")
set(_mnemos_flags_ASM "${_mnemos_flags}")
set(_mnemos_flags_CXX "${_mnemos_flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
foreach(_mnemos_lang C CXX ASM)
    set(CMAKE_${_mnemos_lang}_FLAGS_INIT "${_mnemos_flags_${_mnemos_lang}}")
    # -DCMAKE_C_FLAGS=... adds to these flags; left alone CMake would take it instead of them.
    if(DEFINED CACHE{CMAKE_${_mnemos_lang}_FLAGS}
            AND NOT "$CACHE{CMAKE_${_mnemos_lang}_FLAGS}" MATCHES "--specs=picolibc.specs")
        set(CMAKE_${_mnemos_lang}_FLAGS "${_mnemos_flags_${_mnemos_lang}} $CACHE{CMAKE_${_mnemos_lang}_FLAGS}"
            CACHE STRING "Flags of the compiler" FORCE)
    endif()
    # Debug information never travels to the device; assertions stay on (-DNDEBUG removes them).
    set(CMAKE_${_mnemos_lang}_FLAGS_MINSIZEREL "-Os -g" CACHE STRING "Flags for small programs")
    set(CMAKE_${_mnemos_lang}_FLAGS_RELEASE "-O3 -g" CACHE STRING "Flags for fast programs")
    set(CMAKE_${_mnemos_lang}_FLAGS_DEBUG "-Og -g" CACHE STRING "Flags for debugging")
endforeach()

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
# Toolchain file and package always come from the same SDK.
set(mnemos_DIR "${CMAKE_CURRENT_LIST_DIR}" CACHE PATH "CMake package of the mnemOS SDK" FORCE)

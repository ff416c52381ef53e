# The CMake package of the mnemOS SDK: find_package(mnemos 0.3 CONFIG REQUIRED).
# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   mnemos_add_app(<name> <sources>...
#       [STACK <n>|<n>K]            default 2K
#       [HEAP <n>|<n>K]             default 4K when the program calls malloc, else 0
#       [PRINTF integer|double]     what printf and scanf understand; default double, integer saves 6 KiB
#       [VERSION <v>] [TITLE <s>]   shown by the host tool; VERSION defaults to the project's
#       [ABI <major>.<minor>]       default: the SDK's own; a lower minor runs on older kernels
#       [REQUIRES <service>...]     by their names in <mnemos/services/>, or of mnemos_add_interface(): a kernel without
#                                   them refuses the program
#       [NO_SIZE_REPORT])
#     Builds <name>.elf, <name>.map and <name>.mna in the binary folder, prints what the program needs, and adds
#     the target <name>-run, which loads and runs it (choose the device with the environment variable MNEMOS_DEVICE).
#
#   mnemos_add_library(<name> <sources>...)
#     A static library for programs: add_library() with the include folders and flags of a program.
#
#   mnemos_add_interface(<module> SCHEMA <file.toml> [PYTHON <folder>])
#     What programs call a service with that is not the SDK's: of <module>.toml it makes <mnemos/services/<module>.h>
#     and the library mnemos::svc::<module>, which programs link (REQUIRES does that too), and with PYTHON the module
#     <module>.py for tools on the host, which imports mnemos_load.abi. See docs/write-a-service.md.
#
#   Variables: MNEMOS_SDK_DIR, MNEMOS_ABI_VERSION. Targets: mnemos::sdk (what a program links), mnemos::headers.
include_guard(DIRECTORY)
if(NOT CMAKE_SYSTEM_NAME STREQUAL "mnemOS")
    set(mnemos_FOUND FALSE)
    set(mnemos_NOT_FOUND_MESSAGE
        "mnemos: this build folder is configured for ${CMAKE_SYSTEM_NAME}, not for mnemOS.\n    fix: rm -r \"${CMAKE_BINARY_DIR}\" and configure again with --preset device\n    or:  with \"-DCMAKE_TOOLCHAIN_FILE=${CMAKE_CURRENT_LIST_DIR}/mnemos.cmake\"")
    return()
endif()

get_filename_component(MNEMOS_SDK_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
get_filename_component(MNEMOS_ROOT_DIR "${MNEMOS_SDK_DIR}/.." ABSOLUTE)
if(NOT EXISTS "${MNEMOS_ROOT_DIR}/abi/include/mnemos/abi/svc.h")
    set(mnemos_FOUND FALSE)
    set(mnemos_NOT_FOUND_MESSAGE
        "mnemos: ${MNEMOS_SDK_DIR} has no abi/ beside it.\n    fix: use the whole checkout, or what `cmake --install` made of it")
    return()
endif()
file(STRINGS "${MNEMOS_ROOT_DIR}/abi/include/mnemos/abi/svc.h" _mnemos_abi REGEX "#define MNEMOS_ABI_M(AJ|IN)OR ")
string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]*([0-9]+).*" "\\1.\\2" MNEMOS_ABI_VERSION "${_mnemos_abi}")

# Debian's python3 has the packages this needs even when another python3 comes first on PATH.
find_program(MNEMOS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH DOC "Python for the SDK's tools")
if(NOT MNEMOS_PYTHON)
    find_package(Python3 3.11 COMPONENTS Interpreter REQUIRED)
    set_property(CACHE MNEMOS_PYTHON PROPERTY VALUE "${Python3_EXECUTABLE}")
endif()

# With these in compile_commands.json clangd finds the C library without asking the compiler.
foreach(_mnemos_lang C CXX)
    set(CMAKE_${_mnemos_lang}_STANDARD_INCLUDE_DIRECTORIES ${CMAKE_${_mnemos_lang}_IMPLICIT_INCLUDE_DIRECTORIES})
endforeach()

# The last one that fits counts.
set(MNEMOS_PATH_FLAGS "-ffile-prefix-map=${MNEMOS_ROOT_DIR}=mnemos" "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=."
    "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=" "-ffile-prefix-map=${CMAKE_BINARY_DIR}=./build")
if(NOT TARGET mnemos_sdk)
    add_subdirectory("${MNEMOS_SDK_DIR}/lib" "${CMAKE_BINARY_DIR}/mnemos-sdk" EXCLUDE_FROM_ALL)
endif()

# Paths in the debug information are relative to the project or to the SDK, so that the same sources give the same
# build id in any folder.
function(_mnemos_program_flags target)
    target_compile_options(${target} PRIVATE ${MNEMOS_PATH_FLAGS})
endfunction()

function(_mnemos_check_size name keyword value)
    if(NOT value MATCHES "^[0-9]+K?$")
        message(FATAL_ERROR "mnemos: ${name}: ${keyword} is \"${value}\"\n    it can be: bytes (3000) or KiB (3K)")
    endif()
endfunction()

function(mnemos_add_library name)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PUBLIC mnemos::headers)
    _mnemos_program_flags(${name})
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/interface.cmake")

function(mnemos_add_app name)
    cmake_parse_arguments(PARSE_ARGV 1 app "NO_SIZE_REPORT" "STACK;HEAP;PRINTF;VERSION;TITLE;ABI" "REQUIRES")
    if(app_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "mnemos: ${name}: no value after ${app_KEYWORDS_MISSING_VALUES}")
    endif()
    if(NOT app_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "mnemos: ${name} has no source files\n    fix: mnemos_add_app(${name} src/main.c ...)")
    endif()
    foreach(word IN LISTS app_UNPARSED_ARGUMENTS)
        if(word MATCHES "^[A-Z_]+$")
            message(FATAL_ERROR "mnemos: ${name}: ${word} is no keyword of mnemos_add_app and no source file\n    keywords: STACK HEAP PRINTF VERSION TITLE ABI REQUIRES NO_SIZE_REPORT")
        endif()
    endforeach()
    set(pack --name "${name}" --abi "${MNEMOS_ABI_VERSION}")
    if(DEFINED app_STACK)
        _mnemos_check_size(${name} STACK "${app_STACK}")
        list(APPEND pack --stack "${app_STACK}")
    endif()
    if(DEFINED app_HEAP)
        _mnemos_check_size(${name} HEAP "${app_HEAP}")
        list(APPEND pack --heap "${app_HEAP}")
    endif()
    if(DEFINED app_ABI)
        list(APPEND pack --abi "${app_ABI}")
    endif()
    if(NOT DEFINED app_VERSION)
        set(app_VERSION "${PROJECT_VERSION}")
    endif()
    if(app_VERSION)
        list(APPEND pack --version "${app_VERSION}")
    endif()
    if(app_TITLE)
        list(APPEND pack --title "${app_TITLE}")
    endif()
    set(services)
    foreach(service IN LISTS app_REQUIRES)
        if(TARGET mnemos::svc::${service})
            get_target_property(header mnemos::svc::${service} MNEMOS_HEADER)
            list(APPEND pack --requires "${service}=${header}")
        else()
            list(APPEND pack --requires "${service}")
            set(header "${MNEMOS_ROOT_DIR}/abi/include/mnemos/abi/${service}.h")
        endif()
        if(EXISTS "${header}" OR TARGET mnemos::svc::${service})
            list(APPEND services "${header}")
        else()
            set_property(GLOBAL APPEND PROPERTY MNEMOS_REQUIRED_BEFORE "${service}")
        endif()
    endforeach()
    if(app_NO_SIZE_REPORT)
        list(APPEND pack --quiet)
    endif()
    if(NOT DEFINED app_PRINTF)
        list(APPEND pack --suggest-integer-printf)
        set(app_PRINTF double)
    endif()
    if(app_PRINTF STREQUAL "integer")
        set(printf PICOLIBC_INTEGER_PRINTF_SCANF)
    elseif(app_PRINTF STREQUAL "double")
        set(printf PICOLIBC_DOUBLE_PRINTF_SCANF)
    else()
        message(FATAL_ERROR "mnemos: ${name}: PRINTF is \"${app_PRINTF}\"\n    it can be: integer, double")
    endif()

    add_executable(${name} ${app_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE mnemos::sdk)
    foreach(service IN LISTS app_REQUIRES)
        if(TARGET mnemos::svc::${service})
            target_link_libraries(${name} PRIVATE mnemos::svc::${service})
        endif()
    endforeach()
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(CXX IN_LIST languages)
        target_link_libraries(${name} PRIVATE mnemos::cxx)
    endif()
    _mnemos_program_flags(${name})
    target_compile_definitions(${name} PRIVATE ${printf})
    set(script "${MNEMOS_SDK_DIR}/lib/app.ld")
    set(elf "${CMAKE_CURRENT_BINARY_DIR}/${name}.elf")
    set(image "${CMAKE_CURRENT_BINARY_DIR}/${name}.mna")
    set(map "${CMAKE_CURRENT_BINARY_DIR}/${name}.map")
    set_target_properties(${name} PROPERTIES
        OUTPUT_NAME "${name}" SUFFIX .elf LINKER_LANGUAGE C RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    # The specs choose picolibc's own script unless -T reaches the compiler driver, hence no LINKER: in front of it.
    target_link_options(${name} PRIVATE "-T${script}" -nostartfiles -D${printf}
        LINKER:--emit-relocs LINKER:--gc-sections LINKER:--build-id=sha1
        "LINKER:-Map=${map}")
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${script}")

    set(packer "${MNEMOS_SDK_DIR}/tools/mkapp.py")
    add_custom_command(OUTPUT "${image}" DEPENDS ${name} "${packer}" ${services}
        COMMAND "${MNEMOS_PYTHON}" "${packer}" ${pack} "${elf}" "${image}"
        COMMENT "Packing ${name}.mna" VERBATIM)
    add_custom_target(${name}-image ALL DEPENDS "${image}")
    add_custom_target(${name}-run
        COMMAND "${CMAKE_COMMAND}" -E env "PYTHONPATH=${MNEMOS_ROOT_DIR}/tools/mnemos-load"
                "${MNEMOS_PYTHON}" -m mnemos_load run --no-build "${image}"
        DEPENDS "${image}" USES_TERMINAL VERBATIM)
endfunction()

# Finds the mnemOS SDK and becomes its toolchain file for programs; with -DMNEMOS_KERNEL=ON that for kernels.
#
# The first of: -DMNEMOS_SDK=..., the environment variable MNEMOS_SDK (both: the SDK's prefix, its share/mnemos or a
# checkout), the SDK of the mnemos-load on PATH, CMake's user package registry, /usr/local, /usr, /opt/mnemos-sdk.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MNEMOS_SDK MNEMOS_KERNEL)

set(_places "${MNEMOS_SDK}" "$ENV{MNEMOS_SDK}")
find_program(MNEMOS_LOAD mnemos-load DOC "The host tool")
if(MNEMOS_LOAD)
    file(REAL_PATH "${MNEMOS_LOAD}" _tool)
    cmake_path(GET _tool PARENT_PATH _tool)
    list(APPEND _places "${_tool}/../..")
endif()
file(GLOB _registered "$ENV{HOME}/.cmake/packages/mnemos/*")
foreach(_file IN LISTS _registered)
    file(STRINGS "${_file}" _place LIMIT_COUNT 1)
    list(APPEND _places "${_place}")
endforeach()
list(APPEND _places /usr/local /usr /opt/mnemos-sdk)

foreach(_place IN LISTS _places)
    if(_place)
        foreach(_below "" /sdk /share/mnemos/sdk /..)
            if(EXISTS "${_place}${_below}/cmake/mnemos.cmake")
                if(MNEMOS_KERNEL)
                    get_filename_component(MNEMOS_ROOT_DIR "${_place}${_below}/.." ABSOLUTE)
                    include("${MNEMOS_ROOT_DIR}/kernel/cmake/arm-none-eabi.cmake")
                else()
                    include("${_place}${_below}/cmake/mnemos.cmake")
                endif()
                return()
            endif()
        endforeach()
    endif()
endforeach()
message(FATAL_ERROR
    "E17 mnemOS SDK not found by cmake/mnemos.cmake\n"
    "    looked in: -DMNEMOS_SDK (\"${MNEMOS_SDK}\"), \$MNEMOS_SDK (\"$ENV{MNEMOS_SDK}\"), mnemos-load on PATH, "
    "~/.cmake/packages/mnemos, /usr/local, /usr, /opt/mnemos-sdk\n"
    "    fix: -DMNEMOS_SDK=/path/to/the/sdk")

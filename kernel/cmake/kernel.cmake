# Kernels from the portable parts, an arch and a board's sources.
# SPDX-License-Identifier: MIT OR Apache-2.0
get_filename_component(MN_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
file(STRINGS "${MN_ROOT}/VERSION" MN_VERSION LIMIT_COUNT 1)

set(MN_WARNINGS
    -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -Wvla -Wundef
    -Werror=jump-misses-init -Werror=maybe-uninitialized -Werror)

include("${CMAKE_CURRENT_LIST_DIR}/board_config.cmake")

# A linker script with the settings in it: answers the file's name in `out`.
function(mn_make_linker_script name script board_config out)
    set(made "${CMAKE_CURRENT_BINARY_DIR}/${name}.ld")
    set(define "")
    if(board_config)
        mn_check_board_config("${board_config}")
        set(define "-DMN_BOARD_CONFIG=\"${board_config}\"")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
        "${script}" "${MN_ROOT}/kernel/config.h" ${board_config})
    execute_process(COMMAND "${CMAKE_C_COMPILER}" -E -P -x assembler-with-cpp ${define} -I "${MN_ROOT}" "${script}"
        OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    file(CONFIGURE OUTPUT "${made}" CONTENT "${text}" @ONLY)
    set(${out} "${made}" PARENT_SCOPE)
endfunction()

# Flags, include folders, settings, linker script and size report of a kernel. A board that has a drivers/stamp.h beside its
# linker script means it for MN_STAMP_INLINE of kernel/core/port.h.
function(mn_kernel_settings name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCH;LINKER_SCRIPT;BOARD_CONFIG" "DEFINITIONS")
    mn_make_linker_script(${name} "${arg_LINKER_SCRIPT}" "${arg_BOARD_CONFIG}" linker_script)
    get_filename_component(board "${arg_LINKER_SCRIPT}" DIRECTORY)
    if(EXISTS "${board}/drivers/stamp.h")
        target_compile_definitions(${name} PRIVATE "MN_STAMP_INLINE=\"${board}/drivers/stamp.h\"")
    endif()
    if(arg_BOARD_CONFIG)
        target_compile_definitions(${name} PRIVATE "MN_BOARD_CONFIG=\"${arg_BOARD_CONFIG}\"")
    endif()
    set_source_files_properties("${MN_ROOT}/abi/src/mem.c" PROPERTIES
        COMPILE_OPTIONS "-fno-lto;-fno-tree-loop-distribute-patterns")
    target_include_directories(${name} PRIVATE "${MN_ROOT}" "${MN_ROOT}/abi/include")
    target_include_directories(${name} SYSTEM PRIVATE "${MN_ROOT}/kernel/arch/${arg_ARCH}/include")
    target_compile_definitions(${name} PRIVATE "MN_VERSION=\"${MN_VERSION}\""
        "MN_PORT_INLINE=\"kernel/arch/${arg_ARCH}/port_inline.h\"" ${arg_DEFINITIONS})
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:
        -O2 -g -std=gnu11 -fno-common -ffunction-sections -fdata-sections -fstack-usage -Wstack-usage=512
        "-ffile-prefix-map=${MN_ROOT}/=" ${MN_WARNINGS}>)
    target_link_options(${name} PRIVATE
        "-T${linker_script}" -Wl,--gc-sections -Wl,--fatal-warnings "-Wl,-Map=$<TARGET_FILE:${name}>.map")
    target_link_libraries(${name} PRIVATE gcc)
    set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS "${linker_script}")
    add_custom_command(TARGET ${name} POST_BUILD COMMAND arm-none-eabi-size "$<TARGET_FILE_NAME:${name}>"
        WORKING_DIRECTORY "$<TARGET_FILE_DIR:${name}>")
endfunction()

# mn_add_kernel(NAME ARCH arch LINKER_SCRIPT file BOARD_CONFIG file SOURCES ... DEFINITIONS ...). Without BOARD_CONFIG all
# settings are as in kernel/config.h; the linker script may use them.
function(mn_add_kernel name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCH;LINKER_SCRIPT;BOARD_CONFIG" "SOURCES;DEFINITIONS")
    file(GLOB parts CONFIGURE_DEPENDS
        "${MN_ROOT}/abi/src/*.c" "${MN_ROOT}/abi/src/gen/*.c" "${MN_ROOT}/kernel/core/*.c" "${MN_ROOT}/kernel/user/*.c"
        "${MN_ROOT}/kernel/services/*.c" "${MN_ROOT}/kernel/services/gen/*.c"
        "${MN_ROOT}/kernel/arch/${arg_ARCH}/*.c")
    add_executable(${name} ${parts} ${arg_SOURCES})
    mn_kernel_settings(${name} ARCH ${arg_ARCH} LINKER_SCRIPT "${arg_LINKER_SCRIPT}" BOARD_CONFIG "${arg_BOARD_CONFIG}"
        DEFINITIONS ${arg_DEFINITIONS})
endfunction()

# mn_add_kernel_variant(NAME OF kernel WITHOUT source ARCH ... LINKER_SCRIPT ... BOARD_CONFIG ... SOURCES ...
# DEFINITIONS ...): the same objects but one source's, and others instead.
function(mn_add_kernel_variant name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "OF;WITHOUT;ARCH;LINKER_SCRIPT;BOARD_CONFIG" "SOURCES;DEFINITIONS")
    string(REPLACE "." "\\." without "${arg_WITHOUT}")
    add_executable(${name} "$<FILTER:$<TARGET_OBJECTS:${arg_OF}>,EXCLUDE,/${without}\\.obj$>" ${arg_SOURCES})
    mn_kernel_settings(${name} ARCH ${arg_ARCH} LINKER_SCRIPT "${arg_LINKER_SCRIPT}" BOARD_CONFIG "${arg_BOARD_CONFIG}"
        DEFINITIONS ${arg_DEFINITIONS})
endfunction()

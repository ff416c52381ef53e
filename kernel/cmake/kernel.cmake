# Kernels from the portable parts, an arch and a board's sources.
# SPDX-License-Identifier: MIT OR Apache-2.0
get_filename_component(MN_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
file(STRINGS "${MN_ROOT}/VERSION" MN_VERSION LIMIT_COUNT 1)

set(MN_WARNINGS
    -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes -Wswitch-enum -Wvla -Wundef
    -Werror=jump-misses-init -Werror=maybe-uninitialized -Werror)

# Flags, include folders, linker script and size report of a kernel.
function(mn_kernel_settings name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCH;LINKER_SCRIPT" "DEFINITIONS")
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
        "-T${arg_LINKER_SCRIPT}" -Wl,--gc-sections -Wl,--fatal-warnings "-Wl,-Map=$<TARGET_FILE:${name}>.map")
    target_link_libraries(${name} PRIVATE gcc)
    set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS "${arg_LINKER_SCRIPT}")
    add_custom_command(TARGET ${name} POST_BUILD COMMAND arm-none-eabi-size "$<TARGET_FILE_NAME:${name}>"
        WORKING_DIRECTORY "$<TARGET_FILE_DIR:${name}>")
endfunction()

# mn_add_kernel(NAME ARCH arch LINKER_SCRIPT file SOURCES ... DEFINITIONS ...)
function(mn_add_kernel name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCH;LINKER_SCRIPT" "SOURCES;DEFINITIONS")
    file(GLOB parts CONFIGURE_DEPENDS
        "${MN_ROOT}/abi/src/*.c" "${MN_ROOT}/abi/src/gen/*.c" "${MN_ROOT}/kernel/core/*.c" "${MN_ROOT}/kernel/user/*.c"
        "${MN_ROOT}/kernel/services/*.c" "${MN_ROOT}/kernel/services/gen/*.c"
        "${MN_ROOT}/kernel/arch/${arg_ARCH}/*.c")
    add_executable(${name} ${parts} ${arg_SOURCES})
    mn_kernel_settings(${name} ARCH ${arg_ARCH} LINKER_SCRIPT ${arg_LINKER_SCRIPT} DEFINITIONS ${arg_DEFINITIONS})
endfunction()

# mn_add_kernel_variant(NAME OF kernel WITHOUT source ARCH ... LINKER_SCRIPT ... SOURCES ... DEFINITIONS ...): the same
# objects but one source's, and others instead.
function(mn_add_kernel_variant name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "OF;WITHOUT;ARCH;LINKER_SCRIPT" "SOURCES;DEFINITIONS")
    string(REPLACE "." "\\." without "${arg_WITHOUT}")
    add_executable(${name} "$<FILTER:$<TARGET_OBJECTS:${arg_OF}>,EXCLUDE,/${without}\\.obj$>" ${arg_SOURCES})
    mn_kernel_settings(${name} ARCH ${arg_ARCH} LINKER_SCRIPT ${arg_LINKER_SCRIPT} DEFINITIONS ${arg_DEFINITIONS})
endfunction()

# A board file may set only what kernel/config.h knows: a misspelt setting would be ignored otherwise.
# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   cmake -D BOARD_CONFIG=file -P kernel/cmake/board_config.cmake

cmake_policy(VERSION 3.25)

# Stop with a sentence for each definition in `file` that is not a setting of kernel/config.h.
function(mn_check_board_config file)
    set(known_in "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../config.h")
    file(STRINGS "${known_in}" lines REGEX "^#ifndef MN_CONFIG_")
    list(TRANSFORM lines REPLACE "^#ifndef (MN_CONFIG_[A-Z0-9_]+).*" "\\1" OUTPUT_VARIABLE known)
    list(REMOVE_ITEM known MN_CONFIG_H)
    file(STRINGS "${file}" guard REGEX "^#ifndef " LIMIT_COUNT 1)
    string(REGEX REPLACE "^#ifndef +" "" guard "${guard}")
    file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*define[ \t]")
    set(complaints "")
    foreach(line IN LISTS lines)
        string(REGEX MATCH "define[ \t]+([A-Za-z0-9_]+)[ \t]*([^/]*)" found "${line}")
        set(name "${CMAKE_MATCH_1}")
        set(value "${CMAKE_MATCH_2}")
        if(name STREQUAL guard)
        elseif(NOT name IN_LIST known)
            string(APPEND complaints "\n  ${name} is no setting: those that exist are in kernel/config.h")
        elseif(value MATCHES "[0-9a-fA-F][uUlL]+[^0-9A-Za-z_]*$")
            string(APPEND complaints "\n  ${name} must be a number without suffix: the linker reads it too")
        endif()
    endforeach()
    if(complaints)
        message(FATAL_ERROR "board file ${file}:${complaints}")
    endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    mn_check_board_config("${BOARD_CONFIG}")
endif()

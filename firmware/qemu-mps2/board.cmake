# What a kernel for the emulated board is made of, for mn_add_kernel(): here and in firmware outside this tree.
# SPDX-License-Identifier: MIT OR Apache-2.0
#
#   MN_BOARD  the arguments: ARCH, LINKER_SCRIPT, BOARD_CONFIG (the cache variable MN_BOARD_CONFIG) and SOURCES
set(MN_BOARD_CONFIG "${CMAKE_CURRENT_LIST_DIR}/board_config.h" CACHE FILEPATH "The settings, see kernel/config.h")
set(MN_BOARD_SETTINGS ARCH cortex-m4 LINKER_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/link.ld" BOARD_CONFIG "${MN_BOARD_CONFIG}")
set(MN_BOARD_SOURCES start.S main.c drivers/clock.c drivers/uart.c)
list(TRANSFORM MN_BOARD_SOURCES PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
set(MN_BOARD ${MN_BOARD_SETTINGS} SOURCES ${MN_BOARD_SOURCES})

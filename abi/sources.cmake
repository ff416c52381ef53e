# The sources of the codec, for every build that uses it: MNEMOS_ABI_SOURCES, and MNEMOS_ABI_MEM for bare-metal ones.
# SPDX-License-Identifier: MIT OR Apache-2.0
set(MNEMOS_ABI_INCLUDE "${CMAKE_CURRENT_LIST_DIR}/include")
set(MNEMOS_ABI_SOURCES
    "${CMAKE_CURRENT_LIST_DIR}/src/wire.c"
    "${CMAKE_CURRENT_LIST_DIR}/src/cobs.c"
    "${CMAKE_CURRENT_LIST_DIR}/src/checksum.c"
    "${CMAKE_CURRENT_LIST_DIR}/src/gen/error.c"
    "${CMAKE_CURRENT_LIST_DIR}/src/gen/link.c"
    "${CMAKE_CURRENT_LIST_DIR}/src/gen/loader.c")
set(MNEMOS_ABI_MEM "${CMAKE_CURRENT_LIST_DIR}/src/mem.c")
set(MNEMOS_ABI_MEM_OPTIONS -O2 -ffreestanding -fno-lto -fno-tree-loop-distribute-patterns)

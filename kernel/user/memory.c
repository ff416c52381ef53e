/* memory.c — the arena of a kernel that runs on a PC. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "memory.h"
#include "kernel/core/port.h"

#if UINTPTR_MAX != UINT32_MAX
static struct { uint8_t *buffer; uint32_t addr, len; } mapped;

void mn_memory_map(uint8_t *buffer, uint32_t addr, uint32_t len)
{
    mapped.buffer = buffer;
    mapped.addr = addr;
    mapped.len = len;
}

uint8_t *mn_memory(uint32_t addr)
{
    uint32_t offset = addr - mapped.addr;
    MN_ASSERT(offset <= mapped.len);
    return mapped.buffer + offset;
}
#endif

/* text.h — the length of a text, looking at no more than `max` bytes. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_TEXT_H
#define MN_USER_TEXT_H
#include <stdint.h>

static inline uint32_t mn_text_length(const char *text, uint32_t max)
{
    uint32_t len = 0;
    while (len < max && text[len])
        len++;
    return len;
}
#endif

/* random.h: random numbers.
 *
 * Good enough for games, tests and back-off; for keys only when the page of the
 * board says that it has a true source. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_RANDOM_H
#define MNEMOS_RANDOM_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fill memory with random bytes. */
void mnemos_random(void *out, size_t len);

/* A random 32-bit number. */
uint32_t mnemos_random_u32(void);

#ifdef __cplusplus
}
#endif
#endif

/* time.h: the clock and how to wait.
 *
 * There is one clock: microseconds since the kernel booted. It never wraps and
 * never goes back. Moments are absolute, so a loop that sleeps until `next` and
 * then adds its period does not drift. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_TIME_H
#define MNEMOS_TIME_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Microseconds since the kernel booted. */
uint64_t mnemos_time_us(void);

/* Sleep until that moment. Waits for the clock; a moment in the past returns at once.
 * Like every function here that sleeps, it writes out stdout first. */
void mnemos_sleep_until_us(uint64_t moment);

/* Sleep for at least so long. Waits for the clock. */
void mnemos_sleep_us(uint64_t duration);
void mnemos_sleep_ms(uint32_t duration);

/* Let the other programs have their turn. Fairness does not need it: a program that never sleeps is
 * interrupted. */
void mnemos_yield(void);

#ifdef __cplusplus
}
#endif
#endif

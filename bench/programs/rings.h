/* rings.h — the part of the measured program that is about services and rings. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_PROGRAMS_RINGS_H
#define BENCH_PROGRAMS_RINGS_H

/* The program's exit status. */
int rings(void);
#endif

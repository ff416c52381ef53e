/* least_config.h — the settings of the smallest whole: as few of everything as there can be. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef BENCH_KERNEL_LEAST_CONFIG_H
#define BENCH_KERNEL_LEAST_CONFIG_H

#define MN_CONFIG_PROGRAMS            2
#define MN_CONFIG_PROGRAM_CONNECTIONS 1
#define MN_CONFIG_PROGRAM_PORTS       2
#define MN_CONFIG_SERVICES            6
#define MN_CONFIG_CONNECTIONS         8
#define MN_CONFIG_REQUESTS            8
#endif

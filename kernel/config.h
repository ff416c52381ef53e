/* config.h — the settings of a kernel: what each means, what it is by default, what it may be.
 *
 * A firmware changes them in one file of its own, its board file, which the build
 * names in MN_BOARD_CONFIG (kernel/cmake/kernel.cmake: BOARD_CONFIG) and which
 * defines some of the MN_CONFIG_* below, as numbers without suffix, and nothing
 * else. What cannot work stops the build with a sentence that says what to do;
 * so does a setting that does not exist. The linker script reads this file too. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CONFIG_H
#define MN_CONFIG_H

#ifdef MN_BOARD_CONFIG
#include MN_BOARD_CONFIG
#endif

#ifdef __ASSEMBLER__
#define MN_SETTING(name, least, most)
#define MN_SETTINGS_FIT(condition, sentence)
#else
#include <mnemos/abi/loader.h>
#include <mnemos/abi/serial_mux.h>
#define MN_SETTING(name, least, most)               \
    _Static_assert((name) >= (least) && (name) <= (most), \
                   "board file: " #name " must be from " #least " to " #most)
#define MN_SETTINGS_FIT(condition, sentence) _Static_assert(condition, "board file: " sentence)
#endif

/* ---- Memory ---- */

/* Where the RAM is, and how many bytes. */
#ifndef MN_CONFIG_RAM_ADDR
#define MN_CONFIG_RAM_ADDR 0x20000000
#endif
#ifndef MN_CONFIG_RAM_LEN
#define MN_CONFIG_RAM_LEN 0x40000
#endif

/* Bytes of it for programs, from its beginning. The rest is the kernel's: its stack, its tables,
 * and its heap, which is what remains. */
#ifndef MN_CONFIG_ARENA_LEN
#define MN_CONFIG_ARENA_LEN 0x34000
#endif

/* Bytes of the kernel's stack, which all tasks and handlers share, and of the stack on which a
 * crash is recorded. */
#ifndef MN_CONFIG_STACK_LEN
#define MN_CONFIG_STACK_LEN 4096
#endif
#ifndef MN_CONFIG_PANIC_STACK_LEN
#define MN_CONFIG_PANIC_STACK_LEN 1024
#endif

/* The heap is what remains of it, and cannot be more than MN_HEAP_MAX. */
#define MN_KERNEL_RAM_MOST 0x40000

MN_SETTING(MN_CONFIG_RAM_LEN, 0x8000, 0x80000);
MN_SETTING(MN_CONFIG_STACK_LEN, 3072, 65536);
MN_SETTING(MN_CONFIG_PANIC_STACK_LEN, 768, 65536);
MN_SETTINGS_FIT(MN_CONFIG_STACK_LEN % 8 == 0 && MN_CONFIG_PANIC_STACK_LEN % 8 == 0,
                "MN_CONFIG_STACK_LEN and MN_CONFIG_PANIC_STACK_LEN must be multiples of 8");
MN_SETTINGS_FIT(MN_CONFIG_RAM_ADDR % 1024 == 0 && MN_CONFIG_ARENA_LEN % 1024 == 0,
                "MN_CONFIG_RAM_ADDR and MN_CONFIG_ARENA_LEN must be multiples of 1024: programs "
                "get memory by the KiB");
MN_SETTING(MN_CONFIG_ARENA_LEN, 0x1000, 0x40000);
MN_SETTINGS_FIT(MN_CONFIG_ARENA_LEN < MN_CONFIG_RAM_LEN,
                "MN_CONFIG_ARENA_LEN must leave a part of MN_CONFIG_RAM_LEN to the kernel");
MN_SETTINGS_FIT(MN_CONFIG_RAM_LEN - MN_CONFIG_ARENA_LEN <= MN_KERNEL_RAM_MOST,
                "MN_CONFIG_ARENA_LEN must leave at most 0x40000 of MN_CONFIG_RAM_LEN to the kernel: "
                "its heap can be no larger");

/* Microseconds that a task waits for memory when it says nothing else. */
#ifndef MN_CONFIG_ALLOC_WAIT_US
#define MN_CONFIG_ALLOC_WAIT_US 2000000
#endif

/* Microseconds of one poll of a task; a longer one is counted among its overruns, because it held
 * up everything else. */
#ifndef MN_CONFIG_POLL_LIMIT_US
#define MN_CONFIG_POLL_LIMIT_US 2000
#endif

MN_SETTING(MN_CONFIG_ALLOC_WAIT_US, 1000, 0x7fffffff);
MN_SETTING(MN_CONFIG_POLL_LIMIT_US, 100, 1000000);

/* ---- Programs ---- */

/* Programs loaded at once. Each costs about 850 bytes of the kernel's RAM, and its ports. */
#ifndef MN_CONFIG_PROGRAMS
#define MN_CONFIG_PROGRAMS 8
#endif

/* Services that one program may be connected to at once: 8 bytes each, and a place among
 * MN_CONFIG_CONNECTIONS. */
#ifndef MN_CONFIG_PROGRAM_CONNECTIONS
#define MN_CONFIG_PROGRAM_CONNECTIONS 8
#endif

/* Serial ports of one program, open ones and closed ones with bytes still to be sent. */
#ifndef MN_CONFIG_PROGRAM_PORTS
#define MN_CONFIG_PROGRAM_PORTS 4
#endif

/* Bytes that a port of a program holds: from the host, to it, and to it on stderr. They come from
 * the kernel's heap when the port is opened. */
#ifndef MN_CONFIG_PROGRAM_RX_LEN
#define MN_CONFIG_PROGRAM_RX_LEN 512
#endif
#ifndef MN_CONFIG_PROGRAM_TX_LEN
#define MN_CONFIG_PROGRAM_TX_LEN 512
#endif
#ifndef MN_CONFIG_PROGRAM_STDERR_LEN
#define MN_CONFIG_PROGRAM_STDERR_LEN 256
#endif

/* Bytes that stdin holds instead while the kernel's heap is large enough to leave
 * MN_CONFIG_STDIN_LEAVES bytes of it free: a fast line with a long way keeps moving. */
#ifndef MN_CONFIG_STDIN_LEN
#define MN_CONFIG_STDIN_LEN 2048
#endif
#ifndef MN_CONFIG_STDIN_LEAVES
#define MN_CONFIG_STDIN_LEAVES 12288
#endif

/* Microseconds that a program runs while others want to; and that tasks cannot cut short when
 * programs had less than a tenth of the time. */
#ifndef MN_CONFIG_SLICE_US
#define MN_CONFIG_SLICE_US 5000
#endif
#ifndef MN_CONFIG_FLOOR_SLICE_US
#define MN_CONFIG_FLOOR_SLICE_US 1000
#endif

MN_SETTING(MN_CONFIG_PROGRAMS, 1, 32);
MN_SETTING(MN_CONFIG_PROGRAM_CONNECTIONS, 1, 255);
MN_SETTING(MN_CONFIG_PROGRAM_PORTS, 2, 4);
MN_SETTING(MN_CONFIG_PROGRAM_RX_LEN, 16, 65536);
MN_SETTING(MN_CONFIG_PROGRAM_TX_LEN, 16, 65536);
MN_SETTING(MN_CONFIG_PROGRAM_STDERR_LEN, 16, 65536);
MN_SETTING(MN_CONFIG_STDIN_LEN, 16, 65536);
MN_SETTING(MN_CONFIG_STDIN_LEAVES, 0, 0x10000000);
MN_SETTINGS_FIT(MN_CONFIG_STDIN_LEN >= MN_CONFIG_PROGRAM_RX_LEN,
                "MN_CONFIG_STDIN_LEN must be at least MN_CONFIG_PROGRAM_RX_LEN, which stdin holds "
                "when memory is short");
MN_SETTING(MN_CONFIG_SLICE_US, 1000, 1000000);
MN_SETTING(MN_CONFIG_FLOOR_SLICE_US, 100, 10000);
MN_SETTINGS_FIT(MN_CONFIG_FLOOR_SLICE_US <= MN_CONFIG_SLICE_US,
                "MN_CONFIG_FLOOR_SLICE_US must not be more than MN_CONFIG_SLICE_US");

/* ---- Services ---- */

/* Services registered at once; connections of clients, those that wait for a service too (56 bytes
 * each); requests under way (80 bytes each). Programs leave a quarter of both to the kernel. */
#ifndef MN_CONFIG_SERVICES
#define MN_CONFIG_SERVICES 16
#endif
#ifndef MN_CONFIG_CONNECTIONS
#define MN_CONFIG_CONNECTIONS 24
#endif
#ifndef MN_CONFIG_REQUESTS
#define MN_CONFIG_REQUESTS 24
#endif

/* Microseconds between two signs of life on the hello port; 0: none. */
#ifndef MN_CONFIG_HELLO_PERIOD_US
#define MN_CONFIG_HELLO_PERIOD_US 1000000
#endif
#ifndef MN_CONFIG_HELLO_PORT
#define MN_CONFIG_HELLO_PORT MNEMOS_SERIAL_MUX_PORT_HELLO
#endif

/* The port that sends back what comes in, and the bytes that it holds, each way. */
#ifndef MN_CONFIG_LOOPBACK_PORT
#define MN_CONFIG_LOOPBACK_PORT MNEMOS_SERIAL_MUX_PORT_LOOPBACK
#endif
#ifndef MN_CONFIG_LOOPBACK_LEN
#define MN_CONFIG_LOOPBACK_LEN 256
#endif

MN_SETTING(MN_CONFIG_SERVICES, 6, 255);
MN_SETTING(MN_CONFIG_CONNECTIONS, 8, 1024);
MN_SETTING(MN_CONFIG_REQUESTS, 8, 1024);
MN_SETTINGS_FIT(MN_CONFIG_REQUESTS >= MN_CONFIG_CONNECTIONS,
                "MN_CONFIG_REQUESTS must be at least MN_CONFIG_CONNECTIONS: each connection has "
                "room for one request from the beginning");
MN_SETTINGS_FIT(MN_CONFIG_PROGRAM_CONNECTIONS <= MN_CONFIG_CONNECTIONS,
                "MN_CONFIG_PROGRAM_CONNECTIONS must not be more than MN_CONFIG_CONNECTIONS, the "
                "connections of all programs and tasks");
MN_SETTING(MN_CONFIG_HELLO_PERIOD_US, 0, 0x7fffffff);
MN_SETTING(MN_CONFIG_HELLO_PORT, 0, 0xfff);
MN_SETTING(MN_CONFIG_LOOPBACK_PORT, 0, 0xfff);
MN_SETTING(MN_CONFIG_LOOPBACK_LEN, 16, 65536);
MN_SETTINGS_FIT(MN_CONFIG_HELLO_PORT != MN_CONFIG_LOOPBACK_PORT,
                "MN_CONFIG_HELLO_PORT and MN_CONFIG_LOOPBACK_PORT must be different: a port has one "
                "owner");

/* ---- The serial line ---- */

/* Bits per second. */
#ifndef MN_CONFIG_BAUD
#define MN_CONFIG_BAUD 115200
#endif

/* Bytes between the line's interrupts and the mux. What waits to be sent cannot be overtaken by
 * anything urgent: a frame or two, 44 ms at 115200 with the default. */
#ifndef MN_CONFIG_LINE_RX_LEN
#define MN_CONFIG_LINE_RX_LEN 4608
#endif
#ifndef MN_CONFIG_LINE_TX_LEN
#define MN_CONFIG_LINE_TX_LEN 512
#endif

MN_SETTING(MN_CONFIG_BAUD, 9600, 8000000);
MN_SETTING(MN_CONFIG_LINE_RX_LEN, 256, 65536);
MN_SETTING(MN_CONFIG_LINE_TX_LEN, 64, 4096);
MN_SETTINGS_FIT(MN_CONFIG_LINE_RX_LEN >= MNEMOS_LOADER_WINDOW + 512,
                "MN_CONFIG_LINE_RX_LEN must hold a window of an upload (4096) and 512 bytes of "
                "what comes with it");

/* ---- The kernel's heap ---- */

/* What the parts cost there, in bytes: those who have them check it. */
#define MN_COST_CONNECTION 56
#define MN_COST_REQUEST    80
#define MN_COST_PORT       192

/* Bytes that the settings need there: the linker script wants so many. Every program with stdin,
 * stdout and stderr open is part of it, other ports are not. */
#define MN_HEAP_NEEDED                                                                    \
    (1024 + MN_CONFIG_CONNECTIONS * MN_COST_CONNECTION +                                  \
     MN_CONFIG_REQUESTS * MN_COST_REQUEST + 2 * MN_COST_PORT + 2 * MN_CONFIG_LOOPBACK_LEN + \
     MN_CONFIG_PROGRAMS * (2 * MN_COST_PORT + MN_CONFIG_PROGRAM_RX_LEN +                  \
                           MN_CONFIG_PROGRAM_TX_LEN + MN_CONFIG_PROGRAM_STDERR_LEN))
#endif

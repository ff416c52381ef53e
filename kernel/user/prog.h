/* prog.h — programs: their memory, their life, who runs.
 *
 * A program is loaded into two blocks of the arena (read-only text, writable
 * data), started, and ends by exit, fault, panic or stop. It stays loaded until
 * it is unloaded; starting again needs no new upload. Everything here is called
 * from task context or a system call, never from an interrupt. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_PROG_H
#define MN_USER_PROG_H
#include "kernel/core/task.h"
#include "kernel/core/timer.h"
#include "kernel/user/call.h"
#include <mnemos/abi/image.h>
#include <mnemos/abi/loader.h>

#define MN_MAX_PROGRAMS 8u
#define MN_PROG_NAME_MAX 24u

enum mn_prog_state { MN_PROG_FREE, MN_PROG_LOADING, MN_PROG_LOADED, MN_PROG_RUNNABLE, MN_PROG_WAITING, MN_PROG_ENDED };

/* What the context switch in assembly knows: keep in step with kernel/arch/cortex-m4/switch.S. */
struct mn_prog_context {
    uint32_t psp, r4_r11[8], exc_return; /* offset 0, 40 bytes */
    uint32_t mpu[8];                     /* offset 40: four RBAR/RASR pairs for the alias registers */
    uint32_t s16_s31[16];                /* offset 72 */
};

struct mn_prog {
    struct mn_prog_context context;  /* first */
    struct mn_prog *next;            /* in the queue of runnable programs */
    uint8_t   state, index;
    uint32_t  generation;            /* counts starts and loads of this slot; part of the handle */
    uint32_t  rx_addr, rx_len, rw_addr, rw_len; /* blocks as granted, multiples of 1 KiB */
    struct mnemos_image_header head; /* checked copy */
    char      name[MN_PROG_NAME_MAX + 1];
    struct mn_call call;             /* the one it waits in */
    uint16_t  port_base;
    uint32_t  starts, late;
    uint64_t  started_us, run_us;
    struct mnemos_loader_ending ending; /* valid in state ENDED; its message points into `message` */
    uint8_t   message[96];
    struct mnemos_loader_fault fault;   /* last fault; `has_fault`; its stack points into `fault_stack` */
    bool      has_fault;
    uint8_t   fault_stack[256];
    uint32_t  heap_peak;
    void     *serial;                /* the serial service's own: open ports */
};

/* Set the arena's bounds; forget every program. Both multiples of 1 KiB. */
void mn_prog_reset(uint32_t arena_addr, uint32_t arena_len);

/* The program in a slot (NULL: free slot or no such slot), and by handle (NULL when the generation differs). */
struct mn_prog *mn_prog_at(uint32_t index);
struct mn_prog *mn_prog_find(uint32_t handle);
uint32_t        mn_prog_handle(const struct mn_prog *prog); /* index | generation << 8 */

/* Who runs now (inside a system call or a fault), NULL in a task while none is saved. */
struct mn_prog *mn_prog_current(void);

/* Check `head` (all but its CRC, see mn_image_check_header) and reserve both blocks. The RW block is at least `scratch`
 * bytes, which the loader may use until the program starts. State becomes LOADING.
 *
 * Errors   image_*            the header is wrong
 *          too_many_programs  no slot
 *          no_room            no hole; mn_prog_arena() tells the largest
 */
MN_MUST_USE mn_err mn_prog_reserve(const struct mnemos_image_header *head, const char *name, uint32_t scratch,
                                   struct mn_prog **out);

/* The blocks as memory, only while LOADING. */
uint8_t *mn_prog_rx(struct mn_prog *prog);
uint8_t *mn_prog_rw(struct mn_prog *prog);

/* Everything has arrived: `head` (head_len bytes, somewhere in the program's RW block or kernel memory) is checked
 * completely, the payload's checksums too, then relocations are applied, 64 entries a poll.
 * State becomes LOADED, or stays LOADING on error (the caller unloads).
 * Errors   image_* */
MN_MUST_USE mn_err mn_prog_finish_poll(struct mn_prog *prog, struct mn_cx *cx, const uint8_t *head);

/* Zero RW, copy .data, build argv on the stack from `args` (each ends with a zero byte; argv[0] is the name), run.
 * Errors   not_ready (loading or running), too_big (arguments leave less than 256 bytes of stack), bad_argument */
MN_MUST_USE mn_err mn_prog_start(struct mn_prog *prog, const uint8_t *args, uint32_t args_len);

/* End a running program (exit, stop, kill, panic, fault all come here): cancels its call, sets `ending`, state ENDED,
 * then calls the watchers. */
void mn_prog_end(struct mn_prog *prog, uint8_t reason, int32_t status);

/* End it if it runs, zero its memory and give it back. */
void mn_prog_unload(struct mn_prog *prog);

/* Told when a program starts, ends (before its memory is touched again) or is unloaded. System-call context: short. */
struct mn_prog_watcher {
    struct mn_prog_watcher *next;
    void (*started)(struct mn_prog *prog);
    void (*ended)(struct mn_prog *prog);
};
void mn_prog_watch(struct mn_prog_watcher *watcher);

struct mn_arena_stats { uint32_t total, free, largest; };
struct mn_arena_stats mn_prog_arena(void);

/* The scheduler's view. mn_schedule() is the whole kernel loop: executor rounds, then the program to run. */
void            mn_prog_ready(struct mn_prog *prog);  /* WAITING -> RUNNABLE, at the queue's end */
struct mn_prog *mn_schedule(void);
void            mn_prog_yield(void);                  /* the current one to the queue's end */
#endif

/* prog.h — programs: their memory, their life, who runs.
 *
 * A program is loaded into two blocks of the arena (read-only text, writable
 * data), started, and ends by exit, fault, panic or stop. It stays loaded until
 * it is unloaded; starting again needs no new upload. Everything here is called
 * from task context or a system call, never from an interrupt. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_PROG_H
#define MN_USER_PROG_H
#include "kernel/config.h"
#include "kernel/core/task.h"
#include "kernel/core/timer.h"
#include "kernel/user/call.h"
#include "kernel/user/image.h"
#include "kernel/user/requires.h"
#include <mnemos/abi/loader.h>

#define MN_MAX_PROGRAMS MN_CONFIG_PROGRAMS
#define MN_PROG_NAME_MAX 24u
#define MN_PROG_MESSAGE_MAX 96u
#define MN_PROG_EXCERPT_MAX 256u

enum mn_prog_state { MN_PROG_FREE, MN_PROG_LOADING, MN_PROG_LOADED, MN_PROG_RUNNABLE, MN_PROG_WAITING, MN_PROG_ENDED };

/* What the context switch knows: kernel/arch/cortex-m4/switch.c. */
struct mn_prog_context {
    uint32_t psp, r4_r11[8], exc_return;
    uint32_t mpu[8];      /* four RBAR/RASR pairs */
    uint32_t s16_s31[16]; /* valid when exc_return says that the frame holds floating-point registers */
};

/* How far mn_prog_finish_poll() has come. */
struct mn_prog_check {
    mn_co            co;
    uint32_t         at, crc32, adler32;
    struct mn_relocs relocs;
    struct mn_requires_lack lack; /* says more about service_missing, service_too_old, shape_differs */
};

struct mn_prog {
    struct mn_prog_context context;  /* first */
    struct mn_prog *next;            /* in the ring of runnable programs; NULL: not there */
    uint64_t  run;                   /* how long it ran, in mn_port_stamp()s, see mn_prog_run_us() */
    uint8_t   state, index;
    uint8_t   condemned;             /* not 0: a fault_kind + 1, to be carried out before it runs again */
    uint32_t  generation;            /* counts starts and loads of this slot, modulo 2^24; part of the handle */
    uint32_t  rx_addr, rx_len, rw_addr, rw_len; /* blocks as granted, multiples of 1 KiB */
    struct mnemos_image_header head; /* checked copy */
    char      name[MN_PROG_NAME_MAX + 1];
    struct mn_call call;             /* the one it waits in */
    struct mn_timer limit;           /* of that wait: deadline, answers timed_out after `cancel`; end of a sleep */
    struct mn_ring *ring;            /* further calls under way; NULL: none opened */
    uint64_t  deadline_us;           /* of a call with that flag */
    uint16_t  port_base;
    uint32_t  starts, late;
    uint64_t  started_us;
    struct mnemos_loader_ending ending; /* valid in state ENDED; its message points to `message` */
    union {
        struct mn_prog_check check;       /* in state LOADING */
        struct mnemos_loader_fault fault; /* later, the last one, if `has_fault`; its stack is the program's own, and is
                                             forgotten when that starts again */
        uint8_t message[MN_PROG_MESSAGE_MAX]; /* of a panic, for which the last fault is forgotten */
    };
    bool      has_fault;
    uint8_t   message_len;
    uint32_t  heap_peak;
    void     *serial;                /* the serial service's own: open ports */
};
_Static_assert(offsetof(struct mnemos_loader_fault, stack) >= MN_PROG_MESSAGE_MAX,
               "a panic's message leaves the excerpt of the last fault alone");

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
 *          bad_argument       the name is empty or too long
 *          too_many_programs  no slot
 *          no_room            no hole; mn_prog_arena() tells the largest
 */
MN_MUST_USE mn_err mn_prog_reserve(const struct mnemos_image_header *head, const char *name, uint32_t scratch,
                                   struct mn_prog **out);

/* The blocks as memory, only while LOADING. */
uint8_t *mn_prog_rx(struct mn_prog *prog);
uint8_t *mn_prog_rw(struct mn_prog *prog);

/* Everything has arrived: `head` (head_len bytes, somewhere in the program's RW block or kernel memory, untouched until
 * this is done) is checked completely, the payload's checksums too, then relocations are applied, a slice at each poll.
 * State becomes LOADED, or stays LOADING on error (the caller unloads).
 * Errors   image_*, upload_crc (the header is not the one that was reserved for),
 *          service_missing, service_too_old, shape_differs (of a service that the image requires) */
MN_MUST_USE mn_err mn_prog_finish_poll(struct mn_prog *prog, struct mn_cx *cx, const uint8_t *head);

/* Zero RW, copy .data, build argv on the stack from `args` (each ends with a zero byte; argv[0] is the name), run.
 * Errors   not_ready (loading or running), too_big (arguments leave less than 256 bytes of stack), bad_argument */
MN_MUST_USE mn_err mn_prog_start(struct mn_prog *prog, const uint8_t *args, uint32_t args_len);

/* End a running program (exit, stop, kill, panic, fault all come here): cancels its call, sets `ending`, state ENDED,
 * then calls the watchers. */
void mn_prog_end(struct mn_prog *prog, uint8_t reason, int32_t status);

/* End it if it runs, zero its memory and give it back. */
void mn_prog_unload(struct mn_prog *prog);

/* How long it had the processor, since it was loaded. */
uint64_t mn_prog_run_us(const struct mn_prog *prog);

/* Bytes of its stack that were ever overwritten. */
uint32_t mn_prog_stack_peak(const struct mn_prog *prog);

/* Where its data section begins; where its heap does and how long that is. */
uint32_t mn_prog_data_addr(const struct mn_prog *prog);
uint32_t mn_prog_heap_addr(const struct mn_prog *prog);
uint32_t mn_prog_heap_len(const struct mn_prog *prog);

/* Told when a program starts, and when it ends (before its memory is touched again), in the order of mn_prog_watch().
 * System-call context: short. mn_prog_reset() forgets the watchers. */
struct mn_prog_watcher {
    struct mn_prog_watcher *next;
    void (*started)(struct mn_prog *prog);
    void (*ended)(struct mn_prog *prog);
};
void mn_prog_watch(struct mn_prog_watcher *watcher);

struct mn_arena_stats { uint32_t total, free, largest; };
struct mn_arena_stats mn_prog_arena(void);

/* The scheduler's view. mn_schedule() is the whole kernel loop: executor rounds, then the program to run. It sleeps
 * while there is neither. */
void            mn_prog_ready(struct mn_prog *prog);  /* -> RUNNABLE, at the queue's end */
struct mn_prog *mn_schedule(void);
void            mn_prog_yield(void);                  /* the current one to the queue's end */
#endif

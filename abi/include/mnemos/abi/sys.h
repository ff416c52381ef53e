/* sys.h — system calls. Generated from abi/schema/sys.toml by tools/abigen: edit that file, not
 * this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_SYS_H
#define MNEMOS_ABI_SYS_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The calls: the position is the number, for ever. */
enum mnemos_sys_call {
    MNEMOS_SYS_CALL_NOP = 0,
    MNEMOS_SYS_CALL_ECHO = 1,
    MNEMOS_SYS_CALL_INFO = 2,
    MNEMOS_SYS_CALL_TIME = 3,
    MNEMOS_SYS_CALL_SLEEP = 4,
    MNEMOS_SYS_CALL_YIELD = 5,
    MNEMOS_SYS_CALL_EXIT = 6,
    MNEMOS_SYS_CALL_PANIC = 7,
    MNEMOS_SYS_CALL_RANDOM = 8,
    MNEMOS_SYS_CALL_MEMORY = 9,
    MNEMOS_SYS_CALL_SERIAL_OPEN = 10,
    MNEMOS_SYS_CALL_SERIAL_READ = 11,
    MNEMOS_SYS_CALL_SERIAL_WRITE = 12,
    MNEMOS_SYS_CALL_SERIAL_CLOSE = 13,
    MNEMOS_SYS_CALL_HEAP_PEAK = 14,
    MNEMOS_SYS_CALL_SERVICE_FIND = 15,
    MNEMOS_SYS_CALL_SERVICE_CONNECT = 16,
    MNEMOS_SYS_CALL_SERVICE_CALL = 17,
    MNEMOS_SYS_CALL_SERVICE_CLOSE = 18,
    MNEMOS_SYS_CALL_RING_OPEN = 19,
    MNEMOS_SYS_CALL_RING_CLOSE = 20,
    MNEMOS_SYS_CALL_RING_NOTIFY = 21,
    MNEMOS_SYS_CALL_RING_WAIT = 22,
    MNEMOS_SYS_CALL_COUNT = 23,
};

/* What the first n calls look like on the wire, for each n up to all of them; see docs/abi. */
#define MNEMOS_SYS_SHAPE 0x698a36e8u
#define MNEMOS_SYS_SHAPES \
    { 0x518b67e6u, 0x91490279u, 0x651ea0aeu, 0xb3f70f1eu, 0x5a4bf765u, 0x15b9b668u, 0xd8246eadu, \
    0x4b4dbe4fu, 0x8df93602u, 0x12c95cb2u, 0x107d27feu, 0x4d1e8ee1u, 0x99f6c842u, 0x0fc621cdu, \
    0xbbf39843u, 0x350a11d2u, 0xa0e602d0u, 0xed65768cu, 0x5a3fc544u, 0xb9f1ab79u, 0x25ae4d17u, \
    0x3c6b7a8cu, 0xdb85d764u, 0x698a36e8u }

/* echo: Give the argument back. Measures the way with both codecs. */
/* Arguments of `echo`. */
struct mnemos_sys_echo_args {
    uint32_t value; /* any value */
};
#define MNEMOS_SYS_ECHO_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_ECHO_ARGS_MAX 5u /* bytes */
static inline bool mnemos_sys_echo_args_put(struct mnemos_writer *w,
                                            const struct mnemos_sys_echo_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->value);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_echo_args_get(struct mnemos_reader *r, struct mnemos_sys_echo_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->value);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `echo`. */
struct mnemos_sys_echo_reply {
    uint32_t value; /* the same value */
};
#define MNEMOS_SYS_ECHO_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_ECHO_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_echo_reply_put(struct mnemos_writer *w,
                                             const struct mnemos_sys_echo_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->value);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_echo_reply_get(struct mnemos_reader *r,
                                             struct mnemos_sys_echo_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->value);
    if (!at) return false;
    r->at = at;
    return true;
}

/* info: What kernel this is. */
/* Reply of `info`. */
struct mnemos_sys_info_reply {
    uint16_t abi_major; /* equal to the program's, or it would not run */
    uint16_t abi_minor; /* at least the program's */
    uint8_t kernel[16]; /* kernel version, zero padded */
    uint8_t board[16]; /* board name, zero padded */
    uint32_t handle; /* the caller's own program handle */
};
#define MNEMOS_SYS_INFO_REPLY_MIN 35u /* bytes */
#define MNEMOS_SYS_INFO_REPLY_MAX 43u /* bytes */
static inline bool mnemos_sys_info_reply_put(struct mnemos_writer *w,
                                             const struct mnemos_sys_info_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 43u) return false;
    at = mnemos_store_u16(at, m->abi_major);
    at = mnemos_store_u16(at, m->abi_minor);
    at = mnemos_store_raw(at, m->kernel, sizeof m->kernel);
    at = mnemos_store_raw(at, m->board, sizeof m->board);
    at = mnemos_store_u32(at, m->handle);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_info_reply_get(struct mnemos_reader *r,
                                             struct mnemos_sys_info_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 35u) return false;
    at = mnemos_load_u16(at, end - 34, &m->abi_major);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 33, &m->abi_minor);
    if (!at) return false;
    at = mnemos_load_raw(at, m->kernel, sizeof m->kernel);
    at = mnemos_load_raw(at, m->board, sizeof m->board);
    at = mnemos_load_u32(at, end, &m->handle);
    if (!at) return false;
    r->at = at;
    return true;
}

/* time: Microseconds since the kernel booted. */
/* Reply of `time`. */
struct mnemos_sys_time_reply {
    uint64_t us; /* monotonic, never wraps */
};
#define MNEMOS_SYS_TIME_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_TIME_REPLY_MAX 10u /* bytes */
static inline bool mnemos_sys_time_reply_put(struct mnemos_writer *w,
                                             const struct mnemos_sys_time_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 10u) return false;
    at = mnemos_store_u64(at, m->us);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_time_reply_get(struct mnemos_reader *r,
                                             struct mnemos_sys_time_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u64(at, end, &m->us);
    if (!at) return false;
    r->at = at;
    return true;
}

/* sleep: Wait until the clock of `time` reaches a value. Already past: return at once. Waits. */
/* Arguments of `sleep`. */
struct mnemos_sys_sleep_args {
    uint64_t until_us; /* microseconds since boot */
};
#define MNEMOS_SYS_SLEEP_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_SLEEP_ARGS_MAX 10u /* bytes */
static inline bool mnemos_sys_sleep_args_put(struct mnemos_writer *w,
                                             const struct mnemos_sys_sleep_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 10u) return false;
    at = mnemos_store_u64(at, m->until_us);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_sleep_args_get(struct mnemos_reader *r,
                                             struct mnemos_sys_sleep_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u64(at, end, &m->until_us);
    if (!at) return false;
    r->at = at;
    return true;
}

/* exit: End this program. Never returns. Output already taken is still sent. */
/* Arguments of `exit`. */
struct mnemos_sys_exit_args {
    int32_t status; /* goes back to the host */
};
#define MNEMOS_SYS_EXIT_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_EXIT_ARGS_MAX 5u /* bytes */
static inline bool mnemos_sys_exit_args_put(struct mnemos_writer *w,
                                            const struct mnemos_sys_exit_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_i32(at, m->status);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_exit_args_get(struct mnemos_reader *r, struct mnemos_sys_exit_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_i32(at, end, &m->status);
    if (!at) return false;
    r->at = at;
    return true;
}

/* panic: End this program because it found itself broken. Never returns. An unreadable message is a
 * fault; a long one is clipped. */
/* Arguments of `panic`. */
struct mnemos_sys_panic_args {
    struct mnemos_span message; /* UTF-8 text, shown by the host; at most 96 bytes */
};
#define MNEMOS_SYS_PANIC_ARGS_MIN 8u /* bytes */
#define MNEMOS_SYS_PANIC_ARGS_MAX 8u /* bytes */
static inline bool mnemos_sys_panic_args_put(struct mnemos_writer *w,
                                             const struct mnemos_sys_panic_args *m)
{
    uint8_t *at = w->at;
    if (m->message.len > 96u) return false;
    if ((size_t)(w->end - at) < 8u) return false;
    at = mnemos_store_span(at, m->message);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_panic_args_get(struct mnemos_reader *r,
                                             struct mnemos_sys_panic_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 8u) return false;
    at = mnemos_load_span(at, 96u, &m->message);
    if (!at) return false;
    r->at = at;
    return true;
}

/* random: Fill memory with random bytes. Not for keys unless the board has a true source (see the
 * board's page). */
/* Arguments of `random`. */
struct mnemos_sys_random_args {
    struct mnemos_span out; /* where to put them; at most 256 bytes */
};
#define MNEMOS_SYS_RANDOM_ARGS_MIN 8u /* bytes */
#define MNEMOS_SYS_RANDOM_ARGS_MAX 8u /* bytes */
static inline bool mnemos_sys_random_args_put(struct mnemos_writer *w,
                                              const struct mnemos_sys_random_args *m)
{
    uint8_t *at = w->at;
    if (m->out.len > 256u) return false;
    if ((size_t)(w->end - at) < 8u) return false;
    at = mnemos_store_span(at, m->out);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_random_args_get(struct mnemos_reader *r,
                                              struct mnemos_sys_random_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 8u) return false;
    at = mnemos_load_span(at, 256u, &m->out);
    if (!at) return false;
    r->at = at;
    return true;
}

/* memory: The caller's own memory. */
/* Reply of `memory`. */
struct mnemos_sys_memory_reply {
    uint32_t rx_addr; /* where text, constants and initialisers lie */
    uint32_t rx_len; /* bytes */
    uint32_t rw_addr; /* where the stack begins */
    uint32_t rw_len; /* bytes: stack, data, bss, heap */
    uint32_t stack_len; /* bytes */
    uint32_t stack_peak; /* bytes ever used, by what was overwritten */
    uint32_t heap_addr; /* first byte of the heap */
    uint32_t heap_len; /* bytes */
};
#define MNEMOS_SYS_MEMORY_REPLY_MIN 8u /* bytes */
#define MNEMOS_SYS_MEMORY_REPLY_MAX 40u /* bytes */
static inline bool mnemos_sys_memory_reply_put(struct mnemos_writer *w,
                                               const struct mnemos_sys_memory_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 40u) return false;
    at = mnemos_store_u32(at, m->rx_addr);
    at = mnemos_store_u32(at, m->rx_len);
    at = mnemos_store_u32(at, m->rw_addr);
    at = mnemos_store_u32(at, m->rw_len);
    at = mnemos_store_u32(at, m->stack_len);
    at = mnemos_store_u32(at, m->stack_peak);
    at = mnemos_store_u32(at, m->heap_addr);
    at = mnemos_store_u32(at, m->heap_len);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_memory_reply_get(struct mnemos_reader *r,
                                               struct mnemos_sys_memory_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 8u) return false;
    at = mnemos_load_u32(at, end - 7, &m->rx_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 6, &m->rx_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 5, &m->rw_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 4, &m->rw_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 3, &m->stack_len);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 2, &m->stack_peak);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 1, &m->heap_addr);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->heap_len);
    if (!at) return false;
    r->at = at;
    return true;
}

/* serial_open: Open a virtual serial port. Ports 0 (stdin and stdout) and 1 (stderr) to 15 belong
 * to the caller alone; 16 and up are shared by the whole board and held by one at a time. Errors:
 * busy, bad_argument, no_memory, full. */
/* Arguments of `serial_open`. */
struct mnemos_sys_serial_open_args {
    uint16_t port; /* below 0x1000 */
};
#define MNEMOS_SYS_SERIAL_OPEN_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_SERIAL_OPEN_ARGS_MAX 3u /* bytes */
static inline bool mnemos_sys_serial_open_args_put(struct mnemos_writer *w,
                                                   const struct mnemos_sys_serial_open_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 3u) return false;
    at = mnemos_store_u16(at, m->port);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_open_args_get(struct mnemos_reader *r,
                                                   struct mnemos_sys_serial_open_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u16(at, end, &m->port);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `serial_open`. */
struct mnemos_sys_serial_open_reply {
    uint32_t handle; /* for the other calls, until closed */
};
#define MNEMOS_SYS_SERIAL_OPEN_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_SERIAL_OPEN_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_serial_open_reply_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_serial_open_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->handle);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_open_reply_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_serial_open_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->handle);
    if (!at) return false;
    r->at = at;
    return true;
}

/* serial_read: Take what has arrived, waiting for at least one byte. Nothing taken means end of
 * file. Waits. Errors: bad_handle, would_wait, timed_out. */
/* Arguments of `serial_read`. */
struct mnemos_sys_serial_read_args {
    uint32_t handle; /* from serial_open */
    /* where to put the bytes; length 0 returns at once; at most 65536 bytes */
    struct mnemos_span out;
};
#define MNEMOS_SYS_SERIAL_READ_ARGS_MIN 9u /* bytes */
#define MNEMOS_SYS_SERIAL_READ_ARGS_MAX 13u /* bytes */
static inline bool mnemos_sys_serial_read_args_put(struct mnemos_writer *w,
                                                   const struct mnemos_sys_serial_read_args *m)
{
    uint8_t *at = w->at;
    if (m->out.len > 65536u) return false;
    if ((size_t)(w->end - at) < 13u) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_span(at, m->out);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_read_args_get(struct mnemos_reader *r,
                                                   struct mnemos_sys_serial_read_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 9u) return false;
    at = mnemos_load_u32(at, end - 8, &m->handle);
    if (!at) return false;
    at = mnemos_load_span(at, 65536u, &m->out);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `serial_read`. */
struct mnemos_sys_serial_read_reply {
    uint32_t used; /* bytes taken; 0 at end of file */
};
#define MNEMOS_SYS_SERIAL_READ_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_SERIAL_READ_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_serial_read_reply_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_serial_read_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->used);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_read_reply_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_serial_read_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->used);
    if (!at) return false;
    r->at = at;
    return true;
}

/* serial_write: Queue bytes for the host, waiting until there is room for at least one. Without a
 * host they are dropped and counted. Waits. Errors: bad_handle, would_wait, timed_out. */
/* Arguments of `serial_write`. */
struct mnemos_sys_serial_write_args {
    uint32_t handle; /* from serial_open */
    struct mnemos_span data; /* the bytes; length 0 returns at once; at most 65536 bytes */
};
#define MNEMOS_SYS_SERIAL_WRITE_ARGS_MIN 9u /* bytes */
#define MNEMOS_SYS_SERIAL_WRITE_ARGS_MAX 13u /* bytes */
static inline bool mnemos_sys_serial_write_args_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_serial_write_args *m)
{
    uint8_t *at = w->at;
    if (m->data.len > 65536u) return false;
    if ((size_t)(w->end - at) < 13u) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_span(at, m->data);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_write_args_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_serial_write_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 9u) return false;
    at = mnemos_load_u32(at, end - 8, &m->handle);
    if (!at) return false;
    at = mnemos_load_span(at, 65536u, &m->data);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `serial_write`. */
struct mnemos_sys_serial_write_reply {
    uint32_t used; /* bytes taken, at least 1 unless the length was 0 */
};
#define MNEMOS_SYS_SERIAL_WRITE_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_SERIAL_WRITE_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_serial_write_reply_put(struct mnemos_writer *w,
                                                     const struct mnemos_sys_serial_write_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->used);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_write_reply_get(struct mnemos_reader *r,
                                                     struct mnemos_sys_serial_write_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->used);
    if (!at) return false;
    r->at = at;
    return true;
}

/* serial_close: Give a port back. Bytes already written are still sent; bytes not yet read are
 * dropped and counted. Errors: bad_handle. */
/* Arguments of `serial_close`. */
struct mnemos_sys_serial_close_args {
    uint32_t handle; /* from serial_open */
};
#define MNEMOS_SYS_SERIAL_CLOSE_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_SERIAL_CLOSE_ARGS_MAX 5u /* bytes */
static inline bool mnemos_sys_serial_close_args_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_serial_close_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->handle);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_serial_close_args_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_serial_close_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->handle);
    if (!at) return false;
    r->at = at;
    return true;
}

/* heap_peak: Tell the kernel the most heap this program ever had in use, for the report at its end.
 */
/* Arguments of `heap_peak`. */
struct mnemos_sys_heap_peak_args {
    uint32_t bytes; /* bytes */
};
#define MNEMOS_SYS_HEAP_PEAK_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_HEAP_PEAK_ARGS_MAX 5u /* bytes */
static inline bool mnemos_sys_heap_peak_args_put(struct mnemos_writer *w,
                                                 const struct mnemos_sys_heap_peak_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->bytes);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_heap_peak_args_get(struct mnemos_reader *r,
                                                 struct mnemos_sys_heap_peak_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->bytes);
    if (!at) return false;
    r->at = at;
    return true;
}

/* service_find: Is this service there for programs now, and how much does it know? Errors:
 * no_service. */
/* Arguments of `service_find`. */
struct mnemos_sys_service_find_args {
    uint8_t uuid[16]; /* which */
};
#define MNEMOS_SYS_SERVICE_FIND_ARGS_MIN 16u /* bytes */
#define MNEMOS_SYS_SERVICE_FIND_ARGS_MAX 16u /* bytes */
static inline bool mnemos_sys_service_find_args_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_service_find_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 16u) return false;
    at = mnemos_store_raw(at, m->uuid, sizeof m->uuid);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_find_args_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_service_find_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 16u) return false;
    at = mnemos_load_raw(at, m->uuid, sizeof m->uuid);
    r->at = at;
    return true;
}

/* Reply of `service_find`. */
struct mnemos_sys_service_find_reply {
    uint16_t calls; /* how many calls it knows */
    uint32_t shape; /* what they look like */
};
#define MNEMOS_SYS_SERVICE_FIND_REPLY_MIN 2u /* bytes */
#define MNEMOS_SYS_SERVICE_FIND_REPLY_MAX 8u /* bytes */
static inline bool mnemos_sys_service_find_reply_put(struct mnemos_writer *w,
                                                     const struct mnemos_sys_service_find_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 8u) return false;
    at = mnemos_store_u16(at, m->calls);
    at = mnemos_store_u32(at, m->shape);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_find_reply_get(struct mnemos_reader *r,
                                                     struct mnemos_sys_service_find_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 2u) return false;
    at = mnemos_load_u16(at, end - 1, &m->calls);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->shape);
    if (!at) return false;
    r->at = at;
    return true;
}

/* service_connect: Connect to a service, waiting until it is there and accepts. With the flag
 * no_wait: fail when it is not there now. Waits. Errors: no_service, service_too_old,
 * shape_differs, refused, full, malformed, bad_argument, would_wait, timed_out. */
/* Arguments of `service_connect`. */
struct mnemos_sys_service_connect_args {
    uint8_t uuid[16]; /* which */
    uint16_t calls; /* how many of its calls the program knows */
    uint32_t shape; /* what those look like */
    /* what this service wants to hear first, as postcard; most want nothing; at most 64 bytes */
    struct mnemos_span hello;
    uint8_t at_once; /* calls that may be under way at once, 1 to 8; more than 1 needs a ring */
};
#define MNEMOS_SYS_SERVICE_CONNECT_ARGS_MIN 27u /* bytes */
#define MNEMOS_SYS_SERVICE_CONNECT_ARGS_MAX 33u /* bytes */
static inline bool mnemos_sys_service_connect_args_put(struct mnemos_writer *w,
                                                       const struct mnemos_sys_service_connect_args *m)
{
    uint8_t *at = w->at;
    if (m->hello.len > 64u) return false;
    if ((size_t)(w->end - at) < 33u) return false;
    at = mnemos_store_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_store_u16(at, m->calls);
    at = mnemos_store_u32(at, m->shape);
    at = mnemos_store_span(at, m->hello);
    at = mnemos_store_u8(at, m->at_once);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_connect_args_get(struct mnemos_reader *r,
                                                       struct mnemos_sys_service_connect_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 27u) return false;
    at = mnemos_load_raw(at, m->uuid, sizeof m->uuid);
    at = mnemos_load_u16(at, end - 10, &m->calls);
    if (!at) return false;
    at = mnemos_load_u32(at, end - 9, &m->shape);
    if (!at) return false;
    at = mnemos_load_span(at, 64u, &m->hello);
    if (!at) return false;
    at = mnemos_load_u8(at, &m->at_once);
    r->at = at;
    return true;
}

/* Reply of `service_connect`. */
struct mnemos_sys_service_connect_reply {
    uint32_t handle; /* for the other calls, until closed */
};
#define MNEMOS_SYS_SERVICE_CONNECT_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_SERVICE_CONNECT_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_service_connect_reply_put(struct mnemos_writer *w,
                                                        const struct mnemos_sys_service_connect_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->handle);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_connect_reply_get(struct mnemos_reader *r,
                                                        struct mnemos_sys_service_connect_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->handle);
    if (!at) return false;
    r->at = at;
    return true;
}

/* service_call: Make a call of a service and wait for its answer. Errors of the service come as
 * they are. Waits. Errors: bad_handle, bad_argument, malformed, too_small, service_gone, busy,
 * would_wait, timed_out. */
/* Arguments of `service_call`. */
struct mnemos_sys_service_call_args {
    uint32_t handle; /* from service_connect */
    uint16_t number; /* position of the call in the service's list */
    struct mnemos_span args; /* its arguments, as postcard; at most 512 bytes */
    /* where its reply goes, as postcard; room for the longest, else too_small; at most 512 bytes */
    struct mnemos_span reply;
};
#define MNEMOS_SYS_SERVICE_CALL_ARGS_MIN 18u /* bytes */
#define MNEMOS_SYS_SERVICE_CALL_ARGS_MAX 24u /* bytes */
static inline bool mnemos_sys_service_call_args_put(struct mnemos_writer *w,
                                                    const struct mnemos_sys_service_call_args *m)
{
    uint8_t *at = w->at;
    if (m->args.len > 512u) return false;
    if (m->reply.len > 512u) return false;
    if ((size_t)(w->end - at) < 24u) return false;
    at = mnemos_store_u32(at, m->handle);
    at = mnemos_store_u16(at, m->number);
    at = mnemos_store_span(at, m->args);
    at = mnemos_store_span(at, m->reply);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_call_args_get(struct mnemos_reader *r,
                                                    struct mnemos_sys_service_call_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 18u) return false;
    at = mnemos_load_u32(at, end - 17, &m->handle);
    if (!at) return false;
    at = mnemos_load_u16(at, end - 16, &m->number);
    if (!at) return false;
    at = mnemos_load_span(at, 512u, &m->args);
    if (!at) return false;
    at = mnemos_load_span(at, 512u, &m->reply);
    if (!at) return false;
    r->at = at;
    return true;
}

/* Reply of `service_call`. */
struct mnemos_sys_service_call_reply {
    uint32_t used; /* bytes of the reply */
};
#define MNEMOS_SYS_SERVICE_CALL_REPLY_MIN 1u /* bytes */
#define MNEMOS_SYS_SERVICE_CALL_REPLY_MAX 5u /* bytes */
static inline bool mnemos_sys_service_call_reply_put(struct mnemos_writer *w,
                                                     const struct mnemos_sys_service_call_reply *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->used);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_call_reply_get(struct mnemos_reader *r,
                                                     struct mnemos_sys_service_call_reply *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->used);
    if (!at) return false;
    r->at = at;
    return true;
}

/* service_close: Give a connection back. Errors: bad_handle. */
/* Arguments of `service_close`. */
struct mnemos_sys_service_close_args {
    uint32_t handle; /* from service_connect */
};
#define MNEMOS_SYS_SERVICE_CLOSE_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_SERVICE_CLOSE_ARGS_MAX 5u /* bytes */
static inline bool mnemos_sys_service_close_args_put(struct mnemos_writer *w,
                                                     const struct mnemos_sys_service_close_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 5u) return false;
    at = mnemos_store_u32(at, m->handle);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_service_close_args_get(struct mnemos_reader *r,
                                                     struct mnemos_sys_service_close_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u32(at, end, &m->handle);
    if (!at) return false;
    r->at = at;
    return true;
}

/* ring_open: Have calls taken from one queue and completed in another, see mnemos/abi/ring.h. One
 * pair per program. Each is as long as 2, 4, 8 or 16 entries behind their indices; both indices of
 * a queue are equal, and it goes on from there. Errors: busy, bad_argument, no_memory. */
/* Arguments of `ring_open`. */
struct mnemos_sys_ring_open_args {
    struct mnemos_span submissions; /* 8-aligned, in writable memory; at most 520 bytes */
    struct mnemos_span completions; /* the same, and not the same bytes; at most 264 bytes */
};
#define MNEMOS_SYS_RING_OPEN_ARGS_MIN 16u /* bytes */
#define MNEMOS_SYS_RING_OPEN_ARGS_MAX 16u /* bytes */
static inline bool mnemos_sys_ring_open_args_put(struct mnemos_writer *w,
                                                 const struct mnemos_sys_ring_open_args *m)
{
    uint8_t *at = w->at;
    if (m->submissions.len > 520u) return false;
    if (m->completions.len > 264u) return false;
    if ((size_t)(w->end - at) < 16u) return false;
    at = mnemos_store_span(at, m->submissions);
    at = mnemos_store_span(at, m->completions);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_ring_open_args_get(struct mnemos_reader *r,
                                                 struct mnemos_sys_ring_open_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 16u) return false;
    at = mnemos_load_span(at, 520u, &m->submissions);
    if (!at) return false;
    at = mnemos_load_span(at, 264u, &m->completions);
    if (!at) return false;
    r->at = at;
    return true;
}

/* ring_wait: The same, then wait until so many completions are to be taken. More than are there,
 * under way and submitted is refused: they would never come. Waits. Errors: not_ready,
 * bad_argument, would_wait, timed_out. */
/* Arguments of `ring_wait`. */
struct mnemos_sys_ring_wait_args {
    uint8_t least; /* completions */
};
#define MNEMOS_SYS_RING_WAIT_ARGS_MIN 1u /* bytes */
#define MNEMOS_SYS_RING_WAIT_ARGS_MAX 1u /* bytes */
static inline bool mnemos_sys_ring_wait_args_put(struct mnemos_writer *w,
                                                 const struct mnemos_sys_ring_wait_args *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 1u) return false;
    at = mnemos_store_u8(at, m->least);
    w->at = at;
    return true;
}
static inline bool mnemos_sys_ring_wait_args_get(struct mnemos_reader *r,
                                                 struct mnemos_sys_ring_wait_args *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if (at == end) return false;
    at = mnemos_load_u8(at, &m->least);
    r->at = at;
    return true;
}

#ifdef __cplusplus
}
#endif
#endif

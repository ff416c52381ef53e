/* loader.h — loading and controlling programs from the host. Generated from abi/schema/loader.toml
 * by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_ABI_LOADER_H
#define MNEMOS_ABI_LOADER_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNEMOS_LOADER_DATA_MAX 512u /* most image bytes in one data message */
/* bytes of one unit of the upload's bitmap; data begins and ends at a unit or at the end */
#define MNEMOS_LOADER_UNIT 128u
#define MNEMOS_LOADER_WINDOW 0x1000u /* bytes the host may have under way without an ack */
#define MNEMOS_LOADER_ARGS_MAX 256u /* bytes of all arguments with their terminating zeros */

/* What a program did. */
enum {
    MNEMOS_LOADER_FAULT_KIND_ACCESS = 0, /* touched memory that is not its own */
    MNEMOS_LOADER_FAULT_KIND_EXECUTE = 1, /* jumped to memory that is not its code */
    MNEMOS_LOADER_FAULT_KIND_STACK_OVERFLOW = 2, /* its stack pointer left its stack */
    /* touched an address where nothing answers, or a system register */
    MNEMOS_LOADER_FAULT_KIND_BUS = 3,
    /* an instruction that does not exist or is not allowed */
    MNEMOS_LOADER_FAULT_KIND_UNDEFINED = 4,
    MNEMOS_LOADER_FAULT_KIND_DIVIDE = 5, /* divided by zero */
    MNEMOS_LOADER_FAULT_KIND_UNALIGNED = 6, /* an unaligned access that needs alignment */
    MNEMOS_LOADER_FAULT_KIND_BREAKPOINT = 7, /* a breakpoint without a debugger */
    MNEMOS_LOADER_FAULT_KIND_BAD_SLICE = 8, /* a system call with a slice outside its memory */
    /* a system call that does not exist, or an unknown flag */
    MNEMOS_LOADER_FAULT_KIND_UNKNOWN_CALL = 9,
    MNEMOS_LOADER_FAULT_KIND_OTHER = 10, /* see the status registers */
    MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT = 11, /* an index of its ring says what cannot be */
};
#define MNEMOS_LOADER_FAULT_KIND_COUNT 12u

/* One loaded program. */
struct mnemos_loader_program {
    uint32_t handle; /* slot in the low byte, generation above */
    struct mnemos_bytes name; /* at most 24 bytes */
    uint8_t state; /* 1 loading, 2 loaded, 3 runnable, 4 waiting, 5 ended */
    uint8_t build_id[20];
    uint32_t rx_addr;
    uint32_t rx_len;
    uint32_t rw_addr;
    uint32_t rw_len;
    uint32_t stack_len;
    uint32_t data_addr; /* where the data section begins, for symbols */
    uint16_t port_base; /* its port 0 on the link in its current or last life */
    uint32_t starts;
    uint64_t run_us; /* processor time in all */
    uint32_t late; /* times the fairness floor had to protect its slice */
};
#define MNEMOS_LOADER_PROGRAM_MIN 33u /* bytes */
#define MNEMOS_LOADER_PROGRAM_MAX 104u /* bytes */
bool mnemos_loader_program_put(struct mnemos_writer *w, const struct mnemos_loader_program *m);
bool mnemos_loader_program_get(struct mnemos_reader *r, struct mnemos_loader_program *m);

/* How much a port of an ended program sent. */
struct mnemos_loader_port_total {
    uint16_t port;
    uint32_t sent;
};
#define MNEMOS_LOADER_PORT_TOTAL_MIN 2u /* bytes */
#define MNEMOS_LOADER_PORT_TOTAL_MAX 8u /* bytes */
static inline bool mnemos_loader_port_total_put(struct mnemos_writer *w,
                                                const struct mnemos_loader_port_total *m)
{
    uint8_t *at = w->at;
    if ((size_t)(w->end - at) < 8u) return false;
    at = mnemos_store_u16(at, m->port);
    at = mnemos_store_u32(at, m->sent);
    w->at = at;
    return true;
}
static inline bool mnemos_loader_port_total_get(struct mnemos_reader *r,
                                                struct mnemos_loader_port_total *m)
{
    const uint8_t *at = r->at;
    const uint8_t *end = r->end;
    if ((size_t)(end - at) < 2u) return false;
    at = mnemos_load_u16(at, end - 1, &m->port);
    if (!at) return false;
    at = mnemos_load_u32(at, end, &m->sent);
    if (!at) return false;
    r->at = at;
    return true;
}

/* How a program ended. */
struct mnemos_loader_ending {
    uint32_t handle;
    uint8_t reason; /* numbers of `end` in errors.toml */
    int32_t status; /* exit status; for a fault its kind */
    struct mnemos_bytes message; /* of a panic; at most 96 bytes */
    /* what its ports will have sent in all */
    struct {
        uint32_t len;
        struct mnemos_loader_port_total items[4];
    } ports;
    uint32_t stack_peak;
    uint32_t heap_peak;
    uint64_t life_us; /* from start to end */
};
#define MNEMOS_LOADER_ENDING_MIN 8u /* bytes */
#define MNEMOS_LOADER_ENDING_MAX 161u /* bytes */
bool mnemos_loader_ending_put(struct mnemos_writer *w, const struct mnemos_loader_ending *m);
bool mnemos_loader_ending_get(struct mnemos_reader *r, struct mnemos_loader_ending *m);

/* Why and where a program was stopped. */
struct mnemos_loader_fault {
    uint32_t handle;
    uint8_t kind; /* index of fault_kind */
    bool regs_valid; /* false: the stack pointer was bad, only sp is true */
    uint32_t regs[17]; /* r0-r12 sp lr pc xpsr */
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint32_t call; /* r12 of the system call, for the kinds that are about one */
    uint32_t rx_addr;
    uint32_t rx_len;
    uint32_t rw_addr;
    uint32_t rw_len;
    uint32_t stack_len;
    uint32_t data_addr;
    uint8_t build_id[20];
    uint64_t at_us;
    /* from sp upwards; of an overflowed stack its lowest bytes; at most 256 bytes */
    struct mnemos_bytes stack;
};
#define MNEMOS_LOADER_FAULT_MIN 53u /* bytes */
#define MNEMOS_LOADER_FAULT_MAX 435u /* bytes */
bool mnemos_loader_fault_put(struct mnemos_writer *w, const struct mnemos_loader_fault *m);
bool mnemos_loader_fault_get(struct mnemos_reader *r, struct mnemos_loader_fault *m);

/* A fault of the kernel itself, written before it reset. Sent alone on the crash port. */
struct mnemos_loader_crash {
    struct mnemos_bytes reason; /* at most 64 bytes */
    struct mnemos_bytes file; /* at most 48 bytes */
    uint32_t line;
    struct mnemos_bytes task; /* at most 16 bytes */
    uint32_t regs[17];
    uint32_t cfsr;
    uint32_t hfsr;
    uint32_t mmfar;
    uint32_t bfar;
    uint64_t at_us;
};
#define MNEMOS_LOADER_CRASH_MIN 26u /* bytes */
#define MNEMOS_LOADER_CRASH_MAX 251u /* bytes */
bool mnemos_loader_crash_put(struct mnemos_writer *w, const struct mnemos_loader_crash *m);
bool mnemos_loader_crash_get(struct mnemos_reader *r, struct mnemos_loader_crash *m);

/* What answers. */
struct mnemos_loader_info {
    uint16_t abi_major;
    uint16_t abi_minor;
    struct mnemos_bytes kernel; /* at most 24 bytes */
    struct mnemos_bytes board; /* at most 24 bytes */
    uint8_t arch; /* as in the image header */
    bool fpu;
    uint32_t baud; /* of the link; 0: not a UART */
    uint64_t uptime_us;
    uint32_t arena; /* bytes for programs in all */
    uint32_t free;
    uint32_t largest; /* largest hole */
    uint8_t programs;
    uint8_t max_programs;
    uint32_t heap; /* kernel heap in all */
    uint32_t heap_free;
    uint32_t bad_frames; /* frames thrown away: COBS, CRC, unknown port */
    uint32_t dropped; /* output bytes dropped because no host was there */
    uint64_t idle_us; /* time asleep */
    uint32_t wakeups; /* times the processor woke from sleep */
    /* the last reset was a kernel crash */
    struct {
        bool some;
        struct mnemos_loader_crash value;
    } crash;
};
#define MNEMOS_LOADER_INFO_MIN 20u /* bytes */
#define MNEMOS_LOADER_INFO_MAX 377u /* bytes */
bool mnemos_loader_info_put(struct mnemos_writer *w, const struct mnemos_loader_info *m);
bool mnemos_loader_info_get(struct mnemos_reader *r, struct mnemos_loader_info *m);

enum {
    MNEMOS_LOADER_REQUEST_BODY_INFO = 0,
    MNEMOS_LOADER_REQUEST_BODY_BEGIN = 1,
    MNEMOS_LOADER_REQUEST_BODY_DATA = 2,
    MNEMOS_LOADER_REQUEST_BODY_END = 3,
    MNEMOS_LOADER_REQUEST_BODY_ABORT = 4,
    MNEMOS_LOADER_REQUEST_BODY_START = 5,
    MNEMOS_LOADER_REQUEST_BODY_STOP = 6,
    MNEMOS_LOADER_REQUEST_BODY_UNLOAD = 7,
    MNEMOS_LOADER_REQUEST_BODY_LIST = 8,
    MNEMOS_LOADER_REQUEST_BODY_ENDING = 9,
    MNEMOS_LOADER_REQUEST_BODY_FAULT = 10,
    MNEMOS_LOADER_REQUEST_BODY_MAP = 11,
    MNEMOS_LOADER_REQUEST_BODY_SERVICE = 12,
};
struct mnemos_loader_request_body {
    uint8_t tag;
    union {
        /* info: -> info */
        /* begin: Reserve room. `head` is the image's first 88 bytes. -> begun */
        struct {
            struct mnemos_bytes head; /* at most 88 bytes */
            uint32_t total; /* bytes of the whole file */
            struct mnemos_bytes name; /* at most 24 bytes */
        } begin;
        /* data: Bytes of the file. No answer but acks; seq is not looked at. */
        struct {
            uint32_t offset;
            struct mnemos_bytes bytes; /* at most 512 bytes */
        } data;
        /* end: All sent. Checks, validates, relocates. -> loaded */
        struct {
            uint32_t crc32;
            uint32_t adler32;
        } end;
        /* abort: Give the upload up. -> done */
        /* start: -> started */
        struct {
            uint32_t handle;
            struct mnemos_bytes args; /* each ends with a zero byte; at most 256 bytes */
        } start;
        /* stop: End it and keep it loaded. -> done */
        struct {
            uint32_t handle;
            bool kill; /* ends as `killed` instead of `stopped` */
        } stop;
        /* unload: End it if it runs and give its memory back. -> done */
        struct {
            uint32_t handle;
        } unload;
        /* list: -> listed */
        struct {
            uint8_t slot;
        } list;
        /* ending: How did it end? For an event that got lost. -> ended, or not_ready while it runs
         */
        struct {
            uint32_t handle;
        } ending;
        /* fault: Its last fault. -> faulted */
        struct {
            uint32_t handle;
        } fault;
        /* map: Ask for an ack now (also when the upload has lost its tail). -> done, then an ack */
        /* service: A service of the kernel, in the order in which they came. -> service */
        struct {
            uint16_t index; /* 0 is the oldest */
        } service;
    };
};
#define MNEMOS_LOADER_REQUEST_BODY_MIN 1u /* bytes */
#define MNEMOS_LOADER_REQUEST_BODY_MAX 520u /* bytes */
bool mnemos_loader_request_body_put(struct mnemos_writer *w,
                                    const struct mnemos_loader_request_body *m);
bool mnemos_loader_request_body_get(struct mnemos_reader *r, struct mnemos_loader_request_body *m);

/* Host to device. `seq` is echoed; the same seq twice gets the same answer and is done once. One
 * request at a time: one that comes before the last one's answer is out is dropped; send it again.
 */
struct mnemos_loader_request {
    uint8_t session; /* low byte of the session; others are ignored */
    uint8_t seq;
    struct mnemos_loader_request_body body;
};
#define MNEMOS_LOADER_REQUEST_MIN 3u /* bytes */
#define MNEMOS_LOADER_REQUEST_MAX 522u /* bytes */
bool mnemos_loader_request_put(struct mnemos_writer *w, const struct mnemos_loader_request *m);
bool mnemos_loader_request_get(struct mnemos_reader *r, struct mnemos_loader_request *m);

/* A service that is open. */
struct mnemos_loader_service {
    uint8_t uuid[16];
    struct mnemos_bytes name; /* at most 24 bytes */
    uint16_t calls; /* how many calls it knows */
    uint32_t shape; /* what they look like */
    bool programs; /* programs may use it */
    uint16_t clients; /* connected now */
    uint32_t served; /* requests it answered */
};
#define MNEMOS_LOADER_SERVICE_MIN 22u /* bytes */
#define MNEMOS_LOADER_SERVICE_MAX 58u /* bytes */
bool mnemos_loader_service_put(struct mnemos_writer *w, const struct mnemos_loader_service *m);
bool mnemos_loader_service_get(struct mnemos_reader *r, struct mnemos_loader_service *m);

enum {
    MNEMOS_LOADER_ANSWER_BODY_DONE = 0,
    MNEMOS_LOADER_ANSWER_BODY_REFUSED = 1,
    MNEMOS_LOADER_ANSWER_BODY_INFO = 2,
    MNEMOS_LOADER_ANSWER_BODY_BEGUN = 3,
    MNEMOS_LOADER_ANSWER_BODY_LOADED = 4,
    MNEMOS_LOADER_ANSWER_BODY_STARTED = 5,
    MNEMOS_LOADER_ANSWER_BODY_LISTED = 6,
    MNEMOS_LOADER_ANSWER_BODY_ENDED = 7,
    MNEMOS_LOADER_ANSWER_BODY_FAULTED = 8,
    MNEMOS_LOADER_ANSWER_BODY_ACK = 9,
    MNEMOS_LOADER_ANSWER_BODY_SERVICE = 10,
};
struct mnemos_loader_answer_body {
    uint8_t tag;
    union {
        /* done: It worked; nothing to say. */
        /* refused: It did not. Two numbers say more where there are any (what there is, what was
         * asked for) - no_room: largest hole, larger block; too_many_programs: most, one more;
         * image_abi: minor versions, major ones when those differ; image_arch, image_float: of
         * board and image; image_stack: stack, least; image_short: bytes of `head`, all;
         * image_payload: bytes announced, bytes by the header; upload_incomplete: first hole, all;
         * upload_crc: CRC-32 computed, announced; too_big: stack, arguments; not_ready: the state;
         * bad_argument: limit, value; no_program: the handle is in the second; service_missing,
         * service_too_old: calls of the service that there are, that the image requires;
         * shape_differs: their hashes. */
        struct {
            int32_t error;
            uint32_t have; /* what there is */
            uint32_t want; /* what was asked for */
        } refused;
        struct {
            struct mnemos_loader_info info;
        } info;
        struct {
            uint32_t handle;
        } begun;
        struct {
            struct mnemos_loader_program program;
        } loaded;
        struct {
            uint32_t handle;
            uint16_t port_base;
        } started;
        struct {
            struct {
                bool some;
                struct mnemos_loader_program value;
            } program;
        } listed;
        /* ended: Answer, and event when a program ends. */
        struct {
            struct mnemos_loader_ending ending;
        } ended;
        struct {
            struct {
                bool some;
                struct mnemos_loader_fault value;
            } fault;
        } faulted;
        /* ack: Event: every byte before `hole` is here; bit i of `bits`: unit i after the hole's
         * own is here. */
        struct {
            uint32_t hole;
            uint32_t bits;
        } ack;
        struct {
            /* none: there are no more */
            struct {
                bool some;
                struct mnemos_loader_service value;
            } service;
        } service;
    };
};
#define MNEMOS_LOADER_ANSWER_BODY_MIN 1u /* bytes */
#define MNEMOS_LOADER_ANSWER_BODY_MAX 437u /* bytes */
bool mnemos_loader_answer_body_put(struct mnemos_writer *w,
                                   const struct mnemos_loader_answer_body *m);
bool mnemos_loader_answer_body_get(struct mnemos_reader *r, struct mnemos_loader_answer_body *m);

/* Device to host. */
struct mnemos_loader_answer {
    uint8_t session;
    uint8_t seq; /* of the request; events carry 0 and are known by their variant */
    struct mnemos_loader_answer_body body;
};
#define MNEMOS_LOADER_ANSWER_MIN 3u /* bytes */
#define MNEMOS_LOADER_ANSWER_MAX 439u /* bytes */
bool mnemos_loader_answer_put(struct mnemos_writer *w, const struct mnemos_loader_answer *m);
bool mnemos_loader_answer_get(struct mnemos_reader *r, struct mnemos_loader_answer *m);

#ifdef __cplusplus
}
#endif
#endif

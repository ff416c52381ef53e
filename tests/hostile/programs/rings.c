/* rings.c — H18 to H21: queues that say what cannot be, entries that change, completions that nobody takes, ends with
 * calls under way. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "hostile.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/ring.h>
#include <mnemos/services/loopback.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 16, COPY_LEN = 12288 };

static struct {
    struct mnemos_ring_indices indices;
    struct mnemos_ring_submission entry[PLACES];
} submissions __attribute__((aligned(8)));

static struct {
    struct mnemos_ring_indices indices;
    struct mnemos_ring_completion entry[PLACES];
} completions __attribute__((aligned(8)));

static char bytes[PLACES][4];

static int32_t call(uint32_t number, const void *in, size_t in_len)
{
    struct hostile_registers registers = {(uint32_t)(uintptr_t)in, in_len, 0, 0, number};
    hostile_svc(&registers);
    return (int32_t)registers.r0;
}

static int32_t open_at(uint32_t one, uint32_t one_len, uint32_t other, uint32_t other_len)
{
    const uint32_t in[4] = {one, one_len, other, other_len};
    return call(MNEMOS_SYS_CALL_RING_OPEN, in, sizeof in);
}

/* A ring with so many places. */
static bool open_ring(uint32_t places)
{
    return open_at((uint32_t)(uintptr_t)&submissions, 8 + places * sizeof submissions.entry[0],
                   (uint32_t)(uintptr_t)&completions, 8 + places * sizeof completions.entry[0]) == 0;
}

static int32_t notify(void)
{
    return call(MNEMOS_SYS_CALL_RING_NOTIFY, NULL, 0);
}

static int32_t wait_for(uint8_t least)
{
    return call(MNEMOS_SYS_CALL_RING_WAIT, &least, 1);
}

/* Reads of port 0, which nobody sends anything to unless the test does. */
static void put_read(uint32_t nonce)
{
    uint32_t handle;
    if (!hostile_port(&handle))
        hostile_exit(HOSTILE_WRONG);
    submissions.entry[submissions.indices.put++ % PLACES] = (struct mnemos_ring_submission){
        .nonce = nonce, .handle = handle, .operation = MNEMOS_SYS_CALL_SERIAL_READ,
        .out = {(uint32_t)(uintptr_t)bytes[nonce % PLACES], sizeof bytes[0]}};
}

/* A call that is finished at once. */
static void put_nothing(uint32_t nonce)
{
    submissions.entry[submissions.indices.put++ % PLACES] =
        (struct mnemos_ring_submission){.nonce = nonce, .operation = MNEMOS_SYS_CALL_SERIAL_READ, .handle = ~0u};
}

/* numbers: which index (0: submissions put, 1: completions taken), how far it jumps, how the kernel comes to look (0:
 * notify, 1: wait, 2: its task) */
static int jump(const uint32_t *numbers)
{
    if (!open_ring(PLACES))
        return HOSTILE_WRONG;
    for (uint32_t i = 0; numbers[2] == 2 && i < MNEMOS_RING_CALLS + 1; i++)
        put_read(i);
    if (numbers[2] == 2 && notify())
        return HOSTILE_WRONG;
    if (numbers[0])
        completions.indices.taken += numbers[1];
    else
        submissions.indices.put += numbers[1];
    if (numbers[2] == 2) {
        if (!hostile_say("!\n")) /* the test sends something: a read ends, and its place is for the next submission */
            return HOSTILE_WRONG;
        hostile_sleep_us(5000000);
    } else {
        (void)(numbers[2] ? wait_for(0) : notify());
    }
    return HOSTILE_SURVIVED;
}

/* The four queues' numbers; the error is the status. */
static int open_anywhere(const uint32_t *numbers)
{
    int32_t err = open_at(numbers[0], numbers[1], numbers[2], numbers[3]);
    return err > 0 || err < -96 ? HOSTILE_WRONG : -err;
}

/* numbers: how far the second queue is from the first. */
static int beside(const uint32_t *numbers)
{
    int32_t err = open_at((uint32_t)(uintptr_t)&submissions, 8 + 2 * 32, (uint32_t)(uintptr_t)&submissions + numbers[0],
                          8 + 2 * 16);
    return err > 0 || err < -96 ? HOSTILE_WRONG : -err;
}

/* In the stack that the system call itself uses. */
static int on_the_stack(const uint32_t *numbers)
{
    (void)numbers;
    struct {
        struct mnemos_ring_indices    indices;
        struct mnemos_ring_submission entry[2];
    } low __attribute__((aligned(8))) = {0};
    struct {
        struct mnemos_ring_indices    indices;
        struct mnemos_ring_completion entry[2];
    } high __attribute__((aligned(8))) = {0};
    if (open_at((uint32_t)(uintptr_t)&low, sizeof low, (uint32_t)(uintptr_t)&high, sizeof high))
        return HOSTILE_WRONG;
    low.indices.put = 2; /* two calls that do not exist */
    if (notify() || high.indices.put != 2)
        return HOSTILE_WRONG;
    return high.entry[1].error == MNEMOS_ERR_BAD_ARGUMENT ? 0 : HOSTILE_WRONG;
}

static int twice(const uint32_t *numbers)
{
    (void)numbers;
    if (!open_ring(4))
        return HOSTILE_WRONG;
    put_read(1);
    if (notify() || open_ring(4) || open_ring(PLACES))
        return HOSTILE_WRONG;
    if (call(MNEMOS_SYS_CALL_RING_CLOSE, NULL, 0) || notify() != MNEMOS_ERR_NOT_READY)
        return HOSTILE_WRONG;
    return open_ring(PLACES) && completions.indices.put == 0 ? 0 : HOSTILE_WRONG;
}

static int wrap(const uint32_t *numbers)
{
    (void)numbers;
    submissions.indices.put = submissions.indices.taken = 0xfffffff0u;
    completions.indices.put = completions.indices.taken = 0xfffffffbu;
    if (!open_ring(PLACES))
        return HOSTILE_WRONG;
    for (uint32_t i = 0; i < 200; i++) {
        put_nothing(i);
        if (notify() || completions.indices.put - completions.indices.taken != 1)
            return HOSTILE_WRONG;
        const struct mnemos_ring_completion *done = &completions.entry[completions.indices.taken++ % PLACES];
        if (done->nonce != i || done->error != MNEMOS_ERR_BAD_HANDLE)
            return HOSTILE_WRONG;
    }
    return submissions.indices.taken == 200 - 16 ? 0 : HOSTILE_WRONG;
}

/* H20: there is room for 16 completions, and so many there are in the end. */
static int undrained(const uint32_t *numbers)
{
    (void)numbers;
    if (!open_ring(PLACES))
        return HOSTILE_WRONG;
    for (uint32_t i = 0; i < 1000; i++) {
        while (submissions.indices.put - submissions.indices.taken < PLACES)
            put_nothing(i);
        if (notify())
            return HOSTILE_WRONG;
    }
    hostile_sleep_us(20000);
    return completions.indices.put == PLACES && submissions.indices.taken == PLACES ? 0 : HOSTILE_WRONG;
}

/* H18: once it was taken, the entry is only memory. */
static int change_the_entry(const uint32_t *numbers)
{
    (void)numbers;
    if (!open_ring(PLACES))
        return HOSTILE_WRONG;
    put_read(5);
    if (notify())
        return HOSTILE_WRONG;
    memset(submissions.entry, 0xff, sizeof submissions.entry);
    completions.indices.put = 77;
    submissions.indices.taken = 99;
    if (!hostile_say("!\n") || wait_for(1))
        return HOSTILE_WRONG;
    const struct mnemos_ring_completion *done = &completions.entry[0];
    bool right = done->nonce == 5 && !done->error && done->used == 1 && bytes[5][0] == '?' && !bytes[5][1];
    return right && completions.indices.put == 1 ? 0 : HOSTILE_WRONG;
}

/* H21: reads, and copies that a service holds, are under way when the program ends in one of several ways. */
static int end_with_calls(const uint32_t *numbers)
{
    static struct mnemos_loopback_echo_pending pending[MNEMOS_RING_CALLS];
    static char                               *copied;
    mnemos_service                             loopback;
    copied = malloc(COPY_LEN);
    struct mnemos_ring ring = {&submissions.indices, &completions.indices, PLACES};
    if (!copied || mnemos_loopback_connect_for(4, &loopback) || !open_ring(PLACES))
        return HOSTILE_WRONG;
    const struct mnemos_loopback_echo_args args = {
        .source = mnemos_span_of(copied, COPY_LEN), .target = mnemos_span_of(copied, COPY_LEN)};
    for (uint32_t i = 0; i < 4; i++)
        if (mnemos_loopback_echo_submit(&ring, i, loopback, &args, &pending[i]))
            return HOSTILE_WRONG;
    for (uint32_t i = 4; i < PLACES; i++)
        put_read(i);
    if (notify() || completions.indices.put >= 4)
        return HOSTILE_WRONG;
    switch (numbers[0]) {
    case 0:
        return 0;
    case 1:
        abort();
    case 2:
        submissions.indices.put += 1000;
        (void)notify();
        return HOSTILE_SURVIVED;
    default:
        (void)hostile_say("!\n");
        for (;;) {
        }
    }
}

/* The next life, in the same memory: of the last one's calls nothing arrives. */
static int listen(const uint32_t *numbers)
{
    (void)numbers;
    if (!open_ring(PLACES))
        return HOSTILE_WRONG;
    for (uint32_t i = 0; i < 20; i++) {
        hostile_sleep_us(5000);
        if (notify() || completions.indices.put || submissions.indices.taken)
            return HOSTILE_WRONG;
    }
    static const char zero[sizeof bytes];
    return memcmp(bytes, zero, sizeof bytes) ? HOSTILE_WRONG : 0;
}

int main(int argc, char **argv)
{
    static const struct hostile_variant variants[] = {
        {"jump", jump},           {"open", open_anywhere},    {"beside", beside}, {"stack", on_the_stack},
        {"twice", twice},         {"wrap", wrap},             {"undrained", undrained},
        {"change", change_the_entry}, {"end", end_with_calls}, {"listen", listen},
    };
    return hostile_run(argc, argv, variants, sizeof variants / sizeof variants[0]);
}

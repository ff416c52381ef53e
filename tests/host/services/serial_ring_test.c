/* serial_ring_test.c — reads and writes of serial ports through a program's ring. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/heap.h"
#include "kernel/user/memory.h"
#include "programs.h"
#include <mnemos/abi/ring.h>
#include <mnemos/abi/svc.h>
#include <string.h>

#define PLACES  16u
#define SQ_AT   8u /* in the program's buffer */
#define CQ_AT   (SQ_AT + 8 + PLACES * 32)
#define DATA_AT 832u
#define PIECE   400u /* of what is written: two do not fit a port */

struct fixture {
    struct rig *rig;
    struct bytes image;
    struct mn_prog *prog;
    uint32_t base; /* address of the buffer, 8-aligned */
};

static uint8_t *memory(struct fixture *f, uint32_t at)
{
    return prog_buffer(f->prog) + (f->base & 7 ? 8 - (f->base & 7) : 0) + at;
}

static uint32_t address(struct fixture *f, uint32_t at)
{
    return ((f->base + 7) & ~7u) + at;
}

static struct mnemos_ring_indices *queue(struct fixture *f, uint32_t at)
{
    return (void *)memory(f, at);
}

static mn_err open_ring(struct fixture *f)
{
    uint32_t used;
    struct mnemos_span spans[2] = {{address(f, SQ_AT), 8 + PLACES * 32},
                                   {address(f, CQ_AT), 8 + PLACES * 16}};
    memset(queue(f, SQ_AT), 0, sizeof(struct mnemos_ring_indices));
    memset(queue(f, CQ_AT), 0, sizeof(struct mnemos_ring_indices));
    return prog_call(f->prog, MNEMOS_SYS_CALL_RING_OPEN, spans, sizeof spans, NULL, 0, &used);
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.rig = programs_new(0)};
    rig_attach(f->rig, 5);
    image_make(&f->image, 100, 1);
    f->prog = mn_prog_find(host_start(f->rig, host_load(f->rig, &f->image, "prog")));
    f->base = f->prog->rw_addr + (uint32_t)(prog_buffer(f->prog) - mn_memory(f->prog->rw_addr));
    assert_int_equal(open_ring(f), MN_OK);
}

static void finish(struct fixture *f)
{
    bytes_free(&f->image);
    programs_free(f->rig);
}

static uint32_t opened(struct fixture *f, uint16_t port)
{
    uint32_t handle;
    assert_int_equal(prog_open(f->prog, port, &handle), MN_OK);
    rig_settle(f->rig);
    return handle;
}

static void put(struct fixture *f, struct mnemos_ring_submission entry)
{
    struct mnemos_ring_indices *submissions = queue(f, SQ_AT);
    ((struct mnemos_ring_submission *)(void *)(submissions + 1))[submissions->put++ % PLACES] =
        entry;
}

static void put_read(struct fixture *f, uint32_t nonce, uint32_t handle, uint32_t at, uint32_t len)
{
    put(f, (struct mnemos_ring_submission){.nonce = nonce,
                                           .handle = handle,
                                           .operation = MNEMOS_SYS_CALL_SERIAL_READ,
                                           .out = {address(f, at), len}});
}

static void put_write(struct fixture *f, uint32_t nonce, uint32_t handle, uint32_t at, uint32_t len)
{
    put(f, (struct mnemos_ring_submission){.nonce = nonce,
                                           .handle = handle,
                                           .operation = MNEMOS_SYS_CALL_SERIAL_WRITE,
                                           .in = {address(f, at), len}});
}

static void notify(struct fixture *f)
{
    uint32_t used;
    assert_int_equal(prog_call(f->prog, MNEMOS_SYS_CALL_RING_NOTIFY, NULL, 0, NULL, 0, &used),
                     MN_OK);
}

static uint32_t there(struct fixture *f)
{
    return queue(f, CQ_AT)->put - queue(f, CQ_AT)->taken;
}

static void assert_taken(struct fixture *f, uint32_t nonce, mn_err err, uint32_t used)
{
    struct mnemos_ring_indices *completions = queue(f, CQ_AT);
    const struct mnemos_ring_completion *first = (void *)(completions + 1);
    assert_true(there(f) > 0);
    first += completions->taken++ % PLACES;
    assert_int_equal(first->nonce, nonce);
    assert_int_equal(first->error, err);
    assert_int_equal(first->used, used);
}

/* ---- Tests ---- */

static void whichever_port_has_bytes_first_is_completed_first(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    uint32_t keys = opened(&f, 0), other = opened(&f, 2);
    put_read(&f, 1, keys, DATA_AT, 16);
    put_read(&f, 2, other, DATA_AT + 16, 16);
    notify(&f);
    assert_int_equal(there(&f), 0);
    rig_write(f.rig, (uint16_t)(f.prog->port_base + 2), "second", 6);
    rig_settle(f.rig);
    assert_taken(&f, 2, MN_OK, 6);
    assert_memory_equal(memory(&f, DATA_AT + 16), "second", 6);
    rig_write(f.rig, f.prog->port_base, "first", 5);
    rig_settle(f.rig);
    assert_taken(&f, 1, MN_OK, 5);
    assert_memory_equal(memory(&f, DATA_AT), "first", 5);
    finish(&f);
}

static void reads_of_one_port_are_served_in_order(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    put_read(&f, 1, handle, DATA_AT, 4);
    put_read(&f, 2, handle, DATA_AT + 4, 4);
    notify(&f);
    assert_int_equal(prog_read(f.prog, MNEMOS_CALL_NO_WAIT, handle, 4, &used),
                     MNEMOS_ERR_WOULD_WAIT);
    rig_write(f.rig, f.prog->port_base, "abcdefgh", 8);
    rig_settle(f.rig);
    assert_taken(&f, 1, MN_OK, 4);
    assert_taken(&f, 2, MN_OK, 4);
    assert_memory_equal(memory(&f, DATA_AT), "abcdefgh", 8);
    put_read(&f, 3, handle, DATA_AT, 4);
    notify(&f);
    rig_port(f.rig, f.prog->port_base)->eof_wanted = true;
    rig_settle(f.rig);
    assert_taken(&f, 3, MN_OK, 0);
    finish(&f);
}

/* What does not fit waits, whole and in order, and a system call waits behind it. */
static void writes_are_taken_whole_and_in_order(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    for (uint32_t i = 0; i < 3 * PIECE; i++) memory(&f, DATA_AT)[i] = (uint8_t)(i * 7 + i / 256);
    f.rig->stalled = true;
    for (uint32_t n = 0; n < 3; n++) put_write(&f, n, handle, DATA_AT + n * PIECE, PIECE);
    notify(&f);
    assert_int_equal(there(&f), 1); /* the rest does not fit */
    rig_settle(f.rig);
    assert_int_equal(prog_write(f.prog, MNEMOS_CALL_NO_WAIT, handle, 10, &used),
                     MNEMOS_ERR_WOULD_WAIT);
    f.rig->stalled = false;
    rig_settle(f.rig);
    for (uint32_t n = 0; n < 3; n++) assert_taken(&f, n, MN_OK, PIECE);
    struct host_port *port = rig_port(f.rig, f.prog->port_base);
    assert_int_equal(port->in.len, 3 * PIECE);
    assert_memory_equal(port->in.data, memory(&f, DATA_AT), 3 * PIECE);
    assert_int_equal(prog_write(f.prog, MNEMOS_CALL_NO_WAIT, handle, 10, &used), MN_OK);
    finish(&f);
}

static void closing_a_port_completes_what_waits_for_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    uint32_t handle = opened(&f, 0), other = opened(&f, 2);
    f.rig->stalled = true;
    put_read(&f, 1, handle, DATA_AT, 4);
    put_write(&f, 2, handle, DATA_AT, 700);
    put_write(&f, 3, handle, DATA_AT, 10);
    put_read(&f, 4, other, DATA_AT, 4);
    notify(&f);
    assert_int_equal(there(&f), 0);
    assert_int_equal(prog_close(f.prog, handle), MN_OK);
    assert_taken(&f, 1, MNEMOS_ERR_CANCELLED, 0);
    assert_taken(&f, 2, MNEMOS_ERR_CANCELLED, 512); /* so much was taken before */
    assert_taken(&f, 3, MNEMOS_ERR_CANCELLED, 0);
    put_read(&f, 5, handle, DATA_AT, 4);
    notify(&f);
    assert_taken(&f, 5, MNEMOS_ERR_BAD_HANDLE, 0);
    f.rig->stalled = false;
    rig_settle(f.rig);
    assert_int_equal(there(&f), 0);
    rig_write(f.rig, (uint16_t)(f.prog->port_base + 2), "x", 1);
    rig_settle(f.rig);
    assert_taken(&f, 4, MN_OK, 1);
    finish(&f);
}

static void giving_up_takes_calls_out_of_the_middle(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    uint32_t other = opened(&f, 2);
    put_read(&f, 1, handle, DATA_AT, 4);
    for (uint32_t n = 0; n < MNEMOS_RING_CALLS - 1; n++) put_read(&f, 10 + n, other, DATA_AT, 1);
    put_read(&f, 2, handle, DATA_AT + 4, 4); /* has to wait for one of those ... */
    notify(&f);
    assert_int_equal(prog_read(f.prog, MNEMOS_CALL_DEADLINE, handle, 4, &used), MN_PENDING);
    rig_write(f.rig, (uint16_t)(f.prog->port_base + 2), "x", 1);
    rig_settle(f.rig); /* ... and comes behind the system call */
    assert_taken(&f, 10, MN_OK, 1);
    rig_run_ms(f.rig, 1100);
    assert_int_equal(prog_result(f.prog, &used), MNEMOS_ERR_TIMED_OUT);
    rig_write(f.rig, f.prog->port_base, "abcdefgh", 8);
    rig_settle(f.rig);
    assert_taken(&f, 1, MN_OK, 4);
    assert_taken(&f, 2, MN_OK, 4);
    finish(&f);
}

static void a_program_that_ends_leaves_nothing_waiting(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    size_t free = mn_heap_stats().free;
    for (uint32_t life = 0; life < 5; life++) {
        uint32_t handle = opened(&f, 0);
        for (uint32_t n = 0; n < 6; n++)
            n % 2 ? put_read(&f, n, handle, DATA_AT, 4) : put_write(&f, n, handle, DATA_AT, 700);
        f.rig->stalled = true;
        notify(&f);
        mn_prog_end(f.prog, MNEMOS_END_KILLED, 0);
        f.rig->stalled = false;
        rig_settle(f.rig);
        f.prog = mn_prog_find(host_start(f.rig, mn_prog_handle(f.prog)));
        assert_int_equal(open_ring(&f), MN_OK);
        rig_write(f.rig, f.prog->port_base, "late", 4);
        rig_settle(f.rig);
        assert_int_equal(there(&f), 0);
        assert_int_equal(mn_heap_stats().free, free);
    }
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(whichever_port_has_bytes_first_is_completed_first),
        MN_TEST(reads_of_one_port_are_served_in_order),
        MN_TEST(writes_are_taken_whole_and_in_order),
        MN_TEST(closing_a_port_completes_what_waits_for_it),
        MN_TEST(giving_up_takes_calls_out_of_the_middle),
        MN_TEST(a_program_that_ends_leaves_nothing_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

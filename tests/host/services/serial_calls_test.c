/* serial_calls_test.c — programs' system calls on serial ports: waiting, partial writes, ends in
 * every wait. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "programs.h"
#include <mnemos/abi/svc.h>
#include <string.h>

/* One running program in a session. */
struct fixture {
    struct rig *rig;
    struct bytes image;
    struct mn_prog *prog;
};

static struct mn_prog *start_another(struct fixture *f)
{
    return mn_prog_find(host_start(f->rig, host_load(f->rig, &f->image, "other")));
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){.rig = programs_new(0)};
    rig_attach(f->rig, 5);
    image_make(&f->image, 100, 1);
    f->prog = start_another(f);
}

static void finish(struct fixture *f)
{
    bytes_free(&f->image);
    programs_free(f->rig);
}

static struct host_port *host_end_of(struct fixture *f, uint16_t port)
{
    return rig_port(f->rig, (uint16_t)(f->prog->port_base + port));
}

static uint32_t opened(struct fixture *f, uint16_t port)
{
    uint32_t handle;
    assert_int_equal(prog_open(f->prog, port, &handle), MN_OK);
    rig_settle(f->rig);
    return handle;
}

/* ---- Open and close ---- */

static void own_ports_begin_at_the_programs_base_and_have_names(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    opened(&f, 0);
    opened(&f, 1);
    opened(&f, 10);
    opened(&f, 4095);
    assert_string_equal(host_end_of(&f, 0)->name, "stdio");
    assert_int_equal(host_end_of(&f, 0)->class_, MN_PORT_INTERACTIVE);
    assert_int_equal(host_end_of(&f, 0)->limit, 2048);
    assert_string_equal(host_end_of(&f, 1)->name, "stderr");
    assert_int_equal(host_end_of(&f, 1)->limit, 0);
    assert_string_equal(host_end_of(&f, 10)->name, "port 10");
    assert_int_equal(host_end_of(&f, 10)->class_, MN_PORT_BULK);
    assert_string_equal(rig_port(f.rig, 4095)->name, "port 4095");
    finish(&f);
}

static void what_cannot_be_opened_is_refused_by_name(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t handle;
    begin(&f);
    assert_int_equal(prog_open(f.prog, 0x1000, &handle), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(prog_open(f.prog, 0xffff, &handle), MNEMOS_ERR_BAD_ARGUMENT);
    opened(&f, 0);
    assert_int_equal(prog_open(f.prog, 0, &handle), MNEMOS_ERR_BUSY);
    opened(&f, 1);
    opened(&f, 2);
    opened(&f, 20);
    assert_int_equal(prog_open(f.prog, 3, &handle), MNEMOS_ERR_FULL);
    f.prog = start_another(&f);
    assert_int_equal(prog_open(f.prog, 20, &handle), MNEMOS_ERR_BUSY); /* the first one has it */
    opened(&f, 0);
    finish(&f);
}

static void stdin_has_a_large_window_only_while_memory_is_plenty(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    while (mn_heap_stats().free >= 12288 + 2048 + 256) assert_non_null(mn_heap_try(100));
    opened(&f, 0);
    assert_int_equal(host_end_of(&f, 0)->limit, 2048);
    f.prog = start_another(&f);
    opened(&f, 0);
    assert_int_equal(host_end_of(&f, 0)->limit, 512);
    finish(&f);
}

static void eight_programs_with_stdio_and_stderr_fit_the_heap_of_a_board(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    while (mn_heap_stats().free > 20 * 1024) assert_non_null(mn_heap_try(64));
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++) {
        if (i) f.prog = start_another(&f);
        opened(&f, 0);
        opened(&f, 1);
    }
    finish(&f);
}

static void without_memory_open_says_so_and_the_handle_stays_free(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t handle;
    begin(&f);
    void *all = mn_heap_try(mn_heap_stats().largest);
    while (mn_heap_try(64)) {}
    assert_int_equal(prog_open(f.prog, 0, &handle), MNEMOS_ERR_NO_MEMORY);
    mn_heap_free(all);
    mn_heap_drain();
    opened(&f, 0);
    finish(&f);
}

static void a_closed_handle_is_never_valid_again(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t first = opened(&f, 0);
    assert_int_equal(prog_close(f.prog, first), MN_OK);
    rig_settle(f.rig);
    assert_int_equal(prog_close(f.prog, first), MNEMOS_ERR_BAD_HANDLE);
    uint32_t second = opened(&f, 0);
    assert_int_not_equal(first, second);
    assert_int_equal(prog_read(f.prog, MNEMOS_CALL_NO_WAIT, first, 10, &used),
                     MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(prog_write(f.prog, 0, first, 10, &used), MNEMOS_ERR_BAD_HANDLE);
    assert_int_equal(prog_write(f.prog, 0, second, 10, &used), MN_OK);
    finish(&f);
}

static void made_up_handles_and_those_of_others_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    static const uint32_t made_up[] = {0, 1, 4, 0xff, 0x100, 0x104, 0xffffffff, 0x80000000};
    f.prog = start_another(&f);
    for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++) {
        assert_int_equal(prog_read(f.prog, 0, made_up[i], 1, &used), MNEMOS_ERR_BAD_HANDLE);
        assert_int_equal(prog_write(f.prog, 0, made_up[i], 1, &used), MNEMOS_ERR_BAD_HANDLE);
        assert_int_equal(prog_close(f.prog, made_up[i]), MNEMOS_ERR_BAD_HANDLE);
    }
    assert_int_equal(prog_read(f.prog, 0, handle, 1, &used), MNEMOS_ERR_BAD_HANDLE);
    finish(&f);
}

/* Closed ports that nobody empties: they would take the heap away from everyone else. */
static void closed_ports_that_are_not_empty_yet_count(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t handle, used, refused = 0;
    begin(&f);
    f.rig->automatic = false;
    for (uint16_t i = 0; i < 100; i++) {
        mn_err err = prog_open(f.prog, (uint16_t)(20 + i), &handle);
        refused += err == MNEMOS_ERR_FULL;
        if (err) continue;
        assert_int_equal(prog_write(f.prog, 0, handle, 512, &used), MN_OK);
        assert_int_equal(prog_close(f.prog, handle), MN_OK);
        rig_settle(f.rig);
    }
    assert_int_equal(refused, 96);
    for (uint32_t i = 0; i < 4; i++) rig_credit(f.rig, (uint16_t)(20 + i), 512);
    rig_settle(f.rig);
    opened(&f, 0); /* they have left */
    finish(&f);
}

static void closed_ports_of_the_last_life_do_not_count(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t handle, used;
    begin(&f);
    f.rig->automatic = false;
    for (uint16_t i = 0; i < 4; i++) {
        assert_int_equal(prog_open(f.prog, (uint16_t)(20 + i), &handle), MN_OK);
        assert_int_equal(prog_write(f.prog, 0, handle, 512, &used), MN_OK);
        if (i < 2) assert_int_equal(prog_close(f.prog, handle), MN_OK);
    }
    mn_prog_end(f.prog, MNEMOS_END_EXIT, 0);
    f.prog = mn_prog_find(host_start(f.rig, mn_prog_handle(f.prog)));
    for (uint16_t i = 0; i < 4; i++) opened(&f, i);
    finish(&f);
}

/* ---- Read ---- */

static void read_takes_what_is_there(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    rig_write(f.rig, f.prog->port_base, "hello world", 11);
    rig_settle(f.rig);
    assert_int_equal(prog_read(f.prog, 0, handle, 5, &used), MN_OK);
    assert_int_equal(used, 5);
    assert_memory_equal(prog_buffer(f.prog), "hello", 5);
    assert_int_equal(prog_read(f.prog, 0, handle, 0, &used), MN_OK);
    assert_int_equal(used, 0);
    assert_int_equal(prog_read(f.prog, 0, handle, 100, &used), MN_OK);
    assert_int_equal(used, 6);
    finish(&f);
}

static void read_waits_for_the_first_byte(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    assert_int_equal(prog_read(f.prog, 0, handle, 100, &used), MN_PENDING);
    rig_run_ms(f.rig, 5000);
    assert_int_equal(prog_transferred(f.prog, &used), MN_PENDING);
    rig_write(f.rig, f.prog->port_base, "x", 1);
    rig_settle(f.rig);
    assert_int_equal(prog_transferred(f.prog, &used), MN_OK);
    assert_int_equal(used, 1);
    assert_int_equal(prog_buffer(f.prog)[0], 'x');
    finish(&f);
}

static void read_at_end_of_file_answers_0_again_and_again(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    assert_int_equal(prog_read(f.prog, 0, handle, 100, &used), MN_PENDING);
    host_end_of(&f, 0)->eof_wanted = true;
    rig_settle(f.rig);
    assert_int_equal(prog_transferred(f.prog, &used), MN_OK);
    assert_int_equal(used, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(prog_read(f.prog, 0, handle, 100, &used), MN_OK);
        assert_int_equal(used, 0);
    }
    finish(&f);
}

static void a_transfer_that_must_not_wait_says_so(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    assert_int_equal(prog_read(f.prog, MNEMOS_CALL_NO_WAIT, handle, 10, &used),
                     MNEMOS_ERR_WOULD_WAIT);
    f.rig->stalled = true;
    while (prog_write(f.prog, MNEMOS_CALL_NO_WAIT, handle, 500, &used) == MN_OK) rig_settle(f.rig);
    assert_int_equal(prog_write(f.prog, MNEMOS_CALL_NO_WAIT, handle, 500, &used),
                     MNEMOS_ERR_WOULD_WAIT);
    assert_int_equal(f.prog->state, MN_PROG_RUNNABLE);
    finish(&f);
}

static void a_deadline_ends_a_wait_and_the_bytes_stay_for_the_next_read(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    assert_int_equal(prog_read(f.prog, MNEMOS_CALL_DEADLINE, handle, 10, &used), MN_PENDING);
    rig_run_ms(f.rig, 998);
    assert_int_equal(prog_result(f.prog, &used), MN_PENDING);
    rig_run_ms(f.rig, 3);
    assert_int_equal(prog_result(f.prog, &used), MNEMOS_ERR_TIMED_OUT);
    rig_write(f.rig, f.prog->port_base, "late", 4);
    rig_settle(f.rig);
    assert_int_equal(prog_read(f.prog, 0, handle, 10, &used), MN_OK);
    assert_int_equal(used, 4);
    finish(&f);
}

/* ---- Write ---- */

static void write_takes_what_fits_and_then_waits_for_room(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used, total = 0;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    f.rig->stalled = true;
    for (uint32_t i = 0; i < PROG_BUFFER_LEN; i++) prog_buffer(f.prog)[i] = pattern(6, i);
    assert_int_equal(prog_write(f.prog, 0, handle, 2000, &used), MN_OK);
    assert_int_equal(used, 512);
    for (total = used; prog_write(f.prog, 0, handle, 2000, &used) == MN_OK; total += used)
        rig_settle(f.rig);
    assert_int_equal(f.prog->state, MN_PROG_WAITING);
    f.rig->stalled = false;
    rig_settle(f.rig);
    assert_int_equal(prog_transferred(f.prog, &used), MN_OK);
    assert_true(used >= 1);
    assert_int_equal(host_end_of(&f, 0)->in.len, total + used);
    assert_int_equal(mn_mux_stats().dropped, 0);
    assert_int_equal(prog_write(f.prog, 0, handle, 0, &used), MN_OK);
    assert_int_equal(used, 0);
    finish(&f);
}

static void without_a_host_everything_is_taken_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    f.rig->silent = f.rig->stalled = true;
    rig_run_ms(f.rig, 3500);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(prog_write(f.prog, 0, handle, 2000, &used), MN_OK);
        assert_int_equal(used, 2000);
        rig_settle(f.rig);
    }
    assert_true(mn_mux_stats().dropped > 18000);
    finish(&f);
}

static void a_host_that_goes_frees_a_writer(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t handle = opened(&f, 0);
    f.rig->stalled = true;
    while (prog_write(f.prog, 0, handle, 2000, &used) == MN_OK) rig_settle(f.rig);
    f.rig->silent = true;
    rig_run_ms(f.rig, 3500);
    assert_int_equal(prog_transferred(f.prog, &used), MN_OK);
    assert_int_equal(used, 2000);
    finish(&f);
}

static void both_directions_at_once_lose_nothing(uint32_t seed)
{
    enum { LEN = 6000 };
    struct fixture f;
    uint8_t data[LEN];
    size_t echoed = 0;
    uint32_t used = 0, left = 0, random = seed * 77777u | 1u;
    begin(&f);
    mn_host_shuffle(seed);
    uint32_t handle = opened(&f, 0);
    for (size_t i = 0; i < LEN; i++) data[i] = pattern(seed, i);
    rig_write(f.rig, f.prog->port_base, data, LEN);
    host_end_of(&f, 0)->eof_wanted = true;
    for (int steps = 0; echoed < LEN;
         steps++) { /* a program that copies stdin to stdout, in odd pieces */
        assert_true(steps < 100000);
        mn_err err = prog_read(f.prog, 0, handle, 1 + mn_host_random_next(&random) % 700, &used);
        if (err == MN_PENDING) {
            rig_settle(f.rig);
            err = prog_transferred(f.prog, &used);
        }
        assert_int_equal(err, MN_OK);
        assert_true(used > 0);
        assert_memory_equal(prog_buffer(f.prog), data + echoed, used);
        for (left = used; left;) {
            memcpy(prog_buffer(f.prog), data + echoed, left);
            err = prog_write(f.prog, 0, handle, left, &used);
            if (err == MN_PENDING) {
                rig_settle(f.rig);
                err = prog_transferred(f.prog, &used);
            }
            assert_int_equal(err, MN_OK);
            left -= used;
            echoed += used;
        }
    }
    rig_settle(f.rig);
    assert_int_equal(host_end_of(&f, 0)->in.len, LEN);
    assert_memory_equal(host_end_of(&f, 0)->in.data, data, LEN);
    finish(&f);
}

/* ---- Ends ---- */

static void a_program_that_ends_in_any_wait_leaves_nothing_behind(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    size_t before = mn_heap_stats().free;
    for (int wait = 0; wait < 4; wait++) {
        uint32_t handle = opened(&f, 0), flags = wait & 1 ? MNEMOS_CALL_DEADLINE : 0;
        if (wait & 2) {
            f.rig->stalled = true;
            while (prog_write(f.prog, flags, handle, 2000, &used) == MN_OK) rig_settle(f.rig);
        } else {
            assert_int_equal(prog_read(f.prog, flags, handle, 10, &used), MN_PENDING);
        }
        assert_int_equal(f.prog->state, MN_PROG_WAITING);
        mn_prog_end(f.prog, MNEMOS_END_KILLED, 0);
        rig_write(f.rig, f.prog->port_base, "too late", 8);
        rig_run_ms(f.rig, 100);
        f.rig->stalled = false;
        rig_run_ms(f.rig, 2000);
        assert_int_equal(f.prog->state, MN_PROG_ENDED);
        struct host_port *port = host_end_of(&f, 0);
        assert_true(port->closed);
        assert_int_equal(port->in.len, f.prog->ending.ports.items[0].sent);
        mn_heap_drain();
        assert_int_equal(mn_heap_stats().free, before);
        f.prog = mn_prog_find(host_start(f.rig, mn_prog_handle(f.prog)));
    }
    finish(&f);
}

static void a_handle_of_the_last_life_is_refused_in_the_next(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    uint32_t old = opened(&f, 0);
    mn_prog_end(f.prog, MNEMOS_END_EXIT, 0);
    f.prog = mn_prog_find(host_start(f.rig, mn_prog_handle(f.prog)));
    assert_int_not_equal(opened(&f, 0), old);
    assert_int_equal(prog_read(f.prog, 0, old, 1, &used), MNEMOS_ERR_BAD_HANDLE);
    finish(&f);
}

static void totals_of_all_open_ports_stand_in_the_ending(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t used;
    begin(&f);
    static const uint16_t ports[4] = {0, 1, 2, 33};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t handle = opened(&f, ports[i]);
        assert_int_equal(prog_write(f.prog, 0, handle, 10 * (i + 1), &used), MN_OK);
    }
    mn_prog_end(f.prog, MNEMOS_END_EXIT, 0);
    assert_int_equal(f.prog->ending.ports.len, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(f.prog->ending.ports.items[i].sent, 10 * (i + 1));
    assert_int_equal(f.prog->ending.ports.items[3].port, 33);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(own_ports_begin_at_the_programs_base_and_have_names),
        MN_TEST(what_cannot_be_opened_is_refused_by_name),
        MN_TEST(stdin_has_a_large_window_only_while_memory_is_plenty),
        MN_TEST(eight_programs_with_stdio_and_stderr_fit_the_heap_of_a_board),
        MN_TEST(without_memory_open_says_so_and_the_handle_stays_free),
        MN_TEST(a_closed_handle_is_never_valid_again),
        MN_TEST(made_up_handles_and_those_of_others_are_refused),
        MN_TEST(closed_ports_that_are_not_empty_yet_count),
        MN_TEST(closed_ports_of_the_last_life_do_not_count),
        MN_TEST(read_takes_what_is_there),
        MN_TEST(read_waits_for_the_first_byte),
        MN_TEST(read_at_end_of_file_answers_0_again_and_again),
        MN_TEST(a_transfer_that_must_not_wait_says_so),
        MN_TEST(a_deadline_ends_a_wait_and_the_bytes_stay_for_the_next_read),
        MN_TEST(write_takes_what_fits_and_then_waits_for_room),
        MN_TEST(without_a_host_everything_is_taken_and_counted),
        MN_TEST(a_host_that_goes_frees_a_writer),
        MN_SEEDED(both_directions_at_once_lose_nothing),
        MN_TEST(a_program_that_ends_in_any_wait_leaves_nothing_behind),
        MN_TEST(a_handle_of_the_last_life_is_refused_in_the_next),
        MN_TEST(totals_of_all_open_ports_stand_in_the_ending),
    };
    return cmocka_run_group_tests_name("serial calls", tests, NULL, NULL);
}

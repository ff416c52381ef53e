/* prog_test.c — the life of programs: load, start, end, again, unload. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/machine.h"
#include "rig.h"
#include "kernel/core/service.h"

static struct rig_image image;

static uint32_t word_at(uint32_t addr)
{
    uint32_t word;
    memcpy(&word, mn_memory(addr), sizeof word);
    return word;
}

static void relocations_point_at_where_the_program_lies(void **state)
{
    (void)state;
    static const struct rig_reloc relocs[] = { { 0, false }, { 7, true }, { 404, true } };
    const uint32_t text = 0x10000123, data = 0x18000010, other = 0x18000004;
    (void)rig_loaded("first");
    rig_image(&image);
    memcpy(image.payload, &text, 4);
    memcpy(image.payload + 7, &data, 4);
    memcpy(image.payload + 404, &other, 4);
    rig_relocs(&image, relocs, 3);
    rig_seal(&image);
    struct mn_prog *prog = rig_load(&image, "second");
    assert_int_equal(word_at(prog->rx_addr), prog->rx_addr + 0x123);
    assert_int_equal(word_at(prog->rx_addr + 7), mn_prog_data_addr(prog) + 0x10);
    assert_int_equal(word_at(prog->rx_addr + 404), mn_prog_data_addr(prog) + 4);
    assert_memory_equal(mn_memory(prog->rx_addr + 11), image.payload + 11, 404 - 11);
    assert_memory_equal(mn_memory(prog->rx_addr + 408), image.payload + 408, 600 - 408);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    assert_int_equal(word_at(mn_prog_data_addr(prog) + 4), mn_prog_data_addr(prog) + 4); /* .data has its copy */
}

static void many_relocations_take_many_polls(void **state)
{
    (void)state;
    static struct rig_reloc relocs[1000];
    for (uint32_t i = 0; i < 1000; i++)
        relocs[i] = (struct rig_reloc){ 4 * i, i % 2 };
    rig_image(&image);
    image.head.payload_len = 8000;
    rig_relocs(&image, relocs, 1000);
    rig_seal(&image);
    struct mn_prog *prog;
    struct mn_task  task = { .state = MN_TASK_READY };
    struct mn_cx    cx = { &task };
    uint32_t        polls = 1;
    assert_int_equal(mn_prog_reserve(&image.head, "many", 0, &prog), MN_OK);
    memcpy(mn_prog_rx(prog), image.payload, image.head.payload_len);
    while (mn_prog_finish_poll(prog, &cx, image.bytes) == MN_PENDING)
        polls++;
    assert_true(polls > 1000 / 64);
    assert_int_equal(prog->state, MN_PROG_LOADED);
    uint32_t expected;
    memcpy(&expected, image.payload + 3996, 4);
    assert_int_equal(word_at(prog->rx_addr + 3996), expected + mn_prog_data_addr(prog) - image.head.data_base);
}

static void a_damaged_payload_is_never_loaded(void **state)
{
    (void)state;
    rig_image(&image);
    rig_seal(&image);
    struct mn_prog *prog;
    assert_int_equal(mn_prog_reserve(&image.head, "prog", 0, &prog), MN_OK);
    memcpy(mn_prog_rx(prog), image.payload, 600);
    mn_prog_rx(prog)[599] ^= 0x10;
    assert_int_equal(rig_finish(prog, &image), MNEMOS_ERR_IMAGE_PAYLOAD_CRC);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MNEMOS_ERR_NOT_READY);
    mn_prog_rx(prog)[599] ^= 0x10;
    assert_int_equal(rig_finish(prog, &image), MN_OK);
}

/* Both sums are looked at: either alone has its blind spots. */
static void each_checksum_counts(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        struct mn_prog *prog;
        rig_image(&image);
        rig_seal(&image);
        *(which ? &image.head.payload_adler : &image.head.payload_crc32) ^= 1;
        memcpy(image.bytes, &image.head, sizeof image.head);
        image.head.head_crc = mnemos_crc32(0, image.bytes + 8, image.head.head_len - 8u);
        memcpy(image.bytes, &image.head, sizeof image.head);
        assert_int_equal(mn_prog_reserve(&image.head, "prog", 0, &prog), MN_OK);
        memcpy(mn_prog_rx(prog), image.payload, 600);
        assert_int_equal(rig_finish(prog, &image), MNEMOS_ERR_IMAGE_PAYLOAD_CRC);
    }
}

/* A service of two calls, for programs or not. */
static const struct mn_service_call calls[] = { { .name = "one" }, { .name = "two" } };
static const uint32_t shapes[] = { 100, 101, 102 };

static bool no_codec_get(uint16_t call, struct mnemos_reader *reader, void *args)
{
    (void)call, (void)reader, (void)args;
    return false;
}

static bool no_codec_put(uint16_t call, struct mnemos_writer *writer, const void *reply)
{
    (void)call, (void)writer, (void)reply;
    return false;
}

static const struct mn_service_type clock_type = {
    .name = "clock", .uuid = { "0123456789abcde" }, .calls = 2, .call = calls, .shapes = shapes,
    .get = no_codec_get, .put = no_codec_put,
};

/* Load an image that requires a service of this last letter, `count` calls of this shape. */
static mn_err require(char last, uint16_t count, uint32_t shape, struct mn_requires_lack *lack)
{
    uint8_t body[MNEMOS_REQUIRES_NAME + 5] = "0123456789abcd";
    body[14] = (uint8_t)last;
    memcpy(body + MNEMOS_REQUIRES_SHAPE, &shape, sizeof shape);
    memcpy(body + MNEMOS_REQUIRES_CALLS, &count, sizeof count);
    memcpy(body + MNEMOS_REQUIRES_NAME, "clock", 5);
    rig_image(&image);
    rig_record(&image, MNEMOS_RECORD_TITLE, "odd", 3);
    rig_record(&image, MNEMOS_RECORD_REQUIRES, body, sizeof body);
    rig_seal(&image);
    struct mn_prog *prog;
    assert_int_equal(mn_prog_reserve(&image.head, "prog", 0, &prog), MN_OK);
    memcpy(mn_prog_rx(prog), image.payload, image.head.payload_len);
    mn_err err = rig_finish(prog, &image);
    *lack = prog->check.lack;
    mn_prog_unload(prog);
    return err;
}

static void services_that_are_required_must_be_there(void **state)
{
    (void)state;
    static struct mn_service clock;
    struct mn_requires_lack lack;
    clock = (struct mn_service){ 0 };
    assert_int_equal(require('e', 1, 101, &lack), MNEMOS_ERR_SERVICE_MISSING);
    assert_int_equal(lack.have, 0);
    assert_int_equal(lack.want, 1);
    assert_int_equal(mn_service_register(&clock, &clock_type, (struct mn_service_terms){ .for_programs = false }), MN_OK);
    assert_int_equal(require('e', 1, 101, &lack), MNEMOS_ERR_SERVICE_MISSING); /* it is the kernel's own */
    mn_service_drop(&clock);

    assert_int_equal(mn_service_register(&clock, &clock_type, (struct mn_service_terms){ .for_programs = true }), MN_OK);
    assert_int_equal(require('f', 1, 101, &lack), MNEMOS_ERR_SERVICE_MISSING);
    for (uint16_t count = 0; count <= 2; count++)
        assert_int_equal(require('e', count, shapes[count], &lack), MN_OK);
    assert_int_equal(lack.want, 0);
    assert_int_equal(require('e', 1, 102, &lack), MNEMOS_ERR_SHAPE_DIFFERS);
    assert_int_equal(lack.have, 101);
    assert_int_equal(lack.want, 102);
    assert_int_equal(require('e', 65535, 102, &lack), MNEMOS_ERR_SERVICE_TOO_OLD);
    assert_int_equal(lack.have, 2);
    assert_int_equal(lack.want, 65535);
    mn_service_drop(&clock);
}

static void the_header_must_be_the_announced_one(void **state)
{
    (void)state;
    rig_image(&image);
    rig_seal(&image);
    struct mn_prog *prog;
    assert_int_equal(mn_prog_reserve(&image.head, "prog", 0, &prog), MN_OK);
    memcpy(mn_prog_rx(prog), image.payload, 600);
    image.head.static_len = 100000; /* more than was reserved */
    rig_seal(&image);
    assert_int_equal(rig_finish(prog, &image), MNEMOS_ERR_UPLOAD_CRC);
    assert_int_equal(prog->state, MN_PROG_LOADING);
}

static void reserving_names_what_is_wrong(void **state)
{
    (void)state;
    struct mn_prog *prog;
    rig_image(&image);
    rig_seal(&image);
    assert_int_equal(mn_prog_reserve(&image.head, "", 0, &prog), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_prog_reserve(&image.head, "abcdefghijklmnopqrstuvwxy", 0, &prog), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(mn_prog_reserve(&image.head, "p", RIG_ARENA_LEN, &prog), MNEMOS_ERR_NO_ROOM);
    image.head.heap_len = RIG_ARENA_LEN;
    assert_int_equal(mn_prog_reserve(&image.head, "p", 0, &prog), MNEMOS_ERR_NO_ROOM);
    image.head.magic = 0;
    assert_int_equal(mn_prog_reserve(&image.head, "p", 0, &prog), MNEMOS_ERR_IMAGE_MAGIC);
    assert_int_equal(mn_prog_arena().free, RIG_ARENA_LEN);
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        (void)rig_loaded("p");
    rig_image(&image);
    rig_seal(&image);
    assert_int_equal(mn_prog_reserve(&image.head, "p", 0, &prog), MNEMOS_ERR_TOO_MANY_PROGRAMS);
}

static void scratch_enlarges_the_writable_block(void **state)
{
    (void)state;
    struct mn_prog *prog;
    rig_image(&image);
    rig_seal(&image);
    assert_int_equal(mn_prog_reserve(&image.head, "p", 20000, &prog), MN_OK);
    assert_true(prog->rw_len >= 20000);
    memset(mn_prog_rw(prog), 0x77, prog->rw_len);
    memcpy(mn_prog_rx(prog), image.payload, 600);
    assert_int_equal(rig_finish(prog, &image), MN_OK);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    assert_int_equal(mn_prog_heap_addr(prog) + mn_prog_heap_len(prog), prog->rw_addr + prog->rw_len);
    for (uint32_t addr = mn_prog_data_addr(prog) + 40; addr < prog->rw_addr + prog->rw_len; addr++)
        assert_int_equal(*mn_memory(addr), 0);
}

static void memory_is_fresh_at_every_start(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    for (int life = 0; life < 3; life++) {
        const uint8_t *data = mn_memory(mn_prog_data_addr(prog));
        assert_memory_equal(data, mn_memory(prog->rx_addr + 400), 40);
        for (uint32_t i = 40; mn_prog_data_addr(prog) + i < prog->rw_addr + prog->rw_len; i++)
            assert_int_equal(data[i], 0);
        memset(mn_memory(prog->rw_addr), 0x99, prog->rw_len);
        mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
        assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    }
    for (uint32_t addr = prog->rx_addr + 600; addr < prog->rx_addr + prog->rx_len; addr++)
        assert_int_equal(*mn_memory(addr), 0);
}

static void the_entry_gets_arguments_heap_and_a_sound_stack(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_loaded("prog");
    assert_int_equal(mn_prog_start(prog, (const uint8_t *)"one\0\0three", 11), MN_OK);
    (void)rig_switch();
    const struct mn_frame *frame = rig_frame();
    static const char *const expected[] = { "prog", "one", "", "three" };
    assert_int_equal(frame->r0, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_string_equal((const char *)mn_memory(word_at(frame->r1 + 4 * i)), expected[i]);
    assert_int_equal(word_at(frame->r1 + 16), 0);
    assert_int_equal(frame->r2, mn_prog_heap_addr(prog));
    assert_int_equal(frame->r3, mn_prog_heap_len(prog));
    assert_true(frame->r3 >= 256 && frame->r2 % 8 == 0);
    assert_int_equal(frame->lr, 0);
    assert_int_equal(frame->r12, 0);
    assert_int_equal(frame->pc, prog->rx_addr + 16);
    assert_int_equal(frame->xpsr, MN_XPSR_THUMB);
    assert_int_equal(prog->context.exc_return, MN_EXC_RETURN_START);
    assert_int_equal((prog->context.psp + sizeof *frame) % 8, 0);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(prog->context.r4_r11[i], 0);
}

static void arguments_must_end_and_leave_room(void **state)
{
    (void)state;
    static uint8_t  text[2048];
    struct mn_prog *prog = rig_loaded("prog");
    memset(text, 'x', sizeof text);
    assert_int_equal(mn_prog_start(prog, text, 3), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(prog->state, MN_PROG_LOADED);
    text[1023] = 0;
    assert_int_equal(mn_prog_start(prog, text, 1024), MNEMOS_ERR_TOO_BIG);
    memset(text, 0, 255);
    assert_int_equal(mn_prog_start(prog, text, 255), MNEMOS_ERR_TOO_BIG); /* 255 empty ones: the array alone is too long */
    for (uint32_t len = 1; len < 1024; len++) { /* up to the largest that is taken: it must fit */
        memset(text, 'y', len);
        text[len - 1] = 0;
        mn_err err = mn_prog_start(prog, text, len);
        if (err) {
            assert_int_equal(err, MNEMOS_ERR_TOO_BIG);
            assert_true(len > 600);
            break;
        }
        assert_true(prog->context.psp - prog->rw_addr >= 256);
        mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    }
    assert_int_equal(mn_prog_start(prog, (const uint8_t *)"", 1), MN_OK);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MNEMOS_ERR_NOT_READY);
}

static void each_life_has_a_handle_and_ports_of_its_own(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_loaded("prog"), *other = rig_started("other");
    uint32_t        loaded = mn_prog_handle(prog);
    assert_ptr_equal(mn_prog_find(loaded), prog);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    uint32_t first = mn_prog_handle(prog);
    assert_null(mn_prog_find(loaded));
    assert_ptr_equal(mn_prog_find(first), prog);
    assert_int_equal(prog->port_base, other->port_base + 16);
    mn_prog_end(prog, MNEMOS_END_KILLED, 0);
    assert_ptr_equal(mn_prog_find(first), prog);
    assert_int_equal(prog->ending.handle, first);
    assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
    assert_null(mn_prog_find(first));
    assert_int_equal(prog->port_base, other->port_base + 32);
    assert_int_equal(prog->starts, 2);

    uint32_t last = mn_prog_handle(prog);
    mn_prog_unload(prog);
    assert_null(mn_prog_find(last));
    prog = rig_loaded("again");
    assert_null(mn_prog_find(last));
    assert_null(mn_prog_find(0xff));
    assert_null(mn_prog_find(UINT32_MAX));
}

static void port_numbers_come_round_past_those_in_use(void **state)
{
    (void)state;
    struct mn_prog *stays = rig_started("stays"), *prog = rig_loaded("prog");
    uint16_t        used = stays->port_base;
    for (uint32_t i = 0; i < 0xe00; i++) {
        assert_int_equal(mn_prog_start(prog, NULL, 0), MN_OK);
        assert_int_not_equal(prog->port_base, used);
        assert_true(prog->port_base >= 0x1000 && prog->port_base < 0xf000 && prog->port_base % 16 == 0);
        mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    }
}

static char     watched[8];
static uint32_t watched_len;
static void first_saw(struct mn_prog *prog) { (void)prog; watched[watched_len++] = '1'; }
static void second_saw(struct mn_prog *prog)
{
    assert_int_equal(prog->state, MN_PROG_ENDED);
    watched[watched_len++] = '2';
}
static void saw_start(struct mn_prog *prog) { (void)prog; watched[watched_len++] = 's'; }

static void watchers_are_told_in_order_and_once(void **state)
{
    (void)state;
    static struct mn_prog_watcher first, second;
    first = (struct mn_prog_watcher){ .started = saw_start, .ended = first_saw };
    second = (struct mn_prog_watcher){ .ended = second_saw };
    watched_len = 0;
    memset(watched, 0, sizeof watched);
    mn_prog_watch(&first);
    mn_prog_watch(&second);
    struct mn_prog *prog = rig_started("prog");
    mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
    mn_prog_end(prog, MNEMOS_END_KILLED, 0);
    mn_prog_unload(prog);
    assert_string_equal(watched, "s12");
}

static void an_ending_tells_reason_time_and_peaks(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    mn_host_advance(1234);
    memset(mn_memory(prog->rw_addr + 1024 - 300), 0, 300);
    mn_prog_end(prog, MNEMOS_END_EXIT, -7);
    assert_int_equal(prog->state, MN_PROG_ENDED);
    assert_int_equal(prog->ending.reason, MNEMOS_END_EXIT);
    assert_int_equal(prog->ending.status, -7);
    assert_int_equal(prog->ending.life_us, 1234);
    assert_int_equal(prog->ending.stack_peak, 300);
    assert_int_equal(prog->ending.message.len, 0);
}

static void unloading_gives_back_clean_memory(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    uint32_t        rx = prog->rx_addr, rx_len = prog->rx_len, rw = prog->rw_addr, rw_len = prog->rw_len;
    memset(mn_memory(rw), 0x42, rw_len);
    mn_prog_unload(prog);
    assert_null(mn_prog_at(0));
    assert_int_equal(mn_prog_arena().free, RIG_ARENA_LEN);
    for (uint32_t i = 0; i < rx_len; i++)
        assert_int_equal(*mn_memory(rx + i), 0);
    for (uint32_t i = 0; i < rw_len; i++)
        assert_int_equal(*mn_memory(rw + i), 0);
}

static void a_killed_programs_map_is_forgotten(void **state)
{
    (void)state;
    struct mn_prog *prog = rig_started("prog");
    mn_sched.mpu_owner = rig_switch();
    assert_ptr_equal(mn_sched.mpu_owner, prog);
    mn_prog_end(prog, MNEMOS_END_KILLED, 0);
    assert_null(mn_sched.mpu_owner);
    assert_null(mn_sched.current);
}

/* Load, start, end and unload at random: nothing leaks, nothing overlaps, handles never come back to life. */
static void lives_at_random_leave_nothing_behind(uint32_t seed)
{
    (void)rig_fresh(NULL);
    uint32_t old[64] = { 0 }, n_old = 0;
    for (uint32_t step = 0; step < 400; step++) {
        struct mn_prog *prog = mn_prog_at(mn_host_random_next(&seed) % MN_MAX_PROGRAMS);
        uint32_t        what = mn_host_random_next(&seed) % 4;
        if (!prog) {
            rig_image(&image);
            image.head.heap_len = mn_host_random_next(&seed) % 30000;
            rig_seal(&image);
            if (mn_prog_reserve(&image.head, "p", 0, &prog) == MN_OK) {
                memcpy(mn_prog_rx(prog), image.payload, 600);
                if (what)
                    assert_int_equal(rig_finish(prog, &image), MN_OK);
            }
            continue;
        }
        uint32_t before = mn_prog_handle(prog);
        if (what == 0 && mn_prog_start(prog, NULL, 0) == MN_OK)
            old[n_old++ % 64] = before;
        if (what == 1)
            mn_prog_end(prog, MNEMOS_END_STOPPED, 0);
        if (what == 2) {
            mn_prog_unload(prog);
            old[n_old++ % 64] = before;
        }
        for (uint32_t i = 0; i < 64; i++)
            assert_true(!old[i] || !mn_prog_find(old[i]));
    }
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        if (mn_prog_at(i))
            mn_prog_unload(mn_prog_at(i));
    assert_int_equal(mn_prog_arena().largest, RIG_ARENA_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(relocations_point_at_where_the_program_lies),
        RIG_TEST(many_relocations_take_many_polls),
        RIG_TEST(a_damaged_payload_is_never_loaded),
        RIG_TEST(each_checksum_counts),
        RIG_TEST(services_that_are_required_must_be_there),
        RIG_TEST(the_header_must_be_the_announced_one),
        RIG_TEST(reserving_names_what_is_wrong),
        RIG_TEST(scratch_enlarges_the_writable_block),
        RIG_TEST(memory_is_fresh_at_every_start),
        RIG_TEST(the_entry_gets_arguments_heap_and_a_sound_stack),
        RIG_TEST(arguments_must_end_and_leave_room),
        RIG_TEST(each_life_has_a_handle_and_ports_of_its_own),
        RIG_TEST(port_numbers_come_round_past_those_in_use),
        RIG_TEST(watchers_are_told_in_order_and_once),
        RIG_TEST(an_ending_tells_reason_time_and_peaks),
        RIG_TEST(unloading_gives_back_clean_memory),
        RIG_TEST(a_killed_programs_map_is_forgotten),
        MN_SEEDED(lives_at_random_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* loader_test.c — uploads, requests, events: what is done once, refused by name, never half
 * done. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/gen/hello_service.h"
#include "kernel/services/gen/programs_service.h"
#include "kernel/services/gen/serial_mux_service.h"
#include "kernel/services/hello.h"
#include "kernel/services/simple_serial.h"
#include "programs.h"
#include "kernel/user/memory.h"
#include <stdlib.h>
#include <string.h>

#define REQUEST(name) MNEMOS_LOADER_REQUEST_BODY_##name
#define ANSWER(name)  MNEMOS_LOADER_ANSWER_BODY_##name

static uint32_t arena_free(void)
{
    return mn_prog_arena().free;
}

static struct rig *attached(void)
{
    struct rig *rig = programs_new(0);
    rig_attach(rig, 0x1234);
    return rig;
}

static void done(struct rig *rig, struct bytes *image)
{
    bytes_free(image);
    programs_free(rig);
}

/* ---- The good way ---- */

static void info_says_what_answers(void **state)
{
    (void)state;
    struct rig *rig = attached();
    const struct mnemos_loader_answer_body *answer = host_do_tag(rig, REQUEST(INFO));
    assert_int_equal(answer->tag, ANSWER(INFO));
    assert_int_equal(answer->info.info.abi_major, 1);
    assert_int_equal(answer->info.info.baud, 115200);
    assert_int_equal(answer->info.info.arena, ARENA_LEN);
    assert_int_equal(answer->info.info.free, ARENA_LEN);
    assert_int_equal(answer->info.info.max_programs, MN_MAX_PROGRAMS);
    assert_int_equal(answer->info.info.board.len, 4);
    assert_false(answer->info.info.crash.some);
    programs_free(rig);
}

static void an_image_is_loaded_listed_started_and_stopped(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 7);
    uint32_t loaded = host_load(rig, &image, "hello");

    struct mnemos_loader_request_body list = {.tag = REQUEST(LIST)};
    const struct mnemos_loader_answer_body *answer = host_do(rig, &list);
    assert_true(answer->listed.program.some);
    assert_int_equal(answer->listed.program.value.handle, loaded);
    assert_int_equal(answer->listed.program.value.state, MN_PROG_LOADED);
    assert_int_equal(answer->listed.program.value.build_id[0], 7);
    assert_int_equal(answer->listed.program.value.name.len, 5);
    list.list.slot = 1;
    assert_false(host_do(rig, &list)->listed.program.some);

    uint32_t running = host_start(rig, loaded);
    assert_int_not_equal(running, loaded);
    assert_refused(host_do_handle(rig, REQUEST(ENDING), running), MNEMOS_ERR_NOT_READY);
    assert_refused(host_do_handle(rig, REQUEST(START), running), MNEMOS_ERR_NOT_READY);
    assert_refused(host_do_handle(rig, REQUEST(START), loaded), MNEMOS_ERR_NO_PROGRAM);

    assert_int_equal(host_do_handle(rig, REQUEST(STOP), running)->tag, ANSWER(DONE));
    rig_settle(rig);
    answer = host_event(ANSWER(ENDED));
    assert_non_null(answer);
    assert_int_equal(answer->ended.ending.handle, running);
    assert_int_equal(answer->ended.ending.reason, MNEMOS_END_STOPPED);
    host_do_tag(rig, REQUEST(INFO));
    answer = host_do_handle(rig, REQUEST(ENDING), running);
    assert_int_equal(answer->tag, ANSWER(ENDED));
    assert_int_equal(answer->ended.ending.handle, running);
    assert_int_equal(answer->ended.ending.reason, MNEMOS_END_STOPPED);
    assert_refused(host_do_handle(rig, REQUEST(STOP), running), MNEMOS_ERR_NOT_READY);

    assert_int_equal(host_do_handle(rig, REQUEST(UNLOAD), running)->tag, ANSWER(DONE));
    assert_int_equal(arena_free(), ARENA_LEN);
    assert_refused(host_do_handle(rig, REQUEST(UNLOAD), running), MNEMOS_ERR_NO_PROGRAM);
    done(rig, &image);
}

static void a_killed_program_ends_as_killed_and_can_be_started_again(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 500, 1);
    uint32_t running = host_start(rig, host_load(rig, &image, "again"));
    struct mnemos_loader_request_body kill = {.tag = REQUEST(STOP)};
    kill.stop.handle = running;
    kill.stop.kill = true;
    host_do(rig, &kill);
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ENDED))->ended.ending.reason, MNEMOS_END_KILLED);
    assert_int_not_equal(host_start(rig, running), running);
    done(rig, &image);
}

static void the_image_lies_relocated_in_the_arena(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 7);
    uint32_t handle = host_load(rig, &image, "hello");
    struct mn_prog *prog = mn_prog_find(handle);
    const uint8_t *payload = image.data + image_head(&image)->head_len,
                  *there = mn_memory(prog->rx_addr);
    uint32_t word, expected;
    assert_memory_equal(there, payload, 2);
    memcpy(&word, there + 2, 4);
    memcpy(&expected, payload + 2, 4);
    assert_int_equal(word, expected + prog->rx_addr - 0x10000000u);
    assert_memory_equal(there + 10, payload + 10, 2990);
    done(rig, &image);
}

/* ---- Refusals ---- */

static void every_wrong_header_is_refused_by_name_before_the_upload(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    const struct mnemos_loader_answer_body *answer;

    image_make(&image, 1000, 1);
    image.len = 50;
    answer = host_begin(rig, &image, "short");
    assert_refused(answer, MNEMOS_ERR_IMAGE_SHORT);
    assert_int_equal(answer->refused.have, 50);
    assert_int_equal(answer->refused.want, 88);

    image_make(&image, 1000, 1);
    image_head(&image)->magic ^= 1;
    assert_refused(host_begin(rig, &image, "magic"), MNEMOS_ERR_IMAGE_MAGIC);

    image_make(&image, 1000, 1);
    image_head(&image)->abi_minor = 3;
    answer = host_begin(rig, &image, "minor");
    assert_refused(answer, MNEMOS_ERR_IMAGE_ABI);
    assert_int_equal(answer->refused.have, 0);
    assert_int_equal(answer->refused.want, 3);

    image_make(&image, 1000, 1);
    image_head(&image)->abi_major = 2;
    answer = host_begin(rig, &image, "major");
    assert_refused(answer, MNEMOS_ERR_IMAGE_ABI);
    assert_int_equal(answer->refused.have, 1);
    assert_int_equal(answer->refused.want, 2);

    image_make(&image, 1000, 1);
    image_head(&image)->heap_len = 100000;
    answer = host_begin(rig, &image, "big");
    assert_refused(answer, MNEMOS_ERR_NO_ROOM);
    assert_int_equal(answer->refused.have, ARENA_LEN);
    assert_int_equal(answer->refused.want, (100000 + 1040 + 1023) / 1024 * 1024);

    image_make(&image, 1000, 1);
    image.len--;
    answer = host_begin(rig, &image, "cut");
    assert_refused(answer, MNEMOS_ERR_IMAGE_PAYLOAD);
    assert_int_equal(answer->refused.want, answer->refused.have + 1);

    image_make(&image, 1000, 1);
    image_head(&image)->stack_len = 256;
    answer = host_begin(rig, &image, "stack");
    assert_refused(answer, MNEMOS_ERR_IMAGE_STACK);
    assert_int_equal(answer->refused.want, 512);

    image_make(&image, 1000, 1);
    image_head(&image)->arch = 9;
    answer = host_begin(rig, &image, "arch");
    assert_refused(answer, MNEMOS_ERR_IMAGE_ARCH);
    assert_int_equal(answer->refused.want, 9);

    image_make(&image, 1000, 1);
    image_head(&image)->float_abi = 7;
    answer = host_begin(rig, &image, "float");
    assert_refused(answer, MNEMOS_ERR_IMAGE_FLOAT);
    assert_int_equal(answer->refused.have, 1);
    assert_int_equal(answer->refused.want, 7);

    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

static void names_that_could_mislead_a_person_are_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    static const char *const bad[] = {"", "a b", "../x", "x\n", "\x1b[2J", "\xc3\xa9", "a/b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(host_begin(rig, &image, bad[i]), MNEMOS_ERR_BAD_ARGUMENT);
    }
    assert_int_equal(host_begin(rig, &image, "a.b_c-D9")->tag, ANSWER(BEGUN));
    assert_int_equal(host_begin(rig, &image, "x")->tag, ANSWER(BEGUN));
    assert_int_equal(host_begin(rig, &image, "AZ09az")->tag, ANSWER(BEGUN));
    assert_int_equal(host_begin(rig, &image, "abcdefghijklmnopqrstuvwx")->tag, ANSWER(BEGUN));
    struct mnemos_loader_request_body list = {.tag = REQUEST(LIST)};
    const struct mnemos_loader_answer_body *answer = host_do(rig, &list);
    assert_int_equal(answer->listed.program.value.name.len, 24);
    assert_memory_equal(answer->listed.program.value.name.data, "abcdefghijklmnopqrstuvwx", 24);
    done(rig, &image);
}

static void the_ninth_program_is_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++) host_load(rig, &image, "one");
    const struct mnemos_loader_answer_body *answer = host_begin(rig, &image, "nine");
    assert_refused(answer, MNEMOS_ERR_TOO_MANY_PROGRAMS);
    assert_int_equal(answer->refused.have, MN_MAX_PROGRAMS);
    done(rig, &image);
}

static void requests_without_an_upload_are_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    static const uint8_t tags[] = {REQUEST(END), REQUEST(ABORT), REQUEST(MAP)};
    for (size_t i = 0; i < sizeof tags; i++) {
        host_do_tag(rig, REQUEST(INFO));
        assert_refused(host_do_tag(rig, tags[i]), MNEMOS_ERR_NO_UPLOAD);
    }
    programs_free(rig);
}

static void handles_that_name_nothing_are_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    static const uint8_t tags[] = {REQUEST(START), REQUEST(STOP), REQUEST(UNLOAD), REQUEST(ENDING),
                                   REQUEST(FAULT)};
    static const uint32_t handles[] = {0, 1, 0xff, 0x100, 0xffffffff};
    for (size_t i = 0; i < sizeof tags; i++) {
        for (size_t k = 0; k < sizeof handles / sizeof handles[0]; k++) {
            assert_refused(host_do_handle(rig, tags[i], handles[k]), MNEMOS_ERR_NO_PROGRAM);
        }
    }
    struct mnemos_loader_request_body list = {.tag = REQUEST(LIST), .list.slot = MN_MAX_PROGRAMS};
    assert_refused(host_do(rig, &list), MNEMOS_ERR_BAD_ARGUMENT);
    programs_free(rig);
}

static void arguments_that_do_not_fit_the_stack_are_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    uint8_t args[256] = {0};
    image_make(&image, 100, 1);
    image_head(&image)->stack_len = 512;
    image_seal(&image);
    struct mnemos_loader_request_body start = {.tag = REQUEST(START)};
    start.start.handle = host_load(rig, &image, "args");
    start.start.args = (struct mnemos_bytes){args, sizeof args};
    const struct mnemos_loader_answer_body *answer = host_do(rig, &start);
    assert_refused(answer, MNEMOS_ERR_TOO_BIG);
    assert_int_equal(answer->refused.have, 512);
    assert_int_equal(answer->refused.want, 256);
    args[9] = 'x';
    start.start.args.len = 10; /* the last one does not end */
    assert_refused(host_do(rig, &start), MNEMOS_ERR_BAD_ARGUMENT);
    done(rig, &image);
}

/* ---- Uploads that fail ---- */

static void send_all(struct rig *rig, const struct bytes *image, uint32_t to)
{
    for (uint32_t at = 0; at < to; at += 512) {
        host_data(rig, image, at, at + 512 <= image->len ? 512 : (uint32_t)image->len - at);
        rig_settle(rig);
    }
}

static void end_before_everything_came_is_refused_and_says_what_is_missing(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    host_begin(rig, &image, "torn");
    send_all(rig, &image, 1024);
    const struct mnemos_loader_answer_body *answer = host_end(rig, &image);
    assert_refused(answer, MNEMOS_ERR_UPLOAD_INCOMPLETE);
    assert_int_equal(answer->refused.have, 1024);
    assert_int_equal(answer->refused.want, image.len);
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ACK))->ack.hole, 1024);
    send_all(rig, &image, (uint32_t)image.len); /* nothing is lost: go on and end again */
    assert_int_equal(host_end(rig, &image)->tag, ANSWER(LOADED));
    done(rig, &image);
}

static void a_torn_upload_cannot_be_started(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    uint32_t handle = host_begin(rig, &image, "torn")->begun.handle;
    assert_refused(host_do_handle(rig, REQUEST(START), handle), MNEMOS_ERR_NOT_READY);
    send_all(rig, &image, (uint32_t)image.len);
    assert_refused(host_do_handle(rig, REQUEST(START), handle), MNEMOS_ERR_NOT_READY);
    done(rig, &image);
}

static void a_wrong_checksum_frees_the_upload(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    uint32_t handle = host_begin(rig, &image, "wrong")->begun.handle;
    send_all(rig, &image, (uint32_t)image.len);
    uint32_t right = mnemos_crc32(0, image.data, image.len);
    image.data[2000] ^= 1;
    const struct mnemos_loader_answer_body *answer = host_end(rig, &image);
    assert_refused(answer, MNEMOS_ERR_UPLOAD_CRC);
    assert_int_equal(answer->refused.have, right);
    assert_int_equal(answer->refused.want, mnemos_crc32(0, image.data, image.len));
    assert_refused(host_do_handle(rig, REQUEST(START), handle), MNEMOS_ERR_NO_PROGRAM);
    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

static void the_adler_sum_alone_is_enough_to_refuse(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 300, 1);
    host_begin(rig, &image, "adler");
    send_all(rig, &image, (uint32_t)image.len);
    struct mnemos_loader_request_body end = {.tag = REQUEST(END)};
    end.end.crc32 = mnemos_crc32(0, image.data, image.len);
    end.end.adler32 = mnemos_adler32(1, image.data, image.len) ^ 1;
    assert_refused(host_do(rig, &end), MNEMOS_ERR_UPLOAD_CRC);
    done(rig, &image);
}

static void an_image_that_is_damaged_inside_is_refused_by_name_and_freed(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    image.data[2000] ^= 1; /* the file arrives as it is, its payload sum is wrong */
    host_begin(rig, &image, "inside");
    send_all(rig, &image, (uint32_t)image.len);
    assert_refused(host_end(rig, &image), MNEMOS_ERR_IMAGE_PAYLOAD_CRC);
    assert_int_equal(arena_free(), ARENA_LEN);

    image_make(&image, 3000, 1);
    image.data[93] = 0xff; /* a relocation */
    image_head(&image)->head_crc = mnemos_crc32(0, image.data + 8, 88);
    host_begin(rig, &image, "reloc");
    send_all(rig, &image, (uint32_t)image.len);
    assert_refused(host_end(rig, &image), MNEMOS_ERR_IMAGE_RELOC);
    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

static void begin_again_and_abort_free_the_upload_under_way(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 20000, 1);
    uint32_t first = host_begin(rig, &image, "first")->begun.handle;
    send_all(rig, &image, 5000);
    uint32_t used = ARENA_LEN - arena_free();
    uint32_t second = host_begin(rig, &image, "second")->begun.handle;
    assert_int_not_equal(first, second);
    assert_int_equal(ARENA_LEN - arena_free(), used);
    assert_refused(host_do_handle(rig, REQUEST(START), first), MNEMOS_ERR_NO_PROGRAM);
    host_do_tag(rig, REQUEST(MAP));
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ACK))->ack.hole, 0);
    assert_int_equal(host_do_tag(rig, REQUEST(ABORT))->tag, ANSWER(DONE));
    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

static void unload_of_the_upload_under_way_ends_it(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 2000, 1);
    uint32_t handle = host_begin(rig, &image, "first")->begun.handle;
    assert_int_equal(host_do_handle(rig, REQUEST(UNLOAD), handle)->tag, ANSWER(DONE));
    host_data(rig, &image, 0, 512);
    rig_settle(rig);
    assert_refused(host_do_tag(rig, REQUEST(END)), MNEMOS_ERR_NO_UPLOAD);
    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

/* ---- Sessions ---- */

static void another_session_frees_the_upload_and_its_late_data_goes_nowhere(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    uint32_t handle = host_begin(rig, &image, "torn")->begun.handle;
    send_all(rig, &image, 2048);
    rig_attach(rig, 0x5678);
    assert_int_equal(arena_free(), ARENA_LEN);
    assert_refused(host_do_handle(rig, REQUEST(START), handle), MNEMOS_ERR_NO_PROGRAM);

    host_begin(rig, &image, "next");
    rig->session = 0x1234; /* a frame of the old session that was still on its way */
    host_data(rig, &image, 0, 512);
    rig_settle(rig);
    rig->session = 0x5678;
    host_do_tag(rig, REQUEST(MAP));
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ACK))->ack.hole, 0);
    done(rig, &image);
}

/* Put what the host has sent into the device's ring now, before anything else runs. */
static void push_now(struct rig *rig)
{
    assert_int_equal(mn_bbq_put(&rig->link.rx, rig->to_device.data, (uint32_t)rig->to_device.len),
                     rig->to_device.len);
    rig->to_device.len = 0;
}

static void some_rounds(uint32_t rounds)
{
    for (uint32_t i = 0; i < rounds; i++) {
        (void)mn_executor_serve_later();
        (void)mn_executor_tick();
    }
}

/* Whichever poll of the check the new Hello comes before. */
static void a_session_that_begins_while_an_image_is_checked_leaves_nothing(uint32_t seed)
{
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 30000, 1);
    host_begin(rig, &image, "torn");
    send_all(rig, &image, (uint32_t)image.len);
    struct mnemos_loader_request_body end = {.tag = REQUEST(END)};
    end.end.crc32 = mnemos_crc32(0, image.data, image.len);
    end.end.adler32 = mnemos_adler32(1, image.data, image.len);
    host_ask(rig, &end);
    mn_host_shuffle(seed);
    push_now(rig);
    some_rounds(1 + seed % 60);
    rig->session = 0x5678;
    rig_hello(rig, 0x5678, MNEMOS_LINK_FEATURE_CRC);
    push_now(rig);
    rig_settle(rig);
    assert_int_equal(rig->last_hello, 0x5678);
    if (mn_prog_at(0))
        assert_int_equal(mn_prog_at(0)->state, MN_PROG_LOADED);
    else
        assert_int_equal(arena_free(), ARENA_LEN);
    rig->automatic = true;
    image_make(&image, 500, 2);
    host_load(rig, &image, "next");
    done(rig, &image);
}

static void requests_of_another_session_are_not_heard(void **state)
{
    (void)state;
    struct rig *rig = attached();
    rig->session = 0x1235;
    host_ask_tag(rig, REQUEST(INFO));
    rig_run_ms(rig, 100);
    assert_null(host_last());
    rig->session = 0x1234;
    programs_free(rig);
}

static void without_a_session_nothing_is_answered(void **state)
{
    (void)state;
    struct rig *rig = programs_new(0);
    host_ask_tag(rig, REQUEST(INFO));
    rig_run_ms(rig, 100);
    assert_null(host_last());
    programs_free(rig);
}

/* ---- Once ---- */

static void a_repeated_request_gets_the_same_bytes_and_is_done_once(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 500, 1);
    struct mnemos_loader_request_body start = {.tag = REQUEST(START)};
    start.start.handle = host_load(rig, &image, "once");
    uint8_t seq = host_ask(rig, &start);
    rig_settle(rig);
    struct heard first = *host_last();
    for (int i = 0; i < 5; i++) {
        host_forget();
        host_ask_again(rig, &start, seq);
        rig_settle(rig);
        assert_int_equal(host_last()->len, first.len);
        assert_memory_equal(host_last()->raw, first.raw, first.len);
    }
    assert_int_equal(mn_prog_at(0)->starts, 1);
    done(rig, &image);
}

static void a_refusal_is_repeated_too(void **state)
{
    (void)state;
    struct rig *rig = attached();
    uint8_t seq = host_ask_tag(rig, REQUEST(END));
    rig_settle(rig);
    host_forget();
    host_ask_again(rig, &(struct mnemos_loader_request_body){.tag = REQUEST(END)}, seq);
    rig_settle(rig);
    assert_refused(host_answer(seq), MNEMOS_ERR_NO_UPLOAD);
    programs_free(rig);
}

static void a_new_session_may_use_the_same_number_again(void **state)
{
    (void)state;
    struct rig *rig = attached();
    host_ask_again(rig, &(struct mnemos_loader_request_body){.tag = REQUEST(INFO)}, 9);
    rig_settle(rig);
    assert_int_equal(host_answer(9)->tag, ANSWER(INFO));
    rig_attach(rig, 0x99);
    host_forget();
    host_ask_again(rig, &(struct mnemos_loader_request_body){.tag = REQUEST(MAP)}, 9);
    rig_settle(rig);
    assert_refused(host_answer(9), MNEMOS_ERR_NO_UPLOAD);
    programs_free(rig);
}

static void requests_while_an_image_is_checked_wait_for_their_repetition(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 30000, 1);
    host_begin(rig, &image, "slow");
    send_all(rig, &image, (uint32_t)image.len);
    struct mnemos_loader_request_body end = {.tag = REQUEST(END)};
    end.end.crc32 = mnemos_crc32(0, image.data, image.len);
    end.end.adler32 = mnemos_adler32(1, image.data, image.len);
    uint8_t seq = host_ask(rig, &end);
    host_ask_again(rig, &end, seq);
    uint8_t other = host_ask_tag(rig, REQUEST(INFO));
    rig_settle(rig);
    assert_int_equal(host_answer(seq)->tag, ANSWER(LOADED));
    assert_null(host_answer(other));
    assert_int_equal(host_count(ANSWER(LOADED)), 1);
    assert_int_equal(host_count(ANSWER(BEGUN)),
                     1); /* the answer to an older request is not sent in its place */
    host_ask_again(rig, &(struct mnemos_loader_request_body){.tag = REQUEST(INFO)}, other);
    rig_settle(rig);
    assert_int_equal(host_answer(other)->tag, ANSWER(INFO));
    done(rig, &image);
}

/* ---- Services ---- */

static const struct mnemos_loader_answer_body *ask_service(struct rig *rig, uint16_t index)
{
    struct mnemos_loader_request_body body = {.tag = REQUEST(SERVICE), .service.index = index};
    const struct mnemos_loader_answer_body *answer = host_do(rig, &body);
    assert_int_equal(answer->tag, ANSWER(SERVICE));
    return answer;
}

static void services_are_told_one_by_one(void **state)
{
    (void)state;
    struct rig *rig = attached();
    assert_memory_equal(ask_service(rig, 0)->service.service.value.uuid, serial_mux_type.uuid.bytes,
                        16);
    assert_memory_equal(ask_service(rig, 1)->service.service.value.uuid, programs_type.uuid.bytes,
                        16);
    assert_false(ask_service(rig, 2)->service.service.some);
    assert_int_equal(mn_simple_serial_start(&rig->link), MN_OK);
    assert_int_equal(mn_hello_start(0), MN_OK);
    const struct mnemos_loader_service *service = &ask_service(rig, 2)->service.service.value;
    assert_memory_equal(service->name.data, "simple serial", 13);
    assert_false(service->programs);
    service = &ask_service(rig, 3)->service.service.value;
    assert_memory_equal(service->uuid, hello_type.uuid.bytes, 16);
    assert_int_equal(service->calls, 1);
    assert_true(service->programs);
    assert_false(ask_service(rig, 4)->service.service.some);
    assert_false(ask_service(rig, 65535)->service.service.some);
    programs_free(rig);
}

/* ---- Kernel tasks ---- */

/* A client without a task of its own: poll until there is an answer. */
static struct mn_task nobody = {.name = "client", .state = MN_TASK_READY};
static struct mn_cx cx = {&nobody};

#define WAIT_FOR(err, poll)                                      \
    do {                                                         \
        while (((err) = (poll)) == MN_PENDING) mn_host_settle(); \
    } while (0)

static mn_err task_connects(struct mn_client *client)
{
    mn_err err;
    *client = (struct mn_client){0};
    WAIT_FOR(err, programs_connect_poll(client, &cx));
    return err;
}

static mn_err task_starts(struct mn_client *client, uint32_t handle, const char *args, uint32_t len,
                          struct mnemos_programs_start_reply *reply)
{
    struct mn_loan loan = {(void *)(uintptr_t)args, len};
    struct mnemos_programs_start_args what = {.handle = handle};
    mn_err err;
    WAIT_FOR(err, programs_start_poll(client, &cx, &what, &loan, reply));
    return err;
}

static mn_err task_stops(struct mn_client *client, uint32_t handle, bool kill)
{
    struct mnemos_programs_stop_args what = {handle, kill};
    mn_err err;
    WAIT_FOR(err, programs_stop_poll(client, &cx, &what));
    return err;
}

static mn_err task_unloads(struct mn_client *client, uint32_t handle)
{
    struct mnemos_programs_unload_args what = {handle};
    mn_err err;
    WAIT_FOR(err, programs_unload_poll(client, &cx, &what));
    return err;
}

static uint32_t task_lists(struct mn_client *client, uint8_t first,
                           struct mnemos_programs_list_reply *reply)
{
    struct mnemos_programs_list_args what = {first};
    mn_err err;
    WAIT_FOR(err, programs_list_poll(client, &cx, &what, reply));
    assert_int_equal(err, MN_OK);
    return reply->programs.len;
}

static void a_kernel_task_starts_stops_and_unloads(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    struct mn_client client;
    struct mnemos_programs_start_reply life;
    struct mnemos_programs_list_reply all;
    char long_args[MNEMOS_LOADER_ARGS_MAX + 1] = "";
    image_make(&image, 3000, 7);
    uint32_t loaded = host_load(rig, &image, "hello");
    assert_int_equal(task_connects(&client), MN_OK);

    assert_int_equal(task_stops(&client, loaded, false), MNEMOS_ERR_NOT_READY);
    assert_int_equal(task_starts(&client, loaded + 256, "", 0, &life), MNEMOS_ERR_NO_PROGRAM);
    assert_int_equal(task_starts(&client, loaded, "open end", 8, &life), MNEMOS_ERR_BAD_ARGUMENT);
    assert_int_equal(task_starts(&client, loaded, long_args, sizeof long_args, &life),
                     MNEMOS_ERR_TOO_BIG);
    assert_int_equal(task_starts(&client, loaded, "one", 4, &life), MN_OK);
    assert_int_equal(task_starts(&client, life.handle, "", 0, &life), MNEMOS_ERR_NOT_READY);
    assert_int_equal(task_lists(&client, 0, &all), 1);
    assert_int_equal(all.programs.items[0].handle, life.handle);
    assert_int_equal(all.programs.items[0].port_base, life.port_base);
    assert_int_equal(all.programs.items[0].state, MN_PROG_RUNNABLE);
    assert_int_equal(all.programs.items[0].name.len, 5);
    assert_memory_equal(all.programs.items[0].name.data, "hello", 5);
    assert_int_equal(task_lists(&client, 1, &all), 0);
    assert_int_equal(task_lists(&client, 255, &all), 0);

    assert_int_equal(task_stops(&client, life.handle, true), MN_OK);
    rig_settle(rig);
    const struct mnemos_loader_answer_body *answer = host_event(ANSWER(ENDED));
    assert_non_null(answer); /* the host is told, whoever did it */
    assert_int_equal(answer->ended.ending.reason, MNEMOS_END_KILLED);
    assert_int_equal(task_unloads(&client, life.handle), MN_OK);
    assert_int_equal(task_unloads(&client, life.handle), MNEMOS_ERR_NO_PROGRAM);
    assert_int_equal(arena_free(), ARENA_LEN);
    mn_client_close(&client);
    done(rig, &image);
}

static void programs_are_listed_four_at_a_time(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    struct mn_client client;
    struct mnemos_programs_list_reply all;
    image_make(&image, 1000, 7);
    for (int i = 0; i < 5; i++) host_load(rig, &image, "many");
    assert_int_equal(task_connects(&client), MN_OK);
    assert_int_equal(task_lists(&client, 0, &all), 4);
    uint32_t last = all.programs.items[3].handle & 0xffu;
    assert_int_equal(task_lists(&client, (uint8_t)(last + 1u), &all), 1);
    mn_client_close(&client);
    done(rig, &image);
}

static void a_kernel_task_ends_an_upload_but_not_its_check(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    struct mn_client client;
    struct mnemos_programs_list_reply all;
    image_make(&image, 3000, 7);
    assert_int_equal(task_connects(&client), MN_OK);
    host_begin(rig, &image, "half");
    assert_int_equal(task_lists(&client, 0, &all), 1);
    assert_int_equal(all.programs.items[0].state, MN_PROG_LOADING);
    assert_int_equal(task_unloads(&client, all.programs.items[0].handle), MN_OK);
    assert_refused(host_do_tag(rig, REQUEST(MAP)), MNEMOS_ERR_NO_UPLOAD);
    assert_int_equal(arena_free(), ARENA_LEN);

    image.len = 0;
    image_make(&image, 30000, 7);
    host_begin(rig, &image, "whole");
    send_all(rig, &image, (uint32_t)image.len);
    struct mnemos_loader_request_body end = {.tag = REQUEST(END)};
    end.end.crc32 = mnemos_crc32(0, image.data, image.len);
    end.end.adler32 = mnemos_adler32(1, image.data, image.len);
    uint8_t seq = host_ask(rig, &end);
    push_now(rig);
    some_rounds(4);
    const struct mn_prog *prog = mn_prog_at(0);
    assert_non_null(prog);
    uint32_t handle = mn_prog_handle(prog);
    assert_int_equal(task_unloads(&client, handle), MNEMOS_ERR_NOT_READY);
    rig_settle(rig);
    assert_int_equal(host_answer(seq)->tag, ANSWER(LOADED));
    assert_int_equal(task_unloads(&client, handle), MN_OK);
    mn_client_close(&client);
    done(rig, &image);
}

/* ---- Malformed ---- */

static void requests_cut_at_any_byte_or_with_any_more_are_refused(void **state)
{
    (void)state;
    struct rig *rig = attached();
    for (uint8_t tag = 0; tag < 20; tag++) {
        uint8_t message[40];
        memset(message, 0x81, sizeof message);
        message[0] = 0x34;
        message[2] = tag;
        for (uint8_t len = 2; len < sizeof message; len++) {
            message[1] = (uint8_t)(tag * 40u + len + 1u);
            host_forget();
            rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, message, len, true);
            rig_settle(rig);
            if (len == 3 && (tag == REQUEST(INFO) || tag == REQUEST(END) || tag == REQUEST(ABORT) ||
                             tag == REQUEST(MAP)))
                continue;
            if (message[1] == 0) continue;
            const struct mnemos_loader_answer_body *answer = host_answer(message[1]);
            assert_non_null(answer);
            assert_int_equal(answer->tag, ANSWER(REFUSED));
            if (len > 2 && tag > REQUEST(SERVICE)) assert_refused(answer, MNEMOS_ERR_NOT_SUPPORTED);
        }
    }
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "", 0, true);
    rig_send_frame(rig, MNEMOS_LINK_PORT_LOADER, "\x34", 1, true);
    rig_settle(rig);
    assert_int_equal(host_do_tag(rig, REQUEST(INFO))->tag, ANSWER(INFO));
    programs_free(rig);
}

/* ---- Events ---- */

static void endings_wait_while_the_line_stands_and_none_is_lost(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    uint32_t running[MN_MAX_PROGRAMS];
    image_make(&image, 100, 1);
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        running[i] = host_start(rig, host_load(rig, &image, "many"));
    rig_settle(rig);
    host_forget();
    rig->stalled = true;
    for (uint32_t i = 0; i < MN_MAX_PROGRAMS; i++)
        mn_prog_end(mn_prog_find(running[i]), MNEMOS_END_EXIT, (int32_t)i);
    rig_run_ms(rig, 500);
    rig->stalled = false;
    rig_settle(rig);
    assert_int_equal(host_count(ANSWER(ENDED)), MN_MAX_PROGRAMS);
    done(rig, &image);
}

static void endings_without_a_host_wait_for_the_next_one(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    uint32_t running = host_start(rig, host_load(rig, &image, "alone"));
    rig->silent = true;
    rig_run_ms(rig, 3500);
    mn_prog_end(mn_prog_find(running), MNEMOS_END_EXIT, 42);
    rig_run_ms(rig, 500);
    assert_int_equal(host_count(ANSWER(ENDED)), 0);
    rig->silent = false;
    rig_attach(rig, 0x77);
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ENDED))->ended.ending.status, 42);
    done(rig, &image);
}

static void the_ending_says_how_much_the_ports_will_have_sent(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    rig->bytes_per_ms = 11;
    struct mn_prog *prog = mn_prog_find(host_start(rig, host_load(rig, &image, "last")));
    uint32_t out, err, used;
    assert_int_equal(prog_open(prog, 0, &out), MN_OK);
    assert_int_equal(prog_open(prog, 1, &err), MN_OK);
    rig_run_ms(rig, 100);
    assert_int_equal(prog_write(prog, 0, out, 400, &used), MN_OK);
    assert_int_equal(used, 400);
    assert_int_equal(prog_write(prog, 0, err, 100, &used), MN_OK);
    mn_prog_end(prog, MNEMOS_END_EXIT, 0);
    for (int ms = 0; ms < 100 && !host_event(ANSWER(ENDED)); ms++) rig_run_ms(rig, 1);
    const struct mnemos_loader_answer_body *event = host_event(ANSWER(ENDED));
    assert_non_null(event);
    assert_int_equal(event->ended.ending.ports.len, 2);
    assert_int_equal(event->ended.ending.ports.items[0].port, prog->port_base);
    assert_int_equal(event->ended.ending.ports.items[0].sent, 400);
    assert_int_equal(event->ended.ending.ports.items[1].port, prog->port_base + 1);
    assert_int_equal(event->ended.ending.ports.items[1].sent, 100);
    assert_true(rig_port(rig, prog->port_base)->in.len <
                400); /* it has overtaken what the program wrote */
    rig_run_ms(rig, 200);
    assert_int_equal(rig_port(rig, prog->port_base)->in.len, 400);
    assert_int_equal(rig_port(rig, (uint16_t)(prog->port_base + 1))->in.len, 100);
    done(rig, &image);
}

static void stop_works_while_every_ring_is_full_and_the_line_stands(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    struct mn_prog *prog = mn_prog_find(host_start(rig, host_load(rig, &image, "flood")));
    uint32_t out, used;
    assert_int_equal(prog_open(prog, 0, &out), MN_OK);
    rig_settle(rig);
    rig->stalled = true;
    while (prog_write(prog, 0, out, PROG_BUFFER_LEN, &used) == MN_OK) rig_run_ms(rig, 10);
    assert_int_equal(prog->state, MN_PROG_WAITING);
    struct mnemos_loader_request_body stop = {.tag = REQUEST(STOP)};
    stop.stop.handle = mn_prog_handle(prog);
    uint8_t seq = host_ask(rig, &stop);
    rig_run_ms(rig, 10);
    assert_int_equal(prog->state, MN_PROG_ENDED);
    rig->stalled = false;
    rig_run_ms(rig, 10);
    assert_int_equal(host_answer(seq)->tag, ANSWER(DONE));
    assert_int_equal(host_event(ANSWER(ENDED))->ended.ending.reason, MNEMOS_END_STOPPED);
    done(rig, &image);
}

static void a_fault_can_be_asked_for(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 100, 1);
    uint32_t running = host_start(rig, host_load(rig, &image, "bad"));
    assert_false(host_do_handle(rig, REQUEST(FAULT), running)->faulted.fault.some);
    struct mn_prog *prog = mn_prog_find(running);
    memset(&prog->fault, 0, sizeof prog->fault);
    prog->has_fault = true;
    prog->fault.kind = MNEMOS_LOADER_FAULT_KIND_ACCESS;
    prog->fault.stack = (struct mnemos_bytes){mn_memory(prog->rw_addr), 256};
    for (int i = 0; i < 17; i++) prog->fault.regs[i] = 0xffffffff;
    const struct mnemos_loader_answer_body *answer = host_do_handle(rig, REQUEST(FAULT), running);
    assert_true(answer->faulted.fault.some);
    assert_int_equal(answer->faulted.fault.value.stack.len, 256);
    assert_int_equal(answer->faulted.fault.value.regs[16], 0xffffffff);
    done(rig, &image);
}

/* ---- A bad line ---- */

static bool lose_and_damage(struct rig *rig, uint8_t *frame, size_t len)
{
    uint32_t chance = mn_host_random_next(&rig->seed) % 20;
    if (chance == 1) frame[mn_host_random_next(&rig->seed) % len] ^= 0x20;
    return chance == 0;
}

/* Send pieces that are not acknowledged, in a shuffled order, some twice. */
static void send_some(struct rig *rig, const struct bytes *image, uint32_t from)
{
    for (int i = 0; i < 8; i++) {
        uint32_t piece = 128u << mn_host_random_next(&rig->seed) % 3;
        uint32_t at = from + mn_host_random_next(&rig->seed) % 4096 / 128 * 128;
        if (i == 0) at = from;
        if (at >= image->len) continue;
        if (piece > image->len - at) piece = (uint32_t)image->len - at;
        host_data(rig, image, at, piece);
    }
}

/* Lost, damaged, doubled and out of order: the image is the same, or there is a named refusal. */
static void a_bad_line_gives_the_same_image(uint32_t seed)
{
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 9000 + seed, seed);
    mn_host_shuffle(seed);
    rig->seed = seed * 2654435761u | 1u;
    rig->lose = lose_and_damage;
    assert_int_equal(host_begin(rig, &image, "lossy")->tag, ANSWER(BEGUN));
    uint32_t hole = 0;
    for (int rounds = 0; hole < image.len; rounds++) {
        assert_true(rounds < 2000);
        send_some(rig, &image, hole);
        host_ask_tag(rig, REQUEST(MAP));
        rig_settle(rig);
        const struct mnemos_loader_answer_body *ack = host_event(ANSWER(ACK));
        if (ack) hole = ack->ack.hole;
        host_forget();
    }
    const struct mnemos_loader_answer_body *answer = host_end(rig, &image);
    assert_int_equal(answer->tag, ANSWER(LOADED));
    const struct mn_prog *prog = mn_prog_find(answer->loaded.program.handle);
    assert_memory_equal(mn_memory(prog->rx_addr + 10),
                        image.data + image_head(&image)->head_len + 10,
                        image_head(&image)->payload_len - 10);
    rig->lose = NULL;
    host_start(rig, mn_prog_handle(prog));
    assert_int_equal(prog->starts, 1);
    done(rig, &image);
}

static void pieces_are_acknowledged_without_being_asked(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 5000, 1);
    host_begin(rig, &image, "acks");
    host_data(rig, &image, 0, 512);
    rig_settle(rig);
    assert_int_equal(host_count(ANSWER(ACK)), 0);
    host_data(rig, &image, 512, 512);
    rig_settle(rig);
    assert_int_equal(host_event(ANSWER(ACK))->ack.hole, 1024);
    host_data(rig, &image, 2048, 512);
    rig_settle(rig);
    assert_int_equal(host_count(ANSWER(ACK)), 2);
    assert_int_equal(host_event(ANSWER(ACK))->ack.hole, 1024);
    assert_int_equal(host_event(ANSWER(ACK))->ack.bits, 0xfu << 7);
    done(rig, &image);
}

static void a_repeated_map_is_followed_by_an_ack_each_time(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0};
    image_make(&image, 3000, 1);
    host_begin(rig, &image, "map");
    uint8_t seq = host_ask_tag(rig, REQUEST(MAP));
    rig_settle(rig);
    host_ask_again(rig, &(struct mnemos_loader_request_body){.tag = REQUEST(MAP)}, seq);
    rig_settle(rig);
    assert_int_equal(host_count(ANSWER(DONE)), 2);
    assert_int_equal(host_count(ANSWER(ACK)), 2);
    assert_int_equal(host_last()->answer.body.tag, ANSWER(ACK));
    done(rig, &image);
}

static void data_after_the_end_of_an_upload_changes_no_program(void **state)
{
    (void)state;
    struct rig *rig = attached();
    struct bytes image = {0}, other = {0};
    image_make(&image, 3000, 1);
    image_make(&other, 3000, 2);
    host_begin(rig, &image, "gone");
    host_do_tag(rig, REQUEST(ABORT));
    const struct mn_prog *prog =
        mn_prog_find(host_load(rig, &other, "here")); /* in the same place */
    uint8_t before[3000];
    memcpy(before, mn_memory(prog->rx_addr), sizeof before);
    for (uint32_t at = 0; at < 2048; at += 512) host_data(rig, &image, at, 512);
    rig_settle(rig);
    assert_memory_equal(mn_memory(prog->rx_addr), before, sizeof before);
    bytes_free(&other);
    done(rig, &image);
}

static void without_a_session_nothing_is_done(void **state)
{
    (void)state;
    struct rig *rig = programs_new(0);
    struct bytes image = {0};
    struct mnemos_loader_request_body body = {.tag = REQUEST(BEGIN)};
    image_make(&image, 1000, 1);
    body.begin.head = (struct mnemos_bytes){image.data, 88};
    body.begin.total = (uint32_t)image.len;
    body.begin.name = (struct mnemos_bytes){(const uint8_t *)"nobody", 6};
    host_ask(rig, &body);
    rig_settle(rig);
    assert_int_equal(arena_free(), ARENA_LEN);
    done(rig, &image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(info_says_what_answers),
        MN_TEST(an_image_is_loaded_listed_started_and_stopped),
        MN_TEST(a_killed_program_ends_as_killed_and_can_be_started_again),
        MN_TEST(the_image_lies_relocated_in_the_arena),
        MN_TEST(every_wrong_header_is_refused_by_name_before_the_upload),
        MN_TEST(names_that_could_mislead_a_person_are_refused),
        MN_TEST(the_ninth_program_is_refused),
        MN_TEST(requests_without_an_upload_are_refused),
        MN_TEST(handles_that_name_nothing_are_refused),
        MN_TEST(arguments_that_do_not_fit_the_stack_are_refused),
        MN_TEST(end_before_everything_came_is_refused_and_says_what_is_missing),
        MN_TEST(a_torn_upload_cannot_be_started),
        MN_TEST(a_wrong_checksum_frees_the_upload),
        MN_TEST(the_adler_sum_alone_is_enough_to_refuse),
        MN_TEST(an_image_that_is_damaged_inside_is_refused_by_name_and_freed),
        MN_TEST(begin_again_and_abort_free_the_upload_under_way),
        MN_TEST(unload_of_the_upload_under_way_ends_it),
        MN_TEST(another_session_frees_the_upload_and_its_late_data_goes_nowhere),
        MN_SEEDED(a_session_that_begins_while_an_image_is_checked_leaves_nothing),
        MN_TEST(requests_of_another_session_are_not_heard),
        MN_TEST(without_a_session_nothing_is_answered),
        MN_TEST(a_repeated_request_gets_the_same_bytes_and_is_done_once),
        MN_TEST(a_refusal_is_repeated_too),
        MN_TEST(a_new_session_may_use_the_same_number_again),
        MN_TEST(requests_while_an_image_is_checked_wait_for_their_repetition),
        MN_TEST(services_are_told_one_by_one),
        MN_TEST(a_kernel_task_starts_stops_and_unloads),
        MN_TEST(programs_are_listed_four_at_a_time),
        MN_TEST(a_kernel_task_ends_an_upload_but_not_its_check),
        MN_TEST(requests_cut_at_any_byte_or_with_any_more_are_refused),
        MN_TEST(endings_wait_while_the_line_stands_and_none_is_lost),
        MN_TEST(endings_without_a_host_wait_for_the_next_one),
        MN_TEST(the_ending_says_how_much_the_ports_will_have_sent),
        MN_TEST(stop_works_while_every_ring_is_full_and_the_line_stands),
        MN_TEST(a_fault_can_be_asked_for),
        MN_SEEDED(a_bad_line_gives_the_same_image),
        MN_TEST(pieces_are_acknowledged_without_being_asked),
        MN_TEST(a_repeated_map_is_followed_by_an_ack_each_time),
        MN_TEST(data_after_the_end_of_an_upload_changes_no_program),
        MN_TEST(without_a_session_nothing_is_done),
    };
    return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}

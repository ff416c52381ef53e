/* fuzz_test.c — valid frames with any content in any order, by seed: nothing breaks, and all of
 * it can be undone. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "programs.h"
#include "kernel/user/memory.h"
#include <string.h>

enum { STEPS = 400 };

static uint32_t random_state;

static uint32_t any(uint32_t below)
{
    return mn_host_random_next(&random_state) % below;
}

/* Small, huge, or near a wrap. */
static uint32_t any_number(void)
{
    uint32_t raw = mn_host_random_next(&random_state);
    uint32_t kind = any(4);
    return kind == 0 ? raw % 16 : kind == 1 ? raw % 5000 : kind == 2 ? raw : 0u - raw % 16;
}

static uint16_t any_port(void)
{
    static const uint16_t known[] = {0x1000, 0x1001, 0x1010, 0x1011, 20, 0xffff, 0xfffe, 0xfffd};
    return any(4) ? known[any(8)] : (uint16_t)any_number();
}

static void send_any_control(struct rig *rig)
{
    struct mnemos_link_control message = {.tag = (uint8_t)any(MNEMOS_LINK_CONTROL_PONG + 1)};
    if (message.tag == MNEMOS_LINK_CONTROL_HELLO) {
        if (any(10)) return; /* a new session now and then */
        message.hello.session = any(3) ? any_number() : rig->session;
        message.hello.max_frame = (uint16_t)any_number();
        message.hello.features = any_number();
    } else if (message.tag == MNEMOS_LINK_CONTROL_OPEN) {
        message.open.port = any_port();
        message.open.window = any_number();
    } else if (message.tag >= MNEMOS_LINK_CONTROL_PING) {
        message.ping.value = any_number();
    } else {
        message.credit.port = any_port(); /* the others have the same two fields */
        message.credit.limit = any_number();
    }
    rig_send_control(rig, &message);
}

static void send_any_bytes(struct rig *rig)
{
    uint8_t data[570];
    size_t len = any(sizeof data);
    for (size_t i = 0; i < len; i++) data[i] = (uint8_t)any(256);
    if (len > 2 && any(2)) {
        data[0] = (uint8_t)rig->session; /* perhaps a request */
        data[2] = (uint8_t)any(14);
    }
    rig_send_frame(rig, any_port(), data, len, any(4) != 0);
}

static uint32_t any_handle(void)
{
    const struct mn_prog *prog = mn_prog_at(any(MN_MAX_PROGRAMS));
    return prog && any(5) ? mn_prog_handle(prog) : any_number();
}

static void send_any_request(struct rig *rig, const struct bytes *image)
{
    struct mnemos_loader_request_body body = {.tag =
                                                  (uint8_t)any(MNEMOS_LOADER_REQUEST_BODY_SERVICE + 1)};
    uint32_t at = any((uint32_t)image->len) / 128 * 128;
    switch (body.tag) {
    case MNEMOS_LOADER_REQUEST_BODY_BEGIN:
        body.begin.head = (struct mnemos_bytes){image->data, 88};
        body.begin.total = any(4) ? (uint32_t)image->len : any_number();
        body.begin.name = (struct mnemos_bytes){(const uint8_t *)"any", 3};
        break;
    case MNEMOS_LOADER_REQUEST_BODY_DATA:
        body.data.offset = any(8) ? at : any_number();
        body.data.bytes.data = image->data + at;
        body.data.bytes.len = (uint32_t)image->len - at < 512 ? (uint32_t)image->len - at : 512;
        break;
    case MNEMOS_LOADER_REQUEST_BODY_END:
        body.end.crc32 = mnemos_crc32(0, image->data, image->len) + (any(8) == 0);
        body.end.adler32 = mnemos_adler32(1, image->data, image->len);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_LIST:
        body.list.slot = (uint8_t)any(10);
        break;
    case MNEMOS_LOADER_REQUEST_BODY_START:
        body.start.args = (struct mnemos_bytes){image->data, any(256)};
        body.start.handle = any_handle();
        break;
    case MNEMOS_LOADER_REQUEST_BODY_STOP:
        body.stop.kill = any(2); /* fallthrough */
    default:
        body.unload.handle = any_handle();
        break;
    }
    host_ask_again(rig, &body, (uint8_t)any(256));
}

/* What a proper host does, so that there are programs to be wrong about. */
static void load_and_start(struct rig *rig, const struct bytes *image)
{
    struct mnemos_loader_request_body body = {.tag = MNEMOS_LOADER_REQUEST_BODY_BEGIN};
    body.begin.head = (struct mnemos_bytes){image->data, 88};
    body.begin.total = (uint32_t)image->len;
    body.begin.name = (struct mnemos_bytes){(const uint8_t *)"proper", 6};
    host_ask(rig, &body);
    for (uint32_t at = 0; at < image->len; at += 512) {
        host_data(rig, image, at, at + 512 <= image->len ? 512 : (uint32_t)image->len - at);
    }
    rig_settle(rig);
    body = (struct mnemos_loader_request_body){.tag = MNEMOS_LOADER_REQUEST_BODY_END};
    body.end.crc32 = mnemos_crc32(0, image->data, image->len);
    body.end.adler32 = mnemos_adler32(1, image->data, image->len);
    host_ask(rig, &body);
    rig_settle(rig);
    for (uint32_t slot = 0; slot < MN_MAX_PROGRAMS; slot++) {
        const struct mn_prog *prog = mn_prog_at(slot);
        if (!prog || prog->state != MN_PROG_LOADED) continue;
        body = (struct mnemos_loader_request_body){.tag = MNEMOS_LOADER_REQUEST_BODY_START};
        body.start.handle = mn_prog_handle(prog);
        host_ask(rig, &body);
        rig_settle(rig);
    }
}

static void forget_ports(struct rig *rig)
{
    for (int i = 0; i < RIG_PORTS; i++) {
        bytes_free(&rig->ports[i].in);
        bytes_free(&rig->ports[i].out);
        rig->ports[i] = (struct host_port){0};
    }
}

/* A program makes a call now and then: open, close, read and write with any handle. */
static void call_something(void)
{
    struct mn_prog *prog = mn_prog_at(any(MN_MAX_PROGRAMS));
    uint32_t used, handle = any(5) | any(4) << 8;
    if (!prog || prog->state != MN_PROG_RUNNABLE) return;
    switch (any(5)) {
    case 0:
        (void)prog_open(prog, (uint16_t)any(3), &handle);
        break;
    case 1:
        (void)prog_close(prog, handle);
        break;
    case 2:
        (void)prog_read(prog, any(2) ? 0x10000 : 0, handle, any(PROG_BUFFER_LEN), &used);
        break;
    case 3:
        (void)prog_write(prog, any(2) ? 0x20000 : 0, handle, any(PROG_BUFFER_LEN), &used);
        break;
    default:
        mn_prog_end(prog, (uint8_t)any(5), 7);
        break;
    }
}

static void ignore(struct rig *rig, uint16_t port, const uint8_t *data, size_t len)
{
    (void)rig;
    (void)port;
    (void)data;
    (void)len;
}

static void assert_usable(struct rig *rig, struct bytes *image, size_t heap_free)
{
    rig->stalled = false;
    forget_ports(rig); /* what was said about them means nothing now */
    rig_attach(rig, 0xabcd00);
    for (uint32_t slot = 0; slot < MN_MAX_PROGRAMS; slot++) {
        const struct mn_prog *prog = mn_prog_at(slot);
        if (!prog) continue;
        uint32_t handle = mn_prog_handle(prog);
        assert_int_equal(host_do_handle(rig, MNEMOS_LOADER_REQUEST_BODY_UNLOAD, handle)->tag,
                         MNEMOS_LOADER_ANSWER_BODY_DONE);
    }
    rig_run_ms(rig, 5000);
    assert_int_equal(mn_prog_arena().free, ARENA_LEN);
    mn_heap_drain();
    assert_int_equal(mn_heap_stats().free, heap_free);
    uint32_t handle = host_start(rig, host_load(rig, image, "after"));
    assert_non_null(mn_prog_find(handle));
}

static void anything_valid_in_any_order_can_be_undone(uint32_t seed)
{
    struct rig *rig = programs_new(0);
    struct bytes image = {0};
    size_t heap_free = mn_heap_stats().free;
    random_state = seed * 2246822519u | 1u;
    mn_host_shuffle(seed);
    image_make(&image, 2000, seed);
    void (*listen)(struct rig *, uint16_t, const uint8_t *, size_t) = rig->message;
    rig->message = ignore;
    rig_attach(rig, 0x1200 + seed);
    rig->automatic = false;
    for (int i = 0; i < STEPS; i++) {
        uint32_t what = any(12);
        if (what < 2)
            send_any_control(rig);
        else if (what < 4)
            send_any_bytes(rig);
        else if (what < 8)
            send_any_request(rig, &image);
        else if (what < 11)
            call_something();
        else if (any(3))
            load_and_start(rig, &image);
        else
            rig->stalled = any(3) == 0;
        rig_run_ms(rig, any(20) ? 0 : any(1500));
        rig_settle(rig);
        if (rig->last_hello) rig->session = rig->last_hello;
        forget_ports(rig);
    }
    rig->message = listen;
    assert_usable(rig, &image, heap_free);
    bytes_free(&image);
    programs_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_SEEDED(anything_valid_in_any_order_can_be_undone),
    };
    return cmocka_run_group_tests_name("services fuzz", tests, NULL, NULL);
}

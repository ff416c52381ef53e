/* loader.c — the loader's port: requests in, answers and events out. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/port.h"
#include "kernel/services/loader_priv.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define CHECK_SLICE 1024u /* bytes of the file summed in one poll */
#define HEAD_LEN    2u    /* session and sequence number */
#define EVENT_MAX   (HEAD_LEN + 1u + MNEMOS_LOADER_ENDING_MAX)

static struct loader self;

static uint8_t session(void)
{
    return (uint8_t)mn_mux_stats().session;
}

/* Encode loader->body with its head; answers the length, 0 if it does not fit. */
static uint32_t encode(uint8_t *out, uint32_t cap, uint8_t seq)
{
    struct mnemos_writer writer = {out + HEAD_LEN, out + cap};
    out[0] = session();
    out[1] = seq;
    return mnemos_loader_answer_body_put(&writer, &self.body) ? (uint32_t)(writer.at - out) : 0;
}

/* Send loader->body as an event; false: no room yet. */
static bool send_event(void)
{
    uint8_t coded[EVENT_MAX];
    return mn_mux_send(&self.port, coded, encode(coded, sizeof coded, 0)) != MN_PENDING;
}

static bool send_answer(void)
{
    if (mn_mux_send(&self.port, self.last, self.last_len) == MN_PENDING) return false;
    self.owes_answer = false;
    return true;
}

static bool send_ack(void)
{
    if (self.uploading) {
        self.body.tag = MNEMOS_LOADER_ANSWER_BODY_ACK;
        self.body.ack.hole = self.upload.hole;
        self.body.ack.bits = mn_upload_ack_bits(&self.upload);
        if (!send_event()) return false;
    }
    self.owes_ack = false;
    return true;
}

/* The slot keeps how its last life ended until the next one ends; a newer one has its own event. */
static bool send_ended(uint32_t slot)
{
    const struct mn_prog *prog = mn_prog_at(slot);
    if (prog && prog->ending.handle == self.ended[slot].handle) {
        self.body.tag = MNEMOS_LOADER_ANSWER_BODY_ENDED;
        self.body.ended.ending = prog->ending;
        if (!send_event()) return false;
    }
    self.ended[slot].owes = false;
    return true;
}

/* Send what is owed as far as there is room: the answer, then the ack, then events. Without a
 * session all of it waits. */
static void send_owed(void)
{
    if (!mn_mux_stats().session) return;
    if (self.owes_answer && !send_answer()) return;
    if (self.owes_ack && !send_ack()) return;
    for (uint32_t slot = 0; slot < MN_MAX_PROGRAMS; slot++) {
        if (self.ended[slot].owes && !send_ended(slot)) return;
    }
}

/* loader->body is the answer to the last request. */
static void answer(void)
{
    self.last_len = encode(self.last, sizeof self.last, self.seq);
    if (!self.last_len) {
        mn_loader_refuse(&self, MNEMOS_ERR_TOO_SMALL, MNEMOS_LOADER_ANSWER_MAX, 0);
        self.last_len = encode(self.last, sizeof self.last, self.seq);
    }
    self.answered = true;
    self.owes_answer = true;
    send_owed();
}

static void take_data(uint32_t offset, struct mnemos_bytes bytes)
{
    if (!self.uploading || self.finishing) return;
    if (mn_upload_data(&self.upload, offset, bytes)) self.owes_ack = true;
    send_owed();
}

/* What cannot be decoded but came through the CRC: a newer host, or a broken one. */
static mn_err refuse_unreadable(const uint8_t *data, uint32_t len)
{
    bool unknown = len > 2u && data[2] > MNEMOS_LOADER_REQUEST_BODY_SERVICE;
    mn_loader_refuse(&self, unknown ? MNEMOS_ERR_NOT_SUPPORTED : MNEMOS_ERR_MALFORMED, 0, 0);
    return MN_OK;
}

static void receive(struct mn_mux_messages *port, const uint8_t *data, uint32_t len)
{
    struct mnemos_loader_request request;
    struct mnemos_reader reader = {data, data + len};
    (void)port;
    if (len < 2u || !mn_mux_stats().session || data[0] != session()) return;
    bool readable = mnemos_loader_request_get(&reader, &request) && reader.at == reader.end;
    if (readable && request.body.tag == MNEMOS_LOADER_REQUEST_BODY_DATA) {
        take_data(request.body.data.offset, request.body.data.bytes);
        return;
    }
    bool again = self.has_seq && self.seq == data[1];
    if (again && self.answered) {
        self.owes_answer = true;
        self.owes_ack = self.owes_ack || self.uploading;
        send_owed();
    }
    if (again || self.finishing || self.owes_answer) return;
    self.has_seq = true;
    self.answered = false;
    self.seq = data[1];
    mn_err err = readable ? mn_loader_perform(&self, &request.body) : refuse_unreadable(data, len);
    if (err == MN_PENDING)
        mn_task_wake(&self.task);
    else
        answer();
}

static void sent(struct mn_mux_messages *port)
{
    (void)port;
    send_owed();
}

/* Another host, or the same one after a break: nothing of the old session may touch the new one. */
static void session_began(struct mn_mux_messages *port)
{
    (void)port;
    self.finisher.at = 0;
    mn_loader_drop_upload(&self);
    self.has_seq = self.answered = self.owes_answer = self.owes_ack = false;
    send_owed();
}

static void ended(struct mn_prog *prog)
{
    self.ended[prog->index].owes = true;
    self.ended[prog->index].handle = prog->ending.handle;
    mn_task_wake(&self.task);
}

/* Between uploads the task sends the events that came up in system calls. */
static mn_err finish_wanted(void)
{
    send_owed();
    return self.finishing ? MN_OK : MN_PENDING;
}

/* Sum the next bytes of the file; answers whether there are more. */
static bool check_slice(void)
{
    uint32_t len;
    const uint8_t *part = mn_upload_part(&self.upload, self.checked, &len);
    if (len > CHECK_SLICE) len = CHECK_SLICE;
    self.crc32 = mnemos_crc32(self.crc32, part, len);
    self.adler32 = mnemos_adler32(self.adler32, part, len);
    self.checked += len;
    return self.checked < self.upload.total;
}

/* The upload is over, one way or the other. */
static void finish(void)
{
    if (self.finish_err) {
        const struct mn_requires_lack *lack = &self.uploading->check.lack;
        bool crc = self.finish_err == MNEMOS_ERR_UPLOAD_CRC;
        mn_loader_refuse(&self, self.finish_err, crc ? self.crc32 : lack->have,
                         crc ? self.end_crc32 : lack->want);
        mn_loader_drop_upload(&self);
    } else {
        self.body.tag = MNEMOS_LOADER_ANSWER_BODY_LOADED;
        mn_loader_describe(&self.body.loaded.program, self.uploading);
        self.uploading = NULL;
        self.finishing = false;
    }
    answer();
}

static mn_err finish_uploads_poll(struct mn_cx *cx)
{
    MN_BEGIN(&self.finisher);
    for (;;) {
        MN_AWAIT(finish_wanted());
        while (check_slice()) MN_YIELD(cx);
        self.finish_err = MNEMOS_ERR_UPLOAD_CRC;
        if (self.crc32 == self.end_crc32 && self.adler32 == self.end_adler32)
            MN_AWAIT(self.finish_err = mn_prog_finish_poll(self.uploading, cx, self.upload.head));
        finish();
    }
    MN_END();
}

/* A board without its loader would be mute: no failure here is the last word. */
static mn_err port_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co);
    MN_AWAIT(MN_RETRY(&self.backoff, cx, serial_mux_connect_poll(&self.mux, cx)));
    MN_AWAIT(MN_RETRY(&self.backoff, cx, serial_mux_attach_poll(&self.mux, cx, &self.attach)));
    MN_AWAIT(finish_uploads_poll(cx));
    MN_END();
}

mn_err mn_loader_start(const struct mnemos_loader_crash *crash, mn_sleep_stats sleep_stats)
{
    static const struct mn_service_type *const uses[] = {&serial_mux_type, NULL};
    memset(&self, 0, sizeof self);
    self.crash = crash;
    self.sleep_stats = sleep_stats;
    self.port = (struct mn_mux_messages){
        .port = MNEMOS_LINK_PORT_LOADER,
        .frame = self.frame,
        .frame_cap = sizeof self.frame,
        .receive = receive,
        .sent = sent,
        .session = session_began,
    };
    self.watcher.ended = ended;
    self.attach.messages = &self.port;
    self.mux.by = &self.service;
    struct mn_service_terms terms = {.uses = uses};
    mn_err err = mn_service_start(&self.service, &programs_type, terms, mn_loader_serve_poll);
    if (err) return err;
    mn_task_start(&self.task, "loader port", port_poll);
    mn_prog_watch(&self.watcher);
    return MN_OK;
}

/* frames.c — lengths before messages. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "frames.h"
#include "port.h"
#include <mnemos/abi/error.h>

uint32_t mn_frame_max(const struct mn_bbq *ring)
{
    uint32_t half = (ring->len + 1u) / 2u; /* in one piece, wherever the ring's indices stand */
    MN_ASSERT(half >= MN_FRAME_HEAD);
    return half - MN_FRAME_HEAD < UINT16_MAX ? half - MN_FRAME_HEAD : UINT16_MAX;
}

/* Without room for all: nothing is borrowed. */
static bool borrow(struct mn_bbq *ring, uint32_t len, struct mn_frame *frame)
{
    struct mn_grant whole = mn_bbq_write_grant(ring, MN_FRAME_HEAD + len);
    *frame = (struct mn_frame){ whole, whole.buf + MN_FRAME_HEAD, len };
    return whole.len == MN_FRAME_HEAD + len;
}

mn_err mn_frame_try_write(struct mn_bbq *ring, uint32_t len, struct mn_frame *frame)
{
    if (len > mn_frame_max(ring))
        return MNEMOS_ERR_TOO_BIG;
    return borrow(ring, len, frame) ? MN_OK : MNEMOS_ERR_WOULD_WAIT;
}

mn_err mn_frame_write_poll(struct mn_bbq *ring, struct mn_cx *cx, uint32_t len, struct mn_frame *frame)
{
    if (len > mn_frame_max(ring))
        return MNEMOS_ERR_TOO_BIG;
    mn_err err = mn_bbq_writable_poll(ring, cx, MN_FRAME_HEAD + len);
    if (err)
        return err;
    return borrow(ring, len, frame) ? MN_OK : MN_PENDING; /* the reader's next release wakes it */
}

void mn_frame_commit(struct mn_frame *frame, uint32_t used)
{
    MN_ASSERT(used <= frame->len && frame->whole.len);
    frame->whole.buf[0] = (uint8_t)used;
    frame->whole.buf[1] = (uint8_t)(used >> 8);
    mn_bbq_commit(&frame->whole, MN_FRAME_HEAD + used);
}

static bool look(struct mn_bbq *ring, struct mn_frame *frame)
{
    struct mn_grant whole = mn_bbq_read_grant(ring);
    if (!whole.len)
        return false;
    *frame = (struct mn_frame){ whole, whole.buf + MN_FRAME_HEAD, whole.buf[0] | (uint32_t)whole.buf[1] << 8 };
    return true;
}

mn_err mn_frame_try_read(struct mn_bbq *ring, struct mn_frame *frame)
{
    return look(ring, frame) ? MN_OK : MNEMOS_ERR_WOULD_WAIT;
}

mn_err mn_frame_read_poll(struct mn_bbq *ring, struct mn_cx *cx, struct mn_frame *frame)
{
    mn_err err = mn_bbq_readable_poll(ring, cx);
    if (!err)
        (void)look(ring, frame);
    return err;
}

void mn_frame_release(struct mn_frame *frame)
{
    mn_bbq_release(&frame->whole, MN_FRAME_HEAD + frame->len);
}

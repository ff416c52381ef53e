/* channel.c — the part of channels that is the same for all types. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "channel.h"

void mn_channel_init(struct mn_channel *channel, uint32_t capacity)
{
    MN_ASSERT(capacity >= 1 && capacity <= MN_CHANNEL_CAPACITY_MAX);
    *channel = (struct mn_channel){ .capacity = (uint16_t)capacity };
    mn_wait_queue_init(&channel->places, capacity, capacity);
}

void mn_channel_join(struct mn_channel *channel)
{
    channel->senders++;
    MN_ASSERT(channel->senders != 0);
}

void mn_channel_leave(struct mn_channel *channel)
{
    MN_ASSERT(channel->senders != 0);
    channel->senders--;
    if (channel->senders == 0)
        mn_channel_close(channel);
}

void mn_channel_close(struct mn_channel *channel)
{
    uint32_t before = mn_port_lock();
    channel->places.stored = channel->places.most = 0; /* no place is given to anybody any more */
    channel->places.closed = true;
    struct mn_task *receiver = channel->receiver;
    channel->receiver = NULL;
    if (receiver)
        mn_task_wake(receiver);
    mn_port_unlock(before);
    mn_wait_queue_close(&channel->places);
}

mn_err mn_channel_enter_poll(struct mn_channel *channel, struct mn_wait *wait, struct mn_cx *cx)
{
    mn_err err = mn_wait_poll(&channel->places, wait, cx);
    return err == MN_OK && channel->places.closed ? MNEMOS_ERR_GONE : err;
}

void mn_channel_send_cancel(struct mn_channel *channel, struct mn_wait *wait)
{
    mn_wait_cancel(&channel->places, wait);
}

mn_err mn_channel_look(struct mn_channel *channel, struct mn_cx *cx)
{
    if (channel->count)
        return MN_OK;
    if (channel->places.closed)
        return MNEMOS_ERR_GONE;
    if (cx)
        channel->receiver = cx->task;
    return MN_PENDING;
}

void mn_channel_emptied(struct mn_channel *channel)
{
    uint32_t first = channel->first + 1u;
    channel->first = (uint16_t)(first == channel->capacity ? 0 : first);
    channel->count--;
    mn_wait_queue_wake(&channel->places);
}

void mn_channel_receive_cancel(struct mn_channel *channel)
{
    uint32_t before = mn_port_lock();
    channel->receiver = NULL;
    mn_port_unlock(before);
}

uint32_t mn_channel_count(const struct mn_channel *channel)
{
    uint32_t before = mn_port_lock();
    uint32_t count = channel->count;
    mn_port_unlock(before);
    return count;
}

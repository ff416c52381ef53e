/* channel.h — messages of one type from many senders to one receiver.
 *
 * A channel holds up to `capacity` messages, any number from 1, in memory that
 * its owner brings. Messages are copied with interrupts kept out, so they are
 * small: what is large goes as a pointer or a grant. Senders who find it full
 * wait in line; each place that comes free is reserved for the oldest of them.
 *
 *     MN_CHANNEL(letters, struct letter)   gives struct letters and
 *
 *     void   letters_init(struct letters *, struct letter *slots, uint32_t capacity)
 *     mn_err letters_try_send(struct letters *, const struct letter *)         also from interrupts
 *     mn_err letters_send_poll(struct letters *, struct mn_wait *, struct mn_cx *, const struct letter *)
 *     mn_err letters_try_receive(struct letters *, struct letter *out)
 *     mn_err letters_receive_poll(struct letters *, struct mn_cx *, struct letter *out)
 *
 * Errors   would_wait  (try) it is full, or senders wait already; it is empty
 *          gone        sending: the channel is closed. Receiving: closed, and everything sent was received
 *
 * The rest is the same for all types and takes &letters->channel. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_CHANNEL_H
#define MN_CORE_CHANNEL_H
#include "port.h"
#include "task.h"
#include "wait.h"
#include <mnemos/abi/error.h>

#define MN_CHANNEL_CAPACITY_MAX 0xffffu

/* Private to channel.c and the typed functions, under mn_port_lock. */
struct mn_channel {
    struct mn_wait_queue places;   /* stored: those that are neither filled nor reserved for a sender */
    struct mn_task      *receiver; /* while it waits, and there is nothing */
    uint16_t             capacity, first, next, count; /* slots [first, next) are filled, `count` of them */
    uint16_t             senders;
};

/* Senders may be counted: the last one to leave closes the channel. A channel that nobody ever joined stays open. */
void mn_channel_join(struct mn_channel *channel);
void mn_channel_leave(struct mn_channel *channel);

/* Nothing can be sent any more. What was sent can still be received. Either side may say so, and again. */
void mn_channel_close(struct mn_channel *channel);

/* Abandon a wait to send; a place that was reserved for it goes to the next. */
void mn_channel_send_cancel(struct mn_channel *channel, struct mn_wait *wait);

/* Abandon the receiver's wait. */
void mn_channel_receive_cancel(struct mn_channel *channel);

/* How many messages are there. */
MN_ISR_OK uint32_t mn_channel_count(const struct mn_channel *channel);

/* What follows is for the typed functions. */

void mn_channel_init(struct mn_channel *channel, uint32_t capacity);

/* Get a place to fill, within the same lock; mn_channel_filled() when it is. */
MN_ISR_OK static inline mn_err mn_channel_enter(struct mn_channel *channel)
{
    if (channel->places.stored == 0)
        return channel->places.closed ? MNEMOS_ERR_GONE : MNEMOS_ERR_WOULD_WAIT;
    channel->places.stored--;
    return MN_OK;
}

MN_ISR_OK static inline void mn_channel_filled(struct mn_channel *channel)
{
    struct mn_task *receiver = channel->receiver;
    uint32_t        next = channel->next + 1u;
    channel->next = (uint16_t)(next == channel->capacity ? 0 : next);
    channel->count++;
    if (receiver) {
        channel->receiver = NULL;
        mn_task_wake(receiver);
    }
}

/* Wait for a place; MN_OK: it is this sender's, in the same lock. */
mn_err mn_channel_enter_poll(struct mn_channel *channel, struct mn_wait *wait, struct mn_cx *cx);

/* Is there a message at `first`? Without `cx`: do not wait for one. In the same lock: mn_channel_emptied(). */
mn_err mn_channel_look(struct mn_channel *channel, struct mn_cx *cx);
void   mn_channel_emptied(struct mn_channel *channel);

#define MN_CHANNEL(name, type)                                                                                    \
    struct name { struct mn_channel channel; type *slots; };                                                      \
                                                                                                                  \
    __attribute__((unused)) static void name##_init(struct name *self, type *slots, uint32_t capacity)            \
    {                                                                                                             \
        mn_channel_init(&self->channel, capacity);                                                                \
        self->slots = slots;                                                                                      \
    }                                                                                                             \
    MN_ISR_OK __attribute__((unused, warn_unused_result)) static mn_err name##_try_send(struct name *self,        \
                                                                                        const type *message)      \
    {                                                                                                             \
        uint32_t before = mn_port_lock();                                                                         \
        mn_err   err = mn_channel_enter(&self->channel);                                                          \
        if (err == MN_OK) {                                                                                       \
            self->slots[self->channel.next] = *message;                                                           \
            mn_channel_filled(&self->channel);                                                                    \
        }                                                                                                         \
        mn_port_unlock(before);                                                                                   \
        return err;                                                                                               \
    }                                                                                                             \
    __attribute__((unused, warn_unused_result)) static mn_err name##_send_poll(                                   \
        struct name *self, struct mn_wait *wait, struct mn_cx *cx, const type *message)                           \
    {                                                                                                             \
        uint32_t before = mn_port_lock();                                                                         \
        mn_err   err = mn_channel_enter_poll(&self->channel, wait, cx);                                           \
        if (err == MN_OK) {                                                                                       \
            self->slots[self->channel.next] = *message;                                                           \
            mn_channel_filled(&self->channel);                                                                    \
        }                                                                                                         \
        mn_port_unlock(before);                                                                                   \
        return err;                                                                                               \
    }                                                                                                             \
    __attribute__((unused, warn_unused_result)) static mn_err name##_receive_poll(struct name *self,              \
                                                                                  struct mn_cx *cx, type *out)    \
    {                                                                                                             \
        uint32_t before = mn_port_lock();                                                                         \
        mn_err   err = mn_channel_look(&self->channel, cx);                                                       \
        if (err == MN_OK) {                                                                                       \
            *out = self->slots[self->channel.first];                                                              \
            mn_channel_emptied(&self->channel);                                                                   \
        }                                                                                                         \
        mn_port_unlock(before);                                                                                   \
        return err;                                                                                               \
    }                                                                                                             \
    __attribute__((unused, warn_unused_result)) static mn_err name##_try_receive(struct name *self, type *out)    \
    {                                                                                                             \
        mn_err err = name##_receive_poll(self, NULL, out);                                                        \
        return err == MN_PENDING ? MNEMOS_ERR_WOULD_WAIT : err;                                                   \
    }                                                                                                             \
    _Static_assert(sizeof(type) > 0, #name)
#endif

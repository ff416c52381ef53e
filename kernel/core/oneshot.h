/* oneshot.h — one value from whoever was asked to the one who asked, again and again.
 *
 * The asker owns the oneshot. Each question is a new round: opening one gives a
 * reply handle, which travels with the request and is used exactly once, to send
 * a value or to drop it. An asker that gives up may open the next round at once:
 * the handle of the old one then leads nowhere.
 *
 *     MN_ONESHOT(answer, struct value)   gives struct answer and
 *
 *     struct mn_reply answer_open(struct answer *)
 *     mn_err answer_send(struct mn_reply *, const struct value *)             also from interrupts
 *     mn_err answer_receive_poll(struct answer *, struct mn_cx *, struct value *out)
 *
 * Errors   gone  sending: nobody waits for it any more. Receiving: the handle was dropped
 *
 * Sending twice, receiving without a round, or opening one over a round that was
 * neither received nor cancelled stops the kernel. Zeroed: no round. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_ONESHOT_H
#define MN_CORE_ONESHOT_H
#include "port.h"
#include "task.h"
#include <stdbool.h>

enum mn_oneshot_state { MN_ONESHOT_IDLE, MN_ONESHOT_ASKED, MN_ONESHOT_REPLIED, MN_ONESHOT_DROPPED };

/* Private to oneshot.c, under mn_port_lock. */
struct mn_oneshot {
    struct mn_task *waiter; /* while it waits for the value, or for the last handle */
    uint32_t        round;
    uint16_t        handles; /* not used yet; the memory may go when there is none */
    uint8_t         state;   /* enum mn_oneshot_state */
};

/* The right and the duty to answer once. To be moved, not copied. */
struct mn_reply { struct mn_oneshot *to; uint32_t round; };

/* Use the handle without a value. A used or zeroed one is left alone. */
MN_ISR_OK void mn_reply_drop(struct mn_reply *reply);

/* Does nobody wait for it any more? */
MN_ISR_OK bool mn_reply_is_orphan(const struct mn_reply *reply);

/* Give up the round, if there is one. */
void mn_oneshot_cancel(struct mn_oneshot *oneshot);

/* Wait until no handle leads here: only then may the memory of a oneshot go. */
MN_MUST_USE mn_err mn_oneshot_unused_poll(struct mn_oneshot *oneshot, struct mn_cx *cx);

/* What follows is for the typed functions. */

struct mn_reply mn_oneshot_open(struct mn_oneshot *oneshot);

/* In one lock: use the handle up; MN_OK: write the value, then mn_oneshot_wake(). */
MN_ISR_OK mn_err mn_reply_use(struct mn_reply *reply, struct mn_oneshot **oneshot);
MN_ISR_OK void   mn_oneshot_wake(struct mn_oneshot *oneshot, enum mn_oneshot_state state);

mn_err mn_oneshot_look(struct mn_oneshot *oneshot, struct mn_cx *cx);

#define MN_ONESHOT(name, type)                                                                                    \
    struct name { struct mn_oneshot oneshot; type value; };                                                       \
                                                                                                                  \
    __attribute__((unused, warn_unused_result)) static struct mn_reply name##_open(struct name *self)             \
    {                                                                                                             \
        return mn_oneshot_open(&self->oneshot);                                                                   \
    }                                                                                                             \
    MN_ISR_OK __attribute__((unused)) static mn_err name##_send(struct mn_reply *reply, const type *value)        \
    {                                                                                                             \
        struct mn_oneshot *oneshot;                                                                               \
        uint32_t           before = mn_port_lock();                                                               \
        mn_err             err = mn_reply_use(reply, &oneshot);                                                   \
        if (err == MN_OK) {                                                                                       \
            MN_CONTAINER_OF(oneshot, struct name, oneshot)->value = *value;                                       \
            mn_oneshot_wake(oneshot, MN_ONESHOT_REPLIED);                                                         \
        }                                                                                                         \
        mn_port_unlock(before);                                                                                   \
        return err;                                                                                               \
    }                                                                                                             \
    __attribute__((unused, warn_unused_result)) static mn_err name##_receive_poll(struct name *self,              \
                                                                                  struct mn_cx *cx, type *out)    \
    {                                                                                                             \
        mn_err err = mn_oneshot_look(&self->oneshot, cx);                                                         \
        if (err == MN_OK)                                                                                         \
            *out = self->value;                                                                                   \
        return err;                                                                                               \
    }                                                                                                             \
    _Static_assert(sizeof(type) > 0, #name)
#endif

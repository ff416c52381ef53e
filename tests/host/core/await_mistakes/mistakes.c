/* mistakes.c — one deliberate mistake in a coroutine for each value of MISTAKE, and none for 0.
 *
 * run compiles each and expects the build to stop with the message named there. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/await.h"
#include "kernel/core/task.h"

enum mode { FAST, SLOW };

struct self { mn_co co; enum mode mode; int kept; };

mn_err wait_poll(struct mn_cx *cx);
MN_MUST_USE mn_err wait_checked_poll(struct mn_cx *cx);
int    answer(void);
mn_err mistake_poll(struct self *self, struct mn_cx *cx);

mn_err mistake_poll(struct self *self, struct mn_cx *cx)
{
    MN_BEGIN(&self->co);

#if MISTAKE == 0
    self->kept = answer();
    MN_AWAIT(wait_poll(cx));
    for (self->kept = 0; self->kept < 3; self->kept++)
        MN_TRY(wait_poll(cx));
    MN_YIELD(cx);

#elif MISTAKE == 1 /* an initialised local used across a wait */
    int local = answer();
    MN_AWAIT(wait_poll(cx));
    self->kept = local;

#elif MISTAKE == 2 /* a loop variable across a wait */
    for (int i = 0; i < 3; i++)
        MN_AWAIT(wait_poll(cx));

#elif MISTAKE == 3 /* a local declared, assigned, used after a wait */
    int local;
    local = answer();
    MN_AWAIT(wait_poll(cx));
    self->kept = local;

#elif MISTAKE == 4 /* a wait inside a switch over an enum */
    switch (self->mode) {
    case FAST: break;
    case SLOW: MN_AWAIT(wait_poll(cx)); break;
    }

#elif MISTAKE == 5 /* two waits on one line */
    MN_AWAIT(wait_poll(cx)); MN_AWAIT(wait_poll(cx));

#elif MISTAKE == 6 /* a failure that nobody looks at */
    wait_checked_poll(cx);

#elif MISTAKE == 7 /* an initialised local used across MN_TRY */
    int local = answer();
    MN_TRY(wait_poll(cx));
    self->kept = local;

#elif MISTAKE == 8 /* an initialised local used across MN_YIELD */
    int local = answer();
    MN_YIELD(cx);
    self->kept = local;
#endif

    MN_END();
}

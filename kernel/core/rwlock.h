/* rwlock.h — many readers or one writer, across their waits, in the order of asking.
 *
 * A writer that waits keeps readers out that come later, and readers that come
 * together are let in together: neither waits for ever. Between two waits nobody
 * else runs anyway: only who waits in the middle needs this. For tasks. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_RWLOCK_H
#define MN_CORE_RWLOCK_H
#include "await.h"
#include <stdbool.h>
#include <stdint.h>

struct mn_cx;
struct mn_task;

enum mn_share_state {
    MN_SHARE_IDLE,
    MN_SHARE_QUEUED,
    MN_SHARE_GIVEN, /* it has the lock, but its task has not looked yet */
    MN_SHARE_HELD,
    MN_SHARE_CLOSED,
};

/* One reader's or writer's part in a lock, while it waits and while it holds. Zeroed: none. */
struct mn_share {
    struct mn_share *next; /* private to rwlock.c */
    struct mn_task  *task;
    uint8_t          state; /* enum mn_share_state */
    bool             writes;
};

/* Zeroed: free. */
struct mn_rwlock {
    struct mn_share *head; /* private: those that wait */
    uint32_t         readers;
    bool             written, closed;
};

/* Take the lock, to read or to write. Waits in line.
 * Owner    the lock keeps `share` until mn_rwlock_unlock() or mn_rwlock_cancel(), unless this fails.
 *          A share that holds and asks again stops the kernel, for it would wait for ever.
 * Errors   gone  it is closed */
MN_MUST_USE mn_err mn_rwlock_read_poll(struct mn_rwlock *lock, struct mn_share *share, struct mn_cx *cx);
MN_MUST_USE mn_err mn_rwlock_write_poll(struct mn_rwlock *lock, struct mn_share *share, struct mn_cx *cx);

/* Take it if it is free and nobody waits. Errors: would_wait; gone. */
MN_MUST_USE mn_err mn_rwlock_try_read(struct mn_rwlock *lock, struct mn_share *share);
MN_MUST_USE mn_err mn_rwlock_try_write(struct mn_rwlock *lock, struct mn_share *share);

/* Give it to the next. Of a share that does not hold it: stops the kernel. */
void mn_rwlock_unlock(struct mn_rwlock *lock, struct mn_share *share);

/* Abandon the wait, or unlock if it holds. An idle share is left alone. */
void mn_rwlock_cancel(struct mn_rwlock *lock, struct mn_share *share);

/* Nobody gets it any more. Those that hold it still unlock. */
void mn_rwlock_close(struct mn_rwlock *lock);
#endif

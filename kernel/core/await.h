/* await.h — stackless coroutines in five macros.
 *
 * A coroutine is a function `mn_err name_poll(self, cx)` that is called again
 * and again until it stops answering MN_PENDING. It keeps everything it needs
 * in *self: a local does not live past a wait, and the build rejects one that
 * tries to. No wait may stand inside a switch.
 *
 * What a *_poll function promises: it answers MN_PENDING only after arranging a
 * wake for cx->task; it signs up first and looks second; being called early does
 * no harm; it never blocks; after any other answer it is not called again until
 * restarted; whoever abandons a wait calls its _cancel. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_AWAIT_H
#define MN_CORE_AWAIT_H
#include <stddef.h>
#include <stdint.h>

typedef int32_t mn_err; /* 0 done, negative failed: numbers of mnemos/abi/error.h */
enum { MN_OK = 0, MN_PENDING = 1 /* only from a *_poll function */ };

typedef struct { uint16_t at; } mn_co; /* zero means "from the top"; else the line where it waits */

#define MN_MUST_USE __attribute__((warn_unused_result))
#define MN_NOINLINE __attribute__((noinline))
#define MN_ISR_OK /* may be called from an interrupt; tools/check reads this */
#define MN_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define MN_BEGIN(co_) mn_co *const mn_co_ = (co_); switch (mn_co_->at) { case 0:
#define MN_END()      } mn_co_->at = 0; return MN_OK

/* Come back here until poll_ stops answering MN_PENDING. */
#define MN_AWAIT(poll_)                                                     \
    do {                                                                    \
        mn_co_->at = __LINE__; __attribute__((fallthrough)); case __LINE__: \
        if ((poll_) == MN_PENDING) return MN_PENDING;                       \
    } while (0)

/* The same, and a failure ends this coroutine with that failure. */
#define MN_TRY(poll_)                                                        \
    do {                                                                     \
        mn_co_->at = __LINE__; __attribute__((fallthrough)); case __LINE__:; \
        mn_err mn_e_ = (poll_);                                              \
        if (mn_e_ < 0) mn_co_->at = 0;                                       \
        if (mn_e_) return mn_e_;                                             \
    } while (0)

/* Let every other ready task run once, then carry on. */
#define MN_YIELD(cx_)                                      \
    do {                                                   \
        mn_co_->at = __LINE__; mn_task_wake((cx_)->task);  \
        return MN_PENDING; case __LINE__:;                 \
    } while (0)
#endif

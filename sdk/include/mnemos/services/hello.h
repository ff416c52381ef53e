/* hello.h: the hello service: greets by name. Generated from abi/schema/hello.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_HELLO_H
#define MNEMOS_SERVICES_HELLO_H
#include <mnemos/ring.h>
#include <mnemos/service.h>
#include <mnemos/abi/hello.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_hello_connect(mnemos_service *out);

/* The same, with room for so many calls under way at once, 1 to 8: see ring.h. */
int mnemos_hello_connect_for(unsigned at_once, mnemos_service *out);

/* Be greeted. Waits for the service. Errors: bad_argument, bad_handle, service_gone. */
int mnemos_hello_greet(mnemos_service hello, const struct mnemos_hello_greet_args *args,
                       struct mnemos_hello_greet_reply *reply);

/* The same through a ring. `pending` is the kernel's until the completion. Errors: full,
 * bad_argument. */
struct mnemos_hello_greet_pending {
    uint8_t in[MNEMOS_HELLO_GREET_ARGS_MAX];
    uint8_t out[MNEMOS_HELLO_GREET_REPLY_MAX];
};
int mnemos_hello_greet_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service hello,
                              const struct mnemos_hello_greet_args *args,
                              struct mnemos_hello_greet_pending *pending);
/* Its error, or its reply. */
int mnemos_hello_greet_finish(const struct mnemos_ring_completion *completion,
                              const struct mnemos_hello_greet_pending *pending,
                              struct mnemos_hello_greet_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

/* loopback.h: the loopback service: gives back what it is given. Generated from
 * abi/schema/loopback.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_LOOPBACK_H
#define MNEMOS_SERVICES_LOOPBACK_H
#include <mnemos/ring.h>
#include <mnemos/service.h>
#include <mnemos/abi/loopback.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_loopback_connect(mnemos_service *out);

/* The same, with room for so many calls under way at once, 1 to 8: see ring.h. */
int mnemos_loopback_connect_for(unsigned at_once, mnemos_service *out);

/* Copy bytes from one place to another. Waits for the service. Errors: gone, bad_handle,
 * service_gone. */
int mnemos_loopback_echo(mnemos_service loopback, const struct mnemos_loopback_echo_args *args,
                         struct mnemos_loopback_echo_reply *reply);

/* The same through a ring. `pending` is the kernel's until the completion. Errors: full,
 * bad_argument. */
struct mnemos_loopback_echo_pending {
    uint8_t in[MNEMOS_LOOPBACK_ECHO_ARGS_MAX];
    uint8_t out[MNEMOS_LOOPBACK_ECHO_REPLY_MAX];
};
int mnemos_loopback_echo_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service loopback,
                                const struct mnemos_loopback_echo_args *args,
                                struct mnemos_loopback_echo_pending *pending);
/* Its error, or its reply. */
int mnemos_loopback_echo_finish(const struct mnemos_ring_completion *completion,
                                const struct mnemos_loopback_echo_pending *pending,
                                struct mnemos_loopback_echo_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

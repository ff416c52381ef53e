/* serial_mux.h: the serial mux: virtual ports over one line. Generated from
 * abi/schema/serial_mux.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_SERIAL_MUX_H
#define MNEMOS_SERVICES_SERIAL_MUX_H
#include <mnemos/ring.h>
#include <mnemos/service.h>
#include <mnemos/abi/serial_mux.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_serial_mux_connect(mnemos_service *out);

/* The same, with room for so many calls under way at once, 1 to 8: see ring.h. */
int mnemos_serial_mux_connect_for(unsigned at_once, mnemos_service *out);

/* The open ports, those of programs too, in order of their numbers. Waits for the service. Errors:
 * bad_handle, service_gone. */
int mnemos_serial_mux_list(mnemos_service serial_mux,
                           const struct mnemos_serial_mux_list_args *args,
                           struct mnemos_serial_mux_list_reply *reply);

/* The same through a ring. `pending` is the kernel's until the completion. Errors: full,
 * bad_argument. */
struct mnemos_serial_mux_list_pending {
    uint8_t in[MNEMOS_SERIAL_MUX_LIST_ARGS_MAX];
    uint8_t out[MNEMOS_SERIAL_MUX_LIST_REPLY_MAX];
};
int mnemos_serial_mux_list_submit(struct mnemos_ring *ring, uint32_t nonce,
                                  mnemos_service serial_mux,
                                  const struct mnemos_serial_mux_list_args *args,
                                  struct mnemos_serial_mux_list_pending *pending);
/* Its error, or its reply. */
int mnemos_serial_mux_list_finish(const struct mnemos_ring_completion *completion,
                                  const struct mnemos_serial_mux_list_pending *pending,
                                  struct mnemos_serial_mux_list_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

/* serial_mux.h: the serial mux: virtual ports over one line. Generated from
 * abi/schema/serial_mux.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_SERIAL_MUX_H
#define MNEMOS_SERVICES_SERIAL_MUX_H
#include <mnemos/service.h>
#include <mnemos/abi/serial_mux.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_serial_mux_connect(mnemos_service *out);

/* The open ports, those of programs too, in order of their numbers. Waits for the service. Errors:
 * bad_handle, service_gone. */
int mnemos_serial_mux_list(mnemos_service serial_mux,
                           const struct mnemos_serial_mux_list_args *args,
                           struct mnemos_serial_mux_list_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

/* loopback.h: the loopback service: gives back what it is given. Generated from
 * abi/schema/loopback.toml by tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_LOOPBACK_H
#define MNEMOS_SERVICES_LOOPBACK_H
#include <mnemos/service.h>
#include <mnemos/abi/loopback.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_loopback_connect(mnemos_service *out);

/* Copy bytes from one place to another. Waits for the service. Errors: gone, bad_handle,
 * service_gone. */
int mnemos_loopback_echo(mnemos_service loopback, const struct mnemos_loopback_echo_args *args,
                         struct mnemos_loopback_echo_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

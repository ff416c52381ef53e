/* hello.h: the hello service: greets by name. Generated from abi/schema/hello.toml by tools/abigen:
 * edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICES_HELLO_H
#define MNEMOS_SERVICES_HELLO_H
#include <mnemos/service.h>
#include <mnemos/abi/hello.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Connect. Waits until the service is there. Errors: service_too_old, shape_differs, full. */
int mnemos_hello_connect(mnemos_service *out);

/* Be greeted. Waits for the service. Errors: bad_argument, bad_handle, service_gone. */
int mnemos_hello_greet(mnemos_service hello, const struct mnemos_hello_greet_args *args,
                       struct mnemos_hello_greet_reply *reply);

#ifdef __cplusplus
}
#endif
#endif

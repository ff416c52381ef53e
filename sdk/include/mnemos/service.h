/* service.h: services of the kernel, by UUID.
 *
 * Most programs use the functions made from a service's schema instead, such as
 * <mnemos/services/hello.h>: connect, then call with structs. This is what they
 * are made of. A service that is not for programs is not there for them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MNEMOS_SERVICE_H
#define MNEMOS_SERVICE_H
#include <mnemos/abi/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t mnemos_service; /* a connection */

/* A service as this program knows it: from the schema it was built with. */
struct mnemos_interface {
    uint8_t uuid[16];
    uint16_t calls; /* it knows so many calls ... */
    uint32_t shape; /* ... which look like this; the service may know more */
};

/* Is it there now? 0, or an error.
 *
 * Errors   no_service
 *          service_too_old, shape_differs  as connecting would say
 */
int mnemos_service_find(const struct mnemos_interface *interface);

/* Connect. `hello` is what the service wants to hear first, encoded; most want nothing.
 *
 * Waits    until the service is there and accepts
 * Errors   service_too_old  it knows fewer calls than this program
 *          shape_differs    they are other calls
 *          full             too many connections, of this program or of the service
 *          malformed        this is not the service's hello
 *          refused, or what else the service says
 */
int mnemos_service_connect(const struct mnemos_interface *interface, const void *hello, size_t len,
                           mnemos_service *out);

/* The same, with room for `at_once` calls under way at the same time, 1 to 8: see ring.h. Errors
 * also: bad_argument. With `full`, it may be the calls for which there is no room. */
int mnemos_service_connect_for(unsigned at_once, const struct mnemos_interface *interface,
                               const void *hello, size_t len, mnemos_service *out);

/* The same for one call and a service that is there now. Errors also: no_service; would_wait, it
 * wants to think about it. */
int mnemos_service_connect_now(const struct mnemos_interface *interface, const void *hello,
                               size_t len, mnemos_service *out);

/* Make a call: `in` are its encoded arguments, `out` takes the encoded reply, `used` its length.
 * Both `used` and `out` may be NULL for a call without a reply.
 *
 * Waits    for the service
 * Errors   bad_handle    closed
 *          bad_argument  the service has no such call for programs
 *          malformed     these are not its arguments
 *          too_small     `out` has no room for the longest reply; nothing was done
 *          service_gone  close it and connect again
 *          busy          an earlier call that timed out is still with the service, or as many
 *                        calls as the connection has room for are under way
 *          or what the service says
 */
int mnemos_service_call(mnemos_service service, uint16_t number, const void *in, size_t len,
                        void *out, size_t cap, size_t *used);

/* The same until a moment (see time.h). Errors also: timed_out. */
int mnemos_service_call_until(mnemos_service service, uint16_t number, const void *in, size_t len,
                              void *out, size_t cap, size_t *used, uint64_t moment);

/* Give a connection back. Errors: bad_handle. */
int mnemos_service_close(mnemos_service service);

/* A run of this program's memory, for arguments that hold a span. */
static inline struct mnemos_span mnemos_span_of(const void *start, size_t len)
{
    return (struct mnemos_span){(uint32_t)(uintptr_t)start, (uint32_t)len};
}

#ifdef __cplusplus
}
#endif
#endif

/* requires.h — does this kernel have the services that an image requires? */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_USER_REQUIRES_H
#define MN_USER_REQUIRES_H
#include "kernel/core/await.h"

/* What there is of a service and what the image wants of it: numbers of calls, or their shapes. */
struct mn_requires_lack {
    uint32_t have, want;
};

/* Look for each service that the records in [at, end) require, among those for programs. The
 * records have passed mn_image_check().
 * Errors   service_missing, service_too_old, shape_differs: of the first that does not fit, *lack
 *          says why */
MN_MUST_USE mn_err mn_requires_check(const uint8_t *at, const uint8_t *end,
                                     struct mn_requires_lack *lack);
#endif

/* requires.c — see requires.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/requires.h"
#include "kernel/core/registry.h"
#include <mnemos/abi/error.h>
#include <mnemos/abi/image.h>

#define RECORD_HEAD 4

static uint32_t little_endian(const uint8_t *at, uint32_t bytes)
{
    uint32_t value = 0;
    while (bytes--) value = value << 8 | at[bytes];
    return value;
}

static mn_err check_one(const uint8_t *body, struct mn_requires_lack *lack)
{
    struct mn_uuid uuid;
    uint16_t calls = (uint16_t)little_endian(body + MNEMOS_REQUIRES_CALLS, 2);
    uint32_t shape = little_endian(body + MNEMOS_REQUIRES_SHAPE, 4);
    __builtin_memcpy(uuid.bytes, body, sizeof uuid.bytes);
    const struct mn_service_type *type = mn_registry_find(&uuid, true);
    *lack = (struct mn_requires_lack){.have = type ? type->calls : 0, .want = calls};
    if (!type) return MNEMOS_ERR_SERVICE_MISSING;
    mn_err err = mn_service_type_fits(type, calls, shape);
    if (err == MNEMOS_ERR_SHAPE_DIFFERS)
        *lack = (struct mn_requires_lack){.have = type->shapes[calls], .want = shape};
    return err;
}

mn_err mn_requires_check(const uint8_t *at, const uint8_t *end, struct mn_requires_lack *lack)
{
    mn_err err = MN_OK;
    while (!err && end - at >= RECORD_HEAD) {
        uint32_t type = little_endian(at, 2), len = little_endian(at + 2, 2);
        if (type == MNEMOS_RECORD_REQUIRES) err = check_one(at + RECORD_HEAD, lack);
        at += RECORD_HEAD + (len + 3u) / 4u * 4u;
    }
    if (!err) *lack = (struct mn_requires_lack){0};
    return err;
}

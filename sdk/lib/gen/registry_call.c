/* registry_call.c: mnemos/services/registry.h. Generated from abi/schema/registry.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/error.h>
#include <mnemos/services/registry.h>

int mnemos_registry_connect_for(unsigned at_once, mnemos_service *out)
{
    static const struct mnemos_interface interface = {
        MNEMOS_REGISTRY_UUID, MNEMOS_REGISTRY_CALL_COUNT, MNEMOS_REGISTRY_SHAPE,
    };
    return mnemos_service_connect_for(at_once, &interface, NULL, 0, out);
}

int mnemos_registry_connect(mnemos_service *out)
{
    return mnemos_registry_connect_for(1, out);
}

int mnemos_registry_list(mnemos_service registry, const struct mnemos_registry_list_args *args,
                         struct mnemos_registry_list_reply *reply)
{
    uint8_t in[MNEMOS_REGISTRY_LIST_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (!mnemos_registry_list_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    uint8_t out[MNEMOS_REGISTRY_LIST_REPLY_MAX];
    size_t used;
    int err = mnemos_service_call(registry, MNEMOS_REGISTRY_CALL_LIST, in, (size_t)(writer.at - in),
                                  out, sizeof out, &used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + used};
    return mnemos_registry_list_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

int mnemos_registry_list_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service registry,
                                const struct mnemos_registry_list_args *args,
                                struct mnemos_registry_list_pending *pending)
{
    struct mnemos_writer writer = {pending->in, pending->in + sizeof pending->in};
    if (!mnemos_registry_list_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    return mnemos_ring_call(ring, nonce, registry, MNEMOS_REGISTRY_CALL_LIST, pending->in,
                            (size_t)(writer.at - pending->in), pending->out, sizeof pending->out);
}

int mnemos_registry_list_finish(const struct mnemos_ring_completion *completion,
                                const struct mnemos_registry_list_pending *pending,
                                struct mnemos_registry_list_reply *reply)
{
    if (completion->error) return completion->error;
    struct mnemos_reader reader = {pending->out, pending->out + completion->used};
    return mnemos_registry_list_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

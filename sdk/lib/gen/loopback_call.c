/* loopback_call.c: mnemos/services/loopback.h. Generated from abi/schema/loopback.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/error.h>
#include <mnemos/services/loopback.h>

int mnemos_loopback_connect_for(unsigned at_once, mnemos_service *out)
{
    static const struct mnemos_interface interface = {
        MNEMOS_LOOPBACK_UUID, MNEMOS_LOOPBACK_CALL_COUNT, MNEMOS_LOOPBACK_SHAPE,
    };
    return mnemos_service_connect_for(at_once, &interface, NULL, 0, out);
}

int mnemos_loopback_connect(mnemos_service *out)
{
    return mnemos_loopback_connect_for(1, out);
}

int mnemos_loopback_echo(mnemos_service loopback, const struct mnemos_loopback_echo_args *args,
                         struct mnemos_loopback_echo_reply *reply)
{
    uint8_t in[MNEMOS_LOOPBACK_ECHO_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (!mnemos_loopback_echo_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    uint8_t out[MNEMOS_LOOPBACK_ECHO_REPLY_MAX];
    size_t used;
    int err = mnemos_service_call(loopback, MNEMOS_LOOPBACK_CALL_ECHO, in, (size_t)(writer.at - in),
                                  out, sizeof out, &used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + used};
    return mnemos_loopback_echo_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

int mnemos_loopback_echo_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service loopback,
                                const struct mnemos_loopback_echo_args *args,
                                struct mnemos_loopback_echo_pending *pending)
{
    struct mnemos_writer writer = {pending->in, pending->in + sizeof pending->in};
    if (!mnemos_loopback_echo_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    return mnemos_ring_call(ring, nonce, loopback, MNEMOS_LOOPBACK_CALL_ECHO, pending->in,
                            (size_t)(writer.at - pending->in), pending->out, sizeof pending->out);
}

int mnemos_loopback_echo_finish(const struct mnemos_ring_completion *completion,
                                const struct mnemos_loopback_echo_pending *pending,
                                struct mnemos_loopback_echo_reply *reply)
{
    if (completion->error) return completion->error;
    struct mnemos_reader reader = {pending->out, pending->out + completion->used};
    return mnemos_loopback_echo_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

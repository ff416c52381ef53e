/* hello_call.c: mnemos/services/hello.h. Generated from abi/schema/hello.toml by tools/abigen: edit
 * that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/error.h>
#include <mnemos/services/hello.h>

int mnemos_hello_connect_for(unsigned at_once, mnemos_service *out)
{
    static const struct mnemos_interface interface = {
        MNEMOS_HELLO_UUID, MNEMOS_HELLO_CALL_COUNT, MNEMOS_HELLO_SHAPE,
    };
    return mnemos_service_connect_for(at_once, &interface, NULL, 0, out);
}

int mnemos_hello_connect(mnemos_service *out)
{
    return mnemos_hello_connect_for(1, out);
}

int mnemos_hello_greet(mnemos_service hello, const struct mnemos_hello_greet_args *args,
                       struct mnemos_hello_greet_reply *reply)
{
    uint8_t in[MNEMOS_HELLO_GREET_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (!mnemos_hello_greet_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    uint8_t out[MNEMOS_HELLO_GREET_REPLY_MAX];
    size_t used;
    int err = mnemos_service_call(hello, MNEMOS_HELLO_CALL_GREET, in, (size_t)(writer.at - in), out,
                                  sizeof out, &used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + used};
    return mnemos_hello_greet_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

int mnemos_hello_greet_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service hello,
                              const struct mnemos_hello_greet_args *args,
                              struct mnemos_hello_greet_pending *pending)
{
    struct mnemos_writer writer = {pending->in, pending->in + sizeof pending->in};
    if (!mnemos_hello_greet_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    return mnemos_ring_call(ring, nonce, hello, MNEMOS_HELLO_CALL_GREET, pending->in,
                            (size_t)(writer.at - pending->in), pending->out, sizeof pending->out);
}

int mnemos_hello_greet_finish(const struct mnemos_ring_completion *completion,
                              const struct mnemos_hello_greet_pending *pending,
                              struct mnemos_hello_greet_reply *reply)
{
    if (completion->error) return completion->error;
    struct mnemos_reader reader = {pending->out, pending->out + completion->used};
    return mnemos_hello_greet_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

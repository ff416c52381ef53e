/* serial_mux_call.c: mnemos/services/serial_mux.h. Generated from abi/schema/serial_mux.toml by
 * tools/abigen: edit that file, not this one. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/error.h>
#include <mnemos/services/serial_mux.h>

int mnemos_serial_mux_connect_for(unsigned at_once, mnemos_service *out)
{
    static const struct mnemos_interface interface = {
        MNEMOS_SERIAL_MUX_UUID, MNEMOS_SERIAL_MUX_CALL_COUNT, MNEMOS_SERIAL_MUX_SHAPE,
    };
    return mnemos_service_connect_for(at_once, &interface, NULL, 0, out);
}

int mnemos_serial_mux_connect(mnemos_service *out)
{
    return mnemos_serial_mux_connect_for(1, out);
}

int mnemos_serial_mux_list(mnemos_service serial_mux,
                           const struct mnemos_serial_mux_list_args *args,
                           struct mnemos_serial_mux_list_reply *reply)
{
    uint8_t in[MNEMOS_SERIAL_MUX_LIST_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    if (!mnemos_serial_mux_list_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    uint8_t out[MNEMOS_SERIAL_MUX_LIST_REPLY_MAX];
    size_t used;
    int err = mnemos_service_call(serial_mux, MNEMOS_SERIAL_MUX_CALL_LIST, in,
                                  (size_t)(writer.at - in), out, sizeof out, &used);
    if (err) return err;
    struct mnemos_reader reader = {out, out + used};
    return mnemos_serial_mux_list_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

int mnemos_serial_mux_list_submit(struct mnemos_ring *ring, uint32_t nonce,
                                  mnemos_service serial_mux,
                                  const struct mnemos_serial_mux_list_args *args,
                                  struct mnemos_serial_mux_list_pending *pending)
{
    struct mnemos_writer writer = {pending->in, pending->in + sizeof pending->in};
    if (!mnemos_serial_mux_list_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;
    return mnemos_ring_call(ring, nonce, serial_mux, MNEMOS_SERIAL_MUX_CALL_LIST, pending->in,
                            (size_t)(writer.at - pending->in), pending->out, sizeof pending->out);
}

int mnemos_serial_mux_list_finish(const struct mnemos_ring_completion *completion,
                                  const struct mnemos_serial_mux_list_pending *pending,
                                  struct mnemos_serial_mux_list_reply *reply)
{
    if (completion->error) return completion->error;
    struct mnemos_reader reader = {pending->out, pending->out + completion->used};
    return mnemos_serial_mux_list_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;
}

/* time.c: mnemos/time.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"
#include "runtime.h"
#include <mnemos/time.h>

uint64_t mnemos_time_us(void)
{
    uint8_t out[MNEMOS_SYS_TIME_REPLY_MAX];
    struct call_result result = call_kernel(MNEMOS_SYS_CALL_TIME, NULL, 0, out, sizeof out);
    struct mnemos_reader reader = {out, out + result.used};
    struct mnemos_sys_time_reply reply = {0};
    mnemos_sys_time_reply_get(&reader, &reply);
    return reply.us;
}

void mnemos_sleep_until_us(uint64_t moment)
{
    runtime_before_wait();
    uint8_t in[MNEMOS_SYS_SLEEP_ARGS_MAX];
    struct mnemos_writer writer = {in, in + sizeof in};
    mnemos_sys_sleep_args_put(&writer, &(struct mnemos_sys_sleep_args){.until_us = moment});
    call_kernel(MNEMOS_SYS_CALL_SLEEP, in, (uint32_t)(writer.at - in), NULL, 0);
}

void mnemos_sleep_us(uint64_t duration)
{
    uint64_t now = mnemos_time_us();
    mnemos_sleep_until_us(duration < UINT64_MAX - now ? now + duration : UINT64_MAX);
}

void mnemos_sleep_ms(uint32_t duration)
{
    mnemos_sleep_us((uint64_t)duration * 1000u);
}

void mnemos_yield(void)
{
    call_kernel(MNEMOS_SYS_CALL_YIELD, NULL, 0, NULL, 0);
}

/* pipe.h — two byte rings, one each way: what one end writes the other reads.
 *
 * An end reads from `in` and writes to `out` by bbq.h. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_CORE_PIPE_H
#define MN_CORE_PIPE_H
#include "bbq.h"

struct mn_pipe { struct mn_bbq to_first, to_second; };
struct mn_pipe_end { struct mn_bbq *in, *out; };

/* Make an empty pipe. The two buffers are what its ends find in `in`. */
static inline void mn_pipe_init(struct mn_pipe *pipe, uint8_t *to_first, uint32_t to_first_len, uint8_t *to_second,
                                uint32_t to_second_len)
{
    mn_bbq_init(&pipe->to_first, to_first, to_first_len);
    mn_bbq_init(&pipe->to_second, to_second, to_second_len);
}

static inline struct mn_pipe_end mn_pipe_first(struct mn_pipe *pipe)
{
    return (struct mn_pipe_end){ .in = &pipe->to_first, .out = &pipe->to_second };
}

static inline struct mn_pipe_end mn_pipe_second(struct mn_pipe *pipe)
{
    return (struct mn_pipe_end){ .in = &pipe->to_second, .out = &pipe->to_first };
}

/* This end goes away: the other reads what is left, then both its directions are `gone`. */
MN_ISR_OK static inline void mn_pipe_close(struct mn_pipe_end end)
{
    mn_bbq_writer_leaves(end.out);
    mn_bbq_reader_leaves(end.in);
}
#endif

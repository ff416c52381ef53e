/* random.h — numbers by seed, the same on every machine. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_TESTS_ABI_RANDOM_H
#define MN_TESTS_ABI_RANDOM_H
#include <stdint.h>

struct random {
    uint64_t state;
};

/* splitmix64, its upper half. */
static inline uint32_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

static inline uint32_t random_below(struct random *random, uint32_t end)
{
    return random_next(random) % end;
}
#endif

/* golden.h — the golden vectors of abi/vectors as C values, made by golden.py. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_TESTS_ABI_GOLDEN_H
#define MN_TESTS_ABI_GOLDEN_H
#include <mnemos/abi/wire.h>

struct golden {
    const char *name;
    const void *value;
    size_t size; /* of the C struct */
    const uint8_t *bytes;
    size_t len, min, max;
    bool (*put)(struct mnemos_writer *w, const void *m);
    bool (*get)(struct mnemos_reader *r, void *m);
};

extern const struct golden goldens[];
extern const size_t golden_count;
#endif

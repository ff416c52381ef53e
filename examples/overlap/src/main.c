/* overlap: has several names greeted at once, not one after the other. `mnemos-load run
 * overlap.mna -- Ana Ben Cleo` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>
#include <mnemos/services/hello.h>
#include <stdio.h>
#include <string.h>

enum { AT_ONCE = 4, NAMES_MAX = 8 };

MNEMOS_RING(ring, 8);

static struct mnemos_hello_greet_pending pending[NAMES_MAX];

/* Begin to greet argument `i`; the completion tells which it is. */
static int begin(mnemos_service hello, int i, const char *name)
{
    struct mnemos_hello_greet_args args = {.name.len =
                                               (uint32_t)strnlen(name, sizeof args.name.data)};
    memcpy(args.name.data, name, args.name.len);
    return mnemos_hello_greet_submit(&ring, (uint32_t)i, hello, &args, &pending[i]);
}

static int greet_all(mnemos_service hello, int count, char **names)
{
    struct mnemos_ring_completion done;
    struct mnemos_hello_greet_reply reply;
    int begun = 0, ended = 0, err = 0;

    while (!err && ended < count) {
        for (; !err && begun < count && begun - ended < AT_ONCE; begun++)
            err = begin(hello, begun, names[begun]);
        if (!err) err = mnemos_ring_wait(&ring, 1);
        for (; !err && mnemos_ring_next(&ring, &done); ended++) {
            err = mnemos_hello_greet_finish(&done, &pending[done.nonce], &reply);
            if (!err)
                printf("%u: %.*s!\n", (unsigned)done.nonce, (int)reply.text.len,
                       (const char *)reply.text.data);
        }
    }
    return err;
}

int main(int argc, char **argv)
{
    mnemos_service hello;
    int count = argc - 1 < NAMES_MAX ? argc - 1 : NAMES_MAX;

    int err = mnemos_hello_connect_for(AT_ONCE, &hello);
    if (!err) err = mnemos_ring_open(&ring);
    if (!err) err = greet_all(hello, count, argv + 1);
    if (err) fprintf(stderr, "overlap: %s\n", mnemos_strerror(err));
    return err ? 1 : 0;
}

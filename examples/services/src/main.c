/* services: asks the hello service of the kernel for a greeting. `mnemos-load run services.mna -- Ferris` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>
#include <mnemos/services/hello.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct mnemos_hello_greet_args args = {0};
    struct mnemos_hello_greet_reply reply;
    mnemos_service hello;
    const char *name = argc > 1 ? argv[1] : "world";

    args.name.len = (uint32_t)strnlen(name, sizeof args.name.data);
    memcpy(args.name.data, name, args.name.len);

    int err = mnemos_hello_connect(&hello);
    if (!err) err = mnemos_hello_greet(hello, &args, &reply);
    if (err) {
        fprintf(stderr, "services: %s\n", mnemos_strerror(err));
        return 1;
    }
    printf("%.*s\n", (int)reply.text.len, (const char *)reply.text.data);
    return 0;
}

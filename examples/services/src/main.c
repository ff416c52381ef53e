/* services: lists the services that programs may use, and has one of them greet. `mnemos-load run
 * services.mna -- Ferris` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <mnemos/mnemos.h>
#include <mnemos/services/hello.h>
#include <mnemos/services/registry.h>
#include <stdio.h>
#include <string.h>

static int list_services(void)
{
    struct mnemos_registry_list_args args = {.first = 0};
    struct mnemos_registry_list_reply reply;
    mnemos_service registry;

    int err = mnemos_registry_connect(&registry);
    while (!err && !(err = mnemos_registry_list(registry, &args, &reply)) && reply.services.len) {
        for (uint32_t i = 0; i < reply.services.len; i++) {
            const struct mnemos_registry_entry *entry = &reply.services.items[i];
            for (unsigned byte = 0; byte < sizeof entry->uuid; byte++)
                printf("%s%02x", byte == 4 || byte == 6 || byte == 8 || byte == 10 ? "-" : "",
                       entry->uuid[byte]);
            printf("  %.*s\n", (int)entry->name.len, (const char *)entry->name.data);
        }
        args.first += (uint16_t)reply.services.len;
    }
    return err;
}

static int greet(const char *name)
{
    struct mnemos_hello_greet_args args = {.name.len =
                                               (uint32_t)strnlen(name, sizeof args.name.data)};
    struct mnemos_hello_greet_reply reply;
    mnemos_service hello;

    memcpy(args.name.data, name, args.name.len);
    int err = mnemos_hello_connect(&hello);
    if (!err) err = mnemos_hello_greet(hello, &args, &reply);
    if (!err) printf("%.*s!\n", (int)reply.text.len, (const char *)reply.text.data);
    return err;
}

int main(int argc, char **argv)
{
    int err = list_services();
    if (!err) err = greet(argc > 1 ? argv[1] : "world");
    if (err) fprintf(stderr, "services: %s\n", mnemos_strerror(err));
    return err ? 1 : 0;
}

/* @NAME@: asks the service to count on by each of its arguments, and says how far it has come. */
#include <mnemos/mnemos.h>
#include <mnemos/services/@MODULE@.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    mnemos_service service;
    struct mnemos_@MODULE@_total_reply now;

    int err = mnemos_@MODULE@_connect(&service);
    for (int i = 1; i < argc && !err; i++) {
        struct mnemos_@MODULE@_add_args args = {.by = (uint32_t)strtoul(argv[i], NULL, 10)};
        struct mnemos_@MODULE@_add_reply reply;
        err = mnemos_@MODULE@_add(service, &args, &reply);
    }
    if (!err) err = mnemos_@MODULE@_total(service, &now);
    if (err) {
        fprintf(stderr, "@NAME@: %s\n", mnemos_strerror(err));
        return 1;
    }
    printf("counted to %lu\n", (unsigned long)now.total);
    return 0;
}

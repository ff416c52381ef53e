/* @NAME@: does something ten times a second without drifting, for ever or as often as its argument
 * says. */
#include <mnemos/time.h>
#include <stdio.h>
#include <stdlib.h>

enum { PERIOD_US = 100000 };

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : -1;
    uint64_t next = mnemos_time_us();

    for (long round = 0; round != rounds; round++) {
        printf("round %ld, %lu us late\n", round, (unsigned long)(mnemos_time_us() - next));
        next += PERIOD_US;
        mnemos_sleep_until_us(next);
    }
    return 0;
}

/* streams.c: when output leaves and how input ends; the argument chooses. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <assert.h>
#include <mnemos/mnemos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void at_exit(void)
{
    printf("[atexit]");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char line[32];

    if (strcmp(what, "no-newline") == 0) {
        atexit(at_exit);
        printf("no newline");
        return 3;
    }
    if (strcmp(what, "prompt") == 0) {
        printf("name? ");
        if (!fgets(line, sizeof line, stdin)) return 1;
        printf("hello %s", line);
        return 0;
    }
    if (strcmp(what, "sleep") == 0) {
        printf("before");
        mnemos_sleep_ms(100000);
    }
    if (strcmp(what, "both") == 0) {
        printf("out 1\n");
        fprintf(stderr, "err %d, %s\n", 1, "formatted");
        fputs("err 2\n", stderr);
        fputc('!', stderr);
        fwrite("raw", 1, 3, stderr);
        printf("out 2\n");
        return 0;
    }
    if (strcmp(what, "fault-after-stderr") == 0) {
        fprintf(stderr, "last words");
        *(volatile int *)4 = 0;
    }
    if (strcmp(what, "abort") == 0) {
        printf("said before");
        abort();
    }
    if (strcmp(what, "assert") == 0) {
        printf("said before");
        assert(argc == 77);
    }
    if (strcmp(what, "panic") == 0)
        mnemos_panic("a message that is longer than what the kernel takes, which is 96 bytes: "
                     "0123456789012345678901234567890123456789");
    if (strcmp(what, "exit-now") == 0) {
        printf("held back");
        mnemos_exit(5);
    }
    if (strcmp(what, "copy") == 0) {
        unsigned long bytes = 0;
        for (int c; (c = getchar()) != EOF; bytes++) putchar(c);
        fprintf(stderr, "%lu bytes, eof %d, again %d\n", bytes, feof(stdin) != 0, getchar());
        return 0;
    }
    if (strcmp(what, "unread") == 0) return getchar() == 'x' ? 0 : 1;
    return 2;
}

/* wc: counts lines, words and bytes of its input. `mnemos-load run wc.mna < README.md` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

int main(void)
{
    unsigned long lines = 0, words = 0, bytes = 0;
    bool in_word = false;

    for (int c; (c = getchar()) != EOF; bytes++) {
        if (c == '\n') lines++;
        if (!isspace(c) && !in_word) words++;
        in_word = !isspace(c);
    }
    if (ferror(stdin)) {
        fputs("wc: reading failed\n", stderr);
        return 1;
    }
    printf("%7lu %7lu %7lu\n", lines, words, bytes);
    return 0;
}

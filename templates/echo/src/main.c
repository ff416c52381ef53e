/* @NAME@: answers every line it is given, in capitals, until the input ends. */
#include <ctype.h>
#include <stdio.h>

int main(void)
{
    char line[80];
    int lines = 0;

    while (fgets(line, sizeof line, stdin)) {
        for (char *at = line; *at; at++) *at = (char)toupper((unsigned char)*at);
        printf("%s", line);
        lines++;
    }
    fprintf(stderr, "@NAME@: %d lines\n", lines);
    return 0;
}

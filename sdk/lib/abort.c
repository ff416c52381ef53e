/* abort.c: abort() and a failed assert() end the program as a panic that the host shows. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <assert.h>
#include <mnemos/program.h>
#include <stdlib.h>
#include <string.h>

void abort(void)
{
    mnemos_panic("abort() called");
}

struct message {
    char text[96 + 1];
};

static void append(struct message *message, const char *text)
{
    strlcat(message->text, text, sizeof message->text);
}

/* The place comes first: the kernel clips a message, and the place says most. */
void __assert_func(const char *file, int line, const char *function, const char *expression)
{
    struct message message = {""};
    char digits[12];
    append(&message, file);
    append(&message, ":");
    append(&message, itoa(line, digits, 10));
    append(&message, ": assertion failed: ");
    append(&message, expression);
    if (function) {
        append(&message, "  in ");
        append(&message, function);
    }
    mnemos_panic(message.text);
}

void __assert(const char *expression, const char *file, int line)
{
    __assert_func(file, line, NULL, expression);
}

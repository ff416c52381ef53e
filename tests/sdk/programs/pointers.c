/* pointers.c: every kind of address a program can hold, checked at run time. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pointers.h"
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int weak_function(void) __attribute__((weak));
extern int weak_variable __attribute__((weak));

_Thread_local int thread_value = 77;
_Thread_local int thread_zero;

static int add_one(int x)
{
    return x + 1;
}

static int triple(int x)
{
    return x * 3;
}

int (*const functions[])(int) = {add_one, triple};
static const char *const names[] = {"zero", "one", "two"};
static int target = 5;
int *pointer = &target;
char buffer[100];
char *inside = buffer + 37;
char *end = buffer + sizeof buffer;
int numbers[16];

struct node {
    struct node *next;
    const char *text;
};
extern struct node second;
struct node first = {&second, "A"};
struct node second = {&first, "B"};

/* Packed: these addresses are not aligned. `used`, or link-time optimisation knows their content. */
struct __attribute__((packed)) packed {
    char c;
    const char *text;
    void *data;
};
__attribute__((used)) struct packed packed[2] = {{1, "x", buffer}, {2, "y", numbers}};

static const char *text_of(int number)
{
    switch (number) {
    case 0: return "a";
    case 1: return "bb";
    case 2: return "ccc";
    case 3: return "dddd";
    case 4: return names[1];
    default: return "?";
    }
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int failed;

static void check(const char *what, int holds)
{
    if (!holds) {
        printf("wrong: %s\n", what);
        failed = 1;
    }
}

/* Addresses with an offset that leads out of the object and back. */
__attribute__((noinline)) static int far_below(volatile int *index)
{
    return numbers[*index - 1000];
}

static void say_goodbye(void)
{
    printf("goodbye\n");
}

int main(int argc, char **argv)
{
    volatile double two = 2.0;
    volatile int index = 1003;

    check("functions", functions[0](10) == 11 && functions[1](10) == 30);
    check("names", strcmp(names[2], "two") == 0 && strcmp(text_of(index - 1000), "dddd") == 0);
    check("data pointers", *pointer == 5 && inside - buffer == 37 && end - buffer == 100);
    check("list", strcmp(first.next->text, "B") == 0 && first.next->next == &first);
    check("packed", strcmp(packed[1].text, "y") == 0 && packed[0].data == buffer);
    check("weak", !weak_function && !&weak_variable);
    check("thread-local", thread_value == 77 && thread_zero == 0);
    check("bss", buffer[0] == 0 && buffer[99] == 0);
    numbers[3] = 9;
    check("offset", far_below(&index) == 9);
    check("constructed", constructed_value() == EXPECTED_VALUE);

    char *memory = malloc(100);
    check("malloc", memory && ((uintptr_t)memory & 7) == 0);
    errno = 0;
    check("too much", !malloc(1 << 20) && errno == ENOMEM);
    free(memory);

    int sorted[] = {5, 2, 9, 1};
    qsort(sorted, 4, sizeof sorted[0], compare);
    check("qsort", sorted[0] == 1 && sorted[3] == 9);
    check("strtod", strtod("2.5e3", NULL) == 2500.0);
    check("sqrt", fabs(sqrt(two) - 1.41421356237) < 1e-9);
    char text[40];
    snprintf(text, sizeof text, "%.3f %lld", two / 3, 123456789012345LL);
    check("printf", strcmp(text, "0.667 123456789012345") == 0);
    check("arguments", argc >= 1 && argv[argc] == NULL);

    /* What the last life left must be gone when the program is started again. */
    thread_value = target = 0;
    buffer[0] = buffer[99] = 1;
    atexit(say_goodbye);
    printf(failed ? "failed\n" : "all right\n");
    return failed ? 1 : 7;
}

/* constructor.c: a value that a constructor sets, and a destructor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pointers.h"
#include <stdio.h>

static int value;

__attribute__((constructor)) static void construct(void)
{
    value = EXPECTED_VALUE;
}

__attribute__((destructor)) static void destruct(void)
{
    printf("destroyed\n");
}

int constructed_value(void)
{
    return value;
}

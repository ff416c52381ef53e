/* plain.c: the same value without a constructor. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "pointers.h"

int constructed_value(void)
{
    return EXPECTED_VALUE;
}

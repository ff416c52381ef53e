/* hello: the smallest program. Printing needs nothing of mnemOS. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>

int main(void)
{
    printf("Hello, mnemOS!\n");
    return 0;
}

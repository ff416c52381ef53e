/* spin: computes for ever and never waits. Other programs and the kernel do not notice; end it with
 * `mnemos-load stop spin`. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>

int main(void)
{
    printf("spinning\n");
    for (volatile unsigned turns = 0;; turns++) {}
}

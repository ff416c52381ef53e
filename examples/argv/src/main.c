/* argv: prints its arguments. `mnemos-load run argv.mna -- one "two three"` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) printf("argv[%d] = \"%s\"\n", i, argv[i]);
    return 0;
}

/* machine.c — user/machine.h on a PC: no exceptions to forget, a board that is none. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/machine.h"

const struct mn_board mn_board = { .name = "host", .version = "0.0.0", .fpu = true };

void mn_machine_drop_pending(void)
{
}

void mn_machine_wakes_seen(void)
{
}

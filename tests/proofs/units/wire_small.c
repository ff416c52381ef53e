/* wire_small.c — for the proofs: a part of wire.c, and wire.c as builds for size have it. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#define MNEMOS_SMALL 1
#include "tests/proofs/include/bytes.h"
#include "abi/src/wire_small.h"
#include "abi/src/wire.c"

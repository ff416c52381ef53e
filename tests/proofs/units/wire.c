/* wire.c — for the proofs: the source, which has the contracts of what its header calls. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "tests/proofs/include/bytes.h"
#include "abi/src/wire.c"

/* wire.c — for the proofs: a header with the contracts of what it calls. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "abi/src/wire.c"

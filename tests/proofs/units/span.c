/* span.c — for the proofs: a header as a source. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/user/span.h"

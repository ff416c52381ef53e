/* ring_index.c — for the proofs: a header as a source, and what the provers are not told about powers of two. */
// SPDX-License-Identifier: MIT OR Apache-2.0
/*@ axiomatic PowersOfTwo {
      axiom low_bits: \forall integer x, p; 0 <= x < 0x100000000 && (p == 2 || p == 4 || p == 8 || p == 16) ==>
          (x & (p - 1)) == x % p && 0 <= (x & (p - 1)) < p;
      axiom one_bit: \forall integer x; 2 <= x <= 16 && (x & (x - 1)) == 0 ==> x == 2 || x == 4 || x == 8 || x == 16;
    } */
#include "kernel/user/ring_index.h"

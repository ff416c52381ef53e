/* bytes.h — for the proofs of the codec: what the provers are not told about the bytes of a word. See facts.smt2. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef PROOFS_BYTES_H
#define PROOFS_BYTES_H

/*@ axiomatic Bytes {
      axiom small_word: \forall integer x; 0 <= x < 0x10000000000000000 && (uint32_t)x < 0x100 ==> (uint8_t)x == (uint32_t)x;
    } */
#endif

/* proof.h — read before every proved source: what Frama-C 25 does not know of C11 and GNU C.
 *
 * An atomic is a plain object here: what is proved about a ring holds between two operations. That nothing harmful can
 * come in between is the matter of the host tests, with an interrupt at every access, and of the models. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef PROOFS_PROOF_H
#define PROOFS_PROOF_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define _Static_assert(...)
#define _Atomic
#define __FC_STDATOMIC /* instead of Frama-C's own */

enum { memory_order_relaxed, memory_order_acquire, memory_order_release, memory_order_acq_rel, memory_order_seq_cst };

#define atomic_init(object, value)                  (*(object) = (value))
#define atomic_load_explicit(object, order)         (*(object))
#define atomic_store_explicit(object, value, order) (*(object) = (value))
#define atomic_signal_fence(order)                  ((void)0)
#define __atomic_load_n(object, order)              (*(object))
#define __atomic_store_n(object, value, order)      (*(object) = (value))

/* Arithmetic of C that the provers are not told by WP. Decided for every value in bits: facts.smt2, same names. */
/*@ axiomatic Facts {
      axiom below_zero: \forall integer x; -0x100000000 <= x < 0 ==> (uint32_t)x == x + 0x100000000;
      axiom bit_31_off: \forall integer x; 0 <= x < 0x100000000 ==> (x & 0x7fffffff) == x % 0x80000000;
      axiom bit_31_flipped: \forall integer x; 0 <= x < 0x100000000 ==>
          ((x & 0x80000000) ^ 0x80000000) == (x < 0x80000000 ? 0x80000000 : 0);
      axiom bit_31_same: \forall integer x, y; 0 <= x < 0x100000000 && 0 <= y < 0x100000000 ==>
          (((x ^ y) & 0x80000000) == 0 <==> (x < 0x80000000 <==> y < 0x80000000));
      axiom masked_or: \forall integer x, y, m; 0 <= x < 0x100000000 && 0 <= y < 0x100000000 && 0 <= m < 0x100000000 ==>
          (((x | y) & m) == 0 <==> (x & m) == 0 && (y & m) == 0);
      axiom one_above_other: \forall integer x, y; 0 <= x < 0x100000000 && 0 <= y && y % 0x100000000 == 0 ==>
          (x | y) == x + y;
      axiom up_a_word: \forall integer x; 0 <= x < 0x100000000 ==> (x << 32) == x * 0x100000000;
      axiom down_a_word: \forall integer x; 0 <= x < 0x10000000000000000 ==> (x >> 32) == x / 0x100000000;
      axiom low_word: \forall integer x; 0 <= x < 0x10000000000000000 ==> (uint32_t)x == x % 0x100000000;
    } */

/*@ lemma rounded_down: \forall integer a, b; 0 <= a && 0 < b ==> 0 <= a / b * b <= a < a / b * b + b;
    lemma rounded_is_multiple: \forall integer a, b; 0 <= a && 0 < b ==> a / b * b % b == 0; */

/* What the compiler has built in. */

/*@ requires \valid(difference);
    assigns *difference;
    ensures *difference == (a < b ? a - b + 0x100000000 : a - b);
    ensures \result <==> a < b; */
_Bool proof_sub_overflow(uint32_t a, uint32_t b, uint32_t *difference);
#define __builtin_sub_overflow(a, b, difference) proof_sub_overflow(a, b, difference)

/* What the proved functions call from other files. */

/*@ assigns \nothing; */
uint32_t mnemos_crc32(uint32_t seed, const void *data, size_t len);

/*@ assigns \nothing;
    ensures \false; */
_Noreturn void mn_port_panic(const char *reason, const char *file, uint32_t line);

/*@ requires \valid(to + (0 .. len - 1)) && \valid_read(from + (0 .. len - 1));
    requires \separated(to + (0 .. len - 1), from + (0 .. len - 1));
    assigns to[0 .. len - 1]; */
void proof_copy(uint8_t *to, const uint8_t *from, size_t len);
#define memcpy(to, from, len) proof_copy(to, from, len)

/* In the proofs nothing strikes between two steps. */
/*@ assigns \nothing; */
static inline void mn_hook_point(void);

/* Touches tasks, no ring. */
struct mn_task;
/*@ assigns \nothing; */
void mn_task_wake(struct mn_task *task);
#endif

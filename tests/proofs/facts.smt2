; facts.smt2 — the axioms of proof.h as questions about bits: is there a pattern that breaks it? `unsat`: none.
; SPDX-License-Identifier: MIT OR Apache-2.0
(set-logic BV)
(declare-const x (_ BitVec 32))
(declare-const y (_ BitVec 32))
(declare-const m (_ BitVec 32))
(declare-const z (_ BitVec 64))
(define-fun wide ((v (_ BitVec 32))) (_ BitVec 64) ((_ zero_extend 32) v))

; A difference below zero, seen as 32 bits, is 2^32 more.
(echo "below_zero")
(push)
(assert (bvult x y))
(assert (not (= (wide (bvsub x y)) (bvsub (bvadd (wide x) #x0000000100000000) (wide y)))))
(check-sat)
(pop)

(echo "bit_31_off")
(push)
(assert (not (= (bvand x #x7fffffff) (bvurem x #x80000000))))
(check-sat)
(pop)

(echo "bit_31_flipped")
(push)
(assert (not (= (bvxor (bvand x #x80000000) #x80000000) (ite (bvult x #x80000000) #x80000000 #x00000000))))
(check-sat)
(pop)

(echo "bit_31_same")
(push)
(assert (not (= (= (bvand (bvxor x y) #x80000000) #x00000000)
                (= (bvult x #x80000000) (bvult y #x80000000)))))
(check-sat)
(pop)

(echo "masked_or")
(push)
(assert (not (= (= (bvand (bvor x y) m) #x00000000)
                (and (= (bvand x m) #x00000000) (= (bvand y m) #x00000000)))))
(check-sat)
(pop)

(echo "one_above_other")
(push)
(assert (= ((_ extract 31 0) z) #x00000000))
(assert (not (= (bvor (wide x) z) (bvadd (wide x) z))))
(check-sat)
(pop)

(echo "up_a_word")
(push)
(assert (not (= (bvshl (wide x) #x0000000000000020) (bvmul (wide x) #x0000000100000000))))
(check-sat)
(pop)

(echo "down_a_word")
(push)
(assert (not (= (bvlshr z #x0000000000000020) (bvudiv z #x0000000100000000))))
(check-sat)
(pop)

(echo "low_word")
(push)
(assert (not (= (wide ((_ extract 31 0) z)) (bvurem z #x0000000100000000))))
(check-sat)
(pop)

; The control: this one has a counterexample.
(echo "false_fact")
(push)
(assert (not (= (bvor x y) (bvadd x y))))
(check-sat)
(pop)

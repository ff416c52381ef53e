// program.S — the program's image as it would come over the line.
// SPDX-License-Identifier: MIT OR Apache-2.0
    .section .rodata.bench_program, "a"
    .balign 8
    .global bench_program
bench_program:
    .incbin BENCH_PROGRAM

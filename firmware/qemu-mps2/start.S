/* start.S — vector table and reset. */
// SPDX-License-Identifier: MIT OR Apache-2.0
    .syntax unified
    .cpu    cortex-m4
    .thumb

    .section .vectors, "a"
    .word   mn_stack_top
    .word   Reset_Handler
    .word   Unexpected_Handler      @ NMI
    .word   Fault_Handler           @ HardFault
    .word   Fault_Handler           @ MemManage
    .word   Fault_Handler           @ BusFault
    .word   Fault_Handler           @ UsageFault
    .word   0, 0, 0, 0
    .word   SVC_Handler
    .word   Unexpected_Handler      @ DebugMonitor
    .word   0
    .word   PendSV_Handler
    .word   Unexpected_Handler      @ SysTick
    .word   uart_rx_interrupt       @ interrupt 0
    .word   uart_tx_interrupt       @ 1
    .rept   8
    .word   Unexpected_Handler      @ 2 to 9
    .endr
    .word   clock_interrupt         @ 10
    .rept   21
    .word   Unexpected_Handler      @ 11 to 31
    .endr

    .text
    .thumb_func
    .global Reset_Handler
Reset_Handler:
    ldr     r0, =mn_data_start
    ldr     r1, =mn_data_end
    ldr     r2, =mn_data_load
1:  cmp     r0, r1
    bhs     2f
    ldr     r3, [r2], #4
    str     r3, [r0], #4
    b       1b
2:  ldr     r0, =mn_bss_start
    ldr     r1, =mn_bss_end
    movs    r3, #0
3:  cmp     r0, r1
    bhs     4f
    str     r3, [r0], #4
    b       3b
4:  bl      main
    .ltorg

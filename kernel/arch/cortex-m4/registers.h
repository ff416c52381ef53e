/* registers.h — the Cortex-M4's own registers, as far as the kernel uses them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_ARCH_CORTEX_M4_REGISTERS_H
#define MN_ARCH_CORTEX_M4_REGISTERS_H
#include <stdint.h>

#define MN_REGISTER(addr) (*(volatile uint32_t *)(addr))

#define NVIC_ISER(n) MN_REGISTER(0xe000e100u + 4u * (n))
#define NVIC_ISPR(n) MN_REGISTER(0xe000e200u + 4u * (n))
#define NVIC_IPR(irq) (*(volatile uint8_t *)(0xe000e400u + (irq)))

#define SCB_ICSR  MN_REGISTER(0xe000ed04u)
#define SCB_AIRCR MN_REGISTER(0xe000ed0cu)
#define SCB_CCR   MN_REGISTER(0xe000ed14u)
#define SCB_SHPR1 MN_REGISTER(0xe000ed18u)
#define SCB_SHPR2 MN_REGISTER(0xe000ed1cu)
#define SCB_SHPR3 MN_REGISTER(0xe000ed20u)
#define SCB_SHCSR MN_REGISTER(0xe000ed24u)
#define SCB_CFSR  MN_REGISTER(0xe000ed28u)
#define SCB_HFSR  MN_REGISTER(0xe000ed2cu)
#define SCB_MMFAR MN_REGISTER(0xe000ed34u)
#define SCB_BFAR  MN_REGISTER(0xe000ed38u)
#define SCB_CPACR MN_REGISTER(0xe000ed88u)
#define FPU_FPCCR MN_REGISTER(0xe000ef34u)

#define MPU_CTRL MN_REGISTER(0xe000ed94u)
#define MPU_RBAR_ADDR 0xe000ed9cu /* then RASR and three aliases of the pair */
#define MPU_RBAR MN_REGISTER(MPU_RBAR_ADDR)
#define MPU_RASR MN_REGISTER(MPU_RBAR_ADDR + 4u)

#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSVCLR (1u << 27)

#define AIRCR_RESET 0x05fa0004u

#define CCR_DIV_0_TRP (1u << 4)
#define CCR_STKALIGN  (1u << 9)

#define SHCSR_FAULTS_ENABLED (7u << 16) /* MemManage, BusFault, UsageFault */
#define SHCSR_PENDED         (0xfu << 12) /* the same three and SVC */

#define CFSR_MMARVALID (1u << 7)
#define CFSR_BFARVALID (1u << 15)

#define CPACR_FPU        (0xfu << 20)
#define FPCCR_ASPEN      (1u << 31) /* frames with room for FP registers; LSPEN stays off: nothing is saved late */

#define MPU_CTRL_ENABLE  5u /* with the default map for the kernel */
#define MPU_RBAR_VALID   0x10u
#define MPU_RASR_NO_ACCESS (1u << 28) /* for nobody, nor execution */
#define MPU_RASR_SIZE(log2) (((log2) - 1u) << 1)
#define MPU_RASR_ENABLE  1u
#endif

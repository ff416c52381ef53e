# Toolchain file for kernels: the GNU Arm Embedded Toolchain, freestanding, no floating point inside the kernel.
# SPDX-License-Identifier: MIT OR Apache-2.0
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(MN_MACHINE "-mcpu=cortex-m4 -mthumb -mfloat-abi=soft")
set(CMAKE_C_FLAGS_INIT "${MN_MACHINE} -ffreestanding")
set(CMAKE_ASM_FLAGS_INIT "${MN_MACHINE}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${MN_MACHINE} -nostdlib -static")

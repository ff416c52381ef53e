/* uart.h — the board's serial line, as a link for the mux. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef FIRMWARE_QEMU_MPS2_DRIVERS_UART_H
#define FIRMWARE_QEMU_MPS2_DRIVERS_UART_H
#include "kernel/services/link.h"

/* Start receiving. The link is the driver's, for ever. */
struct mn_link *uart_start(void);

/* For the vector table. */
void uart_rx_interrupt(void);
void uart_tx_interrupt(void);
#endif

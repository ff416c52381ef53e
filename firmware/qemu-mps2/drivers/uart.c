/* uart.c — CMSDK UART: one byte at a time, an interrupt each way.
 *
 * QEMU holds bytes back while the receive register is full, so a full ring loses
 * nothing: the byte stays in the register until the mux has made room. An
 * interrupt flag is cleared before the register is touched, which may set it
 * again at once. Enables are never switched off: that loses a byte. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "uart.h"
#include "firmware/qemu-mps2/board.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/config.h"
#include "kernel/core/port.h"

#define TX_BURST      16u   /* bytes of one interrupt, if the line takes them at once */
#define UART_PRIORITY 0x40u
#define PANIC_PATIENCE 1000000u /* looks at a line that does not move, before giving it up */

struct uart { uint32_t data, state, control, interrupt, divider; };
static volatile struct uart *const uart = (volatile struct uart *)BOARD_UART_ADDR;

#define STATE_TX_FULL    (1u << 0)
#define STATE_RX_FULL    (1u << 1)
#define STATE_RX_OVERRUN (1u << 3)
#define CONTROL_ON       0x0fu /* both directions, both interrupts */
#define INTERRUPT_TX     (1u << 0)
#define INTERRUPT_RX     (1u << 1)

static uint8_t        rx_bytes[MN_CONFIG_LINE_RX_LEN], tx_bytes[MN_CONFIG_LINE_TX_LEN];
static struct mn_link line;

static void take_received(void)
{
    if (uart->state & STATE_RX_OVERRUN) {
        uart->state = STATE_RX_OVERRUN;
        line.overruns++;
    }
    while (uart->state & STATE_RX_FULL && mn_bbq_room(&line.rx)) {
        uart->interrupt = INTERRUPT_RX;
        uint8_t byte = (uint8_t)uart->data;
        (void)mn_bbq_put(&line.rx, &byte, 1);
    }
}

void uart_rx_interrupt(void)
{
    uart->interrupt = INTERRUPT_RX;
    take_received();
}

/* The mux has made room: fetch the byte that had to stay in the register. */
static void drained(struct mn_link *link)
{
    (void)link;
    uint32_t before = mn_port_lock();
    take_received();
    mn_port_unlock(before);
}

/* Send until the line is busy; its interrupt continues. */
static void send(void)
{
    for (uint32_t sent = 0; sent < TX_BURST && !(uart->state & STATE_TX_FULL); sent++) {
        uint8_t byte;
        if (!mn_bbq_get(&line.tx, &byte, 1))
            return;
        uart->interrupt = INTERRUPT_TX;
        uart->data = byte;
    }
}

void uart_tx_interrupt(void)
{
    uart->interrupt = INTERRUPT_TX;
    send();
}

static void kick(struct mn_link *link)
{
    (void)link;
    uint32_t before = mn_port_lock();
    send();
    mn_port_unlock(before);
}

struct mn_link *uart_start(void)
{
    mn_bbq_init(&line.rx, rx_bytes, sizeof rx_bytes);
    mn_bbq_init(&line.tx, tx_bytes, sizeof tx_bytes);
    line.kick = kick;
    line.drained = drained;
    line.baud = MN_CONFIG_BAUD;
    uart->divider = BOARD_CLOCK_HZ / MN_CONFIG_BAUD;
    uart->control = CONTROL_ON;
    mn_arch_enable_irq(BOARD_UART_RX_IRQ, UART_PRIORITY);
    mn_arch_enable_irq(BOARD_UART_TX_IRQ, UART_PRIORITY);
    return &line;
}

void mn_board_panic_write(const uint8_t *data, uint32_t len)
{
    static bool stuck;
    uart->divider = BOARD_CLOCK_HZ / MN_CONFIG_BAUD;
    uart->control = CONTROL_ON;
    while (len-- && !stuck) {
        uint32_t patience = PANIC_PATIENCE;
        while (uart->state & STATE_TX_FULL && --patience)
            ;
        stuck = !patience;
        uart->data = *data++;
    }
}

/* least.c — the smallest whole: two programs, system calls, a ring, no line. Only its size is of interest. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "firmware/qemu-mps2/board.h"
#include "firmware/qemu-mps2/drivers/clock.h"
#include "kernel/arch/cortex-m4/arch.h"
#include "kernel/core/bbq.h"
#include "kernel/core/heap.h"
#include "kernel/core/kernel.h"
#include "kernel/core/port.h"
#include "kernel/user/prog.h"
#include "kernel/user/sched.h"
#include <mnemos/abi/error.h>
#include <string.h>

const struct mn_board mn_board = {.name = BOARD_NAME, .version = MN_VERSION, .fpu = true};

extern uint8_t mn_heap_start[], mn_heap_end[];
extern const uint8_t bench_program[];

static struct mn_bbq ring;
static uint8_t ring_bytes[64];
static struct mn_task starter;
static struct mn_prog *progs[2];
static uint32_t loaded;

void mn_board_panic_write(const uint8_t *data, uint32_t len)
{
    (void)data;
    (void)len;
}

static mn_err open(struct mn_prog *prog, uint16_t port, uint32_t *handle)
{
    (void)prog;
    *handle = port;
    return MN_OK;
}

static mn_err close(struct mn_prog *prog, uint32_t handle)
{
    (void)prog;
    (void)handle;
    return MN_OK;
}

static mn_err read(struct mn_call *call, uint32_t *used)
{
    struct mn_grant grant = mn_bbq_read_grant(&ring);
    struct mnemos_span out = call->args.serial_read.out;
    uint32_t len = grant.len < out.len ? grant.len : out.len;
    mn_err err = len ? mn_user_write(call->who, out, 0, grant.buf, len) : MNEMOS_ERR_WOULD_WAIT;
    if (err) return err;
    mn_bbq_release(&grant, len);
    *used = len;
    return MN_OK;
}

static mn_err write(struct mn_call *call, uint32_t *used)
{
    struct mnemos_span data = call->args.serial_write.data;
    struct mn_grant grant = mn_bbq_write_grant(&ring, data.len);
    mn_err err =
        grant.len ? mn_user_read(call->who, data, 0, grant.buf, grant.len) : MNEMOS_ERR_WOULD_WAIT;
    if (err) return err;
    *used = grant.len;
    mn_bbq_commit(&grant, grant.len);
    return MN_OK;
}

static const struct mn_serial_ops ports = {open, read, write, close};

static void load(struct mn_prog **prog)
{
    struct mnemos_image_header head;
    memcpy(&head, bench_program, sizeof head);
    MN_ASSERT(!mn_prog_reserve(&head, "program", head.head_len, prog));
    memcpy(mn_prog_rw(*prog), bench_program, head.head_len);
    memcpy(mn_prog_rx(*prog), bench_program + head.head_len, head.payload_len);
}

static mn_err starter_poll(struct mn_task *task, struct mn_cx *cx)
{
    MN_BEGIN(&task->co)
        ;
        for (; loaded < 2; loaded++) {
            load(&progs[loaded]);
            MN_TRY(mn_prog_finish_poll(progs[loaded], cx, mn_prog_rw(progs[loaded])));
            MN_ASSERT(!mn_prog_start(progs[loaded], NULL, 0));
        }
    MN_END();
}

_Noreturn void main(void);

_Noreturn void main(void)
{
    mn_arch_init();
    struct mn_kernel *kernel = mn_kernel_new(
        &MN_KERNEL_DEFAULTS, (struct mn_kernel_memory){mn_heap_start, (size_t)(mn_heap_end - mn_heap_start)},
        (struct mn_kernel_clock){"dual timer", clock_start});
    mn_prog_reset(MN_CONFIG_RAM_ADDR, MN_CONFIG_ARENA_LEN);
    mn_sched_start(kernel);
    mn_bbq_init(&ring, ring_bytes, sizeof ring_bytes);
    mn_call_set_serial(&ports);
    mn_task_start(&starter, "starter", starter_poll);
    mn_arch_run();
}

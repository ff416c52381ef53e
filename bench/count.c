/* count.c — a QEMU plugin that counts executed instructions between markers.
 *
 * A marker is the ARMv7-M hint `dbg #n`; see bench.h for what each means. Markers
 * are not counted, everything between them is, in every mode; a conditional
 * instruction counts whether or not its condition holds. For each row that is
 * closed one line is written to the file given by out=PATH: samples, the least,
 * the sum and the most of their instructions.
 *
 * QEMU's plugin header is not packaged; the few functions used are declared here
 * (plugin API version 1). Loaded into QEMU, hence its licence. */
// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define OPTION 15u         /* of a hint */
#define HINT   0xf3af80f0u /* DBG T1, ARMv7-M ARM A7.7.33; the option is in the low four bits */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef void (*tb_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_callback)(unsigned cpu, void *data);
typedef void (*exit_callback)(qemu_plugin_id_t id, void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_callback callback);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_callback callback,
                                            int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_callback callback, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
EXPORT int qemu_plugin_version = 1;

enum marker { START = 1, STOP = 2, CLOSE = 3, LAP = 4 };

static struct {
    uint64_t samples, least, sum, most;
} row;
static FILE *out;
static bool sampling;
static uint64_t count;

static void count_one(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    count++;
}

static void end_sample(void)
{
    if (!sampling) return;
    if (!row.samples || count < row.least) row.least = count;
    if (count > row.most) row.most = count;
    row.sum += count;
    row.samples++;
}

static void close_row(void)
{
    fprintf(out, "%llu %llu %llu %llu\n", (unsigned long long)row.samples,
            (unsigned long long)row.least, (unsigned long long)row.sum,
            (unsigned long long)row.most);
    memset(&row, 0, sizeof row);
}

static void mark(unsigned cpu, void *data)
{
    (void)cpu;
    unsigned marker = (unsigned)(uintptr_t)data;
    if (marker == STOP || marker == LAP) end_sample();
    if (marker == CLOSE) close_row();
    sampling = marker == START || marker == LAP;
    count = 0;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        /* QEMU 7.2 reports wrong data for Thumb near the end of a page: prefer the memory itself. */
        const uint8_t *bytes = qemu_plugin_insn_haddr(insn);
        if (!bytes) bytes = qemu_plugin_insn_data(insn);
        uint16_t half[2];
        memcpy(half, bytes, sizeof half);
        uint32_t word = ((uint32_t)half[0] << 16) | half[1];
        if ((word & ~OPTION) == HINT)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, 0,
                                                   (void *)(uintptr_t)(word & OPTION));
        else
            qemu_plugin_register_vcpu_insn_exec_cb(insn, count_one, 0, NULL);
    }
}

static void finish(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                               char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], "out=", 4)) out = fopen(argv[i] + 4, "w");
    if (!out) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}

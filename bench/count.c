/* count.c — a QEMU plugin that counts executed instructions between markers.
 *
 * A marker is the ARMv7-M hint `dbg #n`, which every core executes as a no-op,
 * also unprivileged: `dbg #15` ends the sample that is running, any other starts
 * a sample of row n. Markers are not counted, everything between them is, in
 * every mode. At the end one line per row is written to the file given by
 * out=PATH: row, samples, least and most instructions. An interrupt that strikes
 * inside a sample lengthens it, so the least is the figure.
 *
 * QEMU's plugin header is not packaged; the few functions used are declared here
 * (plugin API version 1). Loaded into QEMU, hence its licence. */
// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define ROWS 16u
#define END 15u
#define HINT 0xf3af80f0u /* DBG T1, ARMv7-M ARM A7.7.33; the option is in the low four bits */

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

struct row {
    uint64_t samples, least, most;
};

static struct row rows[ROWS];
static char       path[1024];
static unsigned   current = END;
static uint64_t   count;

static void count_one(unsigned cpu, void *data)
{
    (void)cpu;
    (void)data;
    count++;
}

static void mark(unsigned cpu, void *data)
{
    (void)cpu;
    unsigned option = (unsigned)(uintptr_t)data;
    if (current != END) {
        struct row *row = &rows[current];
        if (!row->samples || count < row->least) row->least = count;
        if (count > row->most) row->most = count;
        row->samples++;
    }
    current = option;
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
        if ((word & ~15u) == HINT)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, 0, (void *)(uintptr_t)(word & 15u));
        else
            qemu_plugin_register_vcpu_insn_exec_cb(insn, count_one, 0, NULL);
    }
}

static void report(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *out = fopen(path, "w");
    if (!out) return;
    for (unsigned i = 0; i < ROWS; i++)
        if (rows[i].samples)
            fprintf(out, "%u %llu %llu %llu\n", i, (unsigned long long)rows[i].samples,
                    (unsigned long long)rows[i].least, (unsigned long long)rows[i].most);
    fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], "out=", 4)) snprintf(path, sizeof path, "%s", argv[i] + 4);
    if (!path[0]) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}

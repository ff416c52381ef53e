/* loader.h — loading and controlling programs from the host, over the mux's loader port.
 *
 * One request at a time: one that arrives while another is being answered is dropped, and the host repeats it. The
 * last answer is kept and sent again when its request comes again. Everything arriving here may be wrong. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_SERVICES_LOADER_H
#define MN_SERVICES_LOADER_H
#include <mnemos/abi/loader.h>
#include <stdbool.h>
#include <stdint.h>

/* What the board tells the host about itself. */
struct mn_loader_board {
    const char *kernel, *board;              /* version and name, at most 24 bytes each */
    uint8_t     arch;                        /* enum mnemos_image_arch */
    bool        fpu;
    const struct mnemos_loader_crash *crash; /* why the last reset happened; NULL: not a crash */
    void (*sleep_stats)(uint64_t *idle_us, uint32_t *wakeups); /* NULL: not known */
};

/* Start the loader. After mn_mux_start() and mn_prog_reset().
 *
 * Owner    the loader keeps `board` and all it points to. */
void mn_loader_start(const struct mn_loader_board *board);
#endif

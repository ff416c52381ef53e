/* sha256: prints the SHA-256 digest of its input, as sha256sum does.
 * `mnemos-load run sha256.mna < file` */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sha256.h"
#include <stdio.h>

int main(void)
{
    static struct sha256 hash;
    static uint8_t piece[512];
    uint8_t digest[SHA256_DIGEST];

    sha256_begin(&hash);
    for (size_t len; (len = fread(piece, 1, sizeof piece, stdin)) > 0;)
        sha256_add(&hash, piece, len);
    if (ferror(stdin)) {
        fputs("sha256: reading failed\n", stderr);
        return 1;
    }
    sha256_end(&hash, digest);

    for (int i = 0; i < SHA256_DIGEST; i++) printf("%02x", digest[i]);
    printf("  -\n");
    return 0;
}

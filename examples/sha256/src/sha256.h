/* sha256.h: the hash function SHA-256 (FIPS 180-4), for a message that comes in pieces. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SHA256_H
#define SHA256_H
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_DIGEST = 32 };

/* A message under way. Do not look inside. */
struct sha256 {
    uint32_t state[8];
    uint64_t bytes; /* of the message so far */
    uint8_t block[SHA256_BLOCK];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t len);
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_DIGEST]);
#endif

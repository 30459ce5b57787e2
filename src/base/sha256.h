// SPDX-License-Identifier: Apache-2.0
#pragma once

// SHA-256 (FIPS 180-4). Small and ours, because pure engines need the identity of a document without I/O or a library
// to load; signing and everything else cryptographic belongs to io/ and OpenSSL.

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
    uint32_t state[8];
    uint64_t length;
    unsigned char block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t length);
void sha256_finish(struct sha256 *hash, unsigned char digest[SHA256_SIZE]);
// Lower-case hexadecimal of the digest of the bytes; returns hex.
const char *sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two ways to fold blocks into a SHA-256 state: plain C, and the processor's own instructions where it has them.
// Only sha256.c and its test include this.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK_SIZE ((size_t)64)

extern const uint32_t sha256_round_constants[64];

void sha256_blocks_portable(uint32_t state[8], const unsigned char *blocks, size_t count);
// Only to be called when it is supported.
void sha256_blocks_accelerated(uint32_t state[8], const unsigned char *blocks, size_t count);
bool sha256_blocks_accelerated_is_supported(void);

// SPDX-License-Identifier: Apache-2.0
#include "base/sha256_blocks.h"

// Checksums are most of what a bundle costs, and the instructions are about eight times as fast as plain C.
#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

// Asked for when the first block comes, and not by the compiler's __builtin_cpu_supports(), whose constructor would ask
// the processor a dozen questions at the start of every command; each is a trap on a virtual machine. What has the SHA
// instructions has SSSE3 and SSE4.1.
bool sha256_blocks_accelerated_is_supported(void) {
    static signed char supported = -1;
    if (supported < 0) {
        unsigned a, b = 0, c, d;
        supported = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
    }
    return supported;
}

// Four rounds at a time. The instructions want the state as (a, b, e, f) and (c, d, g, h).
__attribute__((target("sha,ssse3,sse4.1"))) void sha256_blocks_accelerated(uint32_t state[8],
                                                                           const unsigned char *blocks, size_t count) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1B);
    __m128i abef = _mm_alignr_epi8(low, high, 8);
    __m128i cdgh = _mm_blend_epi16(high, low, 0xF0);
    for (; count; count--, blocks += SHA256_BLOCK_SIZE) {
        __m128i abef_before = abef, cdgh_before = cdgh, w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(blocks + 16 * i)), big_endian);
        for (int i = 0; i < 16; i++) {
            const __m128i *constants = (const __m128i *)(const void *)(sha256_round_constants + 4 * i);
            __m128i sum = _mm_add_epi32(w[i % 4], _mm_loadu_si128(constants));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
            // The schedule's words 4i + 16 to 4i + 19, in place of those just used.
            __m128i last = w[(i + 3) % 4];
            __m128i next =
                _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), _mm_alignr_epi8(last, w[(i + 2) % 4], 4));
            w[i % 4] = _mm_sha256msg2_epu32(next, last);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1B);
    high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

#else

bool sha256_blocks_accelerated_is_supported(void) {
    return false;
}

void sha256_blocks_accelerated(uint32_t state[8], const unsigned char *blocks, size_t count) {
    sha256_blocks_portable(state, blocks, count);
}

#endif

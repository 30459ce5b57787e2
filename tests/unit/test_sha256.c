// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/sha256.h"
#include "base/sha256_blocks.h"

// The vectors of FIPS 180-4's examples.
static void test_published_vectors(void **state _unused_) {
    static const struct {
        const char *bytes, *hex;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[SHA256_HEX_SIZE];
    for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
        assert_string_equal(sha256_hex(vectors[i].bytes, strlen(vectors[i].bytes), hex), vectors[i].hex);
}

static void test_a_million_in_uneven_parts(void **state _unused_) {
    struct sha256 hash;
    char part[997];
    memset(part, 'a', sizeof part);
    sha256_init(&hash);
    for (size_t left = 1000000, size = 1; left; size = size % sizeof part + 1) {
        size_t now = MIN(left, size);
        sha256_add(&hash, part, now);
        left -= now;
    }
    unsigned char digest[SHA256_SIZE];
    sha256_finish(&hash, digest);
    static const unsigned char expected[] = {0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92};
    assert_memory_equal(digest, expected, sizeof expected);
}

static void test_both_ways_agree(void **state _unused_) {
    if (!sha256_blocks_accelerated_is_supported())
        skip();
    uint32_t portable[8] = {1, 2, 3, 4, 5, 6, 7, 8}, accelerated[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    unsigned char blocks[5 * SHA256_BLOCK_SIZE + 1];
    uint32_t random = 12345;
    for (int round = 0; round < 500; round++) {
        for (size_t i = 0; i < sizeof blocks; i++) {
            random = random * 1664525 + 1013904223;
            blocks[i] = (unsigned char)(random >> 24);
        }
        size_t count = (size_t)round % 6;
        sha256_blocks_portable(portable, blocks + round % 2, count);
        sha256_blocks_accelerated(accelerated, blocks + round % 2, count);
        assert_memory_equal(portable, accelerated, sizeof portable);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_a_million_in_uneven_parts),
        cmocka_unit_test(test_both_ways_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/sha256.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_a_million_in_uneven_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

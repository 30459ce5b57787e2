// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "base/map.h"

static void test_put_get_replace(void **state _unused_) {
    _cleanup_map_ struct map map = {0};
    int one = 1, two = 2;
    assert_null(map_get(&map, "a"));
    assert_true(map_put(&map, "a", &one));
    assert_false(map_put(&map, "a", &two));
    assert_ptr_equal(map_get(&map, "a"), &two);
    assert_int_equal(map.count, 1);
    assert_false(map_has(&map, "b"));
}

static void test_keys_may_hold_nul_and_share_prefixes(void **state _unused_) {
    _cleanup_map_ struct map map = {0};
    int values[4];
    assert_true(map_put_bytes(&map, "k\0a", 3, &values[0]));
    assert_true(map_put_bytes(&map, "k\0b", 3, &values[1]));
    assert_true(map_put_bytes(&map, "k", 1, &values[2]));
    assert_true(map_put_bytes(&map, "", 0, &values[3]));
    assert_ptr_equal(map_get_bytes(&map, "k\0b", 3), &values[1]);
    assert_ptr_equal(map_get(&map, "k"), &values[2]);
    assert_ptr_equal(map_get(&map, ""), &values[3]);
}

static void test_many_keys_keep_their_order(void **state _unused_) {
    enum { COUNT = 20000 };
    _cleanup_map_ struct map map = {0};
    char **keys = xcalloc(COUNT, sizeof *keys);
    for (int i = 0; i < COUNT; i++) {
        keys[i] = xasprintf("key-%d", i * 7919 % COUNT);
        assert_true(map_put(&map, keys[i], keys[i]));
    }
    assert_int_equal(map.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_ptr_equal(map.entries[i].value, keys[i]);
        assert_ptr_equal(map_get(&map, keys[i]), keys[i]);
    }
    for (int i = 0; i < COUNT; i++)
        free(keys[i]);
    free(keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get_replace),
        cmocka_unit_test(test_keys_may_hold_nul_and_share_prefixes),
        cmocka_unit_test(test_many_keys_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/arena.h"

static void test_alignment_and_zero(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    for (size_t size = 1; size < 5000; size = size * 3 + 1) {
        char *p = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
        arena_text_space(arena, 3);
    }
}

static void test_larger_than_a_block(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    char *small = arena_strdup(arena, "small");
    char *large = arena_alloc(arena, 3 * 1024 * 1024);
    memset(large, 1, 3 * 1024 * 1024);
    assert_string_equal(small, "small");
    assert_string_equal(arena_printf(arena, "%s-%d", small, 7), "small-7");
}

static void test_grow_keeps_bytes(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 3000; i++) {
        if ((size_t)i == capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            numbers = arena_grow(arena, numbers, capacity * sizeof *numbers, larger * sizeof *numbers);
            capacity = larger;
        }
        numbers[i] = i;
        if (i % 7 == 0)
            arena_strdup(arena, "between");
    }
    for (int i = 0; i < 3000; i++)
        assert_int_equal(numbers[i], i);
}

static void count_call(void *counter) {
    ++*(int *)counter;
}

static void test_on_free(void **state _unused_) {
    int calls = 0;
    struct arena *arena = arena_new();
    arena_on_free(arena, count_call, &calls);
    arena_on_free(arena, count_call, &calls);
    arena_free(arena);
    assert_int_equal(calls, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment_and_zero),
        cmocka_unit_test(test_larger_than_a_block),
        cmocka_unit_test(test_grow_keeps_bytes),
        cmocka_unit_test(test_on_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

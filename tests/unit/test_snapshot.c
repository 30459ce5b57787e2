// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "model/snapshot.h"

#include <stdio.h>

static void test_set_and_find(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct snapshot *snapshot = snapshot_new(arena);
    struct subtype *release = snapshot_subtype(snapshot, "OS", "release");
    assert_ptr_equal(snapshot_subtype(snapshot, "OS", "release"), release);
    char key[] = "VERSION_ID", value[] = "24.10";
    snapshot_set(snapshot, release, key, DOC_FLOAT, value);
    key[0] = value[0] = 'x';
    snapshot_set_bool(snapshot, snapshot_subtype(snapshot, "OS", "kmod"), "nvidia", true);
    snapshot_set_uint(snapshot, snapshot_subtype(snapshot, "SystemD", "containerd.service"), "CPUShares", UINT64_MAX);
    snapshot_set_int(snapshot, snapshot_subtype(snapshot, "GPU", "smi"), "offset", INT64_MIN);
    snapshot_set_string(snapshot, release, "NOTHING", NULL);

    const struct reading *reading = snapshot_find(snapshot, "OS", "release", "VERSION_ID");
    assert_string_equal(reading->text, "24.10");
    assert_int_equal(reading->text_length, 5);
    assert_int_equal(reading->kind, DOC_FLOAT);
    assert_string_equal(snapshot_find(snapshot, "SystemD", "containerd.service", "CPUShares")->text,
                        "18446744073709551615");
    assert_string_equal(snapshot_find(snapshot, "GPU", "smi", "offset")->text, "-9223372036854775808");
    assert_int_equal(snapshot_find(snapshot, "OS", "kmod", "nvidia")->kind, DOC_BOOL);
    assert_int_equal(snapshot_find(snapshot, "OS", "release", "NOTHING")->kind, DOC_NULL);
    assert_null(snapshot_find(snapshot, "OS", "release", "VERSION"));
    assert_null(snapshot_find(snapshot, "OS", "grub", "VERSION_ID"));
    assert_null(snapshot_find(snapshot, "os", "release", "VERSION_ID"));
    assert_null(snapshot_find_measurement(snapshot, "K8s"));
}

static void test_set_replaces(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct snapshot *snapshot = snapshot_new(arena);
    struct subtype *subtype = snapshot_subtype(snapshot, "OS", "grub");
    snapshot_set_string(snapshot, subtype, "quiet", "1");
    snapshot_set_int(snapshot, subtype, "quiet", 2);
    assert_int_equal(subtype->count, 1);
    assert_string_equal(subtype_find(subtype, "quiet")->text, "2");
    assert_int_equal(subtype_find(subtype, "quiet")->kind, DOC_INT);
}

static void test_many_keys(void **state _unused_) {
    enum { COUNT = 50000 };
    _cleanup_arena_ struct arena *arena = arena_new();
    struct snapshot *snapshot = snapshot_new(arena);
    struct subtype *subtype = snapshot_subtype(snapshot, "OS", "sysctl");
    char key[32];
    for (int i = COUNT; i-- > 0;) {
        snprintf(key, sizeof key, "/proc/sys/key%d", i);
        snapshot_set_int(snapshot, subtype, key, i);
    }
    assert_int_equal(subtype->count, COUNT);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(key, sizeof key, "/proc/sys/key%d", i);
            assert_int_equal(atoi(subtype_find(subtype, key)->text), i);
        }
        snapshot_sort(snapshot);
    }
    for (size_t i = 1; i < subtype->count; i++)
        assert_true(strcmp(subtype->readings[i - 1].key, subtype->readings[i].key) < 0);
}

static void test_sort(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct snapshot *snapshot = snapshot_new(arena);
    static const char *const types[] = {"SystemD", "OS", "K8s", "GPU"};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        snapshot_set_bool(snapshot, snapshot_subtype(snapshot, types[i], "z"), "k", true);
        snapshot_set_bool(snapshot, snapshot_subtype(snapshot, types[i], "a"), types[i], true);
    }
    snapshot_add_outcome(snapshot, "OS", COLLECTOR_COLLECTED, NULL, 5);
    snapshot_add_outcome(snapshot, "GPU", COLLECTOR_ABSENT, "no GPU", 1);
    snapshot_add_redacted(snapshot, "OS.grub.token", "secret-key");
    snapshot_add_redacted(snapshot, "K8s.node.provider-id", "identifier");
    snapshot_sort(snapshot);
    assert_string_equal(snapshot->measurements[0].type, "GPU");
    assert_string_equal(snapshot->measurements[3].type, "SystemD");
    assert_string_equal(snapshot->measurements[3].subtypes[0]->name, "a");
    assert_string_equal(snapshot->outcomes[0].name, "GPU");
    assert_string_equal(snapshot->redacted[0].path, "K8s.node.provider-id");
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        assert_string_equal(snapshot_find_measurement(snapshot, types[i])->type, types[i]);
        assert_non_null(snapshot_find(snapshot, types[i], "a", types[i]));
    }
}

static void test_add_and_attach_refuse(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct snapshot *snapshot = snapshot_new(arena);
    struct subtype *first = subtype_new(snapshot), *second = subtype_new(snapshot);
    first->name = second->name = "smi";
    struct reading reading = {.key = "driver", .key_length = 6, .text = "570", .text_length = 3, .kind = DOC_STRING};
    assert_true(subtype_add(first, &reading));
    reading.text = "580";
    assert_false(subtype_add(first, &reading));
    assert_string_equal(subtype_find(first, "driver")->text, "570");
    subtype_trim(first);
    assert_int_equal(first->capacity, 1);
    assert_true(snapshot_attach(snapshot, "GPU", first));
    assert_false(snapshot_attach(snapshot, "GPU", second));
    assert_ptr_equal(snapshot_find_subtype(snapshot, "GPU", "smi"), first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_find),
        cmocka_unit_test(test_set_replaces),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_add_and_attach_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

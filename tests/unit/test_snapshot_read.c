// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "model/snapshot.h"

struct bytes {
    const char *at;
    size_t left;
};

static ssize_t read_bytes(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct bytes *bytes = context;
    size_t length = MIN(size, bytes->left);
    memcpy(buffer, bytes->at, length);
    bytes->at += length;
    bytes->left -= length;
    return (ssize_t)length;
}

static int read_text(struct arena *arena, const char *text, struct snapshot **ret, struct error **err) {
    struct bytes bytes = {text, strlen(text)};
    struct doc_input input = {.read = read_bytes, .context = &bytes, .name = "snap.yaml"};
    return snapshot_read(arena, &input, ret, err);
}

static const char yaml[] = "kind: Snapshot\n"
                           "apiVersion: cns.nvidia.com/v1alpha1\n"
                           "metadata:\n"
                           "  timestamp: \"2026-01-02T18:01:13Z\"\n"
                           "  version: 0.8.12\n"
                           "  source: node-1\n"
                           "measurements:\n"
                           "- type: OS\n"
                           "  subtypes:\n"
                           "  - subtype: release\n"
                           "    data:\n"
                           "      VERSION_ID: 24.10\n"
                           "      ID: \"ubuntu\"\n"
                           "      EMPTY: \"\"\n"
                           "      NOTHING: null\n"
                           "    context: {origin: file, n: 1}\n"
                           "  - subtype: kmod\n"
                           "    data: {nvidia: true}\n"
                           "- type: K8s\n"
                           "  subtypes: []\n"
                           "- null\n"
                           "- type: SystemD\n"
                           "future: {a: [1, {b: c}], d: e}\n"
                           "collectors:\n"
                           "- {name: K8s, status: absent, reason: no cluster}\n"
                           "redacted:\n"
                           "- {path: OS.grub.token, rule: secret-key}\n";

static void test_yaml(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot = NULL;
    if (read_text(arena, yaml, &snapshot, &err) < 0)
        fail_msg("%s", err->message);
    assert_string_equal(snapshot->source, "snap.yaml");
    assert_string_equal(snapshot->source_node, "node-1");
    assert_string_equal(snapshot->version, "0.8.12");
    assert_string_equal(snapshot->timestamp, "2026-01-02T18:01:13Z");
    const struct reading *reading = snapshot_find(snapshot, "OS", "release", "VERSION_ID");
    assert_string_equal(reading->text, "24.10");
    assert_int_equal(reading->kind, DOC_FLOAT);
    assert_true(reading->is_plain);
    assert_int_equal(reading->line, 12);
    assert_false(snapshot_find(snapshot, "OS", "release", "ID")->is_plain);
    assert_string_equal(snapshot_find(snapshot, "OS", "release", "EMPTY")->text, "");
    assert_int_equal(snapshot_find(snapshot, "OS", "release", "NOTHING")->kind, DOC_NULL);
    assert_int_equal(snapshot_find(snapshot, "OS", "kmod", "nvidia")->kind, DOC_BOOL);
    const struct subtype *release = snapshot_find_subtype(snapshot, "OS", "release");
    assert_int_equal(release->line, 10);
    assert_int_equal(release->context_count, 2);
    assert_string_equal(release->context[0].text, "file");
    assert_int_equal(snapshot_find_measurement(snapshot, "K8s")->count, 0);
    assert_non_null(snapshot_find_measurement(snapshot, "SystemD"));
    assert_int_equal(snapshot->outcome_count, 1);
    assert_string_equal(snapshot->outcomes[0].reason, "no cluster");
    assert_string_equal(snapshot->redacted[0].rule, "secret-key");
    assert_int_equal(snapshot->note_count, 1);
    assert_true(str_has_prefix(snapshot->notes[0], "snap.yaml:21:"));
}

// Sorted keys put the data before the subtype's name, the subtypes before the type and the kind in between.
static void test_json_with_sorted_keys(void **state _unused_) {
    static const char json[] =
        "{\"apiVersion\": \"aicr.nvidia.com/v1alpha1\",\n \"kind\": \"Snapshot\", \"measurements\":\n"
        " [{\"subtypes\": [{\"data\": {\"version\": \"v1.33\", \"n\": 12345678901234567890, \"e\\u0000f\": 1},\n"
        "   \"subtype\": \"server\"}], \"type\": \"K8s\"}],\n \"metadata\": {\"source-node\": \"n1\"}}";
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot = NULL;
    if (read_text(arena, json, &snapshot, &err) < 0)
        fail_msg("%s", err->message);
    assert_string_equal(snapshot_find(snapshot, "K8s", "server", "version")->text, "v1.33");
    assert_string_equal(snapshot_find(snapshot, "K8s", "server", "n")->text, "12345678901234567890");
    assert_int_equal(snapshot_find(snapshot, "K8s", "server", "version")->line, 3);
    assert_string_equal(snapshot->source_node, "n1");
    assert_string_equal(snapshot->api_version, "aicr.nvidia.com/v1alpha1");
}

#define HEAD "kind: Snapshot\napiVersion: cns.nvidia.com/v1alpha1\n"
#define IN_DATA HEAD "measurements:\n- type: OS\n  subtypes:\n  - subtype: grub\n    data:\n"

static const struct {
    const char *text, *message, *hint;
} refused[] = {
    {"", "snap.yaml", NULL},
    {"hello\n", "must be a map, not a string", NULL},
    {"- a\n", "must be a map, not a list", NULL},
    {"kind: RecipeResult\napiVersion: x\n", "snap.yaml:1:7: this document is a RecipeResult", "--recipe"},
    {"kind: recipeResult\n", "this document is a recipeResult", "--recipe"},
    {"kind: Pod\n", "this document is a Pod", "cnsctl snapshot"},
    {"kind: Snapshot\napiVersion: v1\n", "snap.yaml:2:13: apiVersion 'v1' is unknown; snapshots of cns.nvidia.com",
     NULL},
    {"apiVersion: cns.nvidia.com/v1alpha1\n", "has no kind", "cnsctl snapshot"},
    {"kind: Snapshot\nmeasurements: []\n", "has no apiVersion", NULL},
    {HEAD, "has no measurements", NULL},
    {HEAD "kind: Snapshot\n", "snap.yaml:3:1: key 'kind' is there twice", NULL},
    {HEAD "other: 1\nother: 2\n", "snap.yaml:4:1: key 'other' is there twice", NULL},
    {HEAD "measurements: {}\n", "measurements must be a list, not a map", NULL},
    {HEAD "measurements: [OS]\n", "a measurement must be a map, not a string", NULL},
    {HEAD "measurements:\n- subtypes: []\n", "snap.yaml:4:3: a measurement has no type", NULL},
    {HEAD "measurements:\n- type: [OS]\n", "type must be a text, not a list", NULL},
    {HEAD "measurements:\n- type: OS\n  type: OS\n", "snap.yaml:5:3: key 'type' is there twice", NULL},
    {HEAD "measurements:\n- type: OS\n  subtypes: grub\n", "subtypes must be a list, not a string", NULL},
    {HEAD "measurements:\n- type: OS\n  subtypes:\n  - data: {a: b}\n", "snap.yaml:6:5: a subtype has no name", NULL},
    {HEAD "measurements:\n- type: OS\n  subtypes:\n  - subtype: a\n  - subtype: a\n",
     "snap.yaml:7:3: OS.a is there twice; the first stands in line 6", NULL},
    {HEAD "measurements:\n- type: OS\n  subtypes: [{subtype: a, data: [x]}]\n", "data must be a map, not a list", NULL},
    {IN_DATA "      quiet: 1\n      quiet: 2\n",
     "snap.yaml:9:14: key 'quiet' is there twice; the first stands in line 8", NULL},
    {IN_DATA "      a: {b: c}\n", "snap.yaml:8:10: the reading 'a' must be a scalar, not a map", NULL},
    {IN_DATA "      a: [b]\n", "must be a scalar, not a list", NULL},
    {IN_DATA "      a: \"b\n", "snap.yaml", NULL},
    {HEAD "measurements: []\nmetadata: x\n", "metadata must be a map, not a string", NULL},
    {HEAD "measurements: []\ncollectors: [{name: GPU, status: lost}]\n", "not 'lost'", NULL},
    {HEAD "measurements: []\ncollectors: [GPU]\n", "a collector must be a map", NULL},
    {HEAD "measurements: []\nredacted: [a]\n", "a redacted reading must be a map", NULL},
};

static void test_refused(void **state _unused_) {
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct snapshot *snapshot = NULL;
        if (read_text(arena, refused[i].text, &snapshot, &err) != -ERROR_INVALID)
            fail_msg("accepted, or another code: %s", refused[i].text);
        if (!strstr(err->message, refused[i].message))
            fail_msg("%s\nwanted: %s", err->message, refused[i].message);
        if (refused[i].hint && (!err->hint || !strstr(err->hint, refused[i].hint)))
            fail_msg("hint %s\nwanted: %s", err->hint ? err->hint : "-", refused[i].hint);
        assert_null(snapshot);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml),
        cmocka_unit_test(test_json_with_sorted_keys),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

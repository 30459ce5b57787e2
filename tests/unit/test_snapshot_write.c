// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "model/snapshot_write.h"

static struct snapshot *make(struct arena *arena) {
    struct snapshot *snapshot = snapshot_new(arena);
    snapshot->timestamp = "2026-01-02T18:01:13Z";
    snapshot->version = "1.2.3";
    snapshot->source_node = "node7";
    snapshot->redaction = "default";
    struct subtype *release = snapshot_subtype(snapshot, "OS", "release");
    snapshot_set_string(snapshot, release, "VERSION_ID", "24.10");
    snapshot_set_string(snapshot, release, "odd", "two\nlines\tand: a tab");
    snapshot_set_string(snapshot, release, "empty", "");
    snapshot_set_string(snapshot, release, "looks", "yes");
    struct subtype *unit = snapshot_subtype(snapshot, "SystemD", "a.service");
    snapshot_set_uint(snapshot, unit, "MemoryHigh", UINT64_MAX);
    snapshot_set_int(snapshot, unit, "Nice", -5);
    snapshot_set_bool(snapshot, unit, "CPUAccounting", true);
    snapshot_set(snapshot, unit, "Weight", DOC_FLOAT, "0.5");
    snapshot_add_outcome(snapshot, "GPU", COLLECTOR_ABSENT, "no GPU: none", 1);
    snapshot_add_outcome(snapshot, "OS.release", COLLECTOR_COLLECTED, NULL, 2);
    snapshot_add_redacted(snapshot, "OS.grub.token", "secret-key");
    snapshot_sort(snapshot);
    return snapshot;
}

struct memory {
    const struct text *text;
    size_t at;
};

static ssize_t read_memory(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct memory *memory = context;
    size_t length = MIN(size, memory->text->length - memory->at);
    memcpy(buffer, memory->text->bytes + memory->at, length);
    memory->at += length;
    return (ssize_t)length;
}

static void assert_same(const struct snapshot *a, const struct snapshot *b) {
    assert_string_equal(a->timestamp, b->timestamp);
    assert_string_equal(a->source_node, b->source_node);
    assert_string_equal(a->redaction, b->redaction);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct subtype *ours = a->measurements[i].subtypes[0];
        const struct subtype *theirs = snapshot_find_subtype(b, a->measurements[i].type, ours->name);
        assert_int_equal(ours->count, theirs->count);
        for (size_t j = 0; j < ours->count; j++) {
            const struct reading *reading = subtype_find(theirs, ours->readings[j].key);
            assert_string_equal(reading->text, ours->readings[j].text);
            assert_int_equal(reading->kind, ours->readings[j].kind);
        }
    }
    assert_int_equal(b->outcome_count, 2);
    assert_int_equal(b->outcomes[0].status, COLLECTOR_ABSENT);
    assert_string_equal(b->outcomes[0].reason, "no GPU: none");
    assert_int_equal(b->redacted_count, 1);
    assert_string_equal(b->redacted[0].rule, "secret-key");
}

static void test_what_is_written_is_read_again(void **state _unused_) {
    static const enum snapshot_format formats[] = {SNAPSHOT_YAML, SNAPSHOT_JSON};
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        _cleanup_text_ struct text text = {0}, again = {0};
        struct snapshot *snapshot = make(arena), *read_back;
        assert_int_equal(snapshot_write(snapshot, formats[i], &text, &err), 0);
        struct memory memory = {.text = &text};
        struct doc_input input = {.read = read_memory, .context = &memory, .name = "written"};
        assert_int_equal(snapshot_read(arena, &input, &read_back, &err), 0);
        assert_same(snapshot, read_back);
        assert_int_equal(snapshot_write(read_back, formats[i], &again, &err), 0);
        assert_string_equal(text_str(&again), text_str(&text));
    }
}

static void test_table(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text text = {0};
    assert_int_equal(snapshot_write(make(arena), SNAPSHOT_TABLE, &text, &err), 0);
    static const char *const rows[] = {
        "FIELD                            VALUE\n",
        "metadata.source-node             node7\n",
        "collectors.GPU                   absent: no GPU: none\n",
        "collectors.OS.release            collected\n",
        "OS.release.VERSION_ID            24.10\n",
        "OS.release.odd                   two\\nlines and: a tab\n", // one line each, whatever the value
        "SystemD.a.service.CPUAccounting  true\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (!strstr(text_str(&text), rows[i]))
            fail_msg("no row %s in\n%s", rows[i], text_str(&text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

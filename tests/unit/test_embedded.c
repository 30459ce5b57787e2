// SPDX-License-Identifier: Apache-2.0
// The index of overlays that tools/embed.py makes with a scanner of its own says what the loader reads.
#include "test.h"

#include "base/arena.h"
#include "base/sha256.h"
#include "base/text.h"
#include "catalog/identity.h"
#include "catalog/overlay.h"
#include "catalog/vocabulary.h"
#include "model/embedded.h"

static void test_files_are_sorted_and_found(void **state _unused_) {
    assert_true(embedded_knowledge.file_count > 20);
    for (size_t i = 0; i < embedded_knowledge.file_count; i++) {
        const struct embedded_file *file = &embedded_knowledge.files[i];
        assert_true(i == 0 || strcmp(file[-1].path, file->path) < 0);
        assert_ptr_equal(embedded_find(&embedded_knowledge, file->path), file);
        assert_int_equal(file->bytes[file->length], '\0');
    }
    assert_null(embedded_find(&embedded_knowledge, "overlays/none.yaml"));
}

static void assert_same(const struct embedded_overlay *row, const struct overlay *overlay) {
    assert_string_equal(row->name, overlay->name);
    assert_true(str_eq(row->base, overlay->base));
    assert_int_equal(row->has_criteria, overlay->has_criteria);
    assert_int_equal(row->criteria.nodes, overlay->criteria.nodes);
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (!str_eq(row->criteria.field[i], overlay->criteria.field[i]))
            fail_msg("%s: %s", row->path, criteria_field_names[i]);
}

static void test_index_matches_the_files(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct catalog *catalog = NULL;
    assert_int_equal(catalog_open(arena, &(struct catalog_spec){0}, &catalog, &err), 0);
    size_t files = 0;
    for (size_t i = 0; i < embedded_knowledge.file_count; i++)
        files += str_has_prefix(embedded_knowledge.files[i].path, "overlays/");
    assert_int_equal(files, embedded_knowledge.overlay_count);
    for (size_t i = 0; i < embedded_knowledge.overlay_count; i++) {
        const struct embedded_overlay *row = &embedded_knowledge.overlays[i];
        const struct doc *doc = NULL;
        struct overlay overlay = {0};
        const char *note = NULL;
        assert_int_equal(catalog_document(catalog, row->path, &doc, &err), 0);
        assert_int_equal(overlay_from_doc(doc, &overlay, &err), 0);
        assert_same(row, &overlay);
        if (overlay_check(arena, doc, false, &note, &err) < 0)
            fail_msg("%s", err->message);
    }
}

// The engine takes the index's words as they are, so they must be canonical names.
static void test_criteria_are_canonical(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct catalog *catalog = NULL;
    struct vocabulary *vocabulary = NULL;
    assert_int_equal(catalog_open(arena, &(struct catalog_spec){0}, &catalog, &err), 0);
    assert_int_equal(vocabulary_open(arena, catalog, &vocabulary, &err), 0);
    for (size_t i = 0; i < embedded_knowledge.overlay_count; i++)
        for (int j = 0; j < CRITERIA_FIELD_COUNT; j++) {
            const char *value = embedded_knowledge.overlays[i].criteria.field[j], *canonical = NULL;
            if (!value)
                continue;
            assert_int_equal(vocabulary_resolve(vocabulary, j, value, "index", &canonical, &err), 0);
            assert_string_equal(value, canonical);
        }
}

// The build computes digests with another implementation, and reads catalog.yaml with a scanner of its own.
static void test_identity_matches_the_files(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text index = {0};
    struct catalog *catalog = NULL;
    const struct doc *doc = NULL;
    char hex[SHA256_HEX_SIZE];
    for (size_t i = 0; i < embedded_knowledge.file_count; i++) {
        const struct embedded_file *file = &embedded_knowledge.files[i];
        assert_string_equal(sha256_hex(file->bytes, file->length, hex), file->digest);
    }
    catalog_add_index(&(struct catalog_spec){0}, &index);
    assert_string_equal(sha256_hex(text_str(&index), index.length, hex), embedded_knowledge.digest + strlen("sha256:"));
    assert_int_equal(catalog_open(arena, &(struct catalog_spec){0}, &catalog, &err), 0);
    assert_int_equal(catalog_document(catalog, CATALOG_HEAD_PATH, &doc, &err), 0);
    const struct doc *metadata = doc_get(doc, "metadata");
    assert_string_equal(doc_get_text(metadata, "name", ""), embedded_knowledge.name);
    assert_string_equal(doc_get_text(metadata, "version", ""), embedded_knowledge.version);
    assert_string_equal(doc_get_text(metadata, "released", ""), embedded_knowledge.released);
    assert_string_equal(catalog_identity(catalog)->digest, embedded_knowledge.digest);
}

static struct catalog_identity identify(struct arena *arena, const struct catalog_file *files, size_t count) {
    _cleanup_error_ struct error *err = NULL;
    struct catalog_identity identity;
    const struct catalog_spec spec = {.files = files, .count = count};
    assert_int_equal(catalog_identify(arena, &spec, &identity, &err), 0);
    return identity;
}

static void test_a_digest_tells_files_apart(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct embedded_file *eks = embedded_find(&embedded_knowledge, "overlays/eks.yaml");
    const struct catalog_file same = {eks->path, eks->path, eks->bytes, eks->length, NULL};
    const struct catalog_file files[] = {
        {"a", "a", "1", 1, NULL},
        {"b", "b", "1", 1, NULL},
        {"a", "a", "2", 1, NULL},
        {eks->path, eks->path, "x", 1, NULL},
        {"registry.yaml", "registry.yaml", "x", 1, NULL},
        // As if it were two lines of the index.
        {"a\n6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  b", "a", "1", 1, NULL},
    };
    assert_string_equal(identify(arena, &same, 1).digest, embedded_knowledge.digest);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        assert_string_not_equal(identify(arena, &files[i], 1).digest, embedded_knowledge.digest);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(identify(arena, &files[i], 1).digest, identify(arena, &files[j], 1).digest);
    }
    assert_string_not_equal(identify(arena, files, 2).digest, identify(arena, &files[5], 1).digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_matches_the_files), cmocka_unit_test(test_a_digest_tells_files_apart),
        cmocka_unit_test(test_files_are_sorted_and_found), cmocka_unit_test(test_index_matches_the_files),
        cmocka_unit_test(test_criteria_are_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The use case as a server calls it: with a document and a stream in place of locations.
#include "test.h"

#include "doc/load.h"
#include "usecase/validate.h"

static const char snapshot_text[] =
    "{\"kind\": \"Snapshot\", \"apiVersion\": \"cns.nvidia.com/v1alpha1\", \"measurements\": ["
    "{\"type\": \"OS\", \"subtypes\": [{\"subtype\": \"release\", \"data\": {\"ID\": \"ubuntu\"}}]}]}";
static const char recipe_text[] = "kind: RecipeResult\napiVersion: cns.nvidia.com/v1alpha1\ncomponentRefs: []\n"
                                  "constraints:\n"
                                  "- {name: OS.release.ID, value: ubuntu}\n"
                                  "- {name: OS.release.VERSION_ID, value: \"24.04\", remediation: ours}\n"
                                  "- {name: OS.release.ID_LIKE, value: debian}\n";

struct bytes {
    const char *at;
    size_t left;
};

static ssize_t read_bytes(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct bytes *bytes = context;
    size_t length = MIN(MIN(size, bytes->left), (size_t)7);
    memcpy(buffer, bytes->at, length);
    bytes->at += length;
    bytes->left -= length;
    return (ssize_t)length;
}

static int run(struct arena *arena, const struct strvec *phases, struct report *ret, struct error **err) {
    const struct doc *recipe;
    int r = doc_load_buffer(arena, recipe_text, strlen(recipe_text), "body", DOC_FORMAT_AUTO, NULL, &recipe, err);
    if (r < 0)
        return r;
    struct bytes bytes = {snapshot_text, strlen(snapshot_text)};
    struct doc_input input = {.read = read_bytes, .context = &bytes, .name = "stream"};
    struct validation_arguments arguments = {.recipe_doc = recipe, .stream = &input, .phases = phases};
    return validation_run(arena, &arguments, ret, err);
}

static void test_documents_and_streams(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct report report;
    if (run(arena, NULL, &report, &err) < 0)
        fail_msg("%s", err->message);
    assert_string_equal(report.kind, "ValidationResult");
    assert_string_equal(report.snapshot_source, "stream");
    assert_int_equal(report.count, 3);
    assert_int_equal(report_count(&report, CHECK_PASSED), 1);
    assert_int_equal(report_count(&report, CHECK_NOT_CHECKED), 2);
    assert_string_equal(report_status(&report), "partial");
    for (size_t i = 0; i < report.count; i++) {
        const struct check *check = &report.checks[i];
        assert_string_equal(check->phase, "readiness");
        assert_int_equal(check->remediation == NULL, check->status == CHECK_PASSED);
        if (strcmp(check->id, "OS.release.VERSION_ID") == 0)
            assert_string_equal(check->remediation, "ours");
        if (check->status == CHECK_PASSED)
            assert_string_equal(check->where, "stream:1");
    }
}

static void test_fails_on(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct report report;
    assert_int_equal(run(arena, NULL, &report, &err), 0);
    _cleanup_strvec_ struct strvec statuses = {0};
    assert_false(validation_fails(&report, &statuses));
    strvec_add(&statuses, "failed");
    strvec_add(&statuses, "warning");
    assert_false(validation_fails(&report, &statuses));
    strvec_add(&statuses, "not-checked");
    assert_true(validation_fails(&report, &statuses));
}

static void test_unknown_phase(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_strvec_ struct strvec phases = {0};
    strvec_add(&phases, "perfomance");
    struct report report;
    assert_int_equal(run(arena, &phases, &report, &err), -ERROR_INVALID);
    assert_string_equal(err->hint, "did you mean 'performance'?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_and_streams),
        cmocka_unit_test(test_fails_on),
        cmocka_unit_test(test_unknown_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

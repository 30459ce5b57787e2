// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "bundle/bundle.h"
#include "doc/emit.h"
#include "doc/load.h"

static const struct doc *load(struct arena *arena, const char *text) {
    const struct doc *doc = NULL;
    struct error *err = NULL;
    if (doc_load_buffer(arena, text, strlen(text), "test", DOC_FORMAT_YAML, NULL, &doc, &err) < 0)
        fail_msg("%s", err->message);
    return doc;
}

// A recipe in the form that `cnsctl recipe --inline-values` writes, head and components.
#define HEAD                                                                             \
    "kind: RecipeResult\napiVersion: cns.nvidia.com/v1alpha1\nmetadata: {version: v1}\n" \
    "criteria: {service: eks, accelerator: h100, intent: training, os: any, platform: any}\ncomponentRefs:\n"
#define COMPONENT(name, extra)                                                            \
    "  - {name: " name ", type: Helm, source: \"https://charts.example\", chart: x/" name \
    ", version: v1.0.0, values: {a: 1}" extra "}\n"

static int render_with(struct arena *arena, const char *recipe_text, const char *const *sets,
                       const struct schedule_words *words, struct bundle *ret, struct error **err) {
    struct recipe *recipe = NULL;
    struct override_list *overrides = arena_new_object(arena, struct override_list);
    struct schedule *schedule = arena_new_object(arena, struct schedule);
    struct bundle_request *request = arena_new_object(arena, struct bundle_request);
    int r = recipe_from_doc(arena, load(arena, recipe_text), &recipe, err);
    for (; sets && *sets && r >= 0; sets++)
        r = override_parse(arena, OVERRIDE_SET, *sets, overrides, err);
    if (r >= 0 && words)
        r = schedule_parse(arena, words, schedule, err);
    *request = (struct bundle_request){
        .recipe = recipe, .overrides = overrides, .schedule = schedule, .deployer = "helm", .program_version = "1.2.3"};
    return r < 0 ? r : bundle_render(arena, request, ret, err);
}

static void expect_error(const char *recipe_text, const char *const *sets, const char *part) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct bundle bundle;
    if (render_with(arena, recipe_text, sets, NULL, &bundle, &err) == 0)
        fail_msg("no error with '%s'", part);
    if (!strstr(err->message, part) && !(err->hint && strstr(err->hint, part)))
        fail_msg("'%s' (%s) lacks '%s'", err->message, err->hint ? err->hint : "", part);
}

static const char *file_of(const struct bundle *bundle, const char *path) {
    const struct tree_file *file = tree_find(&bundle->tree, path);
    if (!file)
        fail_msg("the bundle has no %s", path);
    return file->bytes;
}

static void test_waves(void **state _unused_) {
    static const char recipe[] = HEAD COMPONENT("d", ", dependencyRefs: [b, c]") COMPONENT("b", ", dependencyRefs: [a]")
        COMPONENT("c", "") COMPONENT("a", "") COMPONENT("e", ", dependencyRefs: [d]");
    static const char *const names[] = {"a", "c", "b", "d", "e"};
    static const unsigned waves[] = {1, 1, 2, 3, 4};
    _cleanup_arena_ struct arena *arena = arena_new();
    struct error *err = NULL;
    struct bundle bundle;
    assert_int_equal(render_with(arena, recipe, NULL, NULL, &bundle, &err), 0);
    assert_int_equal(bundle.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(bundle.components[i].name, names[i]);
        assert_int_equal(bundle.components[i].wave, waves[i]);
    }
    assert_int_equal(bundle.wave_count, 4);
}

// What is switched off hands its place in the order on, and those that need it are told.
static void test_removed(void **state _unused_) {
    static const char recipe[] =
        HEAD COMPONENT("a", "") COMPONENT("b", ", dependencyRefs: [a]") COMPONENT("c", ", dependencyRefs: [b]");
    _cleanup_arena_ struct arena *arena = arena_new();
    struct error *err = NULL;
    struct bundle bundle;
    assert_int_equal(render_with(arena, recipe, (const char *const[]){"b:enabled=false", NULL}, NULL, &bundle, &err),
                     0);
    assert_int_equal(bundle.count, 2);
    assert_string_equal(bundle.components[1].name, "c");
    assert_int_equal(bundle.components[1].wave, 2);
    assert_int_equal(bundle.removed_count, 1);
    assert_int_equal(bundle.notes.count, 1);
    assert_non_null(strstr(bundle.notes.items[0].text, "depends on 'b', which is switched off"));
    assert_null(tree_find(&bundle.tree, "b/values.yaml"));
    assert_null(strstr(file_of(&bundle, "deploy.sh"), "component 2 b "));
    // The recipe in the bundle is the one that was given.
    assert_non_null(strstr(file_of(&bundle, "recipe.yaml"), "name: b"));
    assert_null(strstr(file_of(&bundle, "recipe.yaml"), "enabled"));
}

static void test_disabled_by_recipe(void **state _unused_) {
    static const char recipe[] = HEAD COMPONENT("a", "") COMPONENT("b", ", overrides: {enabled: false}");
    _cleanup_arena_ struct arena *arena = arena_new();
    struct error *err = NULL;
    struct bundle bundle;
    assert_int_equal(render_with(arena, recipe, NULL, NULL, &bundle, &err), 0);
    assert_int_equal(bundle.count, 1);
    assert_int_equal(render_with(arena, recipe, (const char *const[]){"b:enabled=true", NULL}, NULL, &bundle, &err), 0);
    assert_int_equal(bundle.count, 2);
}

static void test_refused(void **state _unused_) {
    expect_error(HEAD COMPONENT("a", ", dependencyRefs: [c]") COMPONENT("b", ", dependencyRefs: [a]")
                     COMPONENT("c", ", dependencyRefs: [b]"),
                 NULL, "a -> c -> b -> a");
    expect_error(HEAD COMPONENT("a", ", dependencyRefs: [zz]"), NULL, "depends on 'zz'");
    expect_error(HEAD COMPONENT("a", ""), (const char *const[]){"a:enabled=false", NULL}, "would be empty");
    expect_error(HEAD COMPONENT("gpu-operator", ""), (const char *const[]){"gpu-operater:a=2", NULL},
                 "did you mean 'gpu-operator'?");
    expect_error(HEAD COMPONENT("a/b", ""), NULL, "'a/b' cannot be used");
    expect_error(HEAD COMPONENT("..", ""), NULL, "'..' cannot be used");
    expect_error(HEAD COMPONENT("a\\b", ""), NULL, "cannot be used");
    expect_error(HEAD "  - {name: a, source: \"https://x\", version: \"1; rm -rf /\", values: {}}\n", NULL,
                 "version '1; rm");
    expect_error(HEAD "  - {name: a, source: \"ftp://x\", values: {}}\n", NULL, "the source 'ftp://x'");
    expect_error(HEAD "  - {name: a, source: \"https://x\", namespace: \"A B\", values: {}}\n", NULL, "the namespace");
    expect_error(HEAD "  - {name: a, values: {}, manifests: [{path: m.yaml, text: \"kind: {{ .Nope }}\"}]}\n", NULL,
                 "m.yaml:1:10");
    expect_error(HEAD "  - {name: a, values: {}, manifests: [{path: m.yaml, text: \"a: [\"}]}\n", NULL,
                 "m.yaml (rendered)");
    expect_error(HEAD "  - {name: a, values: {}, manifests: [{path: m.yaml, text: \"a: 1\"}]}\n", NULL,
                 "no Kubernetes object");
    expect_error(HEAD "  - {name: a, values: {}, manifests: [{path: x/m.yaml, text: \"apiVersion: v1\\nkind: A\"},"
                      " {path: y/m.yaml, text: \"apiVersion: v1\\nkind: B\"}]}\n",
                 NULL, "a/manifests/m.yaml");
}

static void test_manifests(void **state _unused_) {
    static const char recipe[] = HEAD
        "  - name: a\n    namespace: space\n    version: v9\n    values: {tolerations: [{operator: Exists}], on: "
        "true}\n"
        "    manifests:\n"
        "      - {path: m/first.yaml, pre: true, text: \"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: {{ "
        ".Chart.Version }}}\\n\"}\n"
        "      - {path: m/empty.yaml, text: \"# only\\n{{ if (index .Values \\\"a\\\").off }}\\nx: 1\\n{{ end }}\"}\n"
        "      - {path: m/second.yaml, text: \"apiVersion: apps/v1\\nkind: DaemonSet\\nmetadata: {name: d, namespace: "
        "other}\\n"
        "spec:\\n  {{- toYaml (index .Values \\\"a\\\").tolerations | nindent 2 }}\"}\n"
        "      - {path: m/crd.yaml, text: \"apiVersion: v1\\nkind: CustomResourceDefinition\"}\n";
    _cleanup_arena_ struct arena *arena = arena_new();
    struct error *err = NULL;
    struct bundle bundle;
    if (render_with(arena, recipe, NULL, NULL, &bundle, &err) < 0)
        fail_msg("%s", err->message);
    assert_int_equal(bundle.components[0].manifest_count, 3);
    assert_string_equal(file_of(&bundle, "a/pre-manifests/first.yaml"),
                        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v9}\n");
    assert_string_equal(
        file_of(&bundle, "a/manifests/second.yaml"),
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d, namespace: other}\nspec:\n  - operator: Exists\n");
    assert_null(tree_find(&bundle.tree, "a/manifests/empty.yaml"));
    const char *deploy = file_of(&bundle, "deploy.sh");
    assert_non_null(strstr(deploy, "    manifest pre a/pre-manifests/first.yaml space plain\n"));
    assert_non_null(strstr(deploy, "    manifest post a/manifests/second.yaml '' plain\n"));
    assert_non_null(strstr(deploy, "    workload other DaemonSet/d\n"));
    assert_non_null(strstr(deploy, "    manifest post a/manifests/crd.yaml space definitions\n"));
    assert_null(strstr(file_of(&bundle, "README.md"), "--repo"));
}

static void test_checksums_cover_everything(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct error *err = NULL;
    struct bundle bundle;
    assert_int_equal(render_with(arena, HEAD COMPONENT("a", "") COMPONENT("b", ""), NULL, NULL, &bundle, &err), 0);
    const char *sums = file_of(&bundle, "checksums.txt");
    size_t lines = 0;
    for (const char *c = sums; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, bundle.tree.count - 1);
    for (size_t i = 0; i < bundle.tree.count; i++)
        if (!str_eq(bundle.tree.files[i].path, "checksums.txt"))
            assert_non_null(strstr(sums, bundle.tree.files[i].path));
}

static void test_deployers(void **state _unused_) {
    const struct deployer *deployer = NULL;
    struct error *err = NULL;
    assert_int_equal(deployer_find("HELM", &deployer, &err), 0);
    assert_string_equal(deployer->name, "helm");
    assert_int_equal(deployer_find("argocd", &deployer, &err), -ERROR_UNAVAILABLE);
    error_free(TAKE_PTR(err));
    assert_int_equal(deployer_find("hlm", &deployer, &err), -ERROR_INVALID);
    assert_non_null(strstr(err->hint, "helm"));
    error_free(TAKE_PTR(err));
}

// --- scheduling ---

static const char scheduled[] =
    HEAD "  - name: a\n    source: https://x\n    values: {keep: 1, node: scalar, tolerations: [{key: old}]}\n    "
         "registry:\n      name: a\n"
         "      nodeScheduling:\n"
         "        nodeCountPaths: [count]\n"
         "        system: {nodeSelectorPaths: [op.nodeSelector], tolerationPaths: [op.tolerations, node.tolerations]}\n"
         "        accelerated: {nodeSelectorPaths: [ds.nodeSelector], tolerationPaths: [node.tolerations, "
         "tolerations], taintStrPaths: [gate]}\n"
         "      podScheduling: {workload: {workloadSelectorPaths: [work]}}\n"
         "      storageClassPaths: [disk.class]\n      sharedStorageClassPaths: [share.class]\n"
         "      validations:\n"
         "        - {function: CheckAcceleratedSelectorMissing, severity: warning, conditions: {intent: [training]}, "
         "message: Set it.}\n"
         "        - {function: CheckWorkloadSelectorMissing, severity: warning, conditions: {intent: [inference]}, "
         "message: Never.}\n"
         "        - {function: CheckNoSuchThing, severity: error, message: x}\n";

static char *values_with(const struct schedule_words *words, size_t *ret_notes) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct bundle bundle;
    if (render_with(arena, scheduled, NULL, words, &bundle, &err) < 0)
        return xstrdup(err->message);
    if (ret_notes)
        *ret_notes = bundle.notes.count;
    _cleanup_text_ struct text out = {0};
    doc_emit(bundle.components[0].values, EMIT_JSON_COMPACT, &out);
    return text_take(&out);
}

static void test_nothing_is_scheduled_unasked(void **state _unused_) {
    size_t notes = 0;
    char *values = values_with(&(struct schedule_words){0}, &notes);
    assert_string_equal(values, "{\"keep\":1,\"node\":\"scalar\",\"tolerations\":[{\"key\":\"old\"}]}");
    assert_int_equal(notes, 2); // the selector that is missing, the check that nobody knows
    free(values);
}

static void test_schedule(void **state _unused_) {
    struct schedule_words words = {
        .workload_gate = "k=v:NoExecute", .nodes = 8, .storage_class = "gp3", .shared_storage_class = "efs.a"};
    strvec_add(&words.system_selectors, "role=system");
    strvec_add(&words.system_tolerations, "sys:NoSchedule");
    strvec_add(&words.accelerated_selectors, "example.com/gpu=yes");
    strvec_add(&words.accelerated_tolerations, "gpu=h100:NoSchedule");
    strvec_add(&words.accelerated_tolerations, "*");
    strvec_add(&words.workload_selectors, "app=train");
    size_t notes = 0;
    char *values = values_with(&words, &notes);
    assert_string_equal(
        values,
        "{\"keep\":1,\"node\":{\"tolerations\":[{\"key\":\"sys\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"},"
        "{\"key\":\"gpu\",\"operator\":\"Equal\",\"value\":\"h100\",\"effect\":\"NoSchedule\"},{\"operator\":"
        "\"Exists\"}]},"
        "\"tolerations\":[{\"key\":\"gpu\",\"operator\":\"Equal\",\"value\":\"h100\",\"effect\":\"NoSchedule\"},{"
        "\"operator\":\"Exists\"}],"
        "\"op\":{\"nodeSelector\":{\"role\":\"system\"},\"tolerations\":[{\"key\":\"sys\",\"operator\":\"Exists\","
        "\"effect\":\"NoSchedule\"}]},"
        "\"ds\":{\"nodeSelector\":{\"example.com/"
        "gpu\":\"yes\"}},\"work\":{\"app\":\"train\"},\"gate\":\"k=v:NoExecute\",\"count\":8,"
        "\"disk\":{\"class\":\"gp3\"},\"share\":{\"class\":\"efs.a\"}}");
    assert_int_equal(notes, 1);
    free(values);
    strvec_done(&words.system_selectors);
    strvec_done(&words.system_tolerations);
    strvec_done(&words.accelerated_selectors);
    strvec_done(&words.accelerated_tolerations);
    strvec_done(&words.workload_selectors);
}

static void test_bad_words(void **state _unused_) {
    static const struct {
        bool is_selector;
        const char *word, *part;
    } cases[] = {
        {true, "noequals", "there is no '='"},
        {true, "=x", "no label key"},
        {true, "a b=x", "no label key"},
        {true, "Bad_Domain/x=y", "no label key"},
        {true, "a=b c", "no label value"},
        {true, "a=-b", "no label value"},
        {false, "key", "exactly one ':'"},
        {false, "a:b:NoSchedule", "exactly one ':'"},
        {false, "key:Never", "the effect is none of"},
        {false, ":NoSchedule", "no taint key"},
        {false, "a=b c:NoSchedule", "no taint value"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct schedule_words words = {0};
        strvec_add(cases[i].is_selector ? &words.system_selectors : &words.accelerated_tolerations, cases[i].word);
        char *message = values_with(&words, NULL);
        if (!strstr(message, cases[i].part))
            fail_msg("%s: '%s' lacks '%s'", cases[i].word, message, cases[i].part);
        free(message);
        strvec_done(&words.system_selectors);
        strvec_done(&words.accelerated_tolerations);
    }
}

static void test_bad_storage_class(void **state _unused_) {
    char *message = values_with(&(struct schedule_words){.shared_storage_class = "No Such"}, NULL);
    assert_non_null(strstr(message, "--shared-storage-class No Such"));
    free(message);
}

static void test_empty_values_are_found(void **state _unused_) {
    static const char registry[] =
        "    registry:\n      validations:\n        - {function: CheckValueEmpty, severity: error, "
        "paths: [a.server, b, c, d], message: Fill in.}\n";
    _cleanup_free_ char *all = xasprintf(
        "%s  - name: a\n    source: https://x\n    values: {a: {server: ''}, b: {}, c: x}\n%s", HEAD, registry);
    expect_error(all, NULL, "nothing is set at a.server, b. Fill in.");
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct bundle bundle;
    _cleanup_free_ char *none =
        xasprintf("%s  - name: a\n    source: https://x\n    values: {a: {server: s}, c: 0}\n%s", HEAD, registry);
    assert_int_equal(render_with(arena, none, NULL, &(struct schedule_words){0}, &bundle, &err), 0);
}

static void test_severity_error_aborts(void **state _unused_) {
    expect_error(HEAD "  - name: a\n    source: https://x\n    values: {}\n    registry:\n      validations:\n"
                      "        - {function: CheckAcceleratedSelectorMissing, severity: error, message: Set it.}\n",
                 NULL, "no selector for accelerated nodes is set. Set it.");
    expect_error(HEAD "  - name: a\n    source: https://x\n    values: {}\n    registry:\n"
                      "      nodeScheduling: {system: {requireNodeSelector: true}}\n",
                 NULL, "on which system nodes");
    expect_error(HEAD "  - name: a\n    source: https://x\n    values: {}\n    registry:\n      validations:\n"
                      "        - {function: CheckSystemSelectorMissing, severity: error, message: Set it.}\n",
                 NULL, "no selector for system nodes is set. Set it.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waves),
        cmocka_unit_test(test_removed),
        cmocka_unit_test(test_disabled_by_recipe),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_manifests),
        cmocka_unit_test(test_checksums_cover_everything),
        cmocka_unit_test(test_deployers),
        cmocka_unit_test(test_nothing_is_scheduled_unasked),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_bad_words),
        cmocka_unit_test(test_bad_storage_class),
        cmocka_unit_test(test_empty_values_are_found),
        cmocka_unit_test(test_severity_error_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

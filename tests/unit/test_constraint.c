// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/text.h"
#include "model/constraint_eval.h"
#include "model/quantity.h"
#include "model/version_range.h"

static enum constraint_outcome judge(const char *text, const char *actual, const char *unit, char **ret_reason) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct constraint_expression expression;
    if (constraint_expression_parse(arena, text, &expression, NULL, &err) < 0)
        fail_msg("%s", err->message);
    struct constraint_verdict verdict = {0};
    constraint_judge(arena, &expression, actual, unit, &verdict);
    assert_int_equal(verdict.reason == NULL, verdict.outcome == CONSTRAINT_SATISFIED);
    assert_int_equal(verdict.obstacle == OBSTACLE_VALUE, verdict.outcome == CONSTRAINT_UNKNOWN);
    if (ret_reason)
        *ret_reason = verdict.reason ? strdup(verdict.reason) : NULL;
    return verdict.outcome;
}

static const struct {
    const char *expression, *actual;
    char outcome; // 's'atisfied, 'v'iolated, 'u'nknown
    const char *unit;
} judgements[] = {
    // The contract's own examples, and where the predecessors go wrong.
    {"> 1.32", "1.32.4", 's'},
    {">= 1.32", "1.32.4", 's'},
    {"<= 1.32", "1.32.4", 'v'},
    {">= 1.32.4", "1.32", 'v'},
    {">= 1.32.4", "v1.33.5-eks-3025e55", 's'},
    {">= 1.32.4", "v1.30.14-eks-3025e55", 'v'},
    {">= v1.31.1-gke.1337000", "v1.31.1-gke.1336999", 'v'},
    {">= v1.31.1-gke.1337000", "v1.31.1-gke.1337001", 's'},
    {">= v1.31.1-gke.1337000", "v1.31.1", 's'},
    {">= 6.8", "6.8.0-1024-aws", 's'},
    {">= 6.8", "6.5.0-1024-aws", 'v'},
    {">= 1.32", "1.32.0-rc.1", 'v'},
    {"ubuntu", "ubuntu", 's'},
    {"ubuntu", "Ubuntu", 'v'},
    {"24.04", "24.04", 's'},
    {"24.10", "24.1", 'v'},
    {"24.1", "24.10", 'v'},
    // Ranges.
    {">= 1.30, < 1.34", "1.33.9", 's'},
    {">= 1.30, < 1.34", "1.34.0", 'v'},
    {">= 1.30,<1.34,!=1.32.1", "1.32.1", 'v'},
    {">=1.30,<1.34,!=1.32.1", "1.32.2", 's'},
    {">= 1.30, < 1.34", "1.34.0-rc.1", 's'},
    // Equality.
    {"== 1.33", "v1.33.0", 's'},
    {"== 1.33", "v1.33.0-eks-3025e55", 's'},
    {"== 1.33-gke.5", "1.33", 'v'},
    {"!= 1.33", "1.33.1", 's'},
    {"!= 1.33", "1.33.0", 'v'},
    {"== ubuntu", "ubuntu", 's'},
    {"== ubuntu", "debian", 'v'},
    {"!= ubuntu", "debian", 's'},
    {"== true", "True", 's'},
    {"== true", "false", 'v'},
    {"!= false", "true", 's'},
    {"== yes", "true", 'v'},
    {"true", "True", 'v'},
    {"== NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3", 's'},
    {"NVIDIA H100 80GB HBM3", " NVIDIA H100 80GB HBM3\n", 's'},
    {"a, b", "a, b", 's'},
    {"== a|b<c", "a|b<c", 's'},
    // Numbers and quantities.
    {">= 8", "8", 's'},
    {"> 8", "8", 'v'},
    {"> -2", "-1", 's'},
    {"< 0", "-1", 's'},
    {">= 1e3", "1000", 's'},
    {"<= 18446744073709551615", "18446744073709551614", 's'},
    {">= 18446744073709551615", "18446744073709551614", 'v'},
    {">= 100Gi", "107374182400", 's'},
    {">= 100Gi", "107374182399", 'v'},
    {">= 100Gi", "102400Mi", 's'},
    {">= 100Gi", "100G", 'v'},
    {"== 1Gi", "1024Mi", 's'},
    {"!= 1Gi", "1024Mi", 'v'},
    {">= 80 GB", "81559 MiB", 's'},
    {">= 80000", "81559 MiB", 's'},
    {">= 82000", "81559 MiB", 'v'},
    {">= 500 W", "700.00 W", 's'},
    {">= 0.5 kW", "700.00 W", 's'},
    {">= 1900 MHz", "1.98 GHz", 's'},
    {">= 80", "81559 MiB", 'v', "GiB"},
    {">= 79", "81559 MiB", 's', "GiB"},
    {">= 300", "312.5", 's', "GB/s parsed"},
    {"== 2M", "2M", 's'},
    {">= 24.04", "24.04.3 LTS (Noble Numbat)", 's'},
    {">= 24.10", "24.9", 'v'},
    // What cannot be compared is not decided.
    {">= 1.30", "latest", 'u'},
    {">= 1.30", "", 'u'},
    {">= 1.30", "96.00.BC.00.01", 'u'},
    {">= 100Gi", "many", 'u'},
    {">= 500 W", "700", 'u'},
    {">= 500 W", "700 MHz", 'u'},
    {"!= latest, >= 1.30", "latest", 'v'},
    {">= 1.30, != latest", "latest", 'v'},
};

static void test_judge(void **state _unused_) {
    for (size_t i = 0; i < ARRAY_SIZE(judgements); i++) {
        char found = "svu"[judge(judgements[i].expression, judgements[i].actual, judgements[i].unit, NULL)];
        if (found != judgements[i].outcome)
            fail_msg("'%s' against '%s': %c, wanted %c", judgements[i].actual, judgements[i].expression, found,
                     judgements[i].outcome);
    }
}

static const struct {
    const char *text;
    size_t offset;
    const char *message;
} malformed[] = {
    {"", 0, "empty"},
    {"   ", 3, "empty"},
    {">=", 2, "value is missing"},
    {">= ", 3, "value is missing"},
    {">= 1.30,", 8, "clause is missing"},
    {">= 1.30, ", 9, "clause is missing"},
    {">= 1.30, 1.34", 9, "operator was expected"},
    {"1.30, < 1.34", 0, "operator was expected"},
    {">= 1.30 < 1.34", 8, "comma is missing"},
    {">= 1.30 || < 1.2", 8, "alternatives"},
    {">= 1.30 1.34", 7, "comma or the end"},
    {">= abc", 3, "no order"},
    {"< latest", 2, "no order"},
    {"= 1.30", 0, "write =="},
    {"=> 1.30", 0, "write >="},
    {"~> 1.30", 0, "range"},
    {"^1.30", 0, "range"},
    {"<> 1", 1, "comma is missing"},
    {">= 1.30, ~> 2", 9, "no operator here"},
    {">=, < 2", 2, "value is missing"},
    {"== a || b", 5, "alternatives"},
    {"== a == b", 5, "comma is missing"},
};

static void test_malformed(void **state _unused_) {
    for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct constraint_expression expression;
        size_t offset = 999;
        if (constraint_expression_parse(arena, malformed[i].text, &expression, &offset, &err) != -ERROR_INVALID)
            fail_msg("'%s' was accepted", malformed[i].text);
        if (offset != malformed[i].offset || !strstr(err->message, malformed[i].message))
            fail_msg("'%s': %zu %s", malformed[i].text, offset, err->message);
        assert_non_null(err->hint);
    }
}

static void test_quantity(void **state _unused_) {
    static const char *const refused[] = {"", "x", "1.2.3", "1 furlong", "Gi", "0x10", "1..2", "--1", "1,5"};
    struct quantity quantity;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (quantity_parse(refused[i], &quantity))
            fail_msg("'%s' was taken for a quantity", refused[i]);
    assert_true(quantity_parse("1E", &quantity));
    assert_string_equal(quantity.unit->name, "E");
    assert_true(quantity_parse("1E3", &quantity));
    assert_null(quantity.unit);
    assert_true(quantity.number == 1000);
    assert_true(quantity_parse(" -1.5 ms ", &quantity));
    assert_int_equal(quantity.unit->dimension, DIMENSION_SECOND);
}

// --- against a snapshot ---

static struct snapshot *make_snapshot(struct arena *arena) {
    struct snapshot *snapshot = snapshot_new(arena);
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "K8s", "server"), "version", "v1.30.14-eks-3025e55");
    snapshot_set(snapshot, snapshot_subtype(snapshot, "K8s", "server"), "platform", DOC_NULL, NULL);
    snapshot_set(snapshot, snapshot_subtype(snapshot, "OS", "release"), "VERSION_ID", DOC_FLOAT, "24.10");
    struct subtype *sysctl = snapshot_subtype(snapshot, "OS", "sysctl");
    snapshot_set_string(snapshot, sysctl, "/proc/sys/kernel/osrelease", "6.8.0-1024-aws");
    snapshot_set_string(snapshot, sysctl, "/proc/sys/net.x/a.b", "1");
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "SystemD", "containerd.service"), "ActiveState", "active");
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "SystemD", "containerd"), "service.Other", "1");
    snapshot_set_string(snapshot, snapshot_subtype(snapshot, "OS", "grub"), "token", "***");
    snapshot_add_redacted(snapshot, "OS.grub.token", "secret-key");
    snapshot_add_outcome(snapshot, "GPU", COLLECTOR_ABSENT, "no GPU", 0);
    snapshot_add_outcome(snapshot, "OS", COLLECTOR_COLLECTED, NULL, 0);
    snapshot_add_outcome(snapshot, "OS.kmod", COLLECTOR_FAILED, "permission denied", 0);
    snapshot_add_outcome(snapshot, "NodeTopology", COLLECTOR_EXCLUDED, NULL, 0);
    return snapshot;
}

static const struct {
    const char *name, *value;
    enum constraint_outcome outcome;
    enum constraint_obstacle obstacle;
    const char *reason; // part of it
} evaluations[] = {
    {"K8s.server.version", ">= 1.30", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"K8s.server.version", ">= 1.32.4", CONSTRAINT_VIOLATED, OBSTACLE_NONE, "'v1.30.14-eks-3025e55' is not >= 1.32.4"},
    {"OS.release.VERSION_ID", "24.10", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"OS.sysctl./proc/sys/kernel/osrelease", ">= 6.8", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"OS.sysctl./proc/sys/net.x/a.b", "== 1", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"SystemD.containerd.service.ActiveState", "active", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"SystemD.containerd.service.Other", "== 1", CONSTRAINT_SATISFIED, OBSTACLE_NONE, NULL},
    {"K8s.server.versoin", ">= 1.30", CONSTRAINT_UNKNOWN, OBSTACLE_KEY, "did you mean 'version'?"},
    {"K8s.sever.version", ">= 1.30", CONSTRAINT_UNKNOWN, OBSTACLE_SUBTYPE, "did you mean 'server'?"},
    {"k8s.server.version", ">= 1.30", CONSTRAINT_UNKNOWN, OBSTACLE_TYPE, "did you mean 'K8s'?"},
    {"Fabric.ib.rate", ">= 400", CONSTRAINT_UNKNOWN, OBSTACLE_TYPE, "it has K8s, OS, SystemD"},
    {"GPU.smi.driver", ">= 570", CONSTRAINT_UNKNOWN, OBSTACLE_TYPE, "readings: absent (no GPU)"},
    {"NodeTopology.summary.node-count", ">= 2", CONSTRAINT_UNKNOWN, OBSTACLE_TYPE, "left out"},
    {"OS.kmod.nvidia", "true", CONSTRAINT_UNKNOWN, OBSTACLE_SUBTYPE, "collecting failed (permission denied)"},
    {"SystemD.kubelet.service.ActiveState", "active", CONSTRAINT_UNKNOWN, OBSTACLE_SUBTYPE,
     "no SystemD.kubelet.service readings"},
    {"OS.grub.token", "x", CONSTRAINT_UNKNOWN, OBSTACLE_REDACTED, "redacted"},
    {"K8s.server.platform", "linux", CONSTRAINT_UNKNOWN, OBSTACLE_VALUE, "null"},
    {"OS.release.VERSION_ID", ">= 100 W", CONSTRAINT_UNKNOWN, OBSTACLE_VALUE, "cannot be compared"},
    {"nccl-all-reduce-bw", ">= 300", CONSTRAINT_UNKNOWN, OBSTACLE_NAME, "no path"},
    {"K8s.server", ">= 300", CONSTRAINT_UNKNOWN, OBSTACLE_NAME, "no path"},
    {"K8s.server.", ">= 300", CONSTRAINT_UNKNOWN, OBSTACLE_NAME, "no path"},
    {"..x", ">= 300", CONSTRAINT_UNKNOWN, OBSTACLE_NAME, "no path"},
    {"K8s..x", ">= 300", CONSTRAINT_UNKNOWN, OBSTACLE_NAME, "no path"},
};

static void test_evaluate(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct snapshot *snapshot = make_snapshot(arena);
    for (size_t i = 0; i < ARRAY_SIZE(evaluations); i++) {
        _cleanup_error_ struct error *err = NULL;
        struct constraint constraint = {.name = evaluations[i].name, .value = evaluations[i].value};
        struct constraint_verdict verdict;
        assert_int_equal(constraint_evaluate(arena, &constraint, snapshot, &verdict, &err), 0);
        if (verdict.outcome != evaluations[i].outcome || verdict.obstacle != evaluations[i].obstacle ||
            (evaluations[i].reason && !strstr(verdict.reason, evaluations[i].reason)))
            fail_msg("%s %s: outcome %d, obstacle %d, %s", evaluations[i].name, evaluations[i].value, verdict.outcome,
                     verdict.obstacle, verdict.reason ? verdict.reason : "-");
    }
}

static void test_place_of_malformed_expression(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct doc *doc = doc_new_map(arena), *value = doc_new_string(arena, ">= 1.30 < 1.34");
    value->origin = (struct doc_origin){.source = "recipe.yaml", .line = 12, .column = 14};
    doc_map_set(arena, doc, "value", value);
    struct constraint constraint = {.name = "K8s.server.version", .value = ">= 1.30 < 1.34", .doc = doc};
    struct constraint_verdict verdict;
    assert_int_equal(constraint_evaluate(arena, &constraint, make_snapshot(arena), &verdict, &err), -ERROR_INVALID);
    // Column 14 is the quote, 8 characters stand before the operator.
    assert_true(str_has_prefix(err->message, "recipe.yaml:12:23: constraint K8s.server.version: "));
}

static void test_version_ranges(void **state _unused_) {
    static const struct {
        const char *range, *inside, *outside;
    } cases[] = {
        {"< 26.3", "26.2.9", "26.3"},          {"<= 26.3", "26.3.0", "26.3.1"},
        {">= 26.3, < 26.8", "26.3", "26.8.0"}, {"> 26.3, <= 26.8", "26.8", "26.3"},
        {"v1.20.2", "1.20.2", "1.20.3"},       {"< v0.1.0-alpha.12", "v0.1.0-alpha.8", "v0.1.0-alpha.12"},
        {">= 1.0", "1.0", "1.0-rc.1"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    struct version_range range;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct version inside, outside;
        assert_true(version_range_read(arena, cases[i].range, &range));
        assert_true(version_parse(cases[i].inside, &inside) && version_parse(cases[i].outside, &outside));
        if (!version_range_has(&range, &inside) || version_range_has(&range, &outside))
            fail_msg("'%s' has '%s' and has not '%s'", cases[i].range, cases[i].inside, cases[i].outside);
        assert_false(version_range_is_empty(&range.lower, &range.upper));
    }
    assert_true(version_range_read(arena, ">= 2, < 2", &range));
    assert_true(version_range_is_empty(&range.lower, &range.upper));
    static const char *const none[] = {"ubuntu", "!= 1.2", "=> 1", ">= 1, ", ""};
    for (size_t i = 0; i < ARRAY_SIZE(none); i++)
        assert_false(version_range_read(arena, none[i], &range));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_quantity),
        cmocka_unit_test(test_evaluate),
        cmocka_unit_test(test_place_of_malformed_expression),
        cmocka_unit_test(test_version_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/clock.h"
#include "base/text.h"
#include "collect/collect.h"

#include <time.h>

static atomic_int calls;
static atomic_bool may_go;

static void pause_ms(long milliseconds) {
    nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

static int collect_well(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, collection->collector->subtype);
    atomic_fetch_add(&calls, 1);
    reading_string(&readings, "b", "2");
    reading_int(&readings, "a", 1);
    reading_string(&readings, "token", "planted");
    return 0;
}

static int collect_parts(struct collection *collection, struct error **err _unused_) {
    static const char *const names[] = {"z.service", "a.service"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct readings readings = readings_of(collection, names[i]);
        reading_bool(&readings, "on", true);
    }
    return 0;
}

static int collect_badly(struct collection *collection, struct error **err) {
    struct readings readings = readings_of(collection, "half");
    reading_string(&readings, "a", "1");
    return error_set(err, ERROR_INTERNAL, "it broke with password: planted");
}

static int collect_nothing(struct collection *collection, struct error **err _unused_) {
    return collection_absent(collection, "there is no %s", "such thing");
}

// Stuck until the test lets it go, as a thread in a read of a dead device is.
static int collect_late(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "late");
    while (!atomic_load(&may_go))
        pause_ms(2);
    reading_string(&readings, "a", "too late");
    atomic_fetch_add(&calls, 1);
    return 0;
}

static const char *const part_names[] = {"*.service", NULL};
static const struct collector
    well = {.type = "OS", .subtype = "well", .budget_ms = 10000, .collect = collect_well},
    other = {.type = "OS", .subtype = "other", .budget_ms = 10000, .collect = collect_well},
    parts = {.type = "Parts", .subtypes = part_names, .budget_ms = 10000, .collect = collect_parts},
    badly = {.type = "Bad", .budget_ms = 10000, .collect = collect_badly},
    nothing = {.type = "None", .budget_ms = 10000, .collect = collect_nothing},
    needy = {.type = "Needy", .needs = "/no/such/path", .budget_ms = 10000, .collect = collect_well},
    late = {.type = "Late", .budget_ms = 50, .collect = collect_late};
static const struct collector *const table[] = {&late, &well, &badly, &other, &nothing, &needy, &parts, NULL};
static const struct collector *const healthy[] = {&well, &other, &parts, &nothing, NULL};

static const struct redact_policy policy = {.mode = REDACT_DEFAULT};

static int run(struct arena *arena, const struct collector *const *rows, const char *filter, const char *exclude,
               const char *require, struct snapshot **ret, struct error **err) {
    struct strvec lists[3] = {0};
    const char *texts[] = {filter, exclude, require};
    for (size_t i = 0; i < 3; i++)
        if (texts[i])
            strvec_add_split(&lists[i], texts[i], ',');
    struct collect_request request = {
        .filter = &lists[0], .exclude = &lists[1], .require = &lists[2], .policy = &policy, .collectors = rows};
    int r = collect_run(arena, &request, ret, err);
    for (size_t i = 0; i < 3; i++)
        strvec_done(&lists[i]);
    return r;
}

static const struct collector_outcome *outcome(const struct snapshot *snapshot, const char *name) {
    for (size_t i = 0; i < snapshot->outcome_count; i++)
        if (str_eq(snapshot->outcomes[i].name, name))
            return &snapshot->outcomes[i];
    fail_msg("no outcome of %s", name);
    return NULL;
}

static void test_one_never_loses_another(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot;
    atomic_store(&calls, 0);
    atomic_store(&may_go, false);
    uint64_t start = clock_monotonic_ns();
    assert_int_equal(run(arena, table, NULL, NULL, NULL, &snapshot, &err), 0);
    assert_true(clock_monotonic_ns() - start < UINT64_C(8000000000)); // not held up by the one that is stuck
    assert_int_equal(snapshot->outcome_count, 7);
    assert_int_equal(outcome(snapshot, "OS.well")->status, COLLECTOR_COLLECTED);
    assert_int_equal(outcome(snapshot, "Bad")->status, COLLECTOR_FAILED);
    assert_string_equal(outcome(snapshot, "Bad")->reason, "it broke with password: [redacted]");
    assert_int_equal(outcome(snapshot, "None")->status, COLLECTOR_ABSENT);
    assert_string_equal(outcome(snapshot, "None")->reason, "there is no such thing");
    assert_string_equal(outcome(snapshot, "Needy")->reason, "there is no /no/such/path");
    assert_int_equal(outcome(snapshot, "Late")->status, COLLECTOR_FAILED);
    assert_non_null(strstr(outcome(snapshot, "Late")->reason, "0.05 s"));
    assert_non_null(snapshot_find(snapshot, "OS", "well", "a"));
    assert_non_null(snapshot_find(snapshot, "OS", "other", "b"));
    assert_null(snapshot_find_measurement(snapshot, "Bad")); // half of the truth is not told
    assert_null(snapshot_find_measurement(snapshot, "Late"));
    // What the abandoned one still does touches nothing that is gone.
    arena_free(TAKE_PTR(arena));
    atomic_store(&may_go, true);
    for (int i = 0; i < 1000 && atomic_load(&calls) < 3; i++)
        pause_ms(2);
    assert_int_equal(atomic_load(&calls), 3);
    pause_ms(20);
}

static void test_order_and_redaction(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot;
    assert_int_equal(run(arena, healthy, NULL, NULL, NULL, &snapshot, &err), 0);
    assert_string_equal(snapshot->measurements[0].type, "OS");
    assert_string_equal(snapshot->measurements[0].subtypes[0]->name, "other");
    assert_string_equal(snapshot->measurements[0].subtypes[0]->readings[0].key, "a");
    assert_string_equal(snapshot->measurements[1].subtypes[0]->name, "a.service");
    assert_int_equal(snapshot->redacted_count, 2);
    assert_string_equal(snapshot->redacted[0].path, "OS.other.token");
    assert_string_equal(snapshot_find(snapshot, "OS", "well", "token")->text, "[redacted]");
}

static void test_filter_and_exclude(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot;
    atomic_store(&calls, 0);
    assert_int_equal(run(arena, healthy, "os", "OS.other", NULL, &snapshot, &err), 0);
    assert_int_equal(atomic_load(&calls), 1); // the other one was not called
    assert_int_equal(outcome(snapshot, "OS.other")->status, COLLECTOR_EXCLUDED);
    assert_int_equal(outcome(snapshot, "Parts")->status, COLLECTOR_EXCLUDED);
    assert_int_equal(run(arena, healthy, "PARTS.z.service", NULL, NULL, &snapshot, &err), 0);
    assert_int_equal(snapshot->measurements[0].count, 1);
    assert_string_equal(snapshot->measurements[0].subtypes[0]->name, "z.service");
    assert_int_equal(run(arena, healthy, NULL, "parts.z.service", NULL, &snapshot, &err), 0);
    assert_null(snapshot_find_subtype(snapshot, "Parts", "z.service"));
    assert_non_null(snapshot_find_subtype(snapshot, "Parts", "a.service"));
}

static void test_unknown_names(void **state _unused_) {
    static const char *const names[] = {"osx", "os.wel", "parts.z", "parts", ""};
    static const char *const hints[] = {"OS", "OS.well", NULL, NULL, NULL};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct snapshot *snapshot;
        bool is_known = str_eq(names[i], "parts");
        int r = run(arena, healthy, NULL, names[i], NULL, &snapshot, &err);
        assert_int_equal(r, is_known ? 0 : -ERROR_INVALID);
        if (!is_known)
            assert_non_null(strstr(err->hint, "OS.other"));
        if (hints[i])
            assert_non_null(strstr(err->message, hints[i]));
    }
}

static void test_require(void **state _unused_) {
    static const struct {
        const char *require, *exclude;
        int result;
        const char *message;
    } cases[] = {
        {"os", NULL, 0, NULL},
        {"os.well,parts.z.service", NULL, 0, NULL},
        {"none", NULL, -ERROR_UNAVAILABLE, "None: absent: there is no such thing"},
        {"parts.nosuch.service", NULL, -ERROR_UNAVAILABLE, "parts.nosuch.service"},
        {"os", "os.well", 0, NULL},
        {"os", "os", -ERROR_INVALID, "leaves it out"},
        {"gpu", NULL, -ERROR_INVALID, "'gpu'"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *err = NULL;
        struct snapshot *snapshot;
        assert_int_equal(run(arena, healthy, NULL, cases[i].exclude, cases[i].require, &snapshot, &err),
                         cases[i].result);
        if (cases[i].message)
            assert_non_null(strstr(err->message, cases[i].message));
    }
    // A failed one is as good as missing.
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot;
    static const struct collector *const broken[] = {&well, &badly, NULL};
    assert_int_equal(run(arena, broken, NULL, NULL, "bad", &snapshot, &err), -ERROR_UNAVAILABLE);
    assert_null(strstr(err->message, "planted"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_never_loses_another),
        cmocka_unit_test(test_order_and_redaction),
        cmocka_unit_test(test_filter_and_exclude),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_require),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

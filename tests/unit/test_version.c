// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/version.h"

#include <stdio.h>

static const struct {
    const char *a;
    char order; // '<', '=' or '>'
    const char *b;
} comparisons[] = {
    // Missing components are 0, whatever the precision.
    {"1.32.4", '>', "1.32"},
    {"1.32.0", '=', "1.32"},
    {"1.32", '<', "1.32.4"},
    {"1", '=', "1.0.0.0"},
    {"1.0.0.1", '>', "1"},
    {"1.32.4", '=', "1.32.4"},
    {"1.33.0", '>', "1.32.9"},
    {"2", '>', "1.99.99.99"},
    // Components are numbers, not text and not decimals.
    {"24.10", '>', "24.9"},
    {"24.10", '>', "24.1"},
    {"24.04", '=', "24.4"},
    {"1.9", '<', "1.10"},
    {"580.126.20", '>', "580.82.07"},
    {"570.133.20", '<', "580.65.06"},
    {"12.8", '<', "13.0"},
    {"18446744073709551615", '>', "18446744073709551614"},
    // A leading v does not count.
    {"v1.30.14", '=', "1.30.14"},
    {"V24.6.0", '=', "v24.6"},
    {"v25.3.4", '>', "v24.6.0"},
    // A vendor's suffix does not count when the other has none.
    {"v1.33.5-eks-3025e55", '=', "1.33.5"},
    {"v1.33.5-eks-3025e55", '>', "1.33"},
    {"v1.33.5-eks-3025e55", '>', "1.33.4"},
    {"v1.33.5-eks-3025e55", '<', "1.34"},
    {"v1.31.1-gke.1337000", '=', "v1.31.1"},
    {"6.8.0-1024-aws", '=', "6.8"},
    {"6.8.0-1024-aws", '>', "6.5.0"},
    {"5.15.0-91-generic", '=', "5.15"},
    {"v1.30.0+k3s1", '=', "1.30.0"},
    // Suffixes of the same vendor do.
    {"v1.31.1-gke.1337000", '<', "v1.31.1-gke.1337001"},
    {"v1.31.1-gke.1337000", '<', "v1.31.1-gke.2000000"},
    {"v1.31.1-gke.1337000", '>', "v1.31.1-gke.999"},
    {"v1.31.1-gke.1337000", '=', "v1.31.1-gke.1337000"},
    {"v1.31.1-gke.1337000.1", '>', "v1.31.1-gke.1337000"},
    {"v1.31.2-gke.1", '>', "v1.31.1-gke.1337000"},
    {"v1.30.0+k3s1", '<', "v1.30.0+k3s2"},
    {"v1.30.0+rke2r1", '<', "v1.30.0+rke2r10"},
    {"1.19.2-eksbuild.1", '<', "1.19.2-eksbuild.5"},
    {"1.30.4-eks-1-30-8", '<', "1.30.4-eks-1-30-12"},
    {"6.8.0-1024-aws", '>', "6.8.0-1010-aws"},
    {"6.8.0-1024-aws", '>', "6.8.0-1010"},
    {"5.14.0-427.13.1.el9_4.x86_64", '<', "5.14.0-503.11.1.el9_5.x86_64"},
    {"1.7.24-0ubuntu1", '<', "1.7.24-0ubuntu2"},
    // Suffixes of different vendors do not, and commits have no order.
    {"v1.31.1-gke.1337000", '=', "v1.31.1-eks-3025e55"},
    {"6.8.0-1024-aws", '=', "6.8.0-40-generic"},
    {"v1.33.5-eks-3025e55", '=', "v1.33.5-eks-4096722"},
    {"v1.33.5-eks-1234567", '=', "v1.33.5-eks-7654321"},
    {"2.23.10-57f88ab", '=', "2.23.10-11aa22b"},
    {"v1.31.1-gke.100", '=', "v1.31.1-5"},
    {"v1.31.1-eks", '=', "v1.31.1-eks-3025e55"},
    // A pre-release comes before its release, in the order of its words and numbers.
    {"1.32.0-rc.1", '<', "1.32.0"},
    {"1.32.0-rc.1", '>', "1.31.9"},
    {"1.32.0-alpha.1", '<', "1.32.0-beta.0"},
    {"1.32.0-beta.2", '<', "1.32.0-rc.0"},
    {"1.32.0-rc.2", '<', "1.32.0-rc.10"},
    {"1.32.0-rc2", '<', "1.32.0-rc10"},
    {"1.32.0-rc", '<', "1.32.0-rc.1"},
    {"1.32.0-rc.1", '<', "v1.32.0-gke.100"},
    {"1.32.0-RC.1", '=', "1.32.0-rc.1"},
    {"1.0~rc1", '<', "1.0"},
    {"1.0.0-dev", '<', "1.0.0"},
    {"1.0.0-SNAPSHOT", '<', "1.0.0"},
    {"1.0.0-rcx", '=', "1.0.0"},
    // What follows white space is a remark.
    {"24.04.3 LTS (Noble Numbat)", '>', "24.04"},
    {" 1.2 ", '=', "1.2"},
};

static void test_compare(void **state _unused_) {
    for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++) {
        struct version a, b;
        if (!version_parse(comparisons[i].a, &a) || !version_parse(comparisons[i].b, &b))
            fail_msg("%s or %s: no version", comparisons[i].a, comparisons[i].b);
        int order = version_compare(&a, &b), reverse = version_compare(&b, &a);
        char found = order < 0 ? '<' : order > 0 ? '>' : '=';
        if (found != comparisons[i].order || (order < 0) != (reverse > 0) || (order == 0) != (reverse == 0))
            fail_msg("%s %c %s, wanted %c", comparisons[i].a, found, comparisons[i].b, comparisons[i].order);
        assert_int_equal(version_compare(&a, &a), 0);
    }
}

static const struct {
    const char *actual, *expected;
    bool same;
} names[] = {
    {"v1.33.0-eks-3025e55", "1.33", true},
    {"1.33", "v1.33.0-eks-3025e55", false},
    {"v1.33.0-eks-3025e55", "1.33-eks-3025e55", true},
    {"v1.33.0-eks-3025e55", "v1.33.0-eks-4096722", false},
    {"v1.31.1-gke.1", "v1.31.1-eks-3025e55", false},
    {"1.32.0-rc.1", "1.32.0", false},
    {"1.32.0", "1.32.0-rc.1", false},
    {"1.32.0-rc.1", "1.32.0-rc.1", true},
    {"24.10", "24.1", false},
    {"24.04", "24.4", true},
};

static void test_is(void **state _unused_) {
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct version actual, expected;
        assert_true(version_parse(names[i].actual, &actual));
        assert_true(version_parse(names[i].expected, &expected));
        if (version_is(&actual, &expected) != names[i].same)
            fail_msg("%s is %s: wanted %d", names[i].actual, names[i].expected, names[i].same);
    }
}

static void test_no_version(void **state _unused_) {
    static const char *const texts[] = {
        "",    " ",   "v",    "version",   ".1",     "1.",       "1..2", "1.2.3.4.5", "1.2x",
        "-1",  "1.-", "1.2-", "1.2.BC.00", "latest", "go1.24.9", "1,2",  "vv1",       "18446744073709551616",
        "1.x", "[]",
    };
    struct version version;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (version_parse(texts[i], &version))
            fail_msg("'%s' was taken for a version", texts[i]);
}

static void test_parts(void **state _unused_) {
    struct version version;
    assert_true(version_parse("v1.33.5-eks-3025e55", &version));
    assert_int_equal(version.count, 3);
    assert_int_equal(version.component[1], 33);
    assert_int_equal(version.component[3], 0);
    assert_int_equal(version.suffix_length, strlen("eks-3025e55"));
    assert_memory_equal(version.suffix, "eks-3025e55", version.suffix_length);
    assert_false(version.is_prerelease);
    assert_true(version_parse("24.10", &version));
    assert_int_equal(version.count, 2);
    assert_int_equal(version.suffix_length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_is),
        cmocka_unit_test(test_no_version),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

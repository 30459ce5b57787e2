// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/file.h"
#include "io/destination.h"
#include "io/scheme.h"
#include "io/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/test-source-XXXXXX";
static char path_buffer[256];

static const char *path_in(const char *name) {
    snprintf(path_buffer, sizeof path_buffer, "%s/%s", directory, name);
    return path_buffer;
}

static int set_up(void **state _unused_) {
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    return path_remove_all(directory, &err);
}

static void test_locations(void **state _unused_) {
    static const struct {
        const char *location, *scheme;
    } cases[] = {{NULL, "-"},        {"", "-"},
                 {"  ", "-"},        {"-", "-"},
                 {"a.yaml", "path"}, {"./cm://x", "path"},
                 {"cm://a/b", "cm"}, {"HTTPS://x", "https"},
                 {"s3://b", "s3"},   {"a:b", "path"},
                 {"stdout", "path"}, {"://x", "path"},
                 {"1a://x", "path"}, {"a b://x", "path"}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_error_ struct error *err = NULL;
        const struct scheme *scheme = NULL;
        assert_int_equal(scheme_find(cases[i].location, &scheme, &err), 0);
        assert_string_equal(scheme->name, cases[i].scheme);
    }
    _cleanup_error_ struct error *err = NULL;
    const struct scheme *scheme = NULL;
    assert_int_equal(scheme_find("htps://u:secret@h/x", &scheme, &err), -ERROR_INVALID);
    assert_null(strstr(err->message, "secret"));
    assert_non_null(strstr(err->hint, "https://"));
}

static void test_shown_has_no_secrets(void **state _unused_) {
    static const struct {
        const char *location, *shown;
    } cases[] = {{"https://user:pass@host:8443/a/b", "https://host:8443/a/b"},
                 {"https://host/a?token=abc#frag", "https://host/a?..."},
                 {"https://host/a#frag", "https://host/a"},
                 {"http://a@b@host/", "http://host/"},
                 {"http://host/path@x", "http://host/path@x"},
                 {"/etc/a?b", "/etc/a?b"}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *shown = location_shown(cases[i].location);
        assert_string_equal(shown, cases[i].shown);
        free(shown);
    }
}

static void test_kinds_that_are_not_built(void **state _unused_) {
    static const char *const known[] = {"cm://ns/name", "oci://host/repo", "s3://bucket/key"};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        _cleanup_error_ struct error *reading = NULL, *writing = NULL;
        struct source *source = NULL;
        assert_int_equal(source_open(known[i], &source, &reading), -ERROR_UNAVAILABLE);
        assert_int_equal(destination_write(known[i], "x", 1, &writing), -ERROR_UNAVAILABLE);
        assert_non_null(strstr(writing->message, "not in this build"));
    }
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(destination_check("https://host/x", &err), -ERROR_INVALID);
}

static void test_files(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(destination_check(path_in("a.json"), &err), 0);
    assert_int_equal(destination_write(path_in("a.json"), "{\"a\": 24.10}", 12, &err), 0);
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = NULL;
    assert_int_equal(source_load(arena, path_in("a.json"), NULL, &doc, &err), 0);
    assert_string_equal(doc_get_text(doc, "a", ""), "24.10");
    char url[sizeof path_buffer + 8];
    snprintf(url, sizeof url, "file://%s", path_in("a.json"));
    assert_int_equal(source_load(arena, url, NULL, &doc, &err), 0);
}

static void test_modes(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    mode_t before = umask(027);
    struct stat status;
    assert_int_equal(destination_write(path_in("mode"), "x", 1, &err), 0);
    umask(before);
    assert_int_equal(stat(path_in("mode"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(chmod(path_in("mode"), 0600), 0);
    assert_int_equal(destination_write(path_in("mode"), "y", 1, &err), 0);
    assert_int_equal(stat(path_in("mode"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600); // what was private stays private
}

static void test_refusals(void **state _unused_) {
    static const struct {
        const char *name;
        int code;
    } cases[] = {{"absent/file", ERROR_NOT_FOUND}, {".", ERROR_CONFLICT}, {"new/", ERROR_INVALID}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_error_ struct error *checking = NULL;
        int r = destination_check(path_in(cases[i].name), &checking);
        assert_true(r < 0);
        if (i != 2)
            assert_int_equal(r, -cases[i].code);
    }
    _cleanup_error_ struct error *opening = NULL, *missing = NULL;
    struct source *source = NULL;
    assert_int_equal(source_open(directory, &source, &opening), -ERROR_INVALID);
    assert_int_equal(source_open(path_in("none"), &source, &missing), -ERROR_NOT_FOUND);
    assert_null(source);
}

static void test_standard_input_once(void **state _unused_) {
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "a: 1\n", 5), 5);
    close(pipes[1]);
    assert_true(dup2(pipes[0], STDIN_FILENO) >= 0);
    close(pipes[0]);
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(source_load(arena, "-", NULL, &doc, &err), 0);
    assert_string_equal(doc_get_text(doc, "a", ""), "1");
    assert_string_equal(doc->origin.source, "-");
    assert_int_equal(source_load(arena, "-", NULL, &doc, &err), -ERROR_INVALID);
    assert_non_null(strstr(err->message, "twice"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locations),
        cmocka_unit_test(test_shown_has_no_secrets),
        cmocka_unit_test(test_kinds_that_are_not_built),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_standard_input_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

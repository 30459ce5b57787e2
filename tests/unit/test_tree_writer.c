// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "base/file.h"
#include "io/tree_writer.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static int set_up(void **state _unused_) {
    snprintf(folder, sizeof folder, "/tmp/test_tree_writer.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state _unused_) {
    struct error *err = NULL;
    chmod(folder, 0700);
    return path_remove_all(folder, &err);
}

static const char *inside(const char *name) {
    static char path[32][256];
    static unsigned next;
    next = (next + 1) % 32;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static struct tree_writer_spec spec_of(const char *path, const struct tree_writer_file *files, size_t count) {
    return (struct tree_writer_spec){
        .folder = path, .files = files, .count = count, .list_name = "list", .marker_name = "mark", .marker = "ours\n"};
}

// SHA-256 of the contents below.
#define HASH_OF_MARK "13102ad5e68a577a21dbe1aa6b16189e93e979278d6b9917d7f279a9a3dabd16"
#define HASH_OF_1 "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
#define HASH_OF_2 "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"
#define HASH_OF_O "65c74c15a686187bb6bbf9958f494fc6b80068034a659a9ad44991b08c58f2d2"
#define FIRST_LIST HASH_OF_MARK "  mark\n" HASH_OF_1 "  a/b/c\n" HASH_OF_O "  old\n"
#define SECOND_LIST HASH_OF_MARK "  mark\n" HASH_OF_2 "  new\n"

static const struct tree_writer_file first[] = {{"list", FIRST_LIST, sizeof FIRST_LIST - 1, false},
                                                {"mark", "ours\n", 5, false},
                                                {"a/b/c", "1", 1, true},
                                                {"old", "o", 1, false}};
static const struct tree_writer_file second[] = {
    {"list", SECOND_LIST, sizeof SECOND_LIST - 1, false}, {"mark", "ours\n", 5, false}, {"new", "2", 1, false}};

static void write_ok(const struct tree_writer_spec *spec) {
    struct error *err = NULL;
    if (tree_write_check(spec, &err) < 0 || tree_write(spec, NULL, &err) < 0)
        fail_msg("%s", err->message);
}

static void refused(const struct tree_writer_spec *spec, enum error_code code, const char *part) {
    _cleanup_error_ struct error *check_error = NULL;
    _cleanup_error_ struct error *err = NULL;
    if (tree_write(spec, NULL, &err) != -(int)code)
        fail_msg("'%s' was expected, found: %s", part, err ? err->message : "no error");
    if (!strstr(err->message, part))
        fail_msg("'%s' lacks '%s'", err->message, part);
    (void)!tree_write_check(spec, &check_error);
}

// Entries of the folder, itself and its parent left out.
static int entries(const char *path) {
    _cleanup_free_ char *command = xasprintf("test $(ls -A '%s' | wc -l) -eq $EXPECTED", path);
    for (int i = 0; i < 9; i++) {
        char number[12];
        snprintf(number, sizeof number, "%d", i);
        setenv("EXPECTED", number, 1);
        if (system(command) == 0)
            return i;
    }
    return -1;
}

static void test_new_and_replaced(void **state _unused_) {
    struct tree_writer_spec spec = spec_of(inside("deep/er/out"), first, ARRAY_SIZE(first));
    write_ok(&spec);
    struct stat status;
    assert_int_equal(stat(inside("deep/er/out/a/b/c"), &status), 0);
    assert_true(status.st_mode & S_IXUSR);
    assert_int_equal(stat(inside("deep/er/out/old"), &status), 0);
    assert_false(status.st_mode & S_IXUSR);
    spec = spec_of(inside("deep/er/out/"), second, ARRAY_SIZE(second));
    write_ok(&spec);
    assert_false(path_exists(inside("deep/er/out/old")));
    assert_true(path_exists(inside("deep/er/out/new")));
    assert_int_equal(entries(inside("deep/er")), 1); // nothing temporary stays
}

static void test_strangers(void **state _unused_) {
    struct error *err = NULL;
    assert_int_equal(directory_make(inside("out"), &err), 0);
    struct tree_writer_spec spec = spec_of(inside("out"), first, ARRAY_SIZE(first));
    write_ok(&spec); // an empty folder is nobody's
    assert_int_equal(file_write(inside("out/note.txt"), "mine", 4, 0600, &err), 0);
    refused(&spec, ERROR_CONFLICT, "note.txt");
    spec.force = true;
    char *aside = NULL;
    assert_int_equal(tree_write(&spec, &aside, &err), 0);
    assert_string_equal(aside, inside("out.before-1"));
    free(aside);
    assert_true(path_exists(inside("out.before-1/note.txt")));
    assert_false(path_exists(inside("out/note.txt")));
    spec.force = false;
    write_ok(&spec);
    // Somebody's edits do not vanish.
    assert_int_equal(file_write(inside("out/a/b/c"), "mine", 4, 0600, &err), 0);
    refused(&spec, ERROR_CONFLICT, "a/b/c was changed");
    spec.force = true;
    write_ok(&spec);
    spec.force = false;
    // A list of files alone is not enough: a checksums file is a common thing.
    assert_int_equal(unlink(inside("out/mark")), 0);
    refused(&spec, ERROR_CONFLICT, "something else");
}

static void test_links(void **state _unused_) {
    struct error *err = NULL;
    assert_int_equal(directory_make(inside("real"), &err), 0);
    assert_int_equal(symlink("real", inside("link")), 0);
    assert_int_equal(symlink("nowhere", inside("dangling")), 0);
    assert_int_equal(file_write(inside("file"), "x", 1, 0600, &err), 0);
    struct tree_writer_spec spec = spec_of(inside("link"), first, ARRAY_SIZE(first));
    write_ok(&spec);
    assert_true(path_exists(inside("real/old")));
    struct stat status;
    assert_int_equal(lstat(inside("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    spec.folder = inside("dangling");
    refused(&spec, ERROR_CONFLICT, "leads nowhere");
    spec.folder = inside("file");
    refused(&spec, ERROR_CONFLICT, "no folder");
    // A link inside the old folder is a stranger, and what it leads to is left alone.
    assert_int_equal(symlink("../file", inside("real/extra")), 0);
    spec.folder = inside("real");
    refused(&spec, ERROR_CONFLICT, "extra");
    assert_true(path_exists(inside("file")));
}

static void test_places(void **state _unused_) {
    struct tree_writer_spec spec = spec_of(".", first, ARRAY_SIZE(first));
    refused(&spec, ERROR_INVALID, "working directory");
    spec.folder = "/";
    refused(&spec, ERROR_INVALID, "");
    spec.folder = "";
    refused(&spec, ERROR_INVALID, "empty");
    const struct tree_writer_file bad = {"../escape", "x", 1, false};
    spec = spec_of(inside("out"), &bad, 1);
    refused(&spec, ERROR_INVALID, "no safe path");
    assert_int_equal(entries(folder), 0);
    if (geteuid() == 0)
        skip(); // root writes everywhere
    chmod(folder, 0500);
    spec = spec_of(inside("out"), first, ARRAY_SIZE(first));
    refused(&spec, ERROR_DENIED, "");
}

static int count_content(const char *path, const char *const *names, size_t count) {
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        _cleanup_free_ char *file = path_join(path, names[i]);
        found += path_exists(file);
    }
    return found;
}

// Killed at any moment, the folder is the old one or the new one.
static void test_killed(void **state _unused_) {
    static const char *const old_names[] = {"list", "mark", "a/b/c", "old"}, *const new_names[] = {"list", "mark",
                                                                                                   "new"};
    const char *target = inside("out");
    for (int i = 0; i < 150; i++) {
        bool is_even = i % 2 == 0;
        struct tree_writer_spec spec =
            is_even ? spec_of(target, first, ARRAY_SIZE(first)) : spec_of(target, second, ARRAY_SIZE(second));
        pid_t child = fork();
        if (child == 0) {
            struct error *err = NULL;
            _exit(tree_write(&spec, NULL, &err) < 0);
        }
        usleep((useconds_t)(i * 13 % 1500));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (!path_exists(target))
            continue;
        int old_count = count_content(target, old_names, ARRAY_SIZE(old_names));
        int new_count = count_content(target, new_names, ARRAY_SIZE(new_names));
        assert_true((old_count == 4 && new_count == 2) || (old_count == 2 && new_count == 3));
    }
    struct tree_writer_spec spec = spec_of(target, first, ARRAY_SIZE(first));
    write_ok(&spec);
    assert_int_equal(entries(folder), 1); // the next run took away what killed ones left
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_and_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strangers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

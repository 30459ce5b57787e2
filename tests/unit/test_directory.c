// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "io/directory.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    struct arena *arena;
    char path[64];
};

static int make_folder(void **state) {
    static struct folder folder;
    folder.arena = arena_new();
    strcpy(folder.path, "/tmp/test_directory_XXXXXX");
    *state = &folder;
    return mkdtemp(folder.path) ? 0 : -1;
}

static int remove_folder(void **state) {
    struct folder *folder = *state;
    struct error *err = NULL;
    int r = path_remove_all(folder->path, &err);
    error_free(err);
    arena_free(folder->arena);
    return r;
}

static const char *below(struct folder *folder, const char *name) {
    return arena_printf(folder->arena, "%s/%s", folder->path, name);
}

static void put(struct folder *folder, const char *name, const char *text) {
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(file_write(below(folder, name), text, strlen(text), 0644, &err), 0);
}

static void assert_refused(struct folder *folder, const char *path, const struct directory_limits *limits,
                           enum error_code code, const char *part) {
    _cleanup_error_ struct error *err = NULL;
    struct directory_file *files = NULL;
    size_t count = 7;
    assert_int_equal(directory_read(folder->arena, path, limits, &files, &count, &err), -(int)code);
    if (!strstr(err->message, part))
        fail_msg("'%s' is not in '%s'", part, err->message);
    assert_null(files);
    assert_int_equal(count, 7);
}

static void test_reads_sorted(void **state) {
    struct folder *folder = *state;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(mkdir(below(folder, "b"), 0755), 0);
    put(folder, "b/2.yaml", "two");
    put(folder, "b.yaml", "");
    put(folder, "a", "one");
    put(folder, ".hidden", "no");
    struct directory_file *files = NULL;
    size_t count = 0;
    const char *slashed = arena_printf(folder->arena, "%s//", folder->path);
    assert_int_equal(directory_read(folder->arena, slashed, NULL, &files, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_string_equal(files[0].path, "a");
    assert_string_equal(files[1].path, "b.yaml");
    assert_string_equal(files[2].path, "b/2.yaml");
    assert_string_equal(files[2].name, below(folder, "b/2.yaml"));
    assert_string_equal(files[2].bytes, "two");
    assert_int_equal(files[1].length, 0);
}

static void test_links_are_refused(void **state) {
    struct folder *folder = *state;
    assert_int_equal(mkdir(below(folder, "d"), 0755), 0);
    assert_int_equal(symlink("..", below(folder, "d/loop")), 0);
    assert_refused(folder, folder->path, NULL, ERROR_INVALID, "/d/loop: is a symbolic link");
    const char *link = arena_printf(folder->arena, "%s.link", folder->path);
    assert_int_equal(symlink(folder->path, link), 0);
    assert_refused(folder, link, NULL, ERROR_INVALID, "is a symbolic link");
    assert_int_equal(unlink(link), 0);
}

static void test_what_is_no_folder(void **state) {
    struct folder *folder = *state;
    put(folder, "file", "x");
    assert_refused(folder, below(folder, "file"), NULL, ERROR_INVALID, "is not a directory");
    assert_refused(folder, below(folder, "none"), NULL, ERROR_NOT_FOUND, "cannot open directory");
    assert_int_equal(mkfifo(below(folder, "pipe"), 0644), 0);
    assert_refused(folder, folder->path, NULL, ERROR_INVALID, "/pipe: is neither a file nor a directory");
}

static void test_unreadable_file(void **state) {
    struct folder *folder = *state;
    if (geteuid() == 0)
        skip();
    put(folder, "secret", "x");
    assert_int_equal(chmod(below(folder, "secret"), 0), 0);
    assert_refused(folder, folder->path, NULL, ERROR_DENIED, "cannot open");
}

static void test_limits(void **state) {
    struct folder *folder = *state;
    assert_int_equal(mkdir(below(folder, "d"), 0755), 0);
    put(folder, "d/one", "12345");
    put(folder, "d/two", "12345");
    assert_refused(folder, folder->path, &(struct directory_limits){.file_size = 4}, ERROR_LIMIT, "limit of 4");
    assert_refused(folder, folder->path, &(struct directory_limits){.file_count = 1}, ERROR_LIMIT, "more than 1 files");
    assert_refused(folder, folder->path, &(struct directory_limits){.total_size = 9}, ERROR_LIMIT, "9 bytes in all");
    assert_int_equal(mkdir(below(folder, "d/e"), 0755), 0);
    assert_refused(folder, folder->path, &(struct directory_limits){.depth = 1}, ERROR_LIMIT, "1 levels");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reads_sorted, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_links_are_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_is_no_folder, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_unreadable_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_limits, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

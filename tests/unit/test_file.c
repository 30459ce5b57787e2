// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "base/file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/cns-test-file-XXXXXX";

static int set_up(void **state _unused_) {
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    return path_remove_all(directory, &err);
}

static size_t entries_in(const char *path) {
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void assert_content(const char *path, const char *expected) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text content = {0};
    assert_int_equal(file_read(path, 1000, &content, &err), 0);
    assert_string_equal(text_str(&content), expected);
}

static void test_write_then_read(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_free_ char *path = path_join(directory, "a");
    assert_int_equal(file_write(path, "one", 3, 0640, &err), 0);
    assert_content(path, "one");
    assert_int_equal(file_write(path, "two!", 4, 0644, &err), 0);
    assert_content(path, "two!");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(entries_in(directory), 1);
}

static void test_link_is_followed(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_free_ char *target = path_join(directory, "target");
    _cleanup_free_ char *link = path_join(directory, "link");
    assert_int_equal(file_write(target, "old", 3, 0644, &err), 0);
    assert_int_equal(symlink("target", link), 0);
    assert_int_equal(file_write(link, "new", 3, 0644, &err), 0);
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content(target, "new");
}

static void test_read_refusals(void **state _unused_) {
    _cleanup_text_ struct text content = {0};
    struct error *err = NULL;
    _cleanup_free_ char *path = path_join(directory, "big");
    assert_int_equal(file_write(path, "0123456789", 10, 0644, &err), 0);

    assert_int_equal(file_read(path, 9, &content, &err), -ERROR_LIMIT);
    error_free(TAKE_PTR(err));
    assert_int_equal(file_read("/dev/zero", 100000, &content, &err), -ERROR_LIMIT);
    error_free(TAKE_PTR(err));
    assert_int_equal(file_read(directory, 100, &content, &err), -ERROR_INVALID);
    error_free(TAKE_PTR(err));
    assert_int_equal(file_read("/nonexistent/file", 100, &content, &err), -ERROR_NOT_FOUND);
    error_free(TAKE_PTR(err));
    assert_null(content.bytes);
}

// /proc files say that they are empty and are not.
static void test_read_of_unknown_size(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text content = {0};
    assert_int_equal(file_read("/proc/self/status", 100000, &content, &err), 0);
    assert_non_null(strstr(content.bytes, "Pid:"));
}

static void test_full_device_is_reported(void **state _unused_) {
    struct error *err = NULL;
    assert_int_equal(file_write("/dev/full", "x", 1, 0644, &err), -ERROR_UNAVAILABLE);
    assert_non_null(strstr(err->message, "/dev/full"));
    error_free(err);
}

static void test_failed_write_leaves_the_old_file(void **state _unused_) {
    struct error *err = NULL;
    _cleanup_free_ char *path = path_join(directory, "absent/file");
    assert_true(file_write(path, "x", 1, 0644, &err) < 0);
    error_free(TAKE_PTR(err));
    assert_int_equal(file_write(directory, "x", 1, 0644, &err), -ERROR_CONFLICT);
    error_free(err);
}

static void test_directories(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_free_ char *path = path_join(directory, "x/y/z");
    assert_int_equal(directory_make(path, &err), 0);
    assert_int_equal(directory_make(path, &err), 0);
    assert_true(path_is_directory(path));
    _cleanup_free_ char *top = path_join(directory, "x");
    _cleanup_free_ char *outside = path_join(directory, "outside");
    _cleanup_free_ char *link = path_join(path, "link");
    assert_int_equal(directory_make(outside, &err), 0);
    assert_int_equal(symlink(outside, link), 0);
    assert_int_equal(path_remove_all(top, &err), 0);
    assert_false(path_exists(top));
    assert_true(path_is_directory(outside));
}

static void test_paths(void **state _unused_) {
    static const char *const safe[] = {"a", "a/b.yaml", "..a/b..", ".hidden"};
    static const char *const unsafe[] = {"", "/a", "a//b", "a/../b", "..", ".", "./a", "a/", "a\\b"};
    for (size_t i = 0; i < ARRAY_SIZE(safe); i++)
        assert_true(path_is_safe_relative(safe[i]));
    for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
        assert_false(path_is_safe_relative(unsafe[i]));
    static const char *const joins[][3] = {
        {"a/b/", "/c", "a/b/c"}, {"/", "c", "/c"}, {"", "c", "c"}, {"a", "b", "a/b"}};
    for (size_t i = 0; i < ARRAY_SIZE(joins); i++) {
        _cleanup_free_ char *joined = path_join(joins[i][0], joins[i][1]);
        assert_string_equal(joined, joins[i][2]);
    }
    assert_string_equal(path_base_name("/a/b"), "b");
    assert_string_equal(path_base_name("b"), "b");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_then_read),
        cmocka_unit_test(test_link_is_followed),
        cmocka_unit_test(test_read_refusals),
        cmocka_unit_test(test_read_of_unknown_size),
        cmocka_unit_test(test_full_device_is_reported),
        cmocka_unit_test(test_failed_write_leaves_the_old_file),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

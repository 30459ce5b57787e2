// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_shell(const char *script, struct process_result *result, struct error **err) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return process_run(&(struct process_spec){.argv = argv, .timeout_ms = 20000}, result, err);
}

static void assert_no_child_left(void) {
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_exit_code_and_output(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(run_shell("echo out; echo err >&2; exit 7", &result, &err), 0);
    assert_int_equal(result.exit_status, 7);
    assert_string_equal(text_str(&result.output), "out\n");
    assert_string_equal(text_str(&result.error_output), "err\n");
    assert_no_child_left();
}

static void test_signal(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(run_shell("kill -9 $$", &result, &err), 0);
    assert_int_equal(result.exit_status, 128 + SIGKILL);
}

static void test_missing_program(void **state _unused_) {
    static const char *const names[] = {"no-such-program-here", "/no/such/program"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        _cleanup_process_result_ struct process_result result = {0};
        _cleanup_error_ struct error *err = NULL;
        const char *const argv[] = {names[i], NULL};
        assert_int_equal(process_run(&(struct process_spec){.argv = argv}, &result, &err), -ERROR_NOT_FOUND);
        assert_non_null(strstr(err->message, names[i]));
    }
    assert_no_child_left();
    assert_null(process_find("no-such-program-here"));
    char *shell = process_find("sh");
    assert_non_null(shell);
    free(shell);
}

// The time-out also ends what the program started, and does not wait for it.
static void test_timeout_ends_the_group(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    const char *const argv[] = {"sh", "-c", "trap '' TERM; sleep 60 & sleep 60", NULL};
    uint64_t start = clock_monotonic_ns();
    int r = process_run(&(struct process_spec){.argv = argv, .timeout_ms = 100}, &result, &err);
    assert_int_equal(r, -ERROR_TIMEOUT);
    assert_non_null(strstr(err->message, "0.1 s"));
    assert_true(clock_monotonic_ns() - start < UINT64_C(10000000000));
    assert_no_child_left();
}

static void test_background_child_is_not_waited_for(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    uint64_t start = clock_monotonic_ns();
    assert_int_equal(run_shell("sleep 30 & echo $!", &result, &err), 0);
    assert_true(clock_monotonic_ns() - start < UINT64_C(10000000000));
    kill((pid_t)strtol(text_str(&result.output), NULL, 10), SIGKILL);
}

static void test_large_output(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(run_shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2", &result, &err), 0);
    assert_int_equal(result.output.length, 3000000);
    assert_int_equal(result.error_output.length, 2000000);
}

static void test_output_limit(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    const char *const argv[] = {"sh", "-c", "exec yes", NULL};
    int r = process_run(&(struct process_spec){.argv = argv, .output_limit = 100000}, &result, &err);
    assert_int_equal(r, -ERROR_LIMIT);
    assert_int_equal(result.output.length, 0);
    assert_no_child_left();
}

static void test_input(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    size_t length = 1000000;
    _cleanup_free_ char *input = xcalloc(1, length);
    memset(input, 'x', length);
    const char *const argv[] = {"cat", NULL};
    struct process_spec spec = {.argv = argv, .input = input, .input_length = length, .timeout_ms = 20000};
    assert_int_equal(process_run(&spec, &result, &err), 0);
    assert_int_equal(result.output.length, length);
    assert_memory_equal(result.output.bytes, input, length);
}

static void test_input_that_nobody_reads(void **state _unused_) {
    size_t length = 1000000;
    _cleanup_free_ char *input = xcalloc(1, length);
    static const char *const scripts[] = {"exit 3", "exec <&-; sleep 0.05; exit 3"};
    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
        _cleanup_process_result_ struct process_result result = {0};
        _cleanup_error_ struct error *err = NULL;
        const char *const argv[] = {"sh", "-c", scripts[i], NULL};
        struct process_spec spec = {.argv = argv, .input = input, .input_length = length, .timeout_ms = 20000};
        assert_int_equal(process_run(&spec, &result, &err), 0);
        assert_int_equal(result.exit_status, 3);
    }
}

static void test_environment(void **state _unused_) {
    _cleanup_process_result_ struct process_result result = {0};
    _cleanup_error_ struct error *err = NULL;
    const char *const argv[] = {"/bin/sh", "-c", "echo $COLOR-$HOME", NULL};
    const char *const environment[] = {"COLOR=green", NULL};
    assert_int_equal(process_run(&(struct process_spec){.argv = argv, .environment = environment}, &result, &err), 0);
    assert_string_equal(text_str(&result.output), "green-\n");
}

// With the standard descriptors closed, a pipe must not land on their numbers; and no descriptor of ours leaks.
static void test_closed_standard_descriptors(void **state _unused_) {
    int saved[3];
    for (int fd = 0; fd < 3; fd++)
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
    close(0);
    close(1);
    close(2);
    struct process_result result = {0};
    struct error *err = NULL;
    const char *const argv[] = {"sh", "-c", "read line; echo got $line; echo problem >&2; ls /proc/self/fd | wc -l",
                                NULL};
    struct process_spec spec = {.argv = argv, .input = "text\n", .input_length = 5, .timeout_ms = 20000};
    int r = process_run(&spec, &result, &err);
    for (int fd = 0; fd < 3; fd++) {
        if (saved[fd] >= 0) {
            dup2(saved[fd], fd);
            close(saved[fd]);
        }
    }
    assert_int_equal(r, 0);
    assert_string_equal(text_str(&result.error_output), "problem\n");
    assert_string_equal(text_str(&result.output), "got text\n4\n"); // 0, 1, 2 and the listed directory itself
    process_result_done(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_code_and_output),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_missing_program),
        cmocka_unit_test(test_timeout_ends_the_group),
        cmocka_unit_test(test_background_child_is_not_waited_for),
        cmocka_unit_test(test_large_output),
        cmocka_unit_test(test_output_limit),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_input_that_nobody_reads),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_closed_standard_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

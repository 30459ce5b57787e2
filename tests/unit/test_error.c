// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void test_message_prefix_and_hint(void **state _unused_) {
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(error_set(&err, ERROR_INVALID, "value %d is odd", 3), -ERROR_INVALID);
    assert_int_equal(error_prefix(&err, "file %s", "a.yaml"), -ERROR_INVALID);
    assert_int_equal(error_hint(&err, "first"), -ERROR_INVALID);
    assert_int_equal(error_hint(&err, "use an even one"), -ERROR_INVALID);
    assert_string_equal(err->message, "file a.yaml: value 3 is odd");
    assert_string_equal(err->hint, "use an even one");
}

static void test_errno_decides_the_code(void **state _unused_) {
    static const struct {
        int errno_value;
        enum error_code code;
    } rows[] = {{ENOENT, ERROR_NOT_FOUND},  {EACCES, ERROR_DENIED},      {EEXIST, ERROR_CONFLICT},
                {EFBIG, ERROR_LIMIT},       {ENOSPC, ERROR_UNAVAILABLE}, {EIO, ERROR_INTERNAL},
                {ETIMEDOUT, ERROR_TIMEOUT}, {EINTR, ERROR_CANCELLED},    {EISDIR, ERROR_INVALID}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_error_ struct error *err = NULL;
        assert_int_equal(error_set_errno(&err, rows[i].errno_value, "x"), -(int)rows[i].code);
        assert_non_null(strstr(err->message, strerror(rows[i].errno_value)));
    }
}

static void test_every_code_has_a_name(void **state _unused_) {
    for (int code = ERROR_INVALID; code <= ERROR_CANCELLED; code++)
        assert_string_not_equal(error_code_name((enum error_code)code), "unknown");
    assert_string_equal(error_code_name((enum error_code)99), "unknown");
}

// What the logger prints, caught through a pipe in place of standard error.
static void read_log(enum log_format format, char *buffer, size_t size) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_init("cnsctl", LOG_LEVEL_INFO, format);
    struct error *err = NULL;
    error_set(&err, ERROR_NOT_FOUND, "no \"file\"\nhere\x01");
    error_hint(&err, "look elsewhere");
    log_failure(err);
    log_debug("never shown");
    error_free(err);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t got = read(ends[0], buffer, size - 1);
    assert_true(got > 0);
    buffer[got] = '\0';
    close(ends[0]);
}

static void test_log_text_and_json(void **state _unused_) {
    char buffer[1000];
    read_log(LOG_FORMAT_TEXT, buffer, sizeof buffer);
    assert_string_equal(buffer, "cnsctl: error: no \"file\"\nhere\\x01\n  hint: look elsewhere\n");
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    read_log(LOG_FORMAT_JSON, buffer, sizeof buffer);
    assert_string_equal(buffer,
                        "{\"time\":\"1970-01-01T00:00:00Z\",\"level\":\"error\",\"program\":\"cnsctl\",\"msg\":"
                        "\"no \\\"file\\\"\\nhere\\u0001\",\"code\":\"not-found\",\"hint\":\"look elsewhere\"}\n");
    unsetenv("SOURCE_DATE_EPOCH");
}

static void test_clock(void **state _unused_) {
    char buffer[CLOCK_TIMESTAMP_SIZE];
    assert_string_equal(clock_timestamp(1136214245, buffer), "2006-01-02T15:04:05Z");
    setenv("SOURCE_DATE_EPOCH", "42", 1);
    assert_int_equal(clock_now(), 42);
    setenv("SOURCE_DATE_EPOCH", "yesterday", 1);
    assert_true(clock_now() > 1700000000);
    unsetenv("SOURCE_DATE_EPOCH");
    uint64_t before = clock_monotonic_ns();
    assert_true(clock_monotonic_ns() >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_prefix_and_hint),
        cmocka_unit_test(test_errno_decides_the_code),
        cmocka_unit_test(test_every_code_has_a_name),
        cmocka_unit_test(test_log_text_and_json),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

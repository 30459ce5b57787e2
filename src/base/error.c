// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

int error_set(struct error **err, enum error_code code, const char *format, ...) {
    assert(err && !*err);
    va_list arguments;
    va_start(arguments, format);
    struct error *error = xcalloc(1, sizeof *error);
    error->code = code;
    error->message = xvasprintf(format, arguments);
    va_end(arguments);
    *err = error;
    return -(int)code;
}

static enum error_code code_of_errno(int errno_value) {
    switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
        return ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERROR_DENIED;
    case EEXIST:
    case ENOTEMPTY:
        return ERROR_CONFLICT;
    case ETIMEDOUT:
        return ERROR_TIMEOUT;
    case EFBIG:
    case ENAMETOOLONG:
        return ERROR_LIMIT;
    case EISDIR:
    case ELOOP:
    case EINVAL:
        return ERROR_INVALID;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENOSPC:
    case EDQUOT:
        return ERROR_UNAVAILABLE;
    case EINTR:
    case EPIPE: // the reader has what it wanted
        return ERROR_CANCELLED;
    default:
        return ERROR_INTERNAL;
    }
}

int error_set_errno(struct error **err, int errno_value, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *text = xvasprintf(format, arguments);
    va_end(arguments);
    return error_set(err, code_of_errno(errno_value), "%s: %s", text, strerror(errno_value));
}

int error_hint(struct error **err, const char *format, ...) {
    assert(err && *err);
    va_list arguments;
    va_start(arguments, format);
    char *hint = xvasprintf(format, arguments);
    va_end(arguments);
    free((*err)->hint);
    (*err)->hint = hint;
    return -(int)(*err)->code;
}

int error_prefix(struct error **err, const char *format, ...) {
    assert(err && *err);
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *prefix = xvasprintf(format, arguments);
    va_end(arguments);
    _cleanup_free_ char *old = (*err)->message;
    (*err)->message = xasprintf("%s: %s", prefix, old);
    return -(int)(*err)->code;
}

void error_free(struct error *err) {
    if (!err)
        return;
    free(err->message);
    free(err->hint);
    free(err);
}

const char *error_code_name(enum error_code code) {
    static const char *const names[] = {
        [ERROR_INVALID] = "invalid", [ERROR_NOT_FOUND] = "not-found",     [ERROR_CONFLICT] = "conflict",
        [ERROR_DENIED] = "denied",   [ERROR_UNAVAILABLE] = "unavailable", [ERROR_TIMEOUT] = "timeout",
        [ERROR_LIMIT] = "limit",     [ERROR_INTERNAL] = "internal",       [ERROR_CANCELLED] = "cancelled",
    };
    return code > 0 && (size_t)code < ARRAY_SIZE(names) ? names[code] : "unknown";
}

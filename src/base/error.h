// SPDX-License-Identifier: Apache-2.0
#pragma once

// Errors. A function that can fail returns 0 or a negative enum error_code, fills *err (never NULL on failure) and
// leaves its outputs untouched. The message tells what, where, why and what to do next, as one sentence or a few
// lines; whoever prints it adds nothing but the program's name. Engines return errors, programs print them once.

#include "base/macro.h"

#include <stdbool.h>

enum error_code {
    ERROR_INVALID = 1, // input is malformed or contradicts itself; usage
    ERROR_NOT_FOUND,   // a file, key, component or service does not exist
    ERROR_CONFLICT,    // the destination already holds something else
    ERROR_DENIED,      // permission or authentication
    ERROR_UNAVAILABLE, // a needed service, library or device is not there now
    ERROR_TIMEOUT,
    ERROR_LIMIT,    // input exceeds a size, depth or count limit
    ERROR_INTERNAL, // our own defect, or the operating system failed unexpectedly
    ERROR_CANCELLED,
};

struct error {
    enum error_code code;
    char *message;
    char *hint; // what to do next, NULL if the message says it; printed on its own line
};

// Makes *err and returns -code. *err must be NULL before.
int error_set(struct error **err, enum error_code code, const char *format, ...) _printf_(3, 4);
// As error_set, the message ending in ": " and the text of errno_value; the code follows from errno_value.
int error_set_errno(struct error **err, int errno_value, const char *format, ...) _printf_(3, 4);
// Adds or replaces the hint of an existing error; returns -(*err)->code so that it can end a function.
int error_hint(struct error **err, const char *format, ...) _printf_(2, 3);
// Puts "<text>: " in front of the message; returns -(*err)->code.
int error_prefix(struct error **err, const char *format, ...) _printf_(2, 3);
void error_free(struct error *err);
DEFINE_CLEANUP(struct error *, error, error_free)
#define _cleanup_error_ _cleanup_(error_cleanup)

// "invalid", "not-found", ...: stable names for logs and APIs.
const char *error_code_name(enum error_code code);

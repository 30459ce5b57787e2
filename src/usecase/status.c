// SPDX-License-Identifier: Apache-2.0
#include "usecase/status.h"

static const int exit_codes[] = {
    [ERROR_INVALID] = 2, [ERROR_NOT_FOUND] = 3, [ERROR_CONFLICT] = 9, [ERROR_DENIED] = 4,      [ERROR_UNAVAILABLE] = 6,
    [ERROR_TIMEOUT] = 5, [ERROR_LIMIT] = 7,     [ERROR_INTERNAL] = 1, [ERROR_CANCELLED] = 130,
};

int status_exit_code(enum error_code code) {
    return code > 0 && (unsigned)code < ARRAY_SIZE(exit_codes) ? exit_codes[code] : 1;
}

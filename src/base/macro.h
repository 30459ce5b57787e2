// SPDX-License-Identifier: Apache-2.0
#pragma once

// The few language helpers that every file may use: cleanup attributes, ownership hand-over, printf checking.
// A cleanup function is NULL-safe, so a variable declared with one starts as NULL or zero and may be returned early.

#include <stddef.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _printf_(text_index, first_index) __attribute__((__format__(__printf__, text_index, first_index)))
#define _unused_ __attribute__((unused))
#define _must_use_ __attribute__((warn_unused_result))
#define _noreturn_ __attribute__((noreturn))
#define _pure_ __attribute__((pure))

// Hands the pointer over and leaves NULL behind, so that the cleanup of the variable does nothing.
#define TAKE_PTR(pointer)                              \
    ({                                                 \
        __typeof__(pointer) *take_from_ = &(pointer);  \
        __typeof__(pointer) take_value_ = *take_from_; \
        *take_from_ = NULL;                            \
        take_value_;                                   \
    })

// Defines `name_cleanup(type **)` for `_cleanup_(name_cleanup) type *x = NULL;`.
#define DEFINE_CLEANUP(type, name, free_function)      \
    static inline void name##_cleanup(type *pointer) { \
        if (*pointer)                                  \
            free_function(*pointer);                   \
    }

// Each argument is evaluated once; the counter keeps nested uses from shadowing each other.
#define MIN(a, b) MIN_MAX_(<, a, b, __COUNTER__)
#define MAX(a, b) MIN_MAX_(>, a, b, __COUNTER__)
#define MIN_MAX_(comparison, a, b, unique) MIN_MAX_NAMED_(comparison, a, b, unique)
#define MIN_MAX_NAMED_(comparison, a, b, unique)                                      \
    ({                                                                                \
        __typeof__(a) first_##unique = (a);                                           \
        __typeof__(b) second_##unique = (b);                                          \
        first_##unique comparison second_##unique ? first_##unique : second_##unique; \
    })

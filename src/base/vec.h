// SPDX-License-Identifier: Apache-2.0
#pragma once

// Vectors. struct strvec owns its strings; VEC_GROW serves arrays of any other type:
//     struct { struct thing *items; size_t count, capacity; } things;
//     VEC_GROW(things.items, things.count, things.capacity); things.items[things.count++] = thing;

#include "base/alloc.h"
#include "base/macro.h"

#include <stdbool.h>
#include <stddef.h>

#define VEC_GROW(items, count, capacity)                                   \
    do {                                                                   \
        if ((count) == (capacity)) {                                       \
            (capacity) = (capacity) ? (capacity)*2 : 8;                    \
            (items) = xreallocarray((items), (capacity), sizeof *(items)); \
        }                                                                  \
    } while (0)

struct strvec {
    char **items; // items[count] is NULL once anything was added
    size_t count;
    size_t capacity;
};

void strvec_done(struct strvec *vec);
#define _cleanup_strvec_ _cleanup_(strvec_done)

void strvec_add(struct strvec *vec, const char *string);
void strvec_add_bytes(struct strvec *vec, const char *bytes, size_t length);
// Takes ownership of the string.
void strvec_add_owned(struct strvec *vec, char *string);
void strvec_addf(struct strvec *vec, const char *format, ...) _printf_(2, 3);
// Splits at every separator; empty parts are kept, surrounding white space is not.
void strvec_add_split(struct strvec *vec, const char *string, char separator);
bool strvec_has(const struct strvec *vec, const char *string);
void strvec_sort(struct strvec *vec);
// Sorts and drops equal neighbours.
void strvec_sort_unique(struct strvec *vec);
// All parts with the separator between them; the caller frees it. Never NULL.
char *strvec_join(const struct strvec *vec, const char *separator);

// qsort comparator for arrays of char *.
int compare_strings(const void *a, const void *b);

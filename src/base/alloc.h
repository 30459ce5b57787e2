// SPDX-License-Identifier: Apache-2.0
#pragma once

// Heap allocation that never returns NULL: running out of memory prints one line and ends the program with status 1.
// Nothing half-written is left by that, because outputs only reach their name by rename (see file.h).

#include "base/macro.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *pointer, size_t size) __attribute__((returns_nonnull));
// As xrealloc(pointer, count * size), with the multiplication checked.
void *xreallocarray(void *pointer, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *text, size_t length) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) _printf_(1, 2) __attribute__((malloc, returns_nonnull));
char *xvasprintf(const char *format, va_list arguments) _printf_(1, 0) __attribute__((malloc, returns_nonnull));

// What is done before the program ends for want of memory: removing what is half-made on disk. One at a time; a NULL
// function takes it back. The context is borrowed.
void alloc_on_failure(void (*function)(void *context), void *context);

static inline void free_cleanup(void *pointer) {
    free(*(void **)pointer);
}
#define _cleanup_free_ _cleanup_(free_cleanup)

// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void (*on_failure)(void *);
static void *on_failure_context;

void alloc_on_failure(void (*function)(void *context), void *context) {
    on_failure = function;
    on_failure_context = context;
}

static _noreturn_ void out_of_memory(void) {
    static const char message[] =
        "cnsctl: out of memory: nothing was written; give the process more memory or smaller input\n";
    // write(2), because stdio may want to allocate.
    ssize_t ignored _unused_ = write(STDERR_FILENO, message, sizeof message - 1);
    void (*function)(void *) = on_failure;
    on_failure = NULL; // it may run out of memory itself
    if (function)
        function(on_failure_context);
    _exit(1);
}

void *xmalloc(size_t size) {
    void *pointer = malloc(size ? size : 1);
    if (!pointer)
        out_of_memory();
    return pointer;
}

void *xcalloc(size_t count, size_t size) {
    void *pointer = calloc(count ? count : 1, size ? size : 1);
    if (!pointer)
        out_of_memory();
    return pointer;
}

void *xrealloc(void *pointer, size_t size) {
    void *moved = realloc(pointer, size ? size : 1);
    if (!moved)
        out_of_memory();
    return moved;
}

void *xreallocarray(void *pointer, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory();
    return xrealloc(pointer, total);
}

char *xstrdup(const char *text) {
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t length) {
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *xvasprintf(const char *format, va_list arguments) {
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        out_of_memory();
    return text;
}

char *xasprintf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = xvasprintf(format, arguments);
    va_end(arguments);
    return text;
}

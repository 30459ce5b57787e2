// SPDX-License-Identifier: Apache-2.0
#include "base/vec.h"
#include "base/text.h"

#include <stdarg.h>

void strvec_done(struct strvec *vec) {
    for (size_t i = 0; i < vec->count; i++)
        free(vec->items[i]);
    free(vec->items);
    *vec = (struct strvec){0};
}

void strvec_add_owned(struct strvec *vec, char *string) {
    if (vec->count + 1 >= vec->capacity) {
        vec->capacity = vec->capacity ? vec->capacity * 2 : 8;
        vec->items = xreallocarray(vec->items, vec->capacity, sizeof *vec->items);
    }
    vec->items[vec->count++] = string;
    vec->items[vec->count] = NULL;
}

void strvec_add(struct strvec *vec, const char *string) {
    strvec_add_owned(vec, xstrdup(string));
}

void strvec_add_bytes(struct strvec *vec, const char *bytes, size_t length) {
    strvec_add_owned(vec, xstrndup(bytes, length));
}

void strvec_addf(struct strvec *vec, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    strvec_add_owned(vec, xvasprintf(format, arguments));
    va_end(arguments);
}

void strvec_add_split(struct strvec *vec, const char *string, char separator) {
    for (const char *start = string;;) {
        const char *end = strchrnul(start, separator);
        _cleanup_free_ char *part = xstrndup(start, (size_t)(end - start));
        strvec_add(vec, str_trim(part));
        if (!*end)
            return;
        start = end + 1;
    }
}

bool strvec_has(const struct strvec *vec, const char *string) {
    for (size_t i = 0; i < vec->count; i++)
        if (str_eq(vec->items[i], string))
            return true;
    return false;
}

int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void strvec_sort(struct strvec *vec) {
    if (vec->count > 1)
        qsort(vec->items, vec->count, sizeof *vec->items, compare_strings);
}

void strvec_sort_unique(struct strvec *vec) {
    strvec_sort(vec);
    size_t kept = 0;
    for (size_t i = 0; i < vec->count; i++) {
        if (kept && str_eq(vec->items[kept - 1], vec->items[i]))
            free(vec->items[i]);
        else
            vec->items[kept++] = vec->items[i];
    }
    vec->count = kept;
    if (vec->items)
        vec->items[kept] = NULL;
}

char *strvec_join(const struct strvec *vec, const char *separator) {
    struct text joined = {0};
    for (size_t i = 0; i < vec->count; i++) {
        if (i)
            text_add(&joined, separator);
        text_add(&joined, vec->items[i]);
    }
    return text_take(&joined);
}

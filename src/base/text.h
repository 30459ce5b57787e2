// SPDX-License-Identifier: Apache-2.0
#pragma once

// Growable text and small string helpers. A struct text starts as {0}, owns its bytes and is always terminated, so
// text_str() is never NULL. Bytes may contain NUL; text.length counts them.

#include "base/macro.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

void text_done(struct text *text);
#define _cleanup_text_ _cleanup_(text_done)

const char *text_str(const struct text *text);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
void text_add_repeat(struct text *text, char c, size_t count);
void text_addf(struct text *text, const char *format, ...) _printf_(2, 3);
// Appends the words of a string in lines that start with `prefix` and are at most `width` bytes wide where words allow;
// ends in a newline.
void text_add_lines(struct text *text, const char *prefix, size_t width, const char *string);
// Makes room for at least `extra` more bytes and returns where they go; text_commit() then counts what was written.
char *text_reserve(struct text *text, size_t extra);
void text_commit(struct text *text, size_t written);
void text_truncate(struct text *text, size_t length);
// Hands the bytes over (to be freed by the caller, never NULL) and leaves the text empty.
char *text_take(struct text *text);

static inline bool str_eq(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}
static inline bool str_is_empty(const char *s) {
    return !s || !*s;
}
bool str_eq_ignore_case(const char *a, const char *b);
bool str_has_prefix(const char *string, const char *prefix);
bool str_has_suffix(const char *string, const char *suffix);
bool str_contains_ignore_case(const char *haystack, const char *needle);
// Compares `length` bytes with a whole terminated string.
bool str_eq_bytes(const char *bytes, size_t length, const char *string);
// Cuts white space at both ends in place and returns the new start.
char *str_trim(char *string);
// Lower-cases ASCII letters in place and returns the string.
char *str_lower(char *string);

// True when the bytes are well-formed UTF-8 (RFC 3629). On failure *ret_offset, if wanted, is the first bad byte.
bool utf8_is_valid(const char *bytes, size_t length, size_t *ret_offset);
// Writes one code point, 0 to 0x10FFFF, and returns how many bytes that took.
size_t utf8_encode(uint32_t code_point, char bytes[4]);
// Appends one code point, 0 to 0x10FFFF.
void text_add_code_point(struct text *text, uint32_t code_point);
// Terminal columns of a string: code points, without combining marks.
size_t utf8_width(const char *string);

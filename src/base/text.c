// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/alloc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

void text_done(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

const char *text_str(const struct text *text) {
    return text->bytes ? text->bytes : "";
}

char *text_reserve(struct text *text, size_t extra) {
    size_t needed = text->length + extra + 1;
    if (needed > text->capacity) {
        text->capacity = MAX(needed, MAX((size_t)64, text->capacity * 2));
        text->bytes = xrealloc(text->bytes, text->capacity);
        text->bytes[text->length] = '\0';
    }
    return text->bytes + text->length;
}

void text_commit(struct text *text, size_t written) {
    text->length += written;
    text->bytes[text->length] = '\0';
}

void text_add_bytes(struct text *text, const char *bytes, size_t length) {
    char *space = text_reserve(text, length);
    if (length)
        memcpy(space, bytes, length);
    text_commit(text, length);
}

void text_add(struct text *text, const char *string) {
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c) {
    *text_reserve(text, 1) = c;
    text_commit(text, 1);
}

void text_add_lines(struct text *text, const char *prefix, size_t width, const char *string) {
    size_t start = text->length, words = 0;
    text_add(text, prefix);
    for (string += strspn(string, " \n"); *string; string += strspn(string, " \n")) {
        size_t length = strcspn(string, " \n");
        if (words && text->length - start + 1 + length > width) {
            text_add_char(text, '\n');
            start = text->length;
            words = 0;
            text_add(text, prefix);
        }
        if (words++)
            text_add_char(text, ' ');
        text_add_bytes(text, string, length);
        string += length;
    }
    text_add_char(text, '\n');
}

void text_add_repeat(struct text *text, char c, size_t count) {
    memset(text_reserve(text, count), c, count);
    text_commit(text, count);
}

void text_addf(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *formatted = xvasprintf(format, arguments);
    va_end(arguments);
    text_add(text, formatted);
}

void text_truncate(struct text *text, size_t length) {
    if (length < text->length) {
        text->length = length;
        text->bytes[length] = '\0';
    }
}

char *text_take(struct text *text) {
    char *bytes = text->bytes ? text->bytes : xstrdup("");
    *text = (struct text){0};
    return bytes;
}

bool str_eq_ignore_case(const char *a, const char *b) {
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool str_has_prefix(const char *string, const char *prefix) {
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *string, const char *suffix) {
    size_t length = strlen(string), suffix_length = strlen(suffix);
    return length >= suffix_length && memcmp(string + length - suffix_length, suffix, suffix_length) == 0;
}

bool str_contains_ignore_case(const char *haystack, const char *needle) {
    return strcasestr(haystack, needle) != NULL;
}

bool str_eq_bytes(const char *bytes, size_t length, const char *string) {
    return strlen(string) == length && memcmp(bytes, string, length) == 0;
}

char *str_trim(char *string) {
    while (isspace((unsigned char)*string))
        string++;
    size_t length = strlen(string);
    while (length && isspace((unsigned char)string[length - 1]))
        string[--length] = '\0';
    return string;
}

char *str_lower(char *string) {
    for (char *p = string; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return string;
}

// Length of the well-formed sequence at p, 0 when there is none (RFC 3629, section 4).
static size_t utf8_sequence(const unsigned char *p, size_t left) {
    unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    size_t length = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (!length || left < length)
        return 0;
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool utf8_is_valid(const char *bytes, size_t length, size_t *ret_offset) {
    size_t i = 0;
    while (i < length) {
        // Eight ASCII bytes at a time: nearly all input is ASCII.
        uint64_t word;
        while (length - i >= sizeof word) {
            memcpy(&word, bytes + i, sizeof word);
            if (word & UINT64_C(0x8080808080808080))
                break;
            i += sizeof word;
        }
        if (i == length)
            break;
        size_t step = utf8_sequence((const unsigned char *)bytes + i, length - i);
        if (!step) {
            if (ret_offset)
                *ret_offset = i;
            return false;
        }
        i += step;
    }
    return true;
}

size_t utf8_encode(uint32_t c, char bytes[4]) {
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        bytes[0] = (char)(0xC0 | c >> 6);
        bytes[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        bytes[0] = (char)(0xE0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | c >> 18);
    bytes[1] = (char)(0x80 | (c >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (c >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

void text_add_code_point(struct text *text, uint32_t c) {
    char bytes[4];
    text_add_bytes(text, bytes, utf8_encode(c, bytes));
}

size_t utf8_width(const char *string) {
    size_t width = 0;
    for (const unsigned char *p = (const unsigned char *)string; *p; p++) {
        bool is_continuation = (*p & 0xC0) == 0x80;
        bool is_combining = *p == 0xCC || (*p == 0xCD && p[1] < 0xB0); // U+0300 to U+036F
        width += !is_continuation && !is_combining;
    }
    return width;
}

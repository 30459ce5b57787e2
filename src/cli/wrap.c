// SPDX-License-Identifier: Apache-2.0
#include "cli/wrap.h"
#include "base/alloc.h"

static size_t columns(const char *bytes, size_t length) {
    _cleanup_free_ char *copy = xstrndup(bytes, length);
    return utf8_width(copy);
}

static void add_words(struct text *out, const char *line, size_t length, size_t column, size_t indent, size_t width) {
    bool is_first = true;
    for (const char *p = line, *end = line + length; p < end;) {
        const char *space = memchr(p, ' ', (size_t)(end - p));
        size_t word_length = (size_t)((space ? space : end) - p);
        size_t word_columns = columns(p, word_length);
        if (!is_first && column + 1 + word_columns > width) {
            text_add_char(out, '\n');
            text_add_repeat(out, ' ', indent);
            column = indent;
        } else if (!is_first) {
            text_add_char(out, ' ');
            column++;
        }
        text_add_bytes(out, p, word_length);
        column += word_columns;
        is_first = false;
        p += word_length + (space != NULL);
    }
}

void text_add_wrapped(struct text *out, const char *string, size_t column, size_t indent, size_t width) {
    for (const char *line = string;;) {
        const char *end = strchrnul(line, '\n');
        if (column < indent && end != line) {
            text_add_repeat(out, ' ', indent - column);
            column = indent;
        }
        if (*line == ' ')
            text_add_bytes(out, line, (size_t)(end - line));
        else
            add_words(out, line, (size_t)(end - line), column, indent, width);
        text_add_char(out, '\n');
        if (!*end)
            break;
        line = end + 1;
        column = 0;
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "doc/scalar.h"

#include "doc/emit.h"
#include "doc/number.h"

#include <ctype.h>

// --- what some reader takes for something else than text ---

static bool is_word_of_11(const char *text, size_t length) {
    if (length > strlen("infinity"))
        return false;
    static const char *const words[] = {
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<", "nan", "inf", "infinity",
    };
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (strlen(words[i]) == length && strncasecmp(text, words[i], length) == 0)
            return true;
    return false;
}

static size_t span(const char *text, size_t i, size_t length, const char *set) {
    while (i < length && text[i] && strchr(set, text[i]))
        i++;
    return i;
}

// Decimal, based, with underscores, with exponent or in base 60: the union of YAML 1.1, YAML 1.2, Go and PyYAML.
static bool is_number_like(const char *text, size_t length) {
    size_t i = span(text, 0, MIN(length, (size_t)1), "+-");
    if (length - i >= 2 && text[i] == '0' && strchr("xXoObB", text[i + 1]))
        return span(text, i + 2, length, "0123456789abcdefABCDEF_.pP+-") == length;
    if (length - i >= 1 && text[i] == '.' && is_word_of_11(text + i + 1, length - i - 1))
        return true;
    size_t start = i;
    i = span(text, i, length, "0123456789_:");
    if (i < length && text[i] == '.')
        i = span(text, i + 1, length, "0123456789_");
    if (i == start || (i == start + 1 && text[start] == '.'))
        return false;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i = span(text, i + 1, MIN(length, i + 2), "+-");
        i = span(text, i, length, "0123456789_");
    }
    return i == length;
}

// What begins as a date does.
static bool is_time_like(const char *text, size_t length) {
    size_t year = span(text, 0, length, "0123456789");
    if (year != 4 || year == length || text[year] != '-')
        return false;
    size_t month = span(text, 5, length, "0123456789");
    return month > 5 && month < length && text[month] == '-';
}

// Bytes of the character at p that a reader might not take as it is, 0 when it is plain printable text.
// NEL, LS and PS are line breaks in YAML 1.1, and the byte order mark is none of the text.
static size_t unprintable(const unsigned char *p, size_t left) {
    if (*p < 0x20 || *p == 0x7F)
        return 1;
    if (*p == 0xC2 && left > 1 && p[1] < 0xA0)
        return 2;
    if (left < 3)
        return 0;
    bool is_line_break = p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9);
    bool is_mark = p[0] == 0xEF && ((p[1] == 0xBB && p[2] == 0xBF) || (p[1] == 0xBF && p[2] >= 0xBE));
    return is_line_break || is_mark ? 3 : 0;
}

static bool is_printable(const char *text, size_t length, const char *also) {
    const unsigned char *p = (const unsigned char *)text;
    size_t ascii = 0;
    while (ascii < length && p[ascii] >= 0x20 && p[ascii] < 0x7F)
        ascii++;
    if (ascii == length)
        return true;
    for (size_t i = ascii; i < length; i++) {
        bool may_be_special = p[i] < 0x20 || p[i] >= 0x7F;
        if (may_be_special && unprintable(p + i, length - i) && !(p[i] && strchr(also, p[i])))
            return false;
    }
    return utf8_is_valid(text, length, NULL);
}

bool scalar_is_plain_safe(const char *text, size_t length) {
    if (length == 0 || text[0] == ' ' || text[length - 1] == ' ' || text[length - 1] == ':')
        return false;
    if (strchr("?:,[]{}#&*!|>'\"%@`", text[0]))
        return false;
    if (text[0] == '-' && (length == 1 || !(isalnum((unsigned char)text[1]) || strchr("-_/.", text[1]))))
        return false;
    if (length >= 3 && (memcmp(text, "---", 3) == 0 || memcmp(text, "...", 3) == 0))
        return false;
    for (size_t i = memchr(text, ' ', length) ? 1 : length; i < length; i++)
        if ((text[i] == ' ' && text[i - 1] == ':') || (text[i] == '#' && text[i - 1] == ' '))
            return false;
    return is_printable(text, length, "") && !is_word_of_11(text, length) && !is_number_like(text, length) &&
           !is_time_like(text, length) && doc_resolve_plain(text, length, NULL, NULL) == DOC_STRING;
}

// --- quotes ---

static void add_single_quoted(const char *text, size_t length, struct text *out) {
    text_add_char(out, '\'');
    text_add_bytes(out, text, length);
    text_add_char(out, '\'');
}

static const char *short_escape(unsigned char c) {
    static const char *const escapes[] = {
        ['\0'] = "\\0", ['\a'] = "\\a", ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\v'] = "\\v",
        ['\f'] = "\\f", ['\r'] = "\\r", [0x1B] = "\\e", ['"'] = "\\\"", ['\\'] = "\\\\",
    };
    return c < ARRAY_SIZE(escapes) ? escapes[c] : NULL;
}

// Where text is broken, U+FFFD stands in: what we write is UTF-8 whatever we were given.
static const char *mend(const char *text, size_t *length, struct text *scratch) {
    size_t bad;
    if (utf8_is_valid(text, *length, &bad))
        return text;
    const char *p = text;
    size_t left = *length;
    while (!utf8_is_valid(p, left, &bad)) {
        text_add_bytes(scratch, p, bad);
        text_add(scratch, "\xEF\xBF\xBD");
        p += bad + 1;
        left -= bad + 1;
    }
    text_add_bytes(scratch, p, left);
    *length = scratch->length;
    return scratch->bytes;
}

static void add_escaped(const unsigned char *p, size_t size, struct text *out) {
    const char *escape = short_escape(*p);
    if (escape)
        text_add(out, escape);
    else if (size == 1)
        text_addf(out, "\\x%02x", *p);
    else if (size == 2)
        text_addf(out, "\\x%02x", (unsigned)((p[0] & 0x1F) << 6 | (p[1] & 0x3F)));
    else
        text_addf(out, "\\u%04x", (unsigned)((p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F)));
}

static void add_double_quoted(const char *text, size_t length, struct text *out) {
    const unsigned char *p = (const unsigned char *)text, *end = p + length, *start = p;
    text_add_char(out, '"');
    while (p < end) {
        size_t size = *p == '"' || *p == '\\' ? 1 : unprintable(p, (size_t)(end - p));
        if (!size) {
            p++;
            continue;
        }
        text_add_bytes(out, (const char *)start, (size_t)(p - start));
        add_escaped(p, size, out);
        start = p += size;
    }
    text_add_bytes(out, (const char *)start, (size_t)(end - start));
    text_add_char(out, '"');
}

static bool prefers_single_quotes(const char *text, size_t length) {
    bool has_escapes = memchr(text, '"', length) || memchr(text, '\\', length);
    return has_escapes && !memchr(text, '\'', length) && is_printable(text, length, "");
}

void scalar_add_yaml_text(const char *text, size_t length, struct text *out) {
    _cleanup_text_ struct text scratch = {0};
    text = mend(text, &length, &scratch);
    if (scalar_is_plain_safe(text, length))
        text_add_bytes(out, text, length);
    else if (prefers_single_quotes(text, length))
        add_single_quoted(text, length, out);
    else
        add_double_quoted(text, length, out);
}

// --- literal blocks ---

// Exact for every reader: no line of white space only, which might count as indentation, and a first line that begins
// with its text.
static bool may_be_literal(const char *text, size_t length) {
    if (!memchr(text, '\n', length) || strchr(" \t\n", text[0]) || !is_printable(text, length, "\n\t"))
        return false;
    for (const char *line = text, *end = text + length; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end ? line_end : end;
        if (line_end > line && span(line, 0, (size_t)(line_end - line), " \t") == (size_t)(line_end - line))
            return false;
        line = line_end + 1;
    }
    return true;
}

static void add_literal(const char *text, size_t length, size_t indent, struct text *out) {
    bool ends_line = text[length - 1] == '\n', ends_more = length > 1 && ends_line && text[length - 2] == '\n';
    text_add(out, ends_more ? "|+" : ends_line ? "|" : "|-");
    for (const char *line = text, *end = text + length; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        line_end = line_end ? line_end : end;
        text_add_char(out, '\n');
        if (line_end > line)
            text_add_repeat(out, ' ', indent);
        text_add_bytes(out, line, (size_t)(line_end - line));
        line = line_end + 1;
    }
}

void scalar_add_yaml_value(const struct doc *scalar, size_t indent, struct text *out) {
    const char *text = scalar->text;
    size_t length = scalar->length;
    if (scalar->kind == DOC_NULL)
        text_add(out, "null");
    else if (scalar->kind != DOC_STRING)
        text_add_bytes(out, text, length);
    else if (length && may_be_literal(text, length))
        add_literal(text, length, indent, out);
    else
        scalar_add_yaml_text(text, length, out);
}

void doc_emit_yaml_scalar(const struct doc *scalar, struct text *out) {
    if (scalar->kind == DOC_STRING)
        scalar_add_yaml_text(scalar->text, scalar->length, out);
    else
        scalar_add_yaml_value(scalar, 0, out);
}

// --- JSON ---

void doc_emit_json_string(const char *bytes, size_t length, struct text *out) {
    _cleanup_text_ struct text scratch = {0};
    bytes = mend(bytes, &length, &scratch);
    const char *start = bytes, *end = bytes + length;
    text_add_char(out, '"');
    for (const char *p = bytes; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        text_add_bytes(out, start, (size_t)(p - start));
        start = p + 1;
        if (c && strchr("\b\t\n\f\r\"\\", c))
            text_add(out, short_escape(c));
        else
            text_addf(out, "\\u%04x", c);
    }
    text_add_bytes(out, start, (size_t)(end - start));
    text_add_char(out, '"');
}

void scalar_add_json(const struct doc *scalar, struct text *out) {
    switch (scalar->kind) {
    case DOC_NULL:
        text_add(out, "null");
        break;
    case DOC_BOOL:
        text_add(out, scalar->boolean ? "true" : "false");
        break;
    case DOC_INT:
    case DOC_FLOAT:
        number_add_json(scalar, out);
        break;
    default:
        doc_emit_json_string(scalar->text, scalar->length, out);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "bundle/template_tree.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool template_is_nil(const struct doc *value) {
    return !value || value->kind == DOC_NULL;
}

bool template_is_true(const struct doc *value) {
    if (template_is_nil(value))
        return false;
    switch (value->kind) {
    case DOC_BOOL:
        return value->boolean;
    case DOC_INT:
        return value->integer != 0;
    case DOC_FLOAT:
        return value->real != 0;
    case DOC_STRING:
        return value->length > 0;
    default:
        return doc_count(value) > 0;
    }
}

const char *template_type_name(const struct doc *value) {
    return template_is_nil(value) ? "nil" : doc_kind_name(value->kind);
}

static int compare_members(const void *a, const void *b) {
    const struct doc_member *const *left = a, *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

const struct doc_member **template_sorted_members(struct arena *arena, const struct doc *map) {
    size_t count = doc_count(map);
    const struct doc_member **sorted = arena_new_array(arena, const struct doc_member *, count + 1);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &map->map.members[i];
    qsort(sorted, count, sizeof *sorted, compare_members);
    return sorted;
}

// A number that stands in the source as a plain decimal fraction is printed as it stands there: 24.10, a version that
// somebody forgot to quote, must not become 24.1.
static bool is_decimal_fraction(const char *text) {
    size_t digits = strspn(text += *text == '-', "0123456789");
    if (!digits || text[digits] != '.')
        return false;
    size_t fraction = strspn(text + digits + 1, "0123456789");
    return fraction && !text[digits + 1 + fraction];
}

void template_print_float(const struct doc *value, int lowest, int from, struct text *out) {
    if (is_decimal_fraction(value->text)) {
        text_add(out, value->text);
        return;
    }
    if (isnan(value->real) || isinf(value->real)) {
        text_add(out, isnan(value->real) ? "NaN" : value->real > 0 ? "+Inf" : "-Inf");
        return;
    }
    char digits[40];
    int precision = 0;
    do
        snprintf(digits, sizeof digits, "%.*e", precision, value->real);
    while (strtod(digits, NULL) != value->real && ++precision < 17);
    int exponent = atoi(strchr(digits, 'e') + 1);
    if (exponent < lowest || exponent >= from)
        text_add(out, digits);
    else
        text_addf(out, "%.*f", MAX(precision - exponent, 0), value->real);
}

static void print_map(const struct doc *map, struct text *out) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc_member **members = template_sorted_members(arena, map);
    text_add(out, "map[");
    for (size_t i = 0; i < doc_count(map); i++) {
        text_addf(out, "%s%s:", i ? " " : "", members[i]->key);
        template_print(members[i]->value, out);
    }
    text_add_char(out, ']');
}

static void print_list(const struct doc *list, struct text *out) {
    text_add_char(out, '[');
    for (size_t i = 0; i < doc_count(list); i++) {
        if (i)
            text_add_char(out, ' ');
        template_print(doc_item(list, i), out);
    }
    text_add_char(out, ']');
}

void template_print(const struct doc *value, struct text *out) {
    if (template_is_nil(value)) {
        text_add(out, "<nil>");
        return;
    }
    switch (value->kind) {
    case DOC_BOOL:
        text_add(out, value->boolean ? "true" : "false");
        break;
    case DOC_INT:
        text_addf(out, "%" PRId64, value->integer);
        break;
    case DOC_FLOAT:
        template_print_float(value, -4, 6, out);
        break;
    case DOC_STRING:
        text_add_bytes(out, value->text, value->length);
        break;
    case DOC_LIST:
        print_list(value, out);
        break;
    default:
        print_map(value, out);
    }
}

const char *template_to_text(struct arena *arena, const struct doc *value) {
    if (doc_is(value, DOC_STRING))
        return value->text;
    _cleanup_text_ struct text out = {0};
    template_print(value, &out);
    return arena_strndup(arena, text_str(&out), out.length);
}

// Code points beyond ASCII that Go's unicode.IsPrint refuses and that people meet: controls, separators, the marks that
// have no width, private use.
static bool is_unprintable(uint32_t c) {
    return (c >= 0x80 && c <= 0xA0) || c == 0xAD || c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF ||
           (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xFFFE && c <= 0xFFFF) || c >= 0xE0000;
}

uint32_t template_code_point(const char *at, size_t *ret_width) {
    unsigned char first = (unsigned char)*at;
    size_t width = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    uint32_t c = width == 1 ? first : first & (0xFFu >> (width + 1));
    for (size_t i = 1; i < width; i++)
        c = c << 6 | ((unsigned char)at[i] & 0x3F);
    *ret_width = width;
    return c;
}

static void quote_ascii(unsigned char c, struct text *out) {
    static const char names[] = "abfnrtv\\\"", values[] = "\a\b\f\n\r\t\v\\\"";
    const char *simple = c ? strchr(values, c) : NULL;
    if (simple)
        text_addf(out, "\\%c", names[simple - values]);
    else if (c < 0x20 || c == 0x7F)
        text_addf(out, "\\x%02x", c);
    else
        text_add_char(out, (char)c);
}

void template_quote(const char *bytes, size_t length, struct text *out) {
    text_add_char(out, '"');
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80) {
            quote_ascii(c, out);
            i++;
            continue;
        }
        size_t width;
        uint32_t code_point = template_code_point(bytes + i, &width);
        if (is_unprintable(code_point))
            text_addf(out, code_point < 0x10000 ? "\\u%04x" : "\\U%08x", code_point);
        else
            text_add_bytes(out, bytes + i, width);
        i += width;
    }
    text_add_char(out, '"');
}

static void add_json(struct arena *arena, const struct doc *value, struct text *out);

static void add_json_string(const char *bytes, size_t length, struct text *out) {
    text_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f')
            text_addf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : c == '\b' ? 'b' : 'f');
        else if (c < 0x20 || c == '<' || c == '>' || c == '&') // Go escapes these for HTML's sake
            text_addf(out, "\\u%04x", c);
        else if (c == 0xE2 && i + 2 < length && bytes[i + 1] == '\x80' &&
                 ((unsigned char)bytes[i + 2] & 0xFE) == 0xA8) {
            text_add(out, bytes[i + 2] == '\xA8' ? "\\u2028" : "\\u2029");
            i += 2;
        } else
            text_add_char(out, (char)c);
    }
    text_add_char(out, '"');
}

static void add_json_map(struct arena *arena, const struct doc *map, struct text *out) {
    const struct doc_member **members = template_sorted_members(arena, map);
    text_add_char(out, '{');
    for (size_t i = 0; i < doc_count(map); i++) {
        if (i)
            text_add_char(out, ',');
        add_json_string(members[i]->key, members[i]->key_length, out);
        text_add_char(out, ':');
        add_json(arena, members[i]->value, out);
    }
    text_add_char(out, '}');
}

static void add_json(struct arena *arena, const struct doc *value, struct text *out) {
    if (template_is_nil(value)) {
        text_add(out, "null");
    } else if (value->kind == DOC_STRING) {
        add_json_string(value->text, value->length, out);
    } else if (value->kind == DOC_MAP) {
        add_json_map(arena, value, out);
    } else if (value->kind == DOC_LIST) {
        text_add_char(out, '[');
        for (size_t i = 0; i < doc_count(value); i++) {
            if (i)
                text_add_char(out, ',');
            add_json(arena, doc_item(value, i), out);
        }
        text_add_char(out, ']');
    } else if (value->kind == DOC_FLOAT) {
        template_print_float(value, -6, 21, out);
    } else {
        template_print(value, out);
    }
}

void template_json(struct arena *arena, const struct doc *value, struct text *out) {
    add_json(arena, value, out);
}

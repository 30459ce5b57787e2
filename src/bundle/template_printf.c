// SPDX-License-Identifier: Apache-2.0
// printf: the verbs of Go that manifests use. A verb that does not fit its argument is an error; Go would write
// "%!d(string=x)" into the manifest.
#include "bundle/template_tree.h"

#include <ctype.h>
#include <inttypes.h>

#define WIDTH_LIMIT 1000

struct verb {
    bool left, plus, zero, space, sharp;
    int width, precision; // -1: not given
    char c;
};

static const char *read_number(const char *at, int *ret) {
    *ret = 0;
    while (isdigit((unsigned char)*at) && *ret <= WIDTH_LIMIT)
        *ret = *ret * 10 + (*at++ - '0');
    return at;
}

static const char *read_verb(const char *at, struct verb *ret) {
    *ret = (struct verb){.width = -1, .precision = -1};
    for (;; at++) {
        if (*at == '-')
            ret->left = true;
        else if (*at == '+')
            ret->plus = true;
        else if (*at == '0')
            ret->zero = true;
        else if (*at == ' ')
            ret->space = true;
        else if (*at == '#')
            ret->sharp = true;
        else
            break;
    }
    if (isdigit((unsigned char)*at))
        at = read_number(at, &ret->width);
    if (*at == '.')
        at = read_number(at + 1, &ret->precision);
    ret->c = *at;
    return *at ? at + 1 : at;
}

static void pad(const struct verb *verb, const char *value, struct text *out) {
    size_t width = utf8_width(value), wanted = verb->width > 0 ? (size_t)verb->width : 0;
    size_t missing = wanted > width ? wanted - width : 0;
    bool fills_zero = verb->zero && !verb->left;
    if (!verb->left && fills_zero && (*value == '-' || *value == '+')) {
        text_add_char(out, *value++);
    }
    if (!verb->left)
        text_add_repeat(out, fills_zero ? '0' : ' ', missing);
    text_add(out, value);
    if (verb->left)
        text_add_repeat(out, ' ', missing);
}

static size_t prefix_of_width(const char *value, size_t count) {
    size_t i = 0;
    while (value[i] && (count || ((unsigned char)value[i] & 0xC0) == 0x80)) {
        if (((unsigned char)value[i] & 0xC0) != 0x80)
            count--;
        i++;
        while (((unsigned char)value[i] & 0xC0) == 0x80)
            i++;
    }
    return i;
}

static void add_string(const struct verb *verb, const char *value, struct text *out) {
    _cleanup_text_ struct text part = {0};
    size_t length = verb->precision >= 0 ? prefix_of_width(value, (size_t)verb->precision) : strlen(value);
    if (verb->c == 'q')
        template_quote(value, length, &part);
    else
        text_add_bytes(&part, value, length);
    pad(verb, text_str(&part), out);
}

static void add_integer(const struct verb *verb, int64_t value, struct text *out) {
    _cleanup_text_ struct text part = {0};
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    text_add(&part, value < 0 ? "-" : verb->plus ? "+" : verb->space ? " " : "");
    if (verb->c == 'x' || verb->c == 'X')
        text_addf(&part, verb->c == 'x' ? "%s%" PRIx64 : "%s%" PRIX64, verb->sharp ? "0x" : "", magnitude);
    else if (verb->c == 'o')
        text_addf(&part, "%s%" PRIo64, verb->sharp ? "0" : "", magnitude);
    else
        text_addf(&part, "%" PRIu64, magnitude);
    pad(verb, text_str(&part), out);
}

static void add_float(const struct verb *verb, double value, struct text *out) {
    _cleanup_text_ struct text part = {0};
    int precision = verb->precision >= 0 ? verb->precision : 6;
    const char *sign = verb->plus && value >= 0 ? "+" : "";
    if (verb->c == 'e')
        text_addf(&part, "%s%.*e", sign, precision, value);
    else
        text_addf(&part, "%s%.*f", sign, precision, value);
    pad(verb, text_str(&part), out);
}

static bool add_verb(const struct template_call *call, const struct verb *verb, const struct doc *value,
                     struct text *out) {
    bool is_number = doc_is(value, DOC_INT) || doc_is(value, DOC_FLOAT);
    switch (verb->c) {
    case 'v':
        add_string(verb, template_to_text(call->arena, value), out);
        return !verb->sharp && !verb->plus;
    case 's':
    case 'q':
        add_string(verb, template_to_text(call->arena, value), out);
        return doc_is(value, DOC_STRING);
    case 'd':
    case 'x':
    case 'X':
    case 'o':
        if (doc_is(value, DOC_INT))
            add_integer(verb, value->integer, out);
        return doc_is(value, DOC_INT) && verb->precision < 0;
    case 't':
        add_string(verb, template_to_text(call->arena, value), out);
        return doc_is(value, DOC_BOOL);
    case 'f':
    case 'e':
        if (is_number)
            add_float(verb, value->kind == DOC_INT ? (double)value->integer : value->real, out);
        return is_number;
    case 'g':
        add_string(verb, template_to_text(call->arena, value), out);
        return is_number && verb->precision < 0;
    default:
        return false;
    }
}

int template_printf(const struct template_call *call, const struct doc **ret, struct error **err) {
    if (!doc_is(call->arguments[0], DOC_STRING))
        return doc_error(err, ERROR_INVALID, call->origin, "printf starts with a format in quotes, not with a %s",
                         template_type_name(call->arguments[0]));
    _cleanup_text_ struct text out = {0};
    size_t next = 1;
    for (const char *at = call->arguments[0]->text; *at;) {
        if (*at != '%') {
            text_add_char(&out, *at++);
            continue;
        }
        struct verb verb;
        const char *start = at;
        at = read_verb(at + 1, &verb);
        if (verb.width > WIDTH_LIMIT || verb.precision > WIDTH_LIMIT)
            return doc_error(err, ERROR_LIMIT, call->origin, "printf: widths end at %d", WIDTH_LIMIT);
        if (verb.c == '%') {
            text_add_char(&out, '%');
            continue;
        }
        if (next >= call->count)
            return doc_error(err, ERROR_INVALID, call->origin, "printf: '%.*s' has no argument", (int)(at - start),
                             start);
        const struct doc *argument = call->arguments[next++];
        if (!add_verb(call, &verb, argument, &out))
            return doc_error(err, ERROR_INVALID, call->origin, "printf: '%.*s' cannot print a %s", (int)(at - start),
                             start, template_type_name(argument));
    }
    if (next < call->count)
        return doc_error(err, ERROR_INVALID, call->origin, "printf: %zu arguments more than the format has verbs",
                         call->count - next);
    *ret = doc_new_string_bytes(call->arena, text_str(&out), out.length);
    return 0;
}

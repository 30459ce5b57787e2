// SPDX-License-Identifier: Apache-2.0
// Functions of templates that make text.
#include "base/sha256.h"
#include "bundle/template_tree.h"

#include <ctype.h>

#define REPEAT_LIMIT 100000

static const char *argument_text(const struct template_call *call, size_t index) {
    return template_to_text(call->arena, call->arguments[index]);
}

static int give(const struct template_call *call, const struct text *out, const struct doc **ret) {
    *ret = doc_new_string_bytes(call->arena, text_str(out), out->length);
    return 0;
}

static int give_bytes(const struct template_call *call, const char *bytes, size_t length, const struct doc **ret) {
    *ret = doc_new_string_bytes(call->arena, bytes, length);
    return 0;
}

// The index-th argument must be a string: what is silently turned into one hides mistakes.
static int want_string(const struct template_call *call, size_t index, const char **ret, struct error **err) {
    if (!doc_is(call->arguments[index], DOC_STRING))
        return doc_error(err, ERROR_INVALID, call->origin, "'%s' takes a string as argument %zu, not a %s", call->name,
                         index + 1, template_type_name(call->arguments[index]));
    *ret = call->arguments[index]->text;
    return 0;
}

static int want_count(const struct template_call *call, size_t index, int64_t *ret, struct error **err) {
    if (!doc_to_int(call->arguments[index], ret) || *ret < 0 || *ret > REPEAT_LIMIT)
        return doc_error(err, ERROR_INVALID, call->origin, "'%s' takes a number from 0 to %d as argument %zu",
                         call->name, REPEAT_LIMIT, index + 1);
    return 0;
}

static int call_to_string(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    *ret = doc_new_string(call->arena, argument_text(call, 0));
    return 0;
}

static int call_quote(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    _cleanup_text_ struct text out = {0};
    bool is_single = call->name[0] == 's';
    for (size_t i = 0; i < call->count; i++) {
        if (template_is_nil(call->arguments[i]))
            continue;
        if (out.length)
            text_add_char(&out, ' ');
        const char *value = argument_text(call, i);
        if (is_single)
            text_addf(&out, "'%s'", value);
        else
            template_quote(value, strlen(value), &out);
    }
    return give(call, &out, ret);
}

// indent, nindent: as Helm's, every line gets the spaces, empty ones too.
static int call_indent(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t spaces;
    const char *value;
    int r = want_count(call, 0, &spaces, err);
    if (r >= 0)
        r = want_string(call, 1, &value, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text out = {0};
    if (call->name[0] == 'n')
        text_add_char(&out, '\n');
    for (bool at_start = true; *value || at_start; value += *value != '\0') {
        if (at_start)
            text_add_repeat(&out, ' ', (size_t)spaces);
        if (!*value)
            break;
        text_add_char(&out, *value);
        at_start = *value == '\n';
        if (out.length > TEMPLATE_OUTPUT_LIMIT)
            return doc_error(err, ERROR_LIMIT, call->origin, "'%s' makes more than %zu bytes", call->name,
                             TEMPLATE_OUTPUT_LIMIT);
    }
    return give(call, &out, ret);
}

static int call_case(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *value;
    int r = want_string(call, 0, &value, err);
    if (r < 0)
        return r;
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c >= 0x80)
            return doc_error(err, ERROR_INVALID, call->origin, "'%s' knows ASCII letters only", call->name);
    char *copy = arena_strdup(call->arena, value);
    bool is_title = str_eq(call->name, "title"), is_upper = str_eq(call->name, "upper"), starts_word = true;
    for (char *c = copy; *c; c++) {
        if (is_title ? starts_word : is_upper)
            *c = (char)toupper((unsigned char)*c);
        else if (!is_title)
            *c = (char)tolower((unsigned char)*c);
        starts_word = *c == ' ' || *c == '\t' || *c == '\n';
    }
    return give_bytes(call, copy, strlen(copy), ret);
}

// What Go calls white space.
static bool is_white(uint32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static int trim_white(const struct template_call *call, const char *value, const struct doc **ret) {
    size_t width, length = strlen(value);
    while (*value && is_white(template_code_point(value, &width)))
        value += width;
    length = strlen(value);
    while (length) {
        size_t last = length - 1;
        while (last && ((unsigned char)value[last] & 0xC0) == 0x80)
            last--;
        if (!is_white(template_code_point(value + last, &width)))
            break;
        length = last;
    }
    return give_bytes(call, value, length, ret);
}

static int call_trim(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *set = NULL, *value;
    int r = call->count == 2 ? want_string(call, 0, &set, err) : 0;
    if (r >= 0)
        r = want_string(call, call->count - 1, &value, err);
    if (r < 0 || !set)
        return r < 0 ? r : trim_white(call, value, ret);
    size_t length;
    value += strspn(value, set);
    length = strlen(value);
    while (length && strchr(set, value[length - 1]))
        length--;
    return give_bytes(call, value, length, ret);
}

// trimPrefix, trimSuffix, hasPrefix, hasSuffix, contains: the part, then the text.
static int call_part(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *part, *value;
    int r = want_string(call, 0, &part, err);
    if (r >= 0)
        r = want_string(call, 1, &value, err);
    if (r < 0)
        return r;
    bool has_prefix = str_has_prefix(value, part), has_suffix = str_has_suffix(value, part);
    if (str_eq(call->name, "trimPrefix"))
        return give_bytes(call, has_prefix ? value + strlen(part) : value,
                          strlen(value) - (has_prefix ? strlen(part) : 0), ret);
    if (str_eq(call->name, "trimSuffix"))
        return give_bytes(call, value, strlen(value) - (has_suffix ? strlen(part) : 0), ret);
    bool result = str_eq(call->name, "hasPrefix")   ? has_prefix
                  : str_eq(call->name, "hasSuffix") ? has_suffix
                                                    : strstr(value, part) != NULL;
    *ret = doc_new_bool(call->arena, result);
    return 0;
}

static int call_replace(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *from, *to, *value;
    int r = want_string(call, 0, &from, err);
    if (r >= 0)
        r = want_string(call, 1, &to, err);
    if (r >= 0)
        r = want_string(call, 2, &value, err);
    if (r < 0)
        return r;
    if (!*from)
        return doc_error(err, ERROR_INVALID, call->origin, "replace: the text to look for is empty");
    _cleanup_text_ struct text out = {0};
    for (const char *hit; (hit = strstr(value, from)); value = hit + strlen(from)) {
        text_add_bytes(&out, value, (size_t)(hit - value));
        text_add(&out, to);
        if (out.length > TEMPLATE_OUTPUT_LIMIT)
            return doc_error(err, ERROR_LIMIT, call->origin, "replace makes more than %zu bytes",
                             TEMPLATE_OUTPUT_LIMIT);
    }
    text_add(&out, value);
    return give(call, &out, ret);
}

static int call_repeat(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t count;
    const char *value;
    int r = want_count(call, 0, &count, err);
    if (r >= 0)
        r = want_string(call, 1, &value, err);
    if (r < 0)
        return r;
    if (strlen(value) * (size_t)count > TEMPLATE_OUTPUT_LIMIT)
        return doc_error(err, ERROR_LIMIT, call->origin, "repeat makes more than %zu bytes", TEMPLATE_OUTPUT_LIMIT);
    _cleanup_text_ struct text out = {0};
    for (int64_t i = 0; i < count; i++)
        text_add(&out, value);
    return give(call, &out, ret);
}

static int call_trunc(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t count;
    const char *value;
    int r = want_string(call, 1, &value, err);
    if (r < 0)
        return r;
    if (!doc_to_int(call->arguments[0], &count))
        return doc_error(err, ERROR_INVALID, call->origin, "trunc takes a number first");
    size_t length = strlen(value), wanted = (size_t)(count < 0 ? -(uint64_t)count : (uint64_t)count);
    size_t cut = MIN(wanted, length), start = count < 0 ? length - cut : 0;
    if (!utf8_is_valid(value + start, cut, NULL))
        return doc_error(err, ERROR_INVALID, call->origin, "trunc would cut a character into pieces");
    return give_bytes(call, value + start, cut, ret);
}

static int call_join(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *separator;
    int r = want_string(call, 0, &separator, err);
    if (r < 0)
        return r;
    const struct doc *list = call->arguments[1];
    if (!doc_is(list, DOC_LIST)) // sprig takes anything else as a list of one
        return give_bytes(call, argument_text(call, 1), strlen(argument_text(call, 1)), ret);
    _cleanup_text_ struct text out = {0};
    bool is_first = true;
    DOC_FOREACH_ITEM(item, list) {
        if (template_is_nil(item))
            continue;
        if (!is_first)
            text_add(&out, separator);
        is_first = false;
        text_add(&out, template_to_text(call->arena, item));
    }
    return give(call, &out, ret);
}

static int call_split_list(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *separator, *value;
    int r = want_string(call, 0, &separator, err);
    if (r >= 0)
        r = want_string(call, 1, &value, err);
    if (r < 0)
        return r;
    if (!*separator)
        return doc_error(err, ERROR_INVALID, call->origin, "splitList: the separator is empty");
    struct doc *list = doc_new_list(call->arena);
    for (const char *hit; (hit = strstr(value, separator)); value = hit + strlen(separator))
        doc_list_add(call->arena, list, doc_new_string_bytes(call->arena, value, (size_t)(hit - value)));
    doc_list_add(call->arena, list, doc_new_string(call->arena, value));
    *ret = list;
    return 0;
}

// print puts a space between two arguments when neither is text; println always.
static int call_print(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    _cleanup_text_ struct text out = {0};
    bool is_line = str_eq(call->name, "println");
    for (size_t i = 0; i < call->count; i++) {
        bool both_other = i && !doc_is(call->arguments[i - 1], DOC_STRING) && !doc_is(call->arguments[i], DOC_STRING);
        if (i && (is_line || both_other))
            text_add_char(&out, ' ');
        template_print(call->arguments[i], &out);
    }
    if (is_line)
        text_add_char(&out, '\n');
    return give(call, &out, ret);
}

static int call_sha256(const struct template_call *call, const struct doc **ret, struct error **err) {
    const char *value;
    int r = want_string(call, 0, &value, err);
    if (r < 0)
        return r;
    char hex[SHA256_HEX_SIZE];
    *ret = doc_new_string(call->arena, sha256_hex(value, strlen(value), hex));
    return 0;
}

static int call_b64enc(const struct template_call *call, const struct doc **ret, struct error **err) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *value;
    int r = want_string(call, 0, &value, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text out = {0};
    size_t length = strlen(value);
    for (size_t i = 0; i < length; i += 3) {
        unsigned char group[3] = {0};
        size_t count = MIN(length - i, (size_t)3);
        memcpy(group, value + i, count);
        text_add_char(&out, digits[group[0] >> 2]);
        text_add_char(&out, digits[(group[0] & 3) << 4 | group[1] >> 4]);
        text_add_char(&out, count > 1 ? digits[(group[1] & 15) << 2 | group[2] >> 6] : '=');
        text_add_char(&out, count > 2 ? digits[group[2] & 63] : '=');
    }
    return give(call, &out, ret);
}

const struct template_function template_text_functions[] = {
    {"b64enc", 1, 1, call_b64enc},      {"contains", 2, 2, call_part},
    {"hasPrefix", 2, 2, call_part},     {"hasSuffix", 2, 2, call_part},
    {"indent", 2, 2, call_indent},      {"join", 2, 2, call_join},
    {"lower", 1, 1, call_case},         {"nindent", 2, 2, call_indent},
    {"print", 0, -1, call_print},       {"printf", 1, -1, template_printf},
    {"println", 0, -1, call_print},     {"quote", 0, -1, call_quote},
    {"repeat", 2, 2, call_repeat},      {"replace", 3, 3, call_replace},
    {"sha256sum", 1, 1, call_sha256},   {"splitList", 2, 2, call_split_list, true},
    {"squote", 0, -1, call_quote},      {"title", 1, 1, call_case},
    {"toString", 1, 1, call_to_string}, {"trim", 1, 1, call_trim},
    {"trimAll", 2, 2, call_trim},       {"trimPrefix", 2, 2, call_part},
    {"trimSuffix", 2, 2, call_part},    {"trunc", 2, 2, call_trunc},
    {"upper", 1, 1, call_case},         {0},
};

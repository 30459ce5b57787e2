// SPDX-License-Identifier: Apache-2.0
// eq, ne, lt, le, gt, ge and index: as in Go's text/template, except that integers and other numbers compare by value.
#include "bundle/template_tree.h"

static bool is_number(const struct doc *value) {
    return doc_is(value, DOC_INT) || doc_is(value, DOC_FLOAT);
}

static int compare_numbers(const struct doc *a, const struct doc *b) {
    if (a->kind == DOC_INT && b->kind == DOC_INT)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    double left = a->kind == DOC_INT ? (double)a->integer : a->real;
    double right = b->kind == DOC_INT ? (double)b->integer : b->real;
    return left < right ? -1 : left > right;
}

static int incompatible(const struct template_call *call, const struct doc *a, const struct doc *b,
                        struct error **err) {
    return doc_error(err, ERROR_INVALID, call->origin, "'%s' cannot compare a %s with a %s", call->name,
                     template_type_name(a), template_type_name(b));
}

static int is_equal(const struct template_call *call, const struct doc *a, const struct doc *b, bool *ret,
                    struct error **err) {
    if (template_is_nil(a) || template_is_nil(b)) {
        *ret = template_is_nil(a) && template_is_nil(b);
        return 0;
    }
    if (!doc_is_scalar(a) || !doc_is_scalar(b))
        return incompatible(call, a, b, err);
    if (is_number(a) && is_number(b))
        *ret = compare_numbers(a, b) == 0;
    else if (a->kind != b->kind)
        return incompatible(call, a, b, err);
    else if (a->kind == DOC_BOOL)
        *ret = a->boolean == b->boolean;
    else
        *ret = a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    return 0;
}

static int compare_order(const struct template_call *call, const struct doc *a, const struct doc *b, bool *ret,
                         struct error **err) {
    int order;
    if (is_number(a) && is_number(b))
        order = compare_numbers(a, b);
    else if (doc_is(a, DOC_STRING) && doc_is(b, DOC_STRING))
        order = strcmp(a->text, b->text);
    else
        return incompatible(call, a, b, err);
    bool accepts_equal = call->name[1] == 'e';
    *ret = (order == 0 && accepts_equal) || (call->name[0] == 'l' ? order < 0 : order > 0);
    return 0;
}

int template_compare(const struct template_call *call, const struct doc **ret, struct error **err) {
    bool is_eq = str_eq(call->name, "eq"), is_ne = str_eq(call->name, "ne"), result = false;
    int r = 0;
    for (size_t i = 1; i < call->count && r >= 0 && !result; i++)
        r = is_eq || is_ne ? is_equal(call, call->arguments[0], call->arguments[i], &result, err)
                           : compare_order(call, call->arguments[0], call->arguments[i], &result, err);
    *ret = r >= 0 ? doc_new_bool(call->arena, result != is_ne) : NULL;
    return r;
}

int template_index(const struct template_call *call, const struct doc **ret, struct error **err) {
    const struct doc *value = call->arguments[0];
    for (size_t i = 1; i < call->count; i++) {
        const struct doc *key = call->arguments[i];
        if (template_is_nil(value)) { // as a field of nil
            value = NULL;
        } else if (value->kind == DOC_MAP) {
            if (!doc_is(key, DOC_STRING))
                return doc_error(err, ERROR_INVALID, call->origin, "a map is indexed with a string, not with a %s",
                                 template_type_name(key));
            value = doc_get_bytes(value, key->text, key->length);
        } else if (value->kind == DOC_LIST) {
            if (!doc_is(key, DOC_INT))
                return doc_error(err, ERROR_INVALID, call->origin, "a list is indexed with an integer, not with a %s",
                                 template_type_name(key));
            if (key->integer < 0 || (size_t)key->integer >= doc_count(value))
                return doc_error(err, ERROR_INVALID, call->origin, "index %lld is outside of a list of %zu",
                                 (long long)key->integer, doc_count(value));
            value = doc_item(value, (size_t)key->integer);
        } else {
            return doc_error(err, ERROR_INVALID, call->origin, "a %s cannot be indexed", template_type_name(value));
        }
    }
    *ret = value;
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Functions of templates over numbers. Whole numbers only, as in sprig; overflow is an error.
#include "bundle/template_tree.h"

#include <errno.h>
#include <stdlib.h>

// As sprig's toInt64: numbers, texts that hold one, booleans; everything else is 0 there and an error here.
static int to_integer(const struct template_call *call, const struct doc *value, int64_t *ret, struct error **err) {
    if (doc_is(value, DOC_INT)) {
        *ret = value->integer;
        return 0;
    }
    if (doc_is(value, DOC_FLOAT) && value->real > -0x1p63 && value->real < 0x1p63) {
        *ret = (int64_t)value->real;
        return 0;
    }
    if (doc_is(value, DOC_STRING) && value->length) {
        char *rest;
        errno = 0;
        *ret = strtoll(value->text, &rest, 10);
        if (!*rest && errno == 0)
            return 0;
    }
    return doc_error(err, ERROR_INVALID, call->origin, "'%s' needs whole numbers, not %s%s", call->name,
                     template_is_nil(value) ? "nothing" : "a ",
                     template_is_nil(value) ? "" : template_type_name(value));
}

static int overflow(const struct template_call *call, struct error **err) {
    return doc_error(err, ERROR_INVALID, call->origin, "'%s': the result does not fit 64 bits", call->name);
}

static int combine(const struct template_call *call, int64_t a, int64_t b, int64_t *ret, struct error **err) {
    const char *name = call->name;
    if (str_eq(name, "max") || str_eq(name, "min")) {
        *ret = (a > b) == (name[1] == 'a') ? a : b;
        return 0;
    }
    if (str_eq(name, "add"))
        return __builtin_add_overflow(a, b, ret) ? overflow(call, err) : 0;
    if (str_eq(name, "sub"))
        return __builtin_sub_overflow(a, b, ret) ? overflow(call, err) : 0;
    if (str_eq(name, "mul"))
        return __builtin_mul_overflow(a, b, ret) ? overflow(call, err) : 0;
    if (b == 0)
        return doc_error(err, ERROR_INVALID, call->origin, "'%s': division by zero", name);
    if (a == INT64_MIN && b == -1)
        return overflow(call, err);
    *ret = str_eq(name, "div") ? a / b : a % b;
    return 0;
}

static int call_arithmetic(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t result;
    int r = to_integer(call, call->arguments[0], &result, err);
    for (size_t i = 1; i < call->count && r >= 0; i++) {
        int64_t next;
        r = to_integer(call, call->arguments[i], &next, err);
        if (r >= 0)
            r = combine(call, result, next, &result, err);
    }
    if (r >= 0)
        *ret = doc_new_int(call->arena, result);
    return r;
}

static int call_add1(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t value;
    int r = to_integer(call, call->arguments[0], &value, err);
    if (r >= 0 && __builtin_add_overflow(value, 1, &value))
        r = overflow(call, err);
    if (r >= 0)
        *ret = doc_new_int(call->arena, value);
    return r;
}

static int call_int(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t value;
    int r = to_integer(call, call->arguments[0], &value, err);
    if (r >= 0)
        *ret = doc_new_int(call->arena, value);
    return r;
}

static int call_until(const struct template_call *call, const struct doc **ret, struct error **err) {
    int64_t count;
    int r = to_integer(call, call->arguments[0], &count, err);
    if (r < 0)
        return r;
    if (count < 0 || count > 100000)
        return doc_error(err, ERROR_LIMIT, call->origin, "until counts from 0 to 100000");
    struct doc *list = doc_new_list(call->arena);
    for (int64_t i = 0; i < count; i++)
        doc_list_add(call->arena, list, doc_new_int(call->arena, i));
    *ret = list;
    return 0;
}

const struct template_function template_math_functions[] = {
    {"add", 1, -1, call_arithmetic}, {"add1", 1, 1, call_add1},         {"div", 2, 2, call_arithmetic},
    {"int", 1, 1, call_int},         {"int64", 1, 1, call_int},         {"max", 1, -1, call_arithmetic},
    {"min", 1, -1, call_arithmetic}, {"mod", 2, 2, call_arithmetic},    {"mul", 1, -1, call_arithmetic},
    {"sub", 2, 2, call_arithmetic},  {"until", 1, 1, call_until, true}, {0},
};

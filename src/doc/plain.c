// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "doc/doc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// What a scalar without quotes is: the core schema of YAML 1.2, section 10.3.2.

static bool is_word(const char *text, size_t length, const char *lower) {
    if (strlen(lower) != length)
        return false;
    bool is_lower = memcmp(text, lower, length) == 0;
    if (is_lower)
        return true;
    // "Null" and "NULL" are the only other spellings.
    if (text[0] != lower[0] - 'a' + 'A')
        return false;
    bool is_title = memcmp(text + 1, lower + 1, length - 1) == 0;
    bool is_upper = true;
    for (size_t i = 1; i < length; i++)
        is_upper = is_upper && text[i] == lower[i] - 'a' + 'A';
    return is_title || is_upper;
}

static bool is_based_integer(const char *text, size_t length, int base, int64_t *ret) {
    uint64_t value = 0;
    bool saturated = false;
    for (size_t i = 2; i < length; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 99;
        if (digit >= base)
            return false;
        saturated = saturated || value > (UINT64_MAX >> 4);
        value = value * (uint64_t)base + (uint64_t)digit;
    }
    if (ret)
        *ret = saturated || value > INT64_MAX ? INT64_MAX : (int64_t)value;
    return length > 2;
}

// [-+]? [0-9]+, or [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
static enum doc_kind scan_decimal(const char *text, size_t length) {
    size_t i = text[0] == '-' || text[0] == '+';
    size_t digits = 0, fraction = 0;
    bool has_point = false, has_exponent = false;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
        digits++;
    if (i < length && text[i] == '.') {
        has_point = true;
        for (i++; i < length && text[i] >= '0' && text[i] <= '9'; i++)
            fraction++;
    }
    if (digits + fraction == 0)
        return DOC_STRING;
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        has_exponent = true;
        i++;
        if (i < length && (text[i] == '-' || text[i] == '+'))
            i++;
        size_t start = i;
        while (i < length && text[i] >= '0' && text[i] <= '9')
            i++;
        if (i == start)
            return DOC_STRING;
    }
    if (i != length)
        return DOC_STRING;
    return has_point || has_exponent ? DOC_FLOAT : DOC_INT;
}

// The text need not be terminated, strtod() wants it to be.
static double to_double(const char *text, size_t length) {
    char small[64];
    _cleanup_free_ char *large = NULL;
    char *copy = length < sizeof small ? small : (large = xmalloc(length + 1));
    memcpy(copy, text, length);
    copy[length] = '\0';
    return strtod(copy, NULL);
}

static int64_t to_integer(const char *text, size_t length) {
    bool is_negative = text[0] == '-';
    size_t i = text[0] == '-' || text[0] == '+';
    int64_t value = 0;
    for (; i < length; i++) {
        int digit = text[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value))
            return is_negative ? INT64_MIN : INT64_MAX;
    }
    // Accumulated as a negative number, whose range is the larger one.
    if (is_negative)
        return value;
    return value == INT64_MIN ? INT64_MAX : -value;
}

// .inf and .nan, which look like no number otherwise.
static bool is_named_float(const char *text, size_t length, double *ret_real) {
    double value = text[0] == '-' ? -INFINITY : INFINITY;
    size_t sign = text[0] == '-' || text[0] == '+';
    bool is_infinity = length - sign == 4 && text[sign] == '.' && is_word(text + sign + 1, 3, "inf");
    if (!is_infinity) {
        // Of the spellings is_word() knows, "Nan" is none.
        bool is_nan = length == 4 &&
                      (memcmp(text, ".nan", 4) == 0 || memcmp(text, ".NaN", 4) == 0 || memcmp(text, ".NAN", 4) == 0);
        if (!is_nan)
            return false;
        value = NAN;
    }
    if (ret_real)
        *ret_real = value;
    return true;
}

static enum doc_kind resolve_boolean(const char *text, size_t length, int64_t *ret_integer) {
    bool is_true = is_word(text, length, "true");
    if (!is_true && !is_word(text, length, "false"))
        return DOC_STRING;
    if (ret_integer)
        *ret_integer = is_true;
    return DOC_BOOL;
}

static enum doc_kind resolve_number(const char *text, size_t length, int64_t *ret_integer, double *ret_real) {
    bool is_based = length > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o');
    if (is_based)
        return is_based_integer(text, length, text[1] == 'x' ? 16 : 8, ret_integer) ? DOC_INT : DOC_STRING;
    enum doc_kind kind = scan_decimal(text, length);
    if (kind == DOC_STRING && is_named_float(text, length, ret_real))
        return DOC_FLOAT;
    if (kind == DOC_INT && ret_integer)
        *ret_integer = to_integer(text, length);
    else if (kind == DOC_FLOAT && ret_real)
        *ret_real = to_double(text, length);
    return kind;
}

enum doc_kind doc_resolve_plain(const char *text, size_t length, int64_t *ret_integer, double *ret_real) {
    if (length == 0 || (length == 1 && text[0] == '~'))
        return DOC_NULL;
    switch (text[0]) {
    case 'n':
    case 'N':
        return is_word(text, length, "null") ? DOC_NULL : DOC_STRING;
    case 't':
    case 'T':
    case 'f':
    case 'F':
        return resolve_boolean(text, length, ret_integer);
    case '-':
    case '+':
    case '.':
    case '0' ... '9':
        return resolve_number(text, length, ret_integer, ret_real);
    default:
        return DOC_STRING;
    }
}

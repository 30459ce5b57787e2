// SPDX-License-Identifier: Apache-2.0
#include "doc/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// "d.ddde[+-]xx" to digits without point, and the exponent of 0.ddd.
static void split_scientific(const char *text, char digits[18], int *exponent) {
    size_t count = 0;
    const char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.')
            digits[count++] = *p;
    digits[count] = '\0';
    *exponent = atoi(p + 1) + 1;
}

static bool reads_back(const char *digits, int exponent, double value) {
    char text[40];
    snprintf(text, sizeof text, "0.%se%d", digits, exponent);
    return strtod(text, NULL) == value;
}

static void add_one(char *digits, int *exponent) {
    size_t i = strlen(digits);
    while (i > 0 && digits[i - 1] == '9')
        digits[--i] = '0';
    if (i > 0) {
        digits[i - 1]++;
        return;
    }
    digits[0] = '1';
    ++*exponent;
}

static void drop_zeros(char *digits) {
    size_t length = strlen(digits);
    while (length > 1 && digits[length - 1] == '0')
        digits[--length] = '\0';
}

void number_shortest(double value, char digits[18], int *ret_exponent) {
    value = fabs(value);
    // Every decimal of DBL_DIG digits survives a double, so fewer need not be tried, but for subnormal numbers.
    for (int precision = value < DBL_MIN ? 1 : DBL_DIG; precision <= DBL_DECIMAL_DIG; precision++) {
        char text[40];
        snprintf(text, sizeof text, "%.*e", precision - 1, value);
        split_scientific(text, digits, ret_exponent);
        if (reads_back(digits, *ret_exponent, value))
            break;
        // Below a power of two the doubles are denser than above: the upper neighbour may be right where the nearest
        // decimal is not.
        add_one(digits, ret_exponent);
        if (reads_back(digits, *ret_exponent, value))
            break;
    }
    drop_zeros(digits);
}

void number_add_float(double value, struct text *out) {
    if (isnan(value) || isinf(value)) {
        text_add(out, isnan(value) ? ".nan" : value < 0 ? "-.inf" : ".inf");
        return;
    }
    text_add(out, signbit(value) ? "-" : "");
    if (value == 0) {
        text_add(out, "0.0");
        return;
    }
    char digits[18];
    int exponent;
    number_shortest(value, digits, &exponent);
    int count = (int)strlen(digits);
    if (exponent < -3 || (exponent > 6 && exponent > count)) {
        text_addf(out, "%c.%se%+03d", digits[0], count > 1 ? digits + 1 : "0", exponent - 1);
    } else if (exponent <= 0) {
        text_add(out, "0.");
        text_add_repeat(out, '0', (size_t)-exponent);
        text_add(out, digits);
    } else if (count <= exponent) {
        text_add(out, digits);
        text_add_repeat(out, '0', (size_t)(exponent - count));
        text_add(out, ".0");
    } else {
        text_addf(out, "%.*s.%s", exponent, digits, digits + exponent);
    }
}

static size_t skip_digits(const char *text, size_t i, size_t length) {
    while (i < length && text[i] >= '0' && text[i] <= '9')
        i++;
    return i;
}

// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
bool number_is_json(const char *text, size_t length) {
    size_t i = length && text[0] == '-', start = i;
    i = skip_digits(text, i, length);
    if (i == start || (text[start] == '0' && i > start + 1))
        return false;
    if (i < length && text[i] == '.') {
        start = ++i;
        i = skip_digits(text, i, length);
        if (i == start)
            return false;
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        i += i < length && (text[i] == '+' || text[i] == '-');
        start = i;
        i = skip_digits(text, i, length);
        if (i == start)
            return false;
    }
    return i == length;
}

// Hexadecimal and octal; what does not fit 64 bits is rounded as a double is.
static void add_based(const struct doc *number, struct text *out) {
    if (number->integer != INT64_MAX) {
        text_addf(out, "%" PRId64, number->integer);
        return;
    }
    double value = 0, base = number->text[1] == 'x' ? 16 : 8;
    for (const char *p = number->text + 2; *p; p++)
        value = value * base + (*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
    if (isfinite(value))
        text_addf(out, "%.0f", value);
    else
        text_addf(out, "\"%s\"", number->text);
}

// [-+]? digits? (. digits?)? exponent?: drops the plus and leading zeros, completes the point.
static void add_decimal(const struct doc *number, struct text *out) {
    const char *p = number->text, *end = p + number->length;
    if (*p == '-')
        text_add_char(out, '-');
    p += *p == '-' || *p == '+';
    size_t digits = skip_digits(p, 0, (size_t)(end - p));
    const char *integer_end = p + digits;
    while (p + 1 < integer_end && *p == '0')
        p++;
    text_add_bytes(out, digits ? p : "0", digits ? (size_t)(integer_end - p) : 1);
    p = integer_end;
    if (p < end && *p == '.') {
        digits = skip_digits(p, 1, (size_t)(end - p)) - 1;
        text_add_char(out, '.');
        text_add_bytes(out, digits ? p + 1 : "0", digits ? digits : 1);
        p += 1 + digits;
    }
    text_add_bytes(out, p, (size_t)(end - p));
}

void number_add_json(const struct doc *number, struct text *out) {
    const char *text = number->text;
    if (number_is_json(text, number->length))
        text_add_bytes(out, text, number->length);
    else if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o'))
        add_based(number, out);
    else if (strpbrk(text, "nN"))
        text_addf(out, "\"%s\"",
                  text[strspn(text, "+-.")] == 'n' || text[strspn(text, "+-.")] == 'N' ? ".nan"
                  : text[0] == '-'                                                     ? "-.inf"
                                                                                       : ".inf");
    else
        add_decimal(number, out);
}

double number_to_double(const struct doc *number) {
    if (number->kind == DOC_FLOAT)
        return number->real;
    if (number->integer != INT64_MAX && number->integer != INT64_MIN)
        return (double)number->integer;
    // What does not fit 64 bits is read from its decimal form.
    _cleanup_text_ struct text json = {0};
    number_add_json(number, &json);
    return strtod(text_str(&json), NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "model/quantity.h"
#include "base/macro.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_NUMBER 64

// The kernel's kB (in /proc/meminfo) is 1024 bytes; all other decimal units are powers of ten.
static const struct unit units[] = {
    {"m", 1e-3L, DIMENSION_NONE},
    {"k", 1e3L, DIMENSION_NONE},
    {"M", 1e6L, DIMENSION_NONE},
    {"G", 1e9L, DIMENSION_NONE},
    {"T", 1e12L, DIMENSION_NONE},
    {"P", 1e15L, DIMENSION_NONE},
    {"E", 1e18L, DIMENSION_NONE},
    {"Ki", 0x1p10L, DIMENSION_NONE},
    {"Mi", 0x1p20L, DIMENSION_NONE},
    {"Gi", 0x1p30L, DIMENSION_NONE},
    {"Ti", 0x1p40L, DIMENSION_NONE},
    {"Pi", 0x1p50L, DIMENSION_NONE},
    {"Ei", 0x1p60L, DIMENSION_NONE},
    {"B", 1, DIMENSION_BYTES},
    {"kB", 1024, DIMENSION_BYTES},
    {"MB", 1e6L, DIMENSION_BYTES},
    {"GB", 1e9L, DIMENSION_BYTES},
    {"TB", 1e12L, DIMENSION_BYTES},
    {"PB", 1e15L, DIMENSION_BYTES},
    {"KiB", 0x1p10L, DIMENSION_BYTES},
    {"MiB", 0x1p20L, DIMENSION_BYTES},
    {"GiB", 0x1p30L, DIMENSION_BYTES},
    {"TiB", 0x1p40L, DIMENSION_BYTES},
    {"PiB", 0x1p50L, DIMENSION_BYTES},
    {"Hz", 1, DIMENSION_HERTZ},
    {"kHz", 1e3L, DIMENSION_HERTZ},
    {"MHz", 1e6L, DIMENSION_HERTZ},
    {"GHz", 1e9L, DIMENSION_HERTZ},
    {"mW", 1e-3L, DIMENSION_WATT},
    {"W", 1, DIMENSION_WATT},
    {"kW", 1e3L, DIMENSION_WATT},
    {"ns", 1e-9L, DIMENSION_SECOND},
    {"us", 1e-6L, DIMENSION_SECOND},
    {"ms", 1e-3L, DIMENSION_SECOND},
    {"s", 1, DIMENSION_SECOND},
    {"min", 60, DIMENSION_SECOND},
    {"h", 3600, DIMENSION_SECOND},
    {"MB/s", 1e6L, DIMENSION_BYTE_RATE},
    {"GB/s", 1e9L, DIMENSION_BYTE_RATE},
    {"MiB/s", 0x1p20L, DIMENSION_BYTE_RATE},
    {"GiB/s", 0x1p30L, DIMENSION_BYTE_RATE},
    {"Mb/s", 1e6L, DIMENSION_BIT_RATE},
    {"Gb/s", 1e9L, DIMENSION_BIT_RATE},
    {"Mbps", 1e6L, DIMENSION_BIT_RATE},
    {"Gbps", 1e9L, DIMENSION_BIT_RATE},
    {"GT/s", 1e9L, DIMENSION_TRANSFER_RATE},
    {"C", 1, DIMENSION_CELSIUS},
    {"%", 1, DIMENSION_PERCENT},
};

const struct unit *unit_find(const char *name) {
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

static size_t count_digits(const char *text) {
    return strspn(text, "0123456789");
}

// The length of a decimal number: sign, digits, fraction, exponent. 0: none. An E without digits is a unit.
static size_t number_length(const char *text) {
    const char *at = text;
    at += *at == '-' || *at == '+';
    size_t digits = count_digits(at);
    if (digits == 0)
        return 0;
    at += digits;
    if (*at == '.' && count_digits(at + 1))
        at += 1 + count_digits(at + 1);
    if (*at == 'e' || *at == 'E') {
        size_t sign = at[1] == '-' || at[1] == '+';
        size_t exponent = count_digits(at + 1 + sign);
        at += exponent ? 1 + sign + exponent : 0;
    }
    return (size_t)(at - text);
}

bool quantity_parse(const char *text, struct quantity *ret) {
    while (isspace((unsigned char)*text))
        text++;
    size_t length = number_length(text);
    char copy[LONGEST_NUMBER];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    struct quantity quantity = {.number = strtold(copy, NULL)};
    const char *rest = text + length;
    while (isspace((unsigned char)*rest))
        rest++;
    size_t rest_length = strlen(rest);
    while (rest_length && isspace((unsigned char)rest[rest_length - 1]))
        rest_length--;
    if (rest_length >= sizeof copy)
        return false;
    memcpy(copy, rest, rest_length);
    copy[rest_length] = '\0';
    if (rest_length && !(quantity.unit = unit_find(copy)))
        return false;
    *ret = quantity;
    return true;
}

static bool are_bytes(const struct unit *unit) {
    return unit->dimension == DIMENSION_NONE || unit->dimension == DIMENSION_BYTES;
}

bool quantity_compare(const struct quantity *actual, const struct quantity *expected, int *ret_order) {
    const struct unit *a = actual->unit, *b = expected->unit ? expected->unit : actual->unit;
    if (!a && b && !are_bytes(b))
        return false;
    if (a && b && a->dimension != b->dimension && !(are_bytes(a) && are_bytes(b)))
        return false;
    long double x = actual->number * (a ? a->multiplier : 1), y = expected->number * (b ? b->multiplier : 1);
    *ret_order = x < y ? -1 : x > y;
    return true;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers with an optional unit, as readings and constraints hold them: "8", "-1", "1e9", "100Gi", "81559 MiB",
// "700.00 W", "1980 MHz". Units are rows of one table (quantity.c): the suffixes of Kubernetes, bytes, frequency,
// power, time, rates. docs/versions.md states how they compare.

#include <stdbool.h>

enum dimension {
    DIMENSION_NONE, // no unit, or a multiple alone: 8, 100Gi, 250m
    DIMENSION_BYTES,
    DIMENSION_HERTZ,
    DIMENSION_WATT,
    DIMENSION_SECOND,
    DIMENSION_BYTE_RATE,
    DIMENSION_BIT_RATE,
    DIMENSION_TRANSFER_RATE,
    DIMENSION_CELSIUS,
    DIMENSION_PERCENT,
};

struct unit {
    const char *name;
    long double multiplier;
    enum dimension dimension;
};

struct quantity {
    long double number;      // as written, without its unit
    const struct unit *unit; // NULL: written without one
};

// NULL when the unit is unknown. Case counts, because m and M differ.
const struct unit *unit_find(const char *name);
// False when the text is no number, or what follows the number is no known unit.
bool quantity_parse(const char *text, struct quantity *ret);
// False when the two have no order: different dimensions, or a reading without a unit where the expectation has one
// other than bytes. An expectation without a unit is taken in the reading's; a reading without one is a count of bytes
// or of nothing in particular.
bool quantity_compare(const struct quantity *actual, const struct quantity *expected, int *ret_order);

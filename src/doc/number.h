// SPDX-License-Identifier: Apache-2.0
#pragma once

// Numbers as text, private to this folder.

#include "base/text.h"
#include "doc/doc.h"

// The shortest decimal digits that read back as this finite, non-zero value, the nearest to it if there are several:
// |value| = 0.d1d2d3... * 10^*ret_exponent. `digits` is terminated and ends in no zero.
void number_shortest(double value, char digits[18], int *ret_exponent);
// A float so that every YAML reader takes it for one: 5.0, 0.001, 1.5e+30, .inf, .nan.
void number_add_float(double value, struct text *out);
// Whether the text is a number by the grammar of JSON.
bool number_is_json(const char *text, size_t length);
// The value of an integer or a float as the nearest double.
double number_to_double(const struct doc *number);
// A number node as JSON: its own text where JSON allows that, else the same value in JSON's grammar (0x1f is 31, .5 is
// 0.5). JSON has no NaN and no infinities: they become the strings that YAML writes for them.
void number_add_json(const struct doc *number, struct text *out);

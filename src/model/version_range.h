// SPDX-License-Identifier: Apache-2.0
#pragma once

// A range of versions, read from a constraint's expression (">= 26.3, < 26.8", "< 1.0", "1.2.3"): its two ends, each of
// which may be open. Whoever compares bounds or asks whether a version lies between them uses this. Borrows the text.

#include "base/version.h"
#include "model/constraint_eval.h"

// One end of a range. `clause` is NULL when that end is open.
struct version_bound {
    const struct constraint_clause *clause;
    struct version version;
    bool is_inclusive;
};

struct version_range {
    struct version_bound lower, upper;
    bool is_exact; // one version: both ends are it
};

// False when the expression is malformed (whoever evaluates it tells where) or not made of bounds: a text, or !=.
bool version_range_read(struct arena *arena, const char *text, struct version_range *ret);
// Whether no version lies between the two ends.
bool version_range_is_empty(const struct version_bound *lower, const struct version_bound *upper);
bool version_range_has(const struct version_range *range, const struct version *version);

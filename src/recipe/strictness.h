// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which of two bounds on one value demands more. Bounds are versions (base/version.h) behind >=, >, <=, < or ==, alone
// or as a range; an exact version is a range of one.

#include "base/arena.h"

enum strictness {
    STRICTNESS_KEEPS,        // the second allows nothing that the first forbids
    STRICTNESS_WEAKENS,      // it does
    STRICTNESS_INCOMPARABLE, // texts, !=, or two exact values: neither is stricter
};

// On STRICTNESS_WEAKENS *ret_both, if wanted, is an expression that demands what both demand: one of the two texts
// where that is the
// same, the first where the two contradict each other.
enum strictness strictness_compare(struct arena *arena, const char *first, const char *second, const char **ret_both);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// "Did you mean": the nearest of several known words.

#include <stddef.h>

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours; case ignored) if that is
// at most a third of the word's length, rounded up; else NULL. Of equally near ones the first wins.
const char *suggest_nearest(const char *word, const char *const *candidates, size_t count);

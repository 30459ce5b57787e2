// SPDX-License-Identifier: Apache-2.0
#pragma once

// Selecting from a hydrated recipe: by a dotted path, then by a jq expression, where they are given.

#include "usecase/recipe.h"

struct query_arguments {
    struct recipe_arguments recipe;
    const char *selector; // "" or NULL: everything
    const char *jq;       // NULL = none
};

struct query_answer {
    const struct doc *const *values; // one, or what the expression yields
    size_t count;
};

int query_run(struct arena *arena, const struct query_arguments *arguments, struct query_answer *ret,
              struct error **err) _must_use_;

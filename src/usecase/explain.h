// SPDX-License-Identifier: Apache-2.0
#pragma once

// Telling where the values of a recipe come from, for a recipe made here or read from a file.

#include "usecase/recipe.h"

struct explain_arguments {
    struct recipe_arguments recipe; // criteria and knowledge
    const char *recipe_location;    // a RecipeResult instead of criteria; NULL = none
    const char *selector;           // "" or NULL: everything but values
};

struct explain_answer {
    const struct doc *doc; // list of {path, value, file, line, column, source, why, overrode[]}
    const char *text;      // the same for people
};

int explain_run(struct arena *arena, const struct explain_arguments *arguments, struct explain_answer *ret,
                struct error **err) _must_use_;

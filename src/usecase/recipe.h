// SPDX-License-Identifier: Apache-2.0
#pragma once

// Making a recipe: criteria from a snapshot, then a criteria file, then words of the user, each overriding the one
// before field by field; then resolution over the catalog that was asked for.

#include "catalog/identity.h"
#include "model/recipe.h"
#include "usecase/knowledge.h"

struct recipe_arguments {
    const char *field[CRITERIA_FIELD_COUNT]; // as the user wrote it; NULL: not said
    bool has_nodes;
    int64_t nodes;
    const char *snapshot; // locations of documents; NULL = none
    const char *criteria;
    const char *const *mixins; // names of mixins to add; each once, however often it is named
    size_t mixin_count;
    const char *const *tuning; // "NAME=on", "NAME=off"
    size_t tuning_count;
    const char *const *profiles; // choices, "NAME=VALUE"
    size_t profile_count;
    struct knowledge_source knowledge;
    bool is_strict;
    bool inline_values; // the document of the answer is self-contained
};

struct recipe_answer {
    struct catalog *catalog; // for hydration and the like
    struct recipe *recipe;
    const struct doc *doc; // RecipeResult
};

// Logs, at information level, where each criterion comes from, and as warnings what the user should know.
// With no criterion at all, and nothing to take one from, ERROR_INVALID.
int recipe_make(struct arena *arena, const struct recipe_arguments *arguments, struct recipe_answer *ret,
                struct error **err) _must_use_;
// Logs what a recipe that was read from a document has to tell.
void recipe_tell_remarks(const struct recipe *recipe);
// Warns when a recipe that was read says that it was made from a catalog with another digest than this one.
void recipe_tell_catalog(const struct recipe *recipe, const struct catalog_identity *used);

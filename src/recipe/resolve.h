// SPDX-License-Identifier: Apache-2.0
#pragma once

// From criteria to a recipe: match, merge, add mixins and profiles, fill registry defaults, order. Pure; the same input
// gives the same recipe.

#include "catalog/vocabulary.h"
#include "model/snapshot.h"

struct recipe_request {
    struct criteria criteria;        // canonical names, as a vocabulary gives them
    const struct snapshot *snapshot; // its readings exclude overlays whose constraints they violate; NULL: none
    const char *const *mixins;       // names of mixins to add, in this order
    size_t mixin_count;
    const char *const *tuning; // choices, see recipe/tuning.h
    size_t tuning_count;
    const char *const *profiles; // choices, "NAME=VALUE"
    size_t profile_count;
    bool is_strict; // a recipe that is not specific to the criteria is ERROR_NOT_FOUND
};

int recipe_resolve(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                   const struct recipe_request *request, struct recipe **ret, struct error **err) _must_use_;

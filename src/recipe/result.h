// SPDX-License-Identifier: Apache-2.0
#pragma once

// The RecipeResult document: made from what was merged, and made self-contained on request. Key order is that of both
// predecessors, whose readers pass over what they do not know.

#include "base/map.h"
#include "catalog/identity.h"
#include "recipe/match.h"
#include "recipe/maturity.h"
#include "recipe/profile.h"

struct result_parts {
    const struct criteria *criteria;
    const struct match *match;
    const struct maturity *maturity;
    const struct map *mixins; // name -> struct mixin, in the order of merging
    const struct catalog_identity *catalog;
    const struct profiles *profiles;
    const struct doc *constraints; // map name -> constraint
    struct doc *components;        // list of componentRefs, keys in any order
    const struct doc *validation;  // map or NULL
    const struct doc *tuning;      // map or NULL
};

// Builds the document and reads it back, so that a recipe made here and one read from a file are the same thing.
int result_build(struct arena *arena, const struct result_parts *parts, struct recipe **ret,
                 struct error **err) _must_use_;
// The document of a hydrated recipe with values, manifest texts and registry entries inlined.
const struct doc *result_inline(struct arena *arena, const struct recipe *recipe);

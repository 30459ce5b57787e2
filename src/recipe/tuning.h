// SPDX-License-Identifier: Apache-2.0
#pragma once

// Node tuning: which settings of recipes/tuning/ a recipe has, and how each reaches the nodes. Profiles whose
// `appliesTo` holds are merged by kind and key, the least specific first and ties by name; choices of the user switch
// settings on and off; tuning/delivery.yaml says by which mechanism each is applied. docs/recipe-format.md describes
// the files.

#include "model/tuning.h"
#include "recipe/explain.h"

struct tuning_request {
    const struct criteria *criteria;
    const char *const *choices; // "NAME=on" or "NAME=off"; NAME is a setting, a profile or, for off, "all"
    size_t choice_count;
    const struct doc *components; // of the recipe so far: name -> componentRef, a map
};

struct tuning_answer {
    const struct doc *section;         // of the recipe document; NULL: none
    const struct doc **component_refs; // to be merged over the components, because a mechanism needs them
    size_t component_ref_count;
};

// A catalog without tuning/delivery.yaml, such as a predecessor's, has no tuning: the answer is empty. ERROR_INVALID:
// malformed data, or a choice that cannot be had.
int tuning_resolve(struct arena *arena, struct catalog *catalog, const struct tuning_request *request,
                   struct tuning_answer *ret, struct error **err) _must_use_;
// "tuning" (every setting) or "tuning.<name>": appended to *ret. ERROR_NOT_FOUND says what there is.
int tuning_explain(struct arena *arena, const struct recipe *recipe, const char *selector, struct explanations *ret,
                   struct error **err) _must_use_;

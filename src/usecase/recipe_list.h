// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which recipes there are: every overlay that criteria lead to or that nothing builds on, with what it resolves to and
// whether that is sound.

#include "base/text.h"
#include "model/criteria.h"
#include "usecase/knowledge.h"

struct recipe_list_arguments {
    const char *field[CRITERIA_FIELD_COUNT]; // words of the user; NULL: all; "any": those that leave the field open
    const char *maturity;                    // NULL: all
    struct knowledge_source knowledge;
};

// A document of kind RecipeList (docs/recipe-list.md), its recipes sorted by name. What is wrong with a recipe stands
// in its health; errors are of the arguments, or of a catalog that cannot be opened.
int recipe_list_make(struct arena *arena, const struct recipe_list_arguments *arguments, const struct doc **ret,
                     struct error **err) _must_use_;
// A row per recipe, in aligned columns.
void recipe_list_table(const struct doc *list, struct text *out);

// A document of kind RecipeCombinations: every combination of service, accelerator, intent, operating system and
// platform (or none) that may work, with the overlay that is made for it, or with those that it is put together from by
// rule.
int recipe_combinations_make(struct arena *arena, const struct recipe_list_arguments *arguments, const struct doc **ret,
                             struct error **err) _must_use_;
void recipe_combinations_table(const struct doc *list, struct text *out);

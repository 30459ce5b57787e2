// SPDX-License-Identifier: Apache-2.0
#pragma once

// What in a recipe document has no effect although somebody wrote it: keys that nobody knows (a typing error, or a
// later version's), and overrides beside inlined values that say something else. Such documents are read all the same,
// because both predecessors' readers pass over what they do not know; the user is told.

#include "model/recipe.h"

// Adds to recipe->notes.
void recipe_add_remarks(struct arena *arena, struct recipe *recipe);

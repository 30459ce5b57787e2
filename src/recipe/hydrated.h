// SPDX-License-Identifier: Apache-2.0
#pragma once

// The hydrated form of a recipe, which `query` selects from: components by name, each with its values.

#include "model/recipe.h"

// What of the recipe a selector can reach, so that nothing else needs to be hydrated.
enum hydration_need { HYDRATION_NONE, HYDRATION_ONE, HYDRATION_ALL };
// *ret_component is set for HYDRATION_ONE: the first two steps of the path are components.<name>.
int hydration_need(struct arena *arena, const char *selector, enum hydration_need *ret, const char **ret_component,
                   struct error **err) _must_use_;
// kind, apiVersion, metadata, criteria (all six), constraints, deploymentOrder, components, validation, tuning.
const struct doc *recipe_hydrated_doc(struct arena *arena, const struct recipe *recipe);

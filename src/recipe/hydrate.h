// SPDX-License-Identifier: Apache-2.0
#pragma once

// Hydration: what a recipe only refers to is looked up in the catalog, so that whoever has the recipe needs no second
// look at data.

#include "catalog/catalog.h"
#include "model/recipe.h"

// For each component: values = components/<name>/values.yaml (where there is one, and valuesFile is another file),
// under valuesFile, under overrides, merged deeply with chains of origins; the texts of manifestFiles and
// preManifestFiles; the registry's entry. What the recipe brings along (inlined values, manifests) is kept.
// ERROR_NOT_FOUND when a file that the recipe names is not in the catalog.
int recipe_hydrate(struct arena *arena, struct catalog *catalog, struct recipe *recipe, struct error **err) _must_use_;
// The values of one component alone, for callers that want no more than that.
int component_hydrate_values(struct arena *arena, struct catalog *catalog, struct component *component,
                             struct error **err) _must_use_;

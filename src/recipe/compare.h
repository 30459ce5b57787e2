// SPDX-License-Identifier: Apache-2.0
#pragma once

// What differs between two recipes as far as a cluster can tell: components, their versions, values and manifests,
// constraints, validation. Who set a value, and why, is no difference.

#include "model/recipe.h"

// A list of maps, in the order of paths: `path` ("components.gpu-operator.version"), `old` and `new`; what was added
// has no old value, what was removed no new one. A component that comes or goes is one change, its version the value.
// Both must be hydrated. Everything returned lives in the arena, whatever the recipes live in.
struct doc *recipe_compare(struct arena *arena, const struct recipe *old, const struct recipe *new);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The order in which components are deployed: after everything that they depend on, ties by name.

#include "model/recipe.h"

// *ret gets component_count names in the arena. ERROR_INVALID: a dependency that is no component of the recipe, or a
// cycle, told as its path.
int deployment_order(struct arena *arena, const struct component *components, size_t count, const char ***ret,
                     struct error **err) _must_use_;

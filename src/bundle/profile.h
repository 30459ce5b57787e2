// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a profile of the recipe decides, an override must not decide otherwise: half of another choice is none.

#include "bundle/override.h"
#include "model/recipe.h"

// Compares the component's values before and after an override. ERROR_CONFLICT when a path that a profile owns got
// another value; the hint tells how to choose.
int profile_check_override(struct arena *arena, const struct recipe *recipe, const char *component,
                           const struct override *override, const struct doc *before, const struct doc *after,
                           struct error **err) _must_use_;
// The same for NAME:enabled, which is about to change whether the component is part of the bundle.
int profile_check_switch(const struct recipe *recipe, const char *component, const struct override *override,
                         struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the files of resolving share. Internal to them.

#include "recipe/merge.h"
#include "recipe/profile.h"
#include "recipe/resolve.h"
#include "recipe/result.h"

struct resolver {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct recipe_request *request;
    struct match match;
    struct merger merger;
    struct profiles profiles;
    const struct doc *tuning;
    struct maturity maturity;
};

// resolve_layers.c: merges all that the request brings together: overlays with their mixins, mixins that were asked
// for, profiles, tuning.
int resolver_merge(struct resolver *resolver, struct error **err) _must_use_;
// resolve_components.c: what was merged, with the registry's defaults, as a list. Files that are named must be there.
int resolver_fill_components(struct resolver *resolver, struct doc *components, struct error **err) _must_use_;

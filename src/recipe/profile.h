// SPDX-License-Identifier: Apache-2.0
#pragma once

// Profiles: one question about a recipe that has a few named answers, such as who installs the driver. An overlay
// declares it (spec.profile: name, default, values); overlays that come later may add or replace values and change the
// default. The user chooses with --profile NAME=VALUE; the content of the chosen value is merged after everything else.

#include "recipe/match.h"
#include "recipe/merge.h"

struct profile_choice {
    const char *name;
    const char *value;
    bool is_default;               // nobody chose
    const struct overlay *overlay; // the last that declares the profile
    const struct doc *content;     // of the value: description, componentRefs, constraints, advertiser, source, why
    const struct doc *values;      // all of them, a map
};

struct profiles {
    struct profile_choice *items; // in the order in which overlays declare them
    size_t count;
};

// Which profiles the overlays of a match declare, and which value of each is taken. `wanted` are words NAME=VALUE.
// ERROR_NOT_FOUND for a name or value that there is not, listing those there are; ERROR_INVALID for a word that is
// none.
int profiles_choose(struct arena *arena, const struct match *match, const char *const *wanted, size_t wanted_count,
                    struct profiles *ret, struct error **err) _must_use_;
// What the recipe's metadata tells of a choice: name, value, advertiser and ownedPaths, the value paths of each
// component that one of the profile's values sets.
const struct doc *profile_doc(struct arena *arena, const struct profile_choice *choice);

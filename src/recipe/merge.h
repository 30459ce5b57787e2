// SPDX-License-Identifier: Apache-2.0
#pragma once

// Merging overlays into one recipe, part by part. Inputs never change and results share nothing that could, so any
// number of recipes may be made from one catalog. What replaces something remembers it (doc->previous), which is how
// `explain` tells where a value comes from.

#include "base/map.h"
#include "recipe/match.h"

enum layer_kind { LAYER_OVERLAY, LAYER_MIXIN, LAYER_PROFILE };

// What is merged at once: the content of an overlay, a mixin, or the value of a profile.
struct layer {
    enum layer_kind kind;
    const char *name;
    const struct doc *spec;        // has constraints, componentRefs and validation
    const struct overlay *overlay; // whose place in the chains it has; NULL: the user added it
    bool is_predecessor, is_newer;
};

struct merger {
    struct arena *arena;
    struct catalog *catalog;
    struct doc *constraints;      // name -> constraint, a map
    struct map set_by;            // name of a constraint -> struct layer that set its value
    struct doc *components;       // name -> componentRef, a map
    const struct doc *validation; // phase -> phase, a map or NULL
    struct map mixins;            // name -> struct mixin, in the order of merging
    const char **notes;
    size_t note_count, note_capacity;
};

void merger_init(struct merger *merger, struct arena *arena, struct catalog *catalog);
void merger_done(struct merger *merger);
// Merges all overlays of a match: before each the mixins that it names, each of them once in a recipe. In the catalog
// of a newer predecessor the mixins of the overlays that match come after all overlays, and must not clash with them.
int merger_add_match(struct merger *merger, const struct match *match, struct error **err) _must_use_;
// Merges a loaded mixin that the user asked for, unless it is part of the recipe already.
int merger_add_mixin(struct merger *merger, const struct mixin *mixin, struct error **err) _must_use_;
// Merges the chosen value of a profile, which `overlay` declares; `title` names both.
int merger_add_profile(struct merger *merger, const char *title, const struct doc *content,
                       const struct overlay *overlay, struct error **err) _must_use_;
void merger_note(struct merger *merger, const char *format, ...) _printf_(2, 3);

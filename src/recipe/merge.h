// SPDX-License-Identifier: Apache-2.0
#pragma once

// Merging overlays into one recipe, part by part. Inputs never change and results share nothing that could, so any
// number of recipes may be made from one catalog. What replaces something remembers it (doc->previous), which is how
// `explain` tells where a value comes from.

#include "base/map.h"
#include "recipe/catalog.h"

struct merger {
    struct arena *arena;
    const struct catalog *catalog;
    struct doc *constraints;      // name -> constraint, a map
    struct map set_by;            // name of a constraint -> overlay that set its value
    struct doc *components;       // name -> componentRef, a map
    const struct doc *validation; // phase -> phase, a map or NULL
    const char **notes;
    size_t note_count, note_capacity;
};

void merger_init(struct merger *merger, struct arena *arena, const struct catalog *catalog);
void merger_done(struct merger *merger);
// Merges one overlay, whose document must be loaded, over what there is.
int merger_add(struct merger *merger, const struct overlay *overlay, struct error **err) _must_use_;
void merger_note(struct merger *merger, const char *format, ...) _printf_(2, 3);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the parts of a layer are merged, one file each. Internal to merge.h's implementation.

#include "recipe/merge.h"

int merger_add_constraint(struct merger *merger, const struct layer *layer, const struct doc *item,
                          struct error **err) _must_use_;
int merger_add_component(struct merger *merger, const struct doc *item, struct error **err) _must_use_;
void merger_add_validation(struct merger *merger, const struct doc *validation);

// A copy of the value that remembers what it replaced.
const struct doc *merge_replacing(struct arena *arena, const struct doc *value, const struct doc *previous);
// What a recipe calls text is text, also where the source has a bare number: version: 24.10 stays 24.10.
const struct doc *merge_as_text(struct arena *arena, const struct doc *value);
// The scalars of both lists in order, each once.
const struct doc *merge_union(struct arena *arena, const struct doc *under, const struct doc *over);

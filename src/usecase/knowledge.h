// SPDX-License-Identifier: Apache-2.0
#pragma once

// Opens the catalog that the options --data and --catalog ask for: embedded knowledge, with a directory over it, or a
// directory alone. Shared by every use case that resolves or hydrates a recipe.

#include "catalog/catalog.h"

struct knowledge_source {
    const char *data;    // directory over the embedded knowledge; NULL = none
    const char *catalog; // directory instead of the embedded knowledge; NULL = none. Both at once is ERROR_INVALID
};

// Reads the files, which live in the arena.
int knowledge_read(struct arena *arena, const struct knowledge_source *source, struct catalog_spec *ret,
                   struct error **err) _must_use_;
int knowledge_open(struct arena *arena, const struct knowledge_source *source, struct catalog **ret,
                   struct error **err) _must_use_;
// The names of the built-in mixins, NULL-ended; made once and kept.
const char *const *knowledge_mixin_names(void);
// The choices of the built-in profiles, "NAME=VALUE", NULL-ended; made once and kept.
const char *const *knowledge_profile_choices(void);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The registry of components: documents of kind ComponentRegistry, laid over each other. Entries live in the arena and
// point into the documents.

#include "model/recipe.h"

struct registry {
    struct registry_entry *entries; // in the order of the documents
    size_t count;
};

// Adds a document's entries. An entry of a name that an earlier document had replaces that one whole; twice in one
// document is ERROR_INVALID, as is everything that is malformed.
int registry_add(struct arena *arena, struct registry *registry, const struct doc *doc, struct error **err) _must_use_;
// The keys of a newer predecessor's registry that have no effect in this program, as a sentence; NULL: there are none.
const char *registry_idle_keys(struct arena *arena, const struct doc *doc);
// NULL when there is no such component.
const struct registry_entry *registry_find(const struct registry *registry, const char *name);

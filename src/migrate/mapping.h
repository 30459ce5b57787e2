// SPDX-License-Identifier: Apache-2.0
#pragma once

// A migration map: the data (recipes/migrate/*.yaml, kind MigrationMap; docs/migrate.md) that says, for each key of a
// configuration file of another program, what it is here. Reading a file with a map gives a list of what was given,
// each with its row of the map; what each comes to is judged in migration.h. Everything lives in the arena.

#include "base/map.h"
#include "doc/doc.h"

struct mapping {
    struct arena *arena;
    const struct doc *doc, *spec;
    const char *name;   // "cns-v1"
    struct map entries; // key -> const struct doc of spec.keys
};

// A value that the file gives, in the order of the file.
struct given {
    const char *key;     // dotted path as the map has it, older names resolved
    const char *written; // as the file has it
    const char *text;    // scalar as text, "true" or "false" for what the map calls boolean; "" for null
    const struct doc *value;
    struct doc_origin origin; // of the key
    const struct doc *entry;  // NULL: the map does not know the key
};

struct given_list {
    struct given *items;
    size_t count, capacity;
    struct map by_key; // key -> index + 1
};

// Checks the shape of the map. ERROR_INVALID with the place.
int mapping_open(struct arena *arena, const struct doc *doc, struct mapping **ret, struct error **err) _must_use_;
// Whether the map (a document) is for such a file: by kind, or by a key that only such a file has.
bool mapping_is_for(const struct doc *map, const struct doc *file);
// ERROR_INVALID when the file is no map, or has a key under an old and a new name with two values.
int mapping_read(const struct mapping *mapping, const struct doc *file, struct given_list *ret,
                 struct error **err) _must_use_;
void given_list_done(struct given_list *list);
const struct given *given_find(const struct given_list *list, const char *key);

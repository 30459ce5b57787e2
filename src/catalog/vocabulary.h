// SPDX-License-Identifier: Apache-2.0
#pragma once

// The values that criteria may take: what recipes/criteria.yaml lists (names, aliases, rules of detection), and every
// value that an overlay of the catalog names. A vocabulary lives in the arena it was opened in.

#include "catalog/catalog.h"

struct vocabulary_value {
    const char *name;
    const char *display;       // for people; the name when nothing else was given
    const struct doc *aliases; // list of strings or NULL
    const struct doc *detect;  // list of rules or NULL, see detect.h
};

struct vocabulary_field {
    struct vocabulary_value *values; // in the order of criteria.yaml, then those of overlays by name
    size_t count, capacity;
    const struct doc *any; // words that mean any, besides "" and "any": list or NULL
};

struct vocabulary {
    struct arena *arena;
    struct vocabulary_field field[CRITERIA_FIELD_COUNT];
};

int vocabulary_open(struct arena *arena, struct catalog *catalog, struct vocabulary **ret,
                    struct error **err) _must_use_;
// The canonical name of a value as people write it (case and surrounding white space do not count); *ret is NULL for
// "", "any" and words that mean any. ERROR_INVALID, starting with `where`, lists the valid values and suggests one.
int vocabulary_resolve(const struct vocabulary *vocabulary, enum criteria_field field, const char *text,
                       const char *where, const char **ret, struct error **err) _must_use_;
// Reads a criteria document (kind recipeCriteria or RecipeCriteria, or none). Fields that it leaves out are any.
int vocabulary_read_criteria(const struct vocabulary *vocabulary, const struct doc *doc, struct criteria *ret,
                             struct error **err) _must_use_;

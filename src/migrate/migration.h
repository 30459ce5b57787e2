// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a configuration file of another program comes to here: criteria, settings, options, and a report with one check
// for each key, so that nothing is dropped in silence. Two steps, because what the recipe has can only be known once
// the criteria are: migration_read() finds the criteria, migration_judge() holds every key against the recipe that they
// lead to. Pure: files and catalogs come in as values. Everything lives in the arena.
//
// In the report a check's id is the key, `expected` what it was carried to, `actual` the value, `where` its place,
// `source` the row of the map, `cause` the verdict:
//   carried, replaced (by the recipe's own pin), off, outside (host or installer) nothing is missing
//   decision, secret, unknown                                                      a person must look (warning)
//   lost                                                                           no counterpart (failed)

#include "migrate/inventory.h"
#include "migrate/mapping.h"
#include "migrate/verdict.h"
#include "model/criteria.h"
#include "model/recipe.h"

struct migration {
    struct arena *arena;
    const struct mapping *mapping;
    const char *source;        // the file
    const char *release;       // of the other program; NULL: not told
    const struct doc *shipped; // values that this release shipped with; NULL: not known
    struct given_list given;
    const struct inventory *inventory;               // NULL: none
    const char *criteria[CRITERIA_FIELD_COUNT];      // words; NULL: not told
    const char *criteria_from[CRITERIA_FIELD_COUNT]; // key that told it
    int64_t nodes;                                   // machines with accelerators, 0: not told
    // Lists of maps, as they stand in the document of the result.
    struct doc *settings; // {component, path, value, kind, from}
    struct doc *options;  // {command, name, value, from}
    struct doc *mixins;   // texts
    struct doc *versions; // {name, component, asked, shipped, pinned, comparison}
    struct doc *moves;    // {component, from: {release, namespace}, to: {release, namespace}, steps}
    struct report report;
};

// What is known here. Judging once may ask for mixins; judging again with the recipe that has them knows their versions
// and namespaces too.
struct migration_knowledge {
    const struct recipe *recipe;         // hydrated
    const struct recipe *without_mixins; // the recipe before mixins were added
    const struct registry_entry *registry;
    size_t registry_count;
    // The name of a mixin that may be added for these criteria: of that name, or one that brings the component. NULL:
    // there is none.
    const char *(*find_mixin)(void *context, const char *name, const char *component);
    // Whether the recipe for these criteria can be made with this choice, "NAME=VALUE".
    bool (*has_profile)(void *context, const char *choice);
    void *context;
};

struct migration_input {
    const struct doc *file;
    const struct inventory *inventory; // may be NULL
    const char *release;               // from a file of its own; NULL: only what the file says
};

int migration_read(struct arena *arena, const struct mapping *mapping, const struct migration_input *input,
                   struct migration **ret, struct error **err) _must_use_;
int migration_judge(struct migration *migration, const struct migration_knowledge *knowledge,
                    struct error **err) _must_use_;

// Whether the conditions of an outcome (a map from key to value, list of values, or {not, contains, empty, shipped})
// hold. NULL always does.
bool migration_holds(const struct migration *migration, const struct doc *conditions);
// The text with {key} replaced by the value of that key, {value} by that of `given`.
const char *migration_fill(const struct migration *migration, const struct given *given, const char *text);
// What the release shipped for that key, else the map's default; NULL when neither is known.
const char *migration_shipped(const struct migration *migration, const struct given *given);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which combinations of criteria cannot work, and why. The rules are data: recipes/compatibility.yaml, to which a
// folder over the built-in knowledge adds its own (a rule of the same name takes the other's place), and, for services
// whose machines are all known, recipes/hardware/instances.yaml. A catalog of its own has its own rules or none; those
// of the predecessors have none.

#include "catalog/vocabulary.h"

#define COMPATIBILITY_PATH "compatibility.yaml"
#define INSTANCES_PATH "hardware/instances.yaml"

// A rule that the criteria break.
struct conflict {
    const struct doc *rule;
    unsigned fields; // bit for each criteria field that the rule speaks of and the criteria state
};

// Up to `capacity` conflicts; *ret_count tells how many there are in all, 0: the combination may work.
int compatibility_conflicts(struct catalog *catalog, const struct criteria *criteria, struct conflict *conflicts,
                            size_t capacity, size_t *ret_count, struct error **err) _must_use_;
// ERROR_INVALID when the combination cannot work: why, by what source, and which values of each field do work, those
// first that the catalog serves best.
int compatibility_check(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                        const struct criteria *criteria, struct error **err) _must_use_;

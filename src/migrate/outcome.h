// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one key comes to: the first outcome of its row whose conditions hold, carried out. Used by migration.c only.

#include "base/text.h"
#include "migrate/migration.h"

// The outcome that holds: an item of the row's `outcomes`, or the row itself where it has only one. NULL: none holds,
// or what the row needs is not given.
const struct doc *outcome_find(const struct migration *migration, const struct given *given);
// Adds settings, options, versions and the row of the report.
int outcome_apply(struct migration *migration, const struct migration_knowledge *knowledge, const struct given *given,
                  struct error **err) _must_use_;
// What stands in the cluster under another release or namespace than it will have.
void outcome_moves(struct migration *migration, const struct migration_knowledge *knowledge);

// One component as far as this recipe can have it.
struct availability {
    const struct component *component;     // in the recipe; NULL: not
    const struct registry_entry *registry; // NULL: not known at all
    const char *mixin;                     // that brings it; NULL: none
};
struct availability availability_find(const struct migration_knowledge *knowledge, const char *component);
// NULL when nothing pins it.
const char *availability_version(const struct availability *availability);

// What an outcome adds up to while its parts are carried out; the worst verdict counts.
struct judgement {
    struct migration *migration;
    const struct migration_knowledge *knowledge;
    const struct given *given;
    enum verdict verdict;
    struct text to, why, todo;
};
void judgement_worsen(struct judgement *judgement, enum verdict verdict);
// Appends to a list of words, or a sentence to sentences.
void judgement_add_target(struct judgement *judgement, const char *format, ...) _printf_(2, 3);
void judgement_add_reason(struct judgement *judgement, const char *format, ...) _printf_(2, 3);
void judgement_add_todo(struct judgement *judgement, const char *format, ...) _printf_(2, 3);

// The version that was asked for against the one that the recipe pins (outcome_version.c).
int judge_version(struct judgement *judgement, const struct doc *rule, struct error **err) _must_use_;

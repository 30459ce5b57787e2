// SPDX-License-Identifier: Apache-2.0
#pragma once

// A migration as people and programs want it: a document (kind MigrationResult), the commands of this program that
// do the same, a page of text.

#include "base/text.h"
#include "migrate/migration.h"

// What the commands are told besides: where the knowledge comes from.
struct migration_context {
    const char *data, *catalog; // NULL: none
    const char *snapshot;
};

const struct doc *migration_document(const struct migration *migration, const struct migration_context *context);
// A shell script.
void migration_commands(const struct migration *migration, const struct migration_context *context, struct text *out);
void migration_text(const struct migration *migration, const struct migration_context *context, struct text *out);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Migration of configuration: a values file of Cloud Native Stack v1 (with its inventory and version file), or a
// configuration file of AICR, becomes criteria, settings and commands of this program, with a report on every key. The
// maps are data (recipes/migrate/).

#include "base/text.h"
#include "model/report.h"
#include "usecase/knowledge.h"

struct migrate_arguments {
    const char *input;     // path, URL or "-"; a folder of playbooks
    const char *inventory; // path of an inventory; NULL: the folder's, if the input is one
    const char *snapshot;  // takes criteria that the input does not tell; NULL: none
    struct knowledge_source knowledge;
};

enum migrate_format { MIGRATE_YAML, MIGRATE_JSON, MIGRATE_COMMANDS, MIGRATE_TEXT };

struct migrate_answer {
    struct migration *migration;
    const struct report *report;
};

// Logs, as warnings, what a person must look at.
int migrate_run(struct arena *arena, const struct migrate_arguments *arguments, struct migrate_answer *ret,
                struct error **err) _must_use_;
void migrate_write(const struct migrate_answer *answer, const struct migrate_arguments *arguments,
                   enum migrate_format format, struct text *out);
// Logs each check that failed or warns, as a warning.
void migrate_tell(const struct report *report);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Validating a recipe against a snapshot, for every door: the command line names locations, a server hands over
// documents and streams.

#include "base/vec.h"
#include "model/report_writer.h"
#include "model/snapshot.h"

struct validation_arguments {
    const char *recipe;             // location (io/source.h) of a RecipeResult
    const struct doc *recipe_doc;   // in its place
    const char *snapshot;           // location of a Snapshot
    const struct doc_input *stream; // in its place
    const struct strvec *phases;    // names, or "all"; NULL or empty: readiness
    const char *data;               // folder over the built-in knowledge (remediation texts); NULL: none
};

// Fills the report, which lives in the arena. ERROR_INVALID: malformed input, unknown phase; ERROR_NOT_FOUND.
int validation_run(struct arena *arena, const struct validation_arguments *arguments, struct report *ret,
                   struct error **err) _must_use_;
// True when the report holds a check with one of the statuses: "failed", "warning", "not-checked".
bool validation_fails(const struct report *report, const struct strvec *statuses);
// Writes the report in a format of report_writers[] to a location (NULL, "" or "-": standard output), whole or not at
// all.
int validation_deliver(const struct report *report, const char *format, bool color, const char *location,
                       struct error **err) _must_use_;

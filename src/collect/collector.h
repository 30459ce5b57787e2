// SPDX-License-Identifier: Apache-2.0
#pragma once

// A collector: one row of the table in collectors.c. It runs in a thread of its own and may be abandoned when it
// overruns its budget, so it touches nothing but its struct collection, which lives until the last user is gone.
//
// Whatever is read goes through reading_*(), which redact before anything is stored.

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "base/vec.h"
#include "collect/machine.h"
#include "model/redact.h"
#include "model/snapshot.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// What collect() returns besides 0 (collected) and negative error codes (failed).
#define COLLECT_ABSENT 1

// What one run of one collector works on.
struct collection {
    const struct machine *machine;
    const struct redact_policy *policy;
    const struct collector *collector;
    struct strvec subtypes; // the only ones wanted; empty: all
    struct strvec excluded_subtypes;
    unsigned budget_ms;
    struct arena *arena;
    struct snapshot *snapshot; // partial: this collector's readings only
    struct text reason;        // why absent, or what is missing though collected
    atomic_bool is_abandoned;  // nobody waits any more; a long loop may look and end early
};

struct collector {
    const char *type;            // "OS"
    const char *subtype;         // "sysctl"; NULL: the collector makes several, named below or found at run time
    const char *const *subtypes; // how those are called, as patterns: {"smi", "gpu-*", NULL}
    const char *needs; // a path without which there is nothing to collect; NULL: the collector finds out itself
    unsigned budget_ms;
    int (*collect)(struct collection *collection, struct error **err);
};

// NULL-ended, in the order in which they are started: the slow ones first.
extern const struct collector *const collectors[];

// --- for collectors ---

// Gives COLLECT_ABSENT, with the reason.
int collection_absent(struct collection *collection, const char *format, ...) _printf_(2, 3);
// Adds to what is missing though collected; parts are joined by "; ".
void collection_note(struct collection *collection, const char *format, ...) _printf_(2, 3);
// False when the user asked for other subtypes of this collector only.
bool collection_wants(const struct collection *collection, const char *subtype);

// Where readings of a subtype go.
struct readings {
    struct collection *collection;
    struct subtype *subtype;
    const char *name; // as it was before redaction
};
struct readings readings_of(struct collection *collection, const char *subtype);
// Add or replace a reading. A NULL text adds nothing; bytes that are no UTF-8 are written as \xNN.
void reading_string(const struct readings *readings, const char *key, const char *text);
void reading_stringf(const struct readings *readings, const char *key, const char *format, ...) _printf_(3, 4);
void reading_int(const struct readings *readings, const char *key, int64_t value);
void reading_uint(const struct readings *readings, const char *key, uint64_t value);
void reading_bool(const struct readings *readings, const char *key, bool value);
// The text of a scalar that is no string; redacted by its key alone.
void reading_scalar(const struct readings *readings, const char *key, enum doc_kind kind, const char *text);
// A value made of words that were redacted by redact_words(), whose answer is `rule`.
void reading_words(const struct readings *readings, const char *key, const char *text, const char *rule);
// Text as a reading holds it: valid UTF-8, other bytes and NUL as \xNN. In the arena, or the argument itself.
const char *text_as_utf8(struct arena *arena, const char *bytes, size_t length);

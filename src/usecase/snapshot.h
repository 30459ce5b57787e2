// SPDX-License-Identifier: Apache-2.0
#pragma once

// Taking a snapshot of the machine that this program runs on, or of one that is mounted below a folder.

#include "base/error.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/redact.h"
#include "model/snapshot.h"
#include "model/snapshot_write.h"

struct snapshot_request {
    const char *root;             // NULL, "" or "/": the running machine
    const struct strvec *filter;  // types and type.subtype; NULL or empty: all
    const struct strvec *exclude; // the same
    const struct strvec *require; // what must have been collected
    enum redact_mode redact;
    const char *redact_key; // makes strict pseudonyms equal in several snapshots; NULL: they are this one's own
    const char *version;    // of the program, for the document; NULL: the one that was built
    unsigned budget_ms;     // of each collector; 0: its own
    void (*progress)(void *context, size_t ended, size_t total, const char *running); // NULL: not wanted
    void *progress_context;
};

// The snapshot lives in the arena.
int snapshot_take(struct arena *arena, const struct snapshot_request *request, struct snapshot **ret,
                  struct error **err) _must_use_;
// Writes it where `location` says (NULL, "" or "-": standard output), whole or not at all.
int snapshot_deliver(const struct snapshot *snapshot, enum snapshot_format format, const char *location,
                     struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Collecting: runs the chosen collectors side by side, each in a thread with a time budget, and joins what they found
// into one snapshot in a fixed order. One that fails or overruns costs nothing but its own readings; what became of
// each is in the snapshot's outcomes. A collector left out is not called at all.

#include "base/error.h"
#include "base/vec.h"
#include "collect/collector.h"
#include "model/redact.h"
#include "model/snapshot.h"

struct collect_request {
    const char *root;             // NULL, "" or "/": the running machine
    const struct strvec *filter;  // types and type.subtype, any case; NULL or empty: all
    const struct strvec *exclude; // the same
    const struct strvec *require; // the same: those that must have been collected
    const struct redact_policy *policy;
    unsigned budget_ms;                        // replaces every collector's own budget; 0: keep them
    const struct collector *const *collectors; // NULL: the table in collectors.c
    // Called whenever a collector has ended, from the caller's thread; NULL: not wanted. `running` names one that is
    // still at work.
    void (*progress)(void *context, size_t ended, size_t total, const char *running);
    void *progress_context;
};

// The snapshot lives in the arena; its metadata are the caller's to set. ERROR_INVALID for names that no collector has,
// ERROR_UNAVAILABLE when something required is absent or failed (all of it is named).
int collect_run(struct arena *arena, const struct collect_request *request, struct snapshot **ret,
                struct error **err) _must_use_;

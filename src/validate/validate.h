// SPDX-License-Identifier: Apache-2.0
#pragma once

// The validation engine: what a recipe demands, judged against a snapshot, phase by phase. Everything demanded is
// judged and reported, never only the first failure. What a snapshot cannot tell is "not checked", with the reason, and
// never counts as passed.

#include "model/recipe.h"
#include "model/report.h"
#include "model/snapshot.h"

enum validation_phase {
    PHASE_READINESS,   // the recipe's own constraints and validation.readiness
    PHASE_DEPLOYMENT,  // what holds once the components run
    PHASE_PERFORMANCE, // what is measured
    PHASE_CONFORMANCE, // what the cluster offers
    PHASE_COUNT,
};

extern const char *const validation_phase_names[PHASE_COUNT];

struct validation_request {
    const struct recipe *recipe;
    const struct snapshot *snapshot;
    bool phases[PHASE_COUNT];
};

// Adds the checks of the phases asked for, grouped by phase, in the recipe's order. The report must be initialised; its
// texts borrow from recipe and snapshot. ERROR_INVALID: the recipe's validation is malformed; the message names each
// malformed constraint.
int validate_recipe(const struct validation_request *request, struct report *report, struct error **err) _must_use_;

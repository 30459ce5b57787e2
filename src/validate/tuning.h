// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proof of node tuning: each enabled setting of a recipe against what a snapshot says of its effect. A check is named
// tuning/<setting>. It belongs to the phase `deployment`, because a setting holds once the bundle has applied it, and
// not before.

#include "model/recipe.h"
#include "model/report.h"
#include "model/snapshot.h"
#include "model/tuning.h"

// Adds a check for each enabled setting. ERROR_INVALID: the recipe's tuning section or an expression in it is
// malformed.
int validate_tuning(const struct recipe *recipe, const struct snapshot *snapshot, struct report *report,
                    struct error **err) _must_use_;

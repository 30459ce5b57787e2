// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which overlays of a catalog make up a recipe, and in which order: every overlay that matches the criteria, the least
// specific first and ties by name, each behind the chain of overlays that it inherits from.

#include "catalog/vocabulary.h"
#include "model/snapshot.h"

struct match_request {
    const struct criteria *criteria;
    const struct snapshot *snapshot; // overlays whose own constraints it violates are left out; NULL: none are
};

struct match {
    const struct overlay **overlays; // in the order of merging; the base first
    size_t count;
    const struct overlay **matching; // those that match by themselves and were kept
    size_t matching_count;
    struct excluded_overlay *excluded; // one row for each violated constraint, or for an excluded ancestor
    size_t excluded_count;
    struct excluded_overlay *warnings; // constraints that could not be judged; their overlays are kept
    size_t warning_count;
};

// ERROR_INVALID: overlays that inherit in a circle; ERROR_NOT_FOUND: a base that there is not.
int catalog_match(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                  const struct match_request *request, struct match *ret, struct error **err) _must_use_;
// True when `overlay` is `ancestor` or inherits from it; every overlay inherits from the base.
bool overlay_inherits(const struct catalog *catalog, const struct overlay *overlay, const struct overlay *ancestor);

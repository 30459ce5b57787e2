// SPDX-License-Identifier: Apache-2.0
#pragma once

// Criteria: what a recipe is asked for. A field that is NULL means any. Field values are canonical names from
// recipes/criteria.yaml; aliases are resolved when criteria are parsed.

#include "doc/doc.h"

enum criteria_field {
    CRITERIA_SERVICE,
    CRITERIA_ACCELERATOR,
    CRITERIA_INTENT,
    CRITERIA_OS,
    CRITERIA_PLATFORM,
    CRITERIA_FIELD_COUNT,
};

struct criteria {
    const char *field[CRITERIA_FIELD_COUNT];
    int64_t nodes; // 0 = any
};

// "service", "accelerator", "intent", "os", "platform".
extern const char *const criteria_field_names[CRITERIA_FIELD_COUNT];
bool criteria_is_empty(const struct criteria *criteria);
// Fields set, nodes included.
unsigned criteria_specificity(const struct criteria *criteria);
// Asymmetric match: a field that the overlay leaves open matches everything; one that it sets must be named by the
// query, which is not the case when the query leaves it open.
bool criteria_match(const struct criteria *overlay, const struct criteria *query);
// As recipes write them: every field, `any` where it is open, and nodes where it is set.
struct doc *criteria_document(struct arena *arena, const struct criteria *criteria);

// SPDX-License-Identifier: Apache-2.0
#include "model/criteria.h"
#include "base/text.h"

const char *const criteria_field_names[CRITERIA_FIELD_COUNT] = {
    [CRITERIA_SERVICE] = "service", [CRITERIA_ACCELERATOR] = "accelerator", [CRITERIA_INTENT] = "intent",
    [CRITERIA_OS] = "os",           [CRITERIA_PLATFORM] = "platform",
};

bool criteria_is_empty(const struct criteria *criteria) {
    return criteria_specificity(criteria) == 0;
}

unsigned criteria_specificity(const struct criteria *criteria) {
    unsigned set = criteria->nodes != 0;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        set += criteria->field[i] != NULL;
    return set;
}

bool criteria_match(const struct criteria *overlay, const struct criteria *query) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (overlay->field[i] && !str_eq(overlay->field[i], query->field[i]))
            return false;
    return overlay->nodes == 0 || overlay->nodes == query->nodes;
}

struct doc *criteria_document(struct arena *arena, const struct criteria *criteria) {
    struct doc *map = doc_new_map(arena);
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        doc_map_set_text(arena, map, criteria_field_names[i], criteria->field[i] ? criteria->field[i] : "any");
    if (criteria->nodes)
        doc_map_set_int(arena, map, "nodes", criteria->nodes);
    return map;
}

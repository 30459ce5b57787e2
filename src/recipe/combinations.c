// SPDX-License-Identifier: Apache-2.0
#include "recipe/combinations.h"
#include "base/text.h"
#include "catalog/compatibility.h"

struct lister {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct combination_filter *filter;
    struct criteria current;
    struct combinations found;
    size_t capacity;
};

static int add_current(struct lister *lister, struct error **err) {
    size_t conflicts = 0;
    int r = compatibility_conflicts(lister->catalog, &lister->current, NULL, 0, &conflicts, err);
    if (r < 0)
        return r;
    if (conflicts) {
        lister->found.refused++;
        return 0;
    }
    if (lister->found.count == lister->capacity) {
        size_t capacity = lister->capacity ? lister->capacity * 2 : 1024;
        lister->found.items =
            arena_grow(lister->arena, lister->found.items, lister->capacity * sizeof *lister->found.items,
                       capacity * sizeof *lister->found.items);
        lister->capacity = capacity;
    }
    lister->found.items[lister->found.count++] = lister->current;
    return 0;
}

static int choose(struct lister *lister, int field, struct error **err) {
    if (field == CRITERIA_FIELD_COUNT)
        return add_current(lister, err);
    const struct vocabulary_field *known = &lister->vocabulary->field[field];
    const char *wanted = lister->filter ? lister->filter->criteria.field[field] : NULL;
    int r = 0;
    // Platforms are optional, and so is what the catalog has no words for.
    if (!wanted && (field == CRITERIA_PLATFORM || known->count == 0)) {
        lister->current.field[field] = NULL;
        r = choose(lister, field + 1, err);
    }
    if (field == CRITERIA_PLATFORM && lister->filter && lister->filter->without_platform)
        return r;
    for (size_t i = 0; i < known->count && r == 0; i++) {
        if (wanted && !str_eq(wanted, known->values[i].name))
            continue;
        lister->current.field[field] = known->values[i].name;
        r = choose(lister, field + 1, err);
    }
    return r;
}

int combinations_list(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                      const struct combination_filter *filter, struct combinations *ret, struct error **err) {
    struct lister lister = {.arena = arena, .catalog = catalog, .vocabulary = vocabulary, .filter = filter};
    int r = choose(&lister, 0, err);
    if (r == 0)
        *ret = lister.found;
    return r;
}

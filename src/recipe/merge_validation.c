// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "recipe/merge_parts.h"

// Constraints of a phase by name: those that only the lower layer has, then the upper ones.
static const struct doc *merge_phase_constraints(struct arena *arena, const struct doc *under, const struct doc *over) {
    _cleanup_map_ struct map named = {0};
    struct doc *list = doc_new_list(arena);
    list->origin = over->origin;
    list->previous = under;
    DOC_FOREACH_ITEM(item, over)
    map_put(&named, doc_get_text(item, "name", ""), (void *)item);
    DOC_FOREACH_ITEM(item, under)
    if (!map_get(&named, doc_get_text(item, "name", "")))
        doc_list_add(arena, list, item);
    DOC_FOREACH_ITEM(item, over)
    doc_list_add(arena, list, item);
    return list;
}

// Phases add up, so that layers which know nothing of each other can each name their checks; an empty list clears.
static const struct doc *merge_phase(struct arena *arena, const struct doc *under, const struct doc *over) {
    if (!doc_is(under, DOC_MAP) || !doc_is(over, DOC_MAP))
        return merge_replacing(arena, over, under);
    struct doc *result = doc_copy(arena, under);
    result->origin = over->origin;
    result->previous = under;
    DOC_FOREACH_MEMBER(member, over) {
        const struct doc *before = doc_get(under, member->key), *value = member->value;
        bool adds_up = doc_is(value, DOC_LIST) && doc_count(value) > 0 && doc_is(before, DOC_LIST);
        if (adds_up && str_eq(member->key, "checks"))
            value = merge_union(arena, before, value);
        else if (adds_up && str_eq(member->key, "constraints"))
            value = merge_phase_constraints(arena, before, value);
        else
            value = merge_replacing(arena, value, before);
        doc_map_set(arena, result, member->key, value);
    }
    return result;
}

// The predecessors replaced a phase whole, until the newer of them took to adding up.
void merger_add_validation(struct merger *merger, const struct doc *validation) {
    if (!doc_is(validation, DOC_MAP) || doc_count(validation) == 0)
        return;
    struct doc *result = merger->validation ? doc_copy(merger->arena, merger->validation) : doc_new_map(merger->arena);
    bool is_whole = catalog_is_predecessor(merger->catalog) && !catalog_is_newer(merger->catalog);
    DOC_FOREACH_MEMBER(member, validation) {
        if (member->value->kind == DOC_NULL)
            continue;
        const struct doc *before = doc_get(result, member->key);
        doc_map_set(merger->arena, result, member->key,
                    is_whole ? merge_replacing(merger->arena, member->value, before)
                             : merge_phase(merger->arena, before, member->value));
    }
    merger->validation = result;
}

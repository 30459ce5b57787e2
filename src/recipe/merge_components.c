// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "doc/merge.h"
#include "recipe/merge_parts.h"

static bool is_empty(const struct doc *doc) {
    if (!doc || doc->kind == DOC_NULL)
        return true;
    return doc_is_scalar(doc) ? doc->kind == DOC_STRING && doc->length == 0 : doc_count(doc) == 0;
}

const struct doc *merge_replacing(struct arena *arena, const struct doc *value, const struct doc *previous) {
    if (!previous || value == previous)
        return value;
    struct doc *copy = doc_copy(arena, value);
    copy->previous = previous;
    return copy;
}

const struct doc *merge_as_text(struct arena *arena, const struct doc *value) {
    if (!doc_is_scalar(value) || value->kind == DOC_STRING || value->kind == DOC_NULL)
        return value;
    struct doc *copy = doc_copy(arena, value);
    copy->kind = DOC_STRING;
    return copy;
}

enum merge_rule {
    MERGE_TEXT,  // replaced by what is not empty
    MERGE_WHOLE, // the same for lists, maps and texts
    MERGE_DEEP,
    MERGE_UNION, // items in order, each once
    MERGE_OR,
};

static const char *const component_keys[] = {COMPONENT_REF_KEYS};

// Every key that is not named here is a text.
static enum merge_rule rule_of(const char *key) {
    static const struct {
        const char *key;
        enum merge_rule rule;
    } rules[] = {
        {"overrides", MERGE_DEEP},          {"patches", MERGE_WHOLE},
        {"dependencyRefs", MERGE_WHOLE},    {"manifestFiles", MERGE_UNION},
        {"preManifestFiles", MERGE_UNION},  {"cleanup", MERGE_OR},
        {"expectedResources", MERGE_WHOLE}, {"healthCheckAsserts", MERGE_WHOLE},
        {"sources", MERGE_WHOLE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (str_eq(key, rules[i].key))
            return rules[i].rule;
    return MERGE_TEXT;
}

static void add_items(struct arena *arena, struct doc *list, struct map *seen, const struct doc *items) {
    DOC_FOREACH_ITEM(item, items)
    if (doc_is_scalar(item) && map_put(seen, item->text, (void *)item))
        doc_list_add(arena, list, item);
}

const struct doc *merge_union(struct arena *arena, const struct doc *under, const struct doc *over) {
    _cleanup_map_ struct map seen = {0};
    struct doc *list = doc_new_list(arena);
    list->origin = over->origin;
    list->previous = under;
    add_items(arena, list, &seen, under);
    add_items(arena, list, &seen, over);
    return list;
}

static const struct doc *merge_value(struct arena *arena, enum merge_rule rule, const struct doc *under,
                                     const struct doc *over) {
    if (is_empty(over))
        return is_empty(under) ? NULL : under;
    switch (rule) {
    case MERGE_TEXT:
        return merge_replacing(arena, merge_as_text(arena, over), under);
    case MERGE_WHOLE:
        return merge_replacing(arena, over, under);
    case MERGE_DEEP:
        return doc_merge(arena, under, over);
    case MERGE_UNION:
        return is_empty(under) ? over : merge_union(arena, under, over);
    case MERGE_OR:
        return doc_is(under, DOC_BOOL) && under->boolean ? under : merge_replacing(arena, over, under);
    }
    return over;
}

static const struct doc *merge_component(struct arena *arena, const struct doc *under, const struct doc *over) {
    struct doc *result = doc_new_map(arena);
    result->origin = over->origin;
    for (size_t i = 0; i < ARRAY_SIZE(component_keys); i++) {
        const char *key = component_keys[i];
        // The name is the same on both sides and needs no history.
        const struct doc *before = i == 0 ? NULL : doc_get(under, key);
        const struct doc *after = doc_get(over, key);
        if (!before && !after)
            continue;
        const struct doc *value = merge_value(arena, after ? rule_of(key) : MERGE_TEXT, before, after);
        if (value)
            doc_map_set(arena, result, key, value);
    }
    return result;
}

int merger_add_component(struct merger *merger, const struct doc *item, struct error **err) {
    const char *name = doc_get_text(item, "name", NULL);
    if (str_is_empty(name))
        return doc_error(err, ERROR_INVALID, item->origin, "a componentRef has no name");
    const struct doc *merged = merge_component(merger->arena, doc_get(merger->components, name), item);
    doc_map_set(merger->arena, merger->components, name, merged);
    return 0;
}

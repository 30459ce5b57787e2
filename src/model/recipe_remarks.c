// SPDX-License-Identifier: Apache-2.0
#include "model/recipe_remarks.h"
#include "base/suggest.h"
#include "base/text.h"
#include "doc/merge.h"

// More than that say nothing new, and a hostile document has millions.
#define REMARK_LIMIT 20

static const char *const recipe_keys[] = {"kind",          "apiVersion",      "metadata",   "criteria", "constraints",
                                          "componentRefs", "deploymentOrder", "validation", "tuning"};

// A self-contained recipe has three more.
static const char *const component_keys[] = {COMPONENT_REF_KEYS, "values", "manifests", "registry"};
const char *const component_idle_keys[2] = {"patches", "cleanup"};
static const char *const constraint_keys[] = {CONSTRAINT_KEYS};

static void add_remark(struct arena *arena, struct recipe *recipe, const char *text) {
    if (recipe->note_count >= REMARK_LIMIT)
        return;
    if (!recipe->notes)
        recipe->notes = arena_new_array(arena, const char *, REMARK_LIMIT);
    recipe->notes[recipe->note_count++] = text;
}

static void check_keys(struct arena *arena, struct recipe *recipe, const struct doc *map, const char *const *keys,
                       size_t count) {
    DOC_FOREACH_MEMBER(member, map) {
        bool is_known = false;
        for (size_t i = 0; i < count && !is_known; i++)
            is_known = str_eq(member->key, keys[i]);
        if (is_known || recipe->note_count >= REMARK_LIMIT)
            continue;
        const char *nearest = suggest_nearest(member->key, keys, count);
        add_remark(arena, recipe,
                   arena_printf(arena, "%s:%u:%u: nobody knows the key '%s', so it has no effect%s%s%s",
                                member->key_origin.source ? member->key_origin.source : "the recipe",
                                member->key_origin.line, member->key_origin.column, member->key,
                                nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : ""));
    }
}

static void check_component(struct arena *arena, struct recipe *recipe, const struct component *component) {
    check_keys(arena, recipe, component->doc, component_keys, ARRAY_SIZE(component_keys));
    for (size_t i = 0; i < ARRAY_SIZE(component_idle_keys); i++)
        if (doc_get(component->doc, component_idle_keys[i]))
            add_remark(
                arena, recipe,
                arena_printf(arena, "component '%s': %s has no effect", component->name, component_idle_keys[i]));
    if (!component->values || !component->overrides ||
        doc_equal(doc_merge(arena, component->values, component->overrides), component->values))
        return;
    const struct doc_origin *origin = &component->overrides->origin;
    add_remark(arena, recipe,
               arena_printf(arena,
                            "%s:%u:%u: component '%s' has inlined values that differ from its overrides: the values "
                            "are used, so change them, or use --set",
                            origin->source ? origin->source : "the recipe", origin->line, origin->column,
                            component->name));
}

void recipe_add_remarks(struct arena *arena, struct recipe *recipe) {
    check_keys(arena, recipe, recipe->doc, recipe_keys, ARRAY_SIZE(recipe_keys));
    for (size_t i = 0; i < recipe->constraint_count; i++)
        check_keys(arena, recipe, recipe->constraints[i].doc, constraint_keys, ARRAY_SIZE(constraint_keys));
    for (size_t i = 0; i < recipe->component_count; i++)
        check_component(arena, recipe, &recipe->components[i]);
}

// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "model/constraint_eval.h"
#include "recipe/match.h"
#include "recipe/merge_parts.h"
#include "recipe/strictness.h"

static void set_constraint(struct merger *merger, const char *name, const struct doc *constraint,
                           const struct layer *layer) {
    doc_map_set(merger->arena, merger->constraints, name, constraint);
    map_put(&merger->set_by, name, (void *)layer);
}

static const struct layer *set_by(const struct merger *merger, const char *name) {
    return map_get(&merger->set_by, name);
}

// "overlay 'eks'", "mixin 'os-ubuntu'".
static const char *layer_title(const struct merger *merger, const struct layer *layer) {
    static const char *const titles[] = {
        [LAYER_OVERLAY] = "overlay", [LAYER_MIXIN] = "mixin", [LAYER_PROFILE] = "profile"};
    return arena_printf(merger->arena, "%s '%s'", titles[layer->kind], layer->name);
}

// Whether the layer may lower what the other one demands: it is the other's overlay, or inherits from it.
static bool inherits(const struct merger *merger, const struct layer *layer, const struct layer *other) {
    return layer->overlay && other->overlay && overlay_inherits(merger->catalog, layer->overlay, other->overlay);
}

static const char *value_place(struct merger *merger, const struct doc *constraint) {
    const struct doc *value = doc_get(constraint, "value");
    return doc_origin_text(merger->arena, value ? value->origin : constraint->origin);
}

static const struct doc *weakened_by(const struct merger *merger, const struct doc *spec, const char *name,
                                     const char *value) {
    DOC_FOREACH_ITEM(item, doc_get(spec, "constraints"))
    if (str_eq(doc_get_text(item, "name", ""), name) &&
        strictness_compare(merger->arena, doc_get_text(item, "value", ""), value, NULL) == STRICTNESS_WEAKENS)
        return item;
    return NULL;
}

// What an overlay demands through its mixins counts as its own. They were merged before, hence are loaded.
static const struct doc *weakened_in_mixins(const struct merger *merger, const struct overlay *overlay,
                                            const char *name, const char *value) {
    const struct doc *found = NULL;
    DOC_FOREACH_ITEM(item, doc_get(doc_get(overlay->doc, "spec"), "mixins")) {
        const struct mixin *mixin = map_get(&merger->mixins, doc_text(item));
        if (mixin && !found)
            found = weakened_by(merger, doc_get(mixin->doc, "spec"), name, value);
    }
    return found;
}

// The nearest ancestor, the overlay `base` last, that demands more than the value, and its constraint. Another overlay
// may have set the bound that holds, so asking who set it would miss the ancestor.
static const struct overlay *stricter_ancestor(const struct merger *merger, const struct layer *layer, const char *name,
                                               const char *value, const struct doc **ret) {
    const struct overlay *overlays = NULL, *base = catalog_find_overlay(merger->catalog, "base"), *at = layer->overlay;
    size_t steps = catalog_overlays(merger->catalog, &overlays) + 1;
    *ret = at && layer->kind == LAYER_PROFILE ? weakened_by(merger, doc_get(at->doc, "spec"), name, value) : NULL;
    if (at && !*ret && layer->kind != LAYER_MIXIN)
        *ret = weakened_in_mixins(merger, at, name, value);
    for (; !*ret && at && at != base && steps; steps--) {
        at = at->base ? catalog_find_overlay(merger->catalog, at->base) : base;
        *ret = at ? weakened_by(merger, doc_get(at->doc, "spec"), name, value) : NULL;
        if (at && !*ret)
            *ret = weakened_in_mixins(merger, at, name, value);
    }
    return *ret ? at : NULL;
}

// A weaker bound that is not meant to be one: what both demand holds, and the user is told when a child undid its
// ancestor. Layers that do not inherit from each other simply both hold.
static void note_kept(struct merger *merger, const struct layer *layer, const struct doc *before,
                      const struct doc *after, const char *both) {
    const char *name = doc_get_text(after, "name", ""), *wanted = doc_get_text(after, "value", "");
    const char *who = layer_title(merger, layer), *place = value_place(merger, after);
    const struct doc *inherited = NULL;
    const struct overlay *owner = stricter_ancestor(merger, layer, name, wanted, &inherited);
    bool is_relaxing = doc_get_bool(after, "relax", false);
    if (!layer->overlay && is_relaxing)
        merger_note(merger,
                    "constraint %s: %s relaxes '%s' to '%s' (%s), but '%s' holds: what is added to a recipe cannot "
                    "relax what the recipe demands",
                    name, who, doc_get_text(before, "value", ""), wanted, place, both);
    else if (owner && is_relaxing)
        merger_note(merger,
                    "constraint %s: %s relaxes '%s' to '%s' (%s), but '%s' holds, because '%s', from which it "
                    "does not inherit, demands it",
                    name, who, doc_get_text(inherited, "value", ""), wanted, place, both, set_by(merger, name)->name);
    else if (owner)
        merger_note(merger,
                    "constraint %s: %s asks for '%s' (%s), less than the '%s' of '%s' (%s) that it inherits; "
                    "'%s' holds (relax: true with relaxWhy would allow it)",
                    name, who, wanted, place, doc_get_text(inherited, "value", ""), owner->name,
                    value_place(merger, inherited), both);
}

static void keep_stricter(struct merger *merger, const struct layer *layer, const struct doc *before,
                          const struct doc *after, const char *both) {
    const char *name = doc_get_text(after, "name", ""), *old_value = doc_get_text(before, "value", "");
    note_kept(merger, layer, before, after, both);
    if (str_eq(both, old_value))
        return;
    struct doc *joined = doc_copy(merger->arena, after), *value = doc_new_string(merger->arena, both);
    value->origin = doc_get(after, "value")->origin;
    value->previous = doc_get(before, "value");
    joined->previous = before;
    doc_map_set(merger->arena, joined, "value", value);
    set_constraint(merger, name, joined, layer);
}

static void note_weakening(struct merger *merger, const struct layer *layer, const struct doc *before,
                           const struct doc *after, const struct constraint *constraint) {
    const char *place = value_place(merger, after), *who = layer_title(merger, layer);
    if (constraint->relax)
        merger_note(merger, "constraint %s: relaxed from '%s' to '%s' by %s (%s): %s", constraint->name,
                    doc_get_text(before, "value", ""), constraint->value, who, place,
                    constraint->relax_why ? constraint->relax_why : "no reason given");
    else
        merger_note(merger, "constraint %s: %s weakens '%s' to '%s' (%s); the catalog's own rule lets the last one win",
                    constraint->name, who, doc_get_text(before, "value", ""), constraint->value, place);
}

static const struct doc *constraint_text(struct arena *arena, const struct doc *item) {
    const struct doc *value = doc_get(item, "value");
    if (doc_is(value, DOC_STRING))
        return item;
    struct doc *copy = doc_copy(arena, item);
    doc_map_set(arena, copy, "value", merge_as_text(arena, value));
    return copy;
}

// An expression that nobody can judge must not wait for the day on which somebody validates.
static int check_expression(struct merger *merger, const struct layer *layer, const struct constraint *constraint,
                            struct error **err) {
    struct constraint_expression expression;
    _cleanup_error_ struct error *why = NULL;
    if (constraint_expression_parse(merger->arena, constraint->value, &expression, NULL, &why) >= 0)
        return 0;
    const char *place = value_place(merger, constraint->doc);
    if (layer->is_predecessor || catalog_is_predecessor(merger->catalog)) {
        merger_note(merger, "%s: constraint %s: %s", place, constraint->name, why->message);
        return 0;
    }
    return error_set(err, ERROR_INVALID, "%s: constraint %s: %s", place, constraint->name, why->message);
}

int merger_add_constraint(struct merger *merger, const struct layer *layer, const struct doc *item,
                          struct error **err) {
    struct constraint constraint;
    int r = constraint_from_doc(item, &constraint, err);
    r = r < 0 ? r : check_expression(merger, layer, &constraint, err);
    if (r < 0)
        return r;
    const struct doc *before = doc_get(merger->constraints, constraint.name);
    const struct doc *after = constraint_text(merger->arena, item);
    const char *both = NULL;
    if (before && strictness_compare(merger->arena, doc_get_text(before, "value", ""), constraint.value, &both) ==
                      STRICTNESS_WEAKENS) {
        bool is_allowed = constraint.relax && inherits(merger, layer, set_by(merger, constraint.name));
        if (!is_allowed && !catalog_is_predecessor(merger->catalog)) {
            keep_stricter(merger, layer, before, after, both);
            return 0;
        }
        note_weakening(merger, layer, before, after, &constraint);
    }
    set_constraint(merger, constraint.name, merge_replacing(merger->arena, after, before), layer);
    return 0;
}

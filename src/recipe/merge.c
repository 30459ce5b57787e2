// SPDX-License-Identifier: Apache-2.0
#include "recipe/merge.h"
#include "base/text.h"
#include "doc/merge.h"
#include "model/constraint_eval.h"
#include "recipe/match.h"
#include "recipe/strictness.h"

void merger_init(struct merger *merger, struct arena *arena, const struct catalog *catalog) {
    *merger = (struct merger){
        .arena = arena, .catalog = catalog, .constraints = doc_new_map(arena), .components = doc_new_map(arena)};
}

void merger_done(struct merger *merger) {
    map_done(&merger->set_by);
}

void merger_note(struct merger *merger, const char *format, ...) {
    if (merger->note_count == merger->note_capacity) {
        size_t capacity = merger->note_capacity ? merger->note_capacity * 2 : 8;
        merger->notes = arena_grow(merger->arena, merger->notes, merger->note_capacity * sizeof *merger->notes,
                                   capacity * sizeof *merger->notes);
        merger->note_capacity = capacity;
    }
    va_list arguments;
    va_start(arguments, format);
    merger->notes[merger->note_count++] = arena_vprintf(merger->arena, format, arguments);
    va_end(arguments);
}

// --- values ---

static bool is_empty(const struct doc *doc) {
    if (!doc || doc->kind == DOC_NULL)
        return true;
    return doc_is_scalar(doc) ? doc->kind == DOC_STRING && doc->length == 0 : doc_count(doc) == 0;
}

// A copy that remembers what it replaced.
static const struct doc *replacing(struct arena *arena, const struct doc *value, const struct doc *previous) {
    if (!previous || value == previous)
        return value;
    struct doc *copy = doc_copy(arena, value);
    copy->previous = previous;
    return copy;
}

// What a recipe calls text is text, also where the source has a bare number: version: 24.10 stays 24.10.
static const struct doc *as_text(struct arena *arena, const struct doc *value) {
    if (!doc_is_scalar(value) || value->kind == DOC_STRING || value->kind == DOC_NULL)
        return value;
    struct doc *copy = doc_copy(arena, value);
    copy->kind = DOC_STRING;
    return copy;
}

// --- components ---

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

static const struct doc *merge_union(struct arena *arena, const struct doc *under, const struct doc *over) {
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
        return replacing(arena, as_text(arena, over), under);
    case MERGE_WHOLE:
        return replacing(arena, over, under);
    case MERGE_DEEP:
        return doc_merge(arena, under, over);
    case MERGE_UNION:
        return is_empty(under) ? over : merge_union(arena, under, over);
    case MERGE_OR:
        return doc_is(under, DOC_BOOL) && under->boolean ? under : replacing(arena, over, under);
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
        const struct doc *value = merge_value(arena, rule_of(key), before, doc_get(over, key));
        if (value)
            doc_map_set(arena, result, key, value);
    }
    return result;
}

// --- constraints ---

static void set_constraint(struct merger *merger, const char *name, const struct doc *constraint,
                           const struct overlay *overlay) {
    doc_map_set(merger->arena, merger->constraints, name, constraint);
    map_put(&merger->set_by, name, (void *)overlay);
}

static const struct overlay *set_by(const struct merger *merger, const char *name) {
    return map_get(&merger->set_by, name);
}

static const char *value_place(struct merger *merger, const struct doc *constraint) {
    const struct doc *value = doc_get(constraint, "value");
    return doc_origin_text(merger->arena, value ? value->origin : constraint->origin);
}

// The nearest ancestor, the overlay `base` last, that demands more than the value, and its constraint. Another overlay
// may have set the bound that holds, so asking who set it would miss the ancestor.
static const struct overlay *stricter_ancestor(const struct merger *merger, const struct overlay *overlay,
                                               const char *name, const char *value, const struct doc **ret) {
    const struct overlay *overlays = NULL, *base = catalog_find_overlay(merger->catalog, "base");
    size_t steps = catalog_overlays(merger->catalog, &overlays) + 1;
    for (const struct overlay *at = overlay; at != base && steps; steps--) {
        at = at->base ? catalog_find_overlay(merger->catalog, at->base) : base;
        if (!at)
            break;
        DOC_FOREACH_ITEM(item, doc_get(doc_get(at->doc, "spec"), "constraints"))
        if (str_eq(doc_get_text(item, "name", ""), name) &&
            strictness_compare(merger->arena, doc_get_text(item, "value", ""), value, NULL) == STRICTNESS_WEAKENS) {
            *ret = item;
            return at;
        }
    }
    return NULL;
}

// A weaker bound that is not meant to be one: what both demand holds, and the user is told when a child undid its
// ancestor. Overlays that do not inherit from each other simply both hold.
static void keep_stricter(struct merger *merger, const struct overlay *overlay, const struct doc *before,
                          const struct doc *after, const char *both) {
    const char *name = doc_get_text(after, "name", ""), *old_value = doc_get_text(before, "value", "");
    const char *wanted = doc_get_text(after, "value", "");
    const struct doc *inherited = NULL;
    const struct overlay *owner = stricter_ancestor(merger, overlay, name, wanted, &inherited);
    if (owner && doc_get_bool(after, "relax", false))
        merger_note(
            merger,
            "constraint %s: overlay '%s' relaxes '%s' to '%s' (%s), but '%s' holds, because '%s', from which it "
            "does not inherit, demands it",
            name, overlay->name, doc_get_text(inherited, "value", ""), wanted, value_place(merger, after), both,
            set_by(merger, name)->name);
    else if (owner)
        merger_note(merger,
                    "constraint %s: overlay '%s' asks for '%s' (%s), less than the '%s' of '%s' (%s) that it inherits; "
                    "'%s' holds (relax: true with relaxWhy would allow it)",
                    name, overlay->name, wanted, value_place(merger, after), doc_get_text(inherited, "value", ""),
                    owner->name, value_place(merger, inherited), both);
    if (str_eq(both, old_value))
        return;
    struct doc *joined = doc_copy(merger->arena, after), *value = doc_new_string(merger->arena, both);
    value->origin = doc_get(after, "value")->origin;
    value->previous = doc_get(before, "value");
    joined->previous = before;
    doc_map_set(merger->arena, joined, "value", value);
    set_constraint(merger, name, joined, overlay);
}

static void note_weakening(struct merger *merger, const struct overlay *overlay, const struct doc *before,
                           const struct doc *after, const struct constraint *constraint) {
    const char *place = value_place(merger, after);
    if (constraint->relax)
        merger_note(merger, "constraint %s: relaxed from '%s' to '%s' by overlay '%s' (%s): %s", constraint->name,
                    doc_get_text(before, "value", ""), constraint->value, overlay->name, place,
                    constraint->relax_why ? constraint->relax_why : "no reason given");
    else
        merger_note(
            merger,
            "constraint %s: overlay '%s' weakens '%s' to '%s' (%s); the catalog's own rule lets the last one win",
            constraint->name, overlay->name, doc_get_text(before, "value", ""), constraint->value, place);
}

static const struct doc *constraint_text(struct arena *arena, const struct doc *item) {
    const struct doc *value = doc_get(item, "value");
    if (doc_is(value, DOC_STRING))
        return item;
    struct doc *copy = doc_copy(arena, item);
    doc_map_set(arena, copy, "value", as_text(arena, value));
    return copy;
}

// An expression that nobody can judge must not wait for the day on which somebody validates.
static int check_expression(struct merger *merger, const struct overlay *overlay, const struct constraint *constraint,
                            struct error **err) {
    struct constraint_expression expression;
    _cleanup_error_ struct error *why = NULL;
    if (constraint_expression_parse(merger->arena, constraint->value, &expression, NULL, &why) >= 0)
        return 0;
    const char *place = value_place(merger, constraint->doc);
    if (overlay->is_predecessor || catalog_is_predecessor(merger->catalog)) {
        merger_note(merger, "%s: constraint %s: %s", place, constraint->name, why->message);
        return 0;
    }
    return error_set(err, ERROR_INVALID, "%s: constraint %s: %s", place, constraint->name, why->message);
}

static int add_constraint(struct merger *merger, const struct overlay *overlay, const struct doc *item,
                          struct error **err) {
    struct constraint constraint;
    int r = constraint_from_doc(item, &constraint, err);
    r = r < 0 ? r : check_expression(merger, overlay, &constraint, err);
    if (r < 0)
        return r;
    const struct doc *before = doc_get(merger->constraints, constraint.name);
    const struct doc *after = constraint_text(merger->arena, item);
    const char *both = NULL;
    if (before && strictness_compare(merger->arena, doc_get_text(before, "value", ""), constraint.value, &both) ==
                      STRICTNESS_WEAKENS) {
        bool is_allowed =
            constraint.relax && overlay_inherits(merger->catalog, overlay, set_by(merger, constraint.name));
        if (!is_allowed && !catalog_is_predecessor(merger->catalog)) {
            keep_stricter(merger, overlay, before, after, both);
            return 0;
        }
        note_weakening(merger, overlay, before, after, &constraint);
    }
    set_constraint(merger, constraint.name, replacing(merger->arena, after, before), overlay);
    return 0;
}

// --- overlays ---

static int add_component(struct merger *merger, const struct doc *item, struct error **err) {
    const char *name = doc_get_text(item, "name", NULL);
    if (str_is_empty(name))
        return doc_error(err, ERROR_INVALID, item->origin, "a componentRef has no name");
    const struct doc *merged = merge_component(merger->arena, doc_get(merger->components, name), item);
    doc_map_set(merger->arena, merger->components, name, merged);
    return 0;
}

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
        return replacing(arena, over, under);
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
            value = replacing(arena, value, before);
        doc_map_set(arena, result, member->key, value);
    }
    return result;
}

// The predecessors replace a phase whole.
static void add_validation(struct merger *merger, const struct doc *validation) {
    if (!doc_is(validation, DOC_MAP) || doc_count(validation) == 0)
        return;
    struct doc *result = merger->validation ? doc_copy(merger->arena, merger->validation) : doc_new_map(merger->arena);
    bool is_whole = catalog_is_predecessor(merger->catalog);
    DOC_FOREACH_MEMBER(member, validation) {
        if (member->value->kind == DOC_NULL)
            continue;
        const struct doc *before = doc_get(result, member->key);
        doc_map_set(merger->arena, result, member->key,
                    is_whole ? replacing(merger->arena, member->value, before)
                             : merge_phase(merger->arena, before, member->value));
    }
    merger->validation = result;
}

int merger_add(struct merger *merger, const struct overlay *overlay, struct error **err) {
    const struct doc *spec = doc_get(overlay->doc, "spec");
    DOC_FOREACH_ITEM(item, doc_get(spec, "constraints")) {
        int r = add_constraint(merger, overlay, item, err);
        if (r < 0)
            return r;
    }
    DOC_FOREACH_ITEM(item, doc_get(spec, "componentRefs")) {
        int r = add_component(merger, item, err);
        if (r < 0)
            return r;
    }
    add_validation(merger, doc_get(spec, "validation"));
    return 0;
}

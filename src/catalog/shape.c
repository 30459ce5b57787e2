// SPDX-License-Identifier: Apache-2.0
#include "catalog/shape.h"
#include "base/map.h"
#include "base/suggest.h"
#include "model/api_version.h"
#include "model/recipe.h"

static const char *const constraint_keys[] = {CONSTRAINT_KEYS, NULL};
static const char *const component_keys[] = {COMPONENT_REF_KEYS, NULL};
static const char *const validation_keys[] = {"readiness", "deployment", "performance", "conformance", NULL};
static const char *const phase_keys[] = {"timeout",        "constraints", "checks", "nodeSelection",
                                         "infrastructure", "why",         "source", NULL};

// --- keys ---

static size_t key_count(const char *const *keys) {
    size_t count = 0;
    while (keys[count])
        count++;
    return count;
}

static bool is_known(const char *const *keys, const char *key) {
    for (; *keys; keys++)
        if (str_eq(*keys, key))
            return true;
    return false;
}

static void note_key(struct shape *shape, const struct doc_member *member, const char *where) {
    if (shape->note.length == 0)
        text_addf(&shape->note, "%s: unknown keys are ignored: ", member->key_origin.source);
    else
        text_add(&shape->note, ", ");
    text_addf(&shape->note, "%s%s%s (line %u)", where, *where ? "." : "", member->key, member->key_origin.line);
}

int shape_map(struct shape *shape, const struct doc *map, const char *where, const char *const *keys,
              struct error **err) {
    if (!map || map->kind == DOC_NULL)
        return 0;
    if (map->kind != DOC_MAP)
        return doc_error(err, ERROR_INVALID, map->origin, "%s must be a map, found %s", where,
                         doc_kind_name(map->kind));
    DOC_FOREACH_MEMBER(member, map) {
        if (is_known(keys, member->key))
            continue;
        if (shape->report) {
            shape->report(shape->context, member, where, keys);
            continue;
        }
        if (shape->is_tolerant) {
            note_key(shape, member, where);
            continue;
        }
        doc_error(err, ERROR_INVALID, member->key_origin, "unknown key '%s'%s%s", member->key, *where ? " in " : "",
                  where);
        const char *nearest = suggest_nearest(member->key, keys, key_count(keys));
        if (nearest)
            return error_hint(err, "did you mean '%s'?", nearest);
        _cleanup_text_ struct text list = {0};
        for (size_t i = 0; keys[i]; i++)
            text_addf(&list, "%s%s", i ? ", " : "", keys[i]);
        return error_hint(err, "known keys: %s", text_str(&list));
    }
    return 0;
}

int shape_named_list(struct shape *shape, const struct doc *list, const char *where, const char *const *keys,
                     struct error **err) {
    if (!list || list->kind == DOC_NULL)
        return 0;
    if (list->kind != DOC_LIST)
        return doc_error(err, ERROR_INVALID, list->origin, "%s must be a list, found %s", where,
                         doc_kind_name(list->kind));
    _cleanup_map_ struct map names = {0};
    DOC_FOREACH_ITEM(item, list) {
        int r = shape_map(shape, item, where, keys, err);
        if (r < 0)
            return r;
        const char *name = doc_get_text(item, "name", NULL);
        if (str_is_empty(name))
            return doc_error(err, ERROR_INVALID, item->origin, "an item of %s has no name", where);
        if (!map_put(&names, name, (void *)item))
            return doc_error(err, ERROR_INVALID, item->origin, "'%s' stands in %s twice", name, where);
    }
    return 0;
}

int shape_text_list(const struct doc *list, const char *where, struct error **err) {
    if (!list || list->kind == DOC_NULL)
        return 0;
    if (list->kind != DOC_LIST)
        return doc_error(err, ERROR_INVALID, list->origin, "%s must be a list, found %s", where,
                         doc_kind_name(list->kind));
    DOC_FOREACH_ITEM(item, list)
    if (!doc_is_scalar(item) || str_is_empty(doc_text(item)))
        return doc_error(err, ERROR_INVALID, item->origin, "%s must hold texts, found %s", where,
                         doc_is_scalar(item) ? "an empty one" : doc_kind_name(item->kind));
    return 0;
}

int shape_check(struct shape *shape, int (*check)(struct shape *, const struct doc *, struct error **),
                const struct doc *doc, const char **ret_note, struct error **err) {
    int r = check(shape, doc, err);
    if (r == 0)
        *ret_note = shape->note.length ? arena_strdup(shape->arena, shape->note.bytes) : NULL;
    text_done(&shape->note);
    return r;
}

// --- layers ---

static int check_relaxations(const struct doc *constraints, struct error **err) {
    DOC_FOREACH_ITEM(item, constraints) {
        struct constraint constraint;
        int r = constraint_from_doc(item, &constraint, err);
        if (r < 0)
            return r;
        if (constraint.relax && !constraint.relax_why)
            return doc_error(err, ERROR_INVALID, item->origin,
                             "constraint '%s' has relax: true without a reason; add relaxWhy", constraint.name);
    }
    return 0;
}

static int check_phases(struct shape *shape, const struct doc *validation, const char *place, struct error **err) {
    int r = shape_map(shape, validation, place, validation_keys, err);
    if (r < 0)
        return r;
    DOC_FOREACH_MEMBER(member, validation) {
        const char *where = arena_printf(shape->arena, "%s.%s", place, member->key);
        r = shape_map(shape, member->value, where, phase_keys, err);
        if (r < 0)
            return r;
        where = arena_printf(shape->arena, "%s.constraints", where);
        r = shape_named_list(shape, doc_get(member->value, "constraints"), where, constraint_keys, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int shape_layer(struct shape *shape, const struct doc *layer, const char *where, struct error **err) {
    struct arena *arena = shape->arena;
    const struct doc *constraints = doc_get(layer, "constraints"), *components = doc_get(layer, "componentRefs");
    int r = shape_named_list(shape, constraints, arena_printf(arena, "%s.constraints", where), constraint_keys, err);
    r = r < 0 ? r : check_relaxations(constraints, err);
    r = r < 0
            ? r
            : shape_named_list(shape, components, arena_printf(arena, "%s.componentRefs", where), component_keys, err);
    return r < 0 ? r
                 : check_phases(shape, doc_get(layer, "validation"), arena_printf(arena, "%s.validation", where), err);
}

// --- heads ---

int shape_head(const struct doc *doc, const char *what, const char *kind, struct error **err) {
    const char *bare = strchr(what, ' ') ? strchr(what, ' ') + 1 : what;
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "%s must be a map, found %s", what, doc_kind_name(doc->kind));
    const char *found = doc_get_text(doc, "kind", NULL), *version = doc_get_text(doc, "apiVersion", NULL);
    if (str_is_empty(found)) {
        doc_error(err, ERROR_INVALID, doc->origin, "this document has no kind; %s has kind %s", what, kind);
        return error_hint(err, "values files belong under components/<name>/, overlays under overlays/, mixins under "
                               "mixins/");
    }
    // Both predecessors' oldest documents write kinds with a small first letter.
    if (!str_eq_ignore_case(found, kind) || strcmp(found + 1, kind + 1) != 0)
        return doc_error(err, ERROR_INVALID, doc_get(doc, "kind")->origin,
                         "this document is a %s, where %s (kind %s) is expected", found, what, kind);
    if (str_is_empty(version))
        return doc_error(err, ERROR_INVALID, doc->origin, "this %s has no apiVersion", bare);
    if (!api_version_is_known(version))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "apiVersion")->origin,
                         "apiVersion '%s' is unknown; " API_VERSIONS_READ " can be read", version);
    if (str_is_empty(doc_get_text(doc_get(doc, "metadata"), "name", NULL)))
        return doc_error(err, ERROR_INVALID, doc->origin, "this %s has no metadata.name", bare);
    return 0;
}

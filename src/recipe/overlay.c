// SPDX-License-Identifier: Apache-2.0
#include "recipe/overlay.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/text.h"

// --- known keys ---

static const char *const top_keys[] = {"kind", "apiVersion", "metadata", "spec", NULL};
static const char *const metadata_keys[] = {"name", "maturity", "description", "labels", "annotations", NULL};
static const char *const spec_keys[] = {"base", "criteria", "constraints", "componentRefs", "validation", NULL};
static const char *const criteria_keys[] = {"service", "accelerator", "intent", "os", "platform", "nodes", NULL};
static const char *const constraint_keys[] = {CONSTRAINT_KEYS, NULL};
static const char *const component_keys[] = {COMPONENT_REF_KEYS, NULL};
static const char *const validation_keys[] = {"readiness", "deployment", "performance", "conformance", NULL};
static const char *const phase_keys[] = {"timeout",        "constraints", "checks", "nodeSelection",
                                         "infrastructure", "why",         "source", NULL};

struct checker {
    struct arena *arena;
    bool is_tolerant;
    struct text note;
    // Given: called for each unknown key, which is then no error.
    void (*report)(void *context, const struct doc_member *member, const char *where, const char *const *keys);
    void *context;
};

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

static void note_key(struct checker *checker, const struct doc_member *member, const char *where) {
    if (checker->note.length == 0)
        text_addf(&checker->note, "%s: unknown keys are ignored: ", member->key_origin.source);
    else
        text_add(&checker->note, ", ");
    text_addf(&checker->note, "%s%s%s (line %u)", where, *where ? "." : "", member->key, member->key_origin.line);
}

static int check_keys(struct checker *checker, const struct doc *map, const char *where, const char *const *keys,
                      struct error **err) {
    if (!map || map->kind == DOC_NULL)
        return 0;
    if (map->kind != DOC_MAP)
        return doc_error(err, ERROR_INVALID, map->origin, "%s must be a map, found %s", where,
                         doc_kind_name(map->kind));
    DOC_FOREACH_MEMBER(member, map) {
        if (is_known(keys, member->key))
            continue;
        if (checker->report) {
            checker->report(checker->context, member, where, keys);
            continue;
        }
        if (checker->is_tolerant) {
            note_key(checker, member, where);
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

static int check_list(struct checker *checker, const struct doc *list, const char *where, const char *const *keys,
                      struct error **err) {
    if (!list || list->kind == DOC_NULL)
        return 0;
    if (list->kind != DOC_LIST)
        return doc_error(err, ERROR_INVALID, list->origin, "%s must be a list, found %s", where,
                         doc_kind_name(list->kind));
    _cleanup_map_ struct map names = {0};
    DOC_FOREACH_ITEM(item, list) {
        int r = check_keys(checker, item, where, keys, err);
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

static int check_criteria_values(const struct doc *criteria, struct error **err) {
    DOC_FOREACH_MEMBER(member, criteria) {
        int64_t nodes = 0;
        if (str_eq(member->key, "nodes") && (!doc_to_int(member->value, &nodes) || nodes < 0))
            return doc_error(err, ERROR_INVALID, member->value->origin,
                             "criteria.nodes must be an integer of 0 or more");
        if (!doc_is_scalar(member->value))
            return doc_error(err, ERROR_INVALID, member->value->origin, "criteria.%s must be a name, found %s",
                             member->key, doc_kind_name(member->value->kind));
    }
    return 0;
}

static int check_phases(struct checker *checker, const struct doc *validation, struct error **err) {
    int r = check_keys(checker, validation, "spec.validation", validation_keys, err);
    if (r < 0)
        return r;
    DOC_FOREACH_MEMBER(member, validation) {
        const char *where = arena_printf(checker->arena, "spec.validation.%s", member->key);
        r = check_keys(checker, member->value, where, phase_keys, err);
        if (r < 0)
            return r;
        where = arena_printf(checker->arena, "%s.constraints", where);
        r = check_list(checker, doc_get(member->value, "constraints"), where, constraint_keys, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_all(struct checker *checker, const struct doc *doc, struct error **err) {
    const struct doc *spec = doc_get(doc, "spec");
    int r = check_keys(checker, doc, "", top_keys, err);
    r = r < 0 ? r : check_keys(checker, doc_get(doc, "metadata"), "metadata", metadata_keys, err);
    r = r < 0 ? r : check_keys(checker, spec, "spec", spec_keys, err);
    r = r < 0 ? r : check_keys(checker, doc_get(spec, "criteria"), "spec.criteria", criteria_keys, err);
    r = r < 0 ? r : check_criteria_values(doc_get(spec, "criteria"), err);
    r = r < 0 ? r : check_list(checker, doc_get(spec, "constraints"), "spec.constraints", constraint_keys, err);
    r = r < 0 ? r : check_relaxations(doc_get(spec, "constraints"), err);
    r = r < 0 ? r : check_list(checker, doc_get(spec, "componentRefs"), "spec.componentRefs", component_keys, err);
    return r < 0 ? r : check_phases(checker, doc_get(spec, "validation"), err);
}

int overlay_check(struct arena *arena, const struct doc *doc, bool is_tolerant, const char **ret_note,
                  struct error **err) {
    struct checker checker = {.arena = arena, .is_tolerant = is_tolerant};
    int r = check_all(&checker, doc, err);
    if (r == 0)
        *ret_note = checker.note.length ? arena_strdup(arena, checker.note.bytes) : NULL;
    text_done(&checker.note);
    return r;
}

void overlay_unknown_keys(struct arena *arena, const struct doc *doc,
                          void (*report)(void *context, const struct doc_member *member, const char *where,
                                         const char *const *keys),
                          void *context) {
    struct checker checker = {.arena = arena, .report = report, .context = context};
    _cleanup_error_ struct error *shape = NULL;
    (void)!check_all(&checker, doc, &shape);
}

// --- the head ---

bool overlay_is_kind(const char *kind) {
    return str_eq(kind, "RecipeMetadata") || str_eq(kind, "recipeMetadata");
}

static int check_head(const struct doc *doc, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "an overlay must be a map, found %s",
                         doc_kind_name(doc->kind));
    const char *kind = doc_get_text(doc, "kind", NULL);
    if (str_is_empty(kind)) {
        doc_error(err, ERROR_INVALID, doc->origin, "this document has no kind; an overlay has kind RecipeMetadata");
        return error_hint(err, "values files belong under components/<name>/, overlays under overlays/");
    }
    if (!overlay_is_kind(kind))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "kind")->origin,
                         "this document is a %s, where an overlay (kind RecipeMetadata) is expected", kind);
    const char *version = doc_get_text(doc, "apiVersion", NULL);
    if (str_is_empty(version))
        return doc_error(err, ERROR_INVALID, doc->origin, "this overlay has no apiVersion");
    if (!str_has_prefix(version, "cns.nvidia.com/v1") && !str_has_prefix(version, "aicr.nvidia.com/v1"))
        return doc_error(err, ERROR_INVALID, doc_get(doc, "apiVersion")->origin,
                         "apiVersion '%s' is unknown; overlays of cns.nvidia.com/v1alpha1 and aicr.nvidia.com/v1alpha1 "
                         "can be read",
                         version);
    if (str_is_empty(doc_get_text(doc_get(doc, "metadata"), "name", NULL)))
        return doc_error(err, ERROR_INVALID, doc->origin, "this overlay has no metadata.name");
    return 0;
}

static const char *any_is_null(const char *value) {
    return str_is_empty(value) || str_eq(value, "any") ? NULL : value;
}

int overlay_from_doc(const struct doc *doc, struct overlay *ret, struct error **err) {
    int r = check_head(doc, err);
    if (r < 0)
        return r;
    const struct doc *spec = doc_get(doc, "spec");
    const struct doc *criteria = doc_get(spec, "criteria");
    r = check_criteria_values(criteria, err);
    if (r < 0)
        return r;
    const char *base = doc_get_text(spec, "base", NULL);
    ret->doc = doc;
    ret->name = doc_get_text(doc_get(doc, "metadata"), "name", NULL);
    ret->base = str_is_empty(base) || str_eq(base, "base") ? NULL : base;
    ret->has_criteria = doc_is(criteria, DOC_MAP);
    ret->is_predecessor = str_eq(doc_get_text(doc, "kind", NULL), "recipeMetadata") ||
                          str_has_prefix(doc_get_text(doc, "apiVersion", ""), "aicr.");
    ret->criteria = (struct criteria){0};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        ret->criteria.field[i] = any_is_null(doc_get_text(criteria, criteria_field_names[i], NULL));
    (void)doc_to_int(doc_get(criteria, "nodes"), &ret->criteria.nodes);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "catalog/overlay.h"
#include "base/text.h"
#include "catalog/shape.h"
#include "model/api_version.h"

// --- known keys ---

static const char *const top_keys[] = {"kind", "apiVersion", "metadata", "spec", NULL};
static const char *const metadata_keys[] = {"name", "maturity", "description", "labels", "annotations", NULL};
static const char *const spec_keys[] = {"base",          "criteria",   "mixins",  "constraints",
                                        "componentRefs", "validation", "profile", NULL};
static const char *const criteria_keys[] = {"service", "accelerator", "intent", "os", "platform", "nodes", NULL};

static const char *const profile_keys[] = {"name", "description", "default", "values", "source", "why", NULL};
static const char *const profile_value_keys[] = {"description", "advertiser", "componentRefs", "constraints", "source",
                                                 "why",         NULL};

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

static int check_mixins(const struct doc *mixins, struct error **err) {
    int r = shape_text_list(mixins, "spec.mixins", err);
    if (r < 0)
        return r;
    _cleanup_map_ struct map names = {0};
    DOC_FOREACH_ITEM(item, mixins)
    if (!map_put(&names, doc_text(item), (void *)item))
        return doc_error(err, ERROR_INVALID, item->origin, "'%s' stands in spec.mixins twice", doc_text(item));
    return 0;
}

static int check_profile_value(struct shape *shape, const struct doc_member *value, struct error **err) {
    const char *where = arena_printf(shape->arena, "spec.profile.values.%s", value->key);
    if (strpbrk(value->key, "=, \t"))
        return doc_error(err, ERROR_INVALID, value->key_origin,
                         "the name of a profile's value may hold no '=', comma or white space: '%s'", value->key);
    int r = shape_map(shape, value->value, where, profile_value_keys, err);
    return r < 0 ? r : shape_layer(shape, value->value, where, err);
}

static int check_profile(struct shape *shape, const struct doc *profile, struct error **err) {
    int r = shape_map(shape, profile, "spec.profile", profile_keys, err);
    if (r < 0 || !doc_is(profile, DOC_MAP))
        return r;
    const struct doc *values = doc_get(profile, "values");
    if (str_is_empty(doc_get_text(profile, "name", NULL)))
        return doc_error(err, ERROR_INVALID, profile->origin, "spec.profile has no name");
    if (values && !doc_is(values, DOC_MAP))
        return doc_error(err, ERROR_INVALID, values->origin, "spec.profile.values must be a map, found %s",
                         doc_kind_name(values->kind));
    DOC_FOREACH_MEMBER(value, values) {
        r = check_profile_value(shape, value, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_all(struct shape *shape, const struct doc *doc, struct error **err) {
    const struct doc *spec = doc_get(doc, "spec");
    int r = shape_map(shape, doc, "", top_keys, err);
    r = r < 0 ? r : shape_map(shape, doc_get(doc, "metadata"), "metadata", metadata_keys, err);
    r = r < 0 ? r : shape_map(shape, spec, "spec", spec_keys, err);
    r = r < 0 ? r : shape_map(shape, doc_get(spec, "criteria"), "spec.criteria", criteria_keys, err);
    r = r < 0 ? r : check_criteria_values(doc_get(spec, "criteria"), err);
    r = r < 0 ? r : check_mixins(doc_get(spec, "mixins"), err);
    r = r < 0 ? r : check_profile(shape, doc_get(spec, "profile"), err);
    return r < 0 ? r : shape_layer(shape, spec, "spec", err);
}

int overlay_check(struct arena *arena, const struct doc *doc, bool is_tolerant, const char **ret_note,
                  struct error **err) {
    struct shape shape = {.arena = arena, .is_tolerant = is_tolerant};
    return shape_check(&shape, check_all, doc, ret_note, err);
}

void overlay_unknown_keys(struct arena *arena, const struct doc *doc,
                          void (*report)(void *context, const struct doc_member *member, const char *where,
                                         const char *const *keys),
                          void *context) {
    struct shape shape = {.arena = arena, .report = report, .context = context};
    _cleanup_error_ struct error *ignored = NULL;
    (void)!check_all(&shape, doc, &ignored);
}

// --- the head ---

bool overlay_is_kind(const char *kind) {
    return str_eq(kind, "RecipeMetadata") || str_eq(kind, "recipeMetadata");
}

static const char *any_is_null(const char *value) {
    return str_is_empty(value) || str_eq(value, "any") ? NULL : value;
}

int overlay_from_doc(const struct doc *doc, struct overlay *ret, struct error **err) {
    int r = shape_head(doc, "an overlay", "RecipeMetadata", err);
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
                          api_version_is_predecessor(doc_get_text(doc, "apiVersion", NULL));
    ret->is_newer = api_version_is_newer(doc_get_text(doc, "apiVersion", NULL));
    ret->criteria = (struct criteria){0};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        ret->criteria.field[i] = any_is_null(doc_get_text(criteria, criteria_field_names[i], NULL));
    (void)doc_to_int(doc_get(criteria, "nodes"), &ret->criteria.nodes);
    return 0;
}

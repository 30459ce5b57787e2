// SPDX-License-Identifier: Apache-2.0
#include "recipe/newer.h"
#include "base/text.h"
#include "base/vec.h"

// --- components ---

const struct doc *newer_component(struct arena *arena, const struct doc *reference) {
    const struct doc *overrides = doc_get(reference, "overrides"), *install = doc_get(overrides, "install");
    if (!doc_is(install, DOC_BOOL))
        return reference;
    struct doc *copy = doc_copy(arena, reference), *values = doc_copy(arena, overrides);
    doc_map_remove(values, "install");
    doc_map_set(arena, values, "enabled", install);
    doc_map_set(arena, copy, "overrides", values);
    return copy;
}

// --- mixins ---

static int check_constraints(struct merger *merger, const struct mixin *mixin, struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(doc_get(mixin->doc, "spec"), "constraints")) {
        const char *name = doc_get_text(item, "name", "");
        const struct layer *owner = map_get(&merger->set_by, name);
        if (!owner)
            continue;
        doc_error(err, ERROR_INVALID, item->origin, "mixin '%s' sets the constraint %s, which '%s' sets already (%s)",
                  mixin->name, name, owner->name,
                  doc_origin_text(merger->arena, doc_get(merger->constraints, name)->origin));
        return error_hint(err,
                          "in a catalog of this format mixins and overlays must not clash: take one of the two out");
    }
    return 0;
}

static bool is_safe_path(const struct doc *safe, const char *path) {
    DOC_FOREACH_ITEM(item, safe) {
        const char *allowed = doc_text(item) ? doc_text(item) : "";
        size_t length = strlen(allowed);
        if (length && strncmp(path, allowed, length) == 0 && (path[length] == '\0' || path[length] == '.'))
            return true;
    }
    return false;
}

static int check_values(struct merger *merger, const struct mixin *mixin, const char *component, const struct doc *safe,
                        const struct doc *value, const char *path, struct error **err) {
    if (doc_is(value, DOC_MAP) && doc_count(value)) {
        int r = 0;
        DOC_FOREACH_MEMBER(member, value) {
            const char *below = arena_printf(merger->arena, "%s%s%s", path, *path ? "." : "", member->key);
            r = r < 0 ? r : check_values(merger, mixin, component, safe, member->value, below, err);
        }
        return r;
    }
    if (is_safe_path(safe, path))
        return 0;
    doc_error(err, ERROR_INVALID, value->origin,
              "mixin '%s' sets %s of '%s', which an overlay brought; the registry does not allow that", mixin->name,
              path, component);
    return error_hint(err, "list the path in mixinSafeOverridePaths of the registry's entry, or set it in an overlay");
}

static int check_component(struct merger *merger, const struct mixin *mixin, const struct doc *reference,
                           const struct doc *before, struct error **err) {
    static const char *const allowed[] = {"name",           "namespace", "manifestFiles", "preManifestFiles",
                                          "dependencyRefs", "overrides", "sources",       "why"};
    const char *name = doc_get_text(reference, "name", "");
    DOC_FOREACH_MEMBER(member, reference) {
        bool is_allowed =
            doc_is_scalar(member->value) && str_eq(doc_text(member->value), doc_get_text(before, member->key, NULL));
        for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
            is_allowed = is_allowed || str_eq(member->key, allowed[i]);
        if (!is_allowed)
            return doc_error(err, ERROR_INVALID, member->key_origin,
                             "mixin '%s' redefines %s of '%s', which an overlay brought", mixin->name, member->key,
                             name);
    }
    const struct registry_entry *entry = NULL;
    int r = catalog_registry_entry(merger->catalog, name, &entry, err);
    const struct doc *overrides = doc_get(reference, "overrides");
    return r < 0 || !overrides
               ? r
               : check_values(merger, mixin, name, entry ? doc_get(entry->doc, "mixinSafeOverridePaths") : NULL,
                              overrides, "", err);
}

int newer_check_mixin(struct merger *merger, const struct mixin *mixin, struct error **err) {
    int r = check_constraints(merger, mixin, err);
    DOC_FOREACH_ITEM(reference, doc_get(doc_get(mixin->doc, "spec"), "componentRefs")) {
        const struct doc *before = doc_get(merger->components, doc_get_text(reference, "name", ""));
        if (r >= 0 && before)
            r = check_component(merger, mixin, reference, before, err);
    }
    return r;
}

// --- coverage ---

static const char *word_of(const struct vocabulary *vocabulary, const struct overlay *overlay,
                           enum criteria_field field) {
    const char *word = overlay->criteria.field[field];
    _cleanup_error_ struct error *ignored = NULL;
    if (word && vocabulary_resolve(vocabulary, field, word, "", &word, &ignored) < 0)
        return overlay->criteria.field[field];
    return word;
}

// Whether it holds for the request but for the field.
static bool fits_otherwise(const struct vocabulary *vocabulary, const struct overlay *overlay,
                           const struct criteria *criteria, int field) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *word = word_of(vocabulary, overlay, (enum criteria_field)i);
        if (i != field && word && !str_eq(word, criteria->field[i]))
            return false;
    }
    return true;
}

static int not_covered(struct arena *arena, const struct catalog *catalog, const struct vocabulary *vocabulary,
                       const struct criteria *criteria, int field, struct error **err) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(catalog, &overlays);
    _cleanup_strvec_ struct strvec values = {0};
    for (size_t i = 0; i < count; i++) {
        const char *word = word_of(vocabulary, &overlays[i], (enum criteria_field)field);
        if (overlays[i].has_criteria && word && fits_otherwise(vocabulary, &overlays[i], criteria, field))
            strvec_add(&values, word);
    }
    strvec_sort_unique(&values);
    _cleanup_text_ struct text others = {0};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (i != field && criteria->field[i])
            text_addf(&others, "%s%s=%s", others.length ? " " : " with ", criteria_field_names[i], criteria->field[i]);
    const char *name = criteria_field_names[field];
    error_set(err, ERROR_NOT_FOUND, "nothing in this catalog is made for %s '%s'%s", name, criteria->field[field],
              text_str(&others));
    if (!values.count)
        return error_hint(err, "it has no %s%s; leave --%s out", name, text_str(&others), name);
    _cleanup_free_ char *list = strvec_join(&values, ", ");
    return error_hint(err, "what it has%s: --%s %s", text_str(&others), name, arena_strdup(arena, list));
}

int newer_check_coverage(struct arena *arena, const struct catalog *catalog, const struct vocabulary *vocabulary,
                         const struct match *match, const struct criteria *criteria, struct error **err) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        bool is_honoured = !criteria->field[i];
        for (size_t j = 0; j < match->count; j++)
            is_honoured = is_honoured ||
                          str_eq(word_of(vocabulary, match->overlays[j], (enum criteria_field)i), criteria->field[i]);
        if (!is_honoured)
            return not_covered(arena, catalog, vocabulary, criteria, i, err);
    }
    return 0;
}

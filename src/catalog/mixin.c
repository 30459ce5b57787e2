// SPDX-License-Identifier: Apache-2.0
#include "catalog/mixin.h"
#include "base/text.h"
#include "catalog/shape.h"
#include "model/api_version.h"

static const char *const top_keys[] = {"kind", "apiVersion", "metadata", "spec", NULL};
static const char *const metadata_keys[] = {"name", "maturity", "title", "description", "labels", "annotations", NULL};
static const char *const spec_keys[] = {"appliesTo", "excludes", "constraints", "componentRefs", "validation", NULL};
static const char *const applies_keys[] = {"service", "accelerator", "intent", "os", "platform", NULL};

// --- shape ---

static int check_applies(struct shape *shape, const struct doc *applies, struct error **err) {
    int r = shape_map(shape, applies, "spec.appliesTo", applies_keys, err);
    DOC_FOREACH_MEMBER(member, applies)
    r = r < 0 ? r : shape_text_list(member->value, arena_printf(shape->arena, "spec.appliesTo.%s", member->key), err);
    return r;
}

static int check_all(struct shape *shape, const struct doc *doc, struct error **err) {
    const struct doc *spec = doc_get(doc, "spec");
    int r = shape_map(shape, doc, "", top_keys, err);
    r = r < 0 ? r : shape_map(shape, doc_get(doc, "metadata"), "metadata", metadata_keys, err);
    r = r < 0 ? r : shape_map(shape, spec, "spec", spec_keys, err);
    r = r < 0 ? r : check_applies(shape, doc_get(spec, "appliesTo"), err);
    r = r < 0 ? r : shape_text_list(doc_get(spec, "excludes"), "spec.excludes", err);
    return r < 0 ? r : shape_layer(shape, spec, "spec", err);
}

int mixin_check(struct arena *arena, const struct doc *doc, bool is_tolerant, const char **ret_note,
                struct error **err) {
    struct shape shape = {.arena = arena, .is_tolerant = is_tolerant};
    return shape_check(&shape, check_all, doc, ret_note, err);
}

void mixin_unknown_keys(struct arena *arena, const struct doc *doc,
                        void (*report)(void *context, const struct doc_member *member, const char *where,
                                       const char *const *keys),
                        void *context) {
    struct shape shape = {.arena = arena, .report = report, .context = context};
    _cleanup_error_ struct error *ignored = NULL;
    (void)!check_all(&shape, doc, &ignored);
}

// --- the head ---

bool mixin_is_kind(const char *kind) {
    return str_eq(kind, "RecipeMixin") || str_eq(kind, "recipeMixin");
}

int mixin_from_doc(const struct doc *doc, struct mixin *ret, struct error **err) {
    int r = shape_head(doc, "a mixin", "RecipeMixin", err);
    if (r < 0)
        return r;
    ret->doc = doc;
    ret->name = doc_get_text(doc_get(doc, "metadata"), "name", NULL);
    ret->is_newer = api_version_is_newer(doc_get_text(doc, "apiVersion", NULL));
    ret->is_predecessor = api_version_is_predecessor(doc_get_text(doc, "apiVersion", NULL));
    return 0;
}

// --- for whom it is ---

static int refuse(const struct mixin *mixin, enum criteria_field field, const struct doc *allowed, const char *value,
                  const char *where, struct error **err) {
    _cleanup_text_ struct text list = {0};
    DOC_FOREACH_ITEM(item, allowed)
    text_addf(&list, "%s%s", item_index ? ", " : "", doc_text(item));
    const char *name = criteria_field_names[field];
    if (value)
        error_set(err, ERROR_INVALID, "%s: mixin '%s' is not for %s '%s'; it is for %s", where, mixin->name, name,
                  value, text_str(&list));
    else
        error_set(err, ERROR_INVALID, "%s: mixin '%s' is for %s %s only, and no %s is asked for", where, mixin->name,
                  name, text_str(&list), name);
    return error_hint(err, "leave the mixin out, or ask for a %s that it is for (--%s)", name, name);
}

static int is_among(const struct vocabulary *vocabulary, const struct mixin *mixin, enum criteria_field field,
                    const struct doc *allowed, const char *value, bool *ret, struct error **err) {
    *ret = false;
    DOC_FOREACH_ITEM(item, allowed) {
        const char *name = doc_text(item);
        int r = mixin->is_external ? vocabulary_resolve(vocabulary, field, name, mixin->file.name, &name, err) : 0;
        if (r < 0)
            return r;
        // A word that means any allows everything.
        *ret = *ret || !name || str_eq(name, value);
    }
    return 0;
}

int mixin_check_applies(const struct vocabulary *vocabulary, const struct mixin *mixin, const struct criteria *criteria,
                        const char *where, struct error **err) {
    const struct doc *applies = doc_get(doc_get(mixin->doc, "spec"), "appliesTo");
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const struct doc *allowed = doc_get(applies, criteria_field_names[i]);
        bool is_allowed = true;
        int r = doc_count(allowed)
                    ? is_among(vocabulary, mixin, (enum criteria_field)i, allowed, criteria->field[i], &is_allowed, err)
                    : 0;
        if (r < 0)
            return r;
        if (!is_allowed)
            return refuse(mixin, (enum criteria_field)i, allowed, criteria->field[i], where, err);
    }
    return 0;
}

// --- which go together ---

static bool excludes(const struct mixin *mixin, const char *name) {
    return doc_list_has(doc_get(doc_get(mixin->doc, "spec"), "excludes"), name);
}

int mixin_check_together(const struct mixin *mixin, const struct map *mixins, struct error **err) {
    for (size_t i = 0; i < mixins->count; i++) {
        const struct mixin *other = mixins->entries[i].value;
        if (excludes(mixin, other->name) || excludes(other, mixin->name)) {
            error_set(err, ERROR_INVALID, "mixins '%s' and '%s' exclude each other", other->name, mixin->name);
            return error_hint(err, "take one of them");
        }
    }
    return 0;
}

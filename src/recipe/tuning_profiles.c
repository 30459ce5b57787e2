// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "doc/merge.h"
#include "recipe/tuning_parts.h"

#include <stdlib.h>

#define FOLDER "tuning/"
#define DELIVERY "tuning/delivery.yaml"

bool tuning_applies(const struct doc *fields, const struct criteria *criteria) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const struct doc *values = doc_get(fields, criteria_field_names[i]);
        if (values && !(criteria->field[i] && doc_list_has(values, criteria->field[i])))
            return false;
    }
    return true;
}

// --- reading ---

// A misspelt field would make the profile apply everywhere.
static int check_fields(const struct doc *fields, struct error **err) {
    DOC_FOREACH_MEMBER(member, fields) {
        bool is_known = false;
        for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
            is_known = is_known || str_eq(member->key, criteria_field_names[i]);
        if (!is_known)
            return doc_error(err, ERROR_INVALID, member->key_origin, "appliesTo has no field '%s'", member->key);
        if (!doc_is(member->value, DOC_LIST))
            return doc_error(err, ERROR_INVALID, member->value->origin, "appliesTo.%s must be a list", member->key);
    }
    return 0;
}

static int read_profile(struct tuning_work *work, const char *path, struct error **err) {
    const struct doc *doc = NULL;
    int r = catalog_document(work->catalog, path, &doc, err);
    if (r < 0)
        return r;
    const char *name = doc_get_text(doc_get(doc, "metadata"), "name", NULL);
    if (!str_eq(doc_get_text(doc, "kind", NULL), "TuningProfile") || str_is_empty(name))
        return doc_error(err, ERROR_INVALID, doc->origin, "a file of %s is a TuningProfile with a name", FOLDER);
    const struct doc *spec = doc_get(doc, "spec"), *fields = doc_get(spec, "appliesTo");
    r = check_fields(fields, err);
    if (r < 0 || !tuning_applies(fields, work->request->criteria))
        return r;
    work->profiles[work->profile_count++] =
        (struct tuning_profile){.name = name, .spec = spec, .specificity = (unsigned)doc_count(fields)};
    return 0;
}

static int compare_profiles(const void *a, const void *b) {
    const struct tuning_profile *first = a, *second = b;
    if (first->specificity != second->specificity)
        return first->specificity < second->specificity ? -1 : 1;
    return strcmp(first->name, second->name);
}

// --- merging ---

static struct tuning_item *find_item(struct tuning_work *work, const struct doc *doc) {
    for (size_t i = 0; i < work->item_count; i++)
        if (str_eq(doc_get_text(work->items[i].doc, "kind", ""), doc_get_text(doc, "kind", "")) &&
            str_eq(doc_get_text(work->items[i].doc, "key", ""), doc_get_text(doc, "key", "")))
            return &work->items[i];
    return NULL;
}

static struct tuning_item *add_item(struct tuning_work *work) {
    if (work->item_count == work->item_capacity) {
        size_t old = work->item_capacity;
        work->item_capacity = old ? old * 2 : 64;
        work->items =
            arena_grow(work->arena, work->items, old * sizeof *work->items, work->item_capacity * sizeof *work->items);
    }
    struct tuning_item *item = &work->items[work->item_count++];
    *item = (struct tuning_item){0};
    return item;
}

static int merge_setting(struct tuning_work *work, const struct doc *doc, struct error **err) {
    enum tuning_kind kind;
    int r = tuning_check(doc, &kind, err);
    if (r < 0)
        return r;
    const char *name = doc_get_text(doc, "name", "");
    struct tuning_item *item = find_item(work, doc);
    for (size_t i = 0; i < work->item_count; i++)
        if (&work->items[i] != item && str_eq(work->items[i].name, name))
            return doc_error(err, ERROR_INVALID, doc->origin, "setting '%s' has another kind or key at %s", name,
                             doc_origin_text(work->arena, work->items[i].doc->origin));
    if (item && !str_eq(item->name, name))
        return doc_error(err, ERROR_INVALID, doc->origin, "setting '%s' has the kind and key of '%s' at %s", name,
                         item->name, doc_origin_text(work->arena, item->doc->origin));
    if (item) {
        item->doc = doc_merge(work->arena, item->doc, doc);
        return 0;
    }
    *add_item(work) = (struct tuning_item){.doc = doc, .name = name, .kind = kind};
    return 0;
}

// A profile may change a setting that only some recipes have: without a value from elsewhere there is none.
static void drop_fragments(struct tuning_work *work) {
    size_t kept = 0;
    for (size_t i = 0; i < work->item_count; i++)
        if (doc_get(work->items[i].doc, "value"))
            work->items[kept++] = work->items[i];
    work->item_count = kept;
}

int tuning_merge_profiles(struct tuning_work *work, struct error **err) {
    const char *const *paths = NULL;
    size_t count = catalog_list(work->catalog, FOLDER, &paths);
    work->profiles = arena_new_array(work->arena, struct tuning_profile, count + 1);
    for (size_t i = 0; i < count; i++) {
        int r = str_eq(paths[i], DELIVERY) ? 0 : read_profile(work, paths[i], err);
        if (r < 0)
            return r;
    }
    if (work->profile_count)
        qsort(work->profiles, work->profile_count, sizeof *work->profiles, compare_profiles);
    for (size_t i = 0; i < work->profile_count; i++)
        DOC_FOREACH_ITEM(item, doc_get(work->profiles[i].spec, "settings")) {
            int r = merge_setting(work, item, err);
            if (r < 0)
                return r;
        }
    drop_fragments(work);
    return 0;
}

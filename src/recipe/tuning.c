// SPDX-License-Identifier: Apache-2.0
#include "recipe/tuning.h"
#include "base/text.h"
#include "recipe/tuning_parts.h"

#define DELIVERY "tuning/delivery.yaml"

// --- the section ---

static void set_if(struct tuning_work *work, struct doc *map, const char *key, const struct doc *value) {
    if (value)
        doc_map_set(work->arena, map, key, value);
}

static const struct doc *setting_doc(struct tuning_work *work, const struct tuning_item *item) {
    static const char *const reasons[] = {"why", "tradeoff", "source", "verify"};
    struct doc *map = doc_new_map(work->arena);
    map->origin = item->doc->origin;
    doc_map_set_text(work->arena, map, "name", item->name);
    doc_map_set_text(work->arena, map, "kind", tuning_kind_names[item->kind]);
    set_if(work, map, "key", doc_get(item->doc, "key"));
    set_if(work, map, "value", doc_get(item->doc, "value"));
    doc_map_set_bool(work->arena, map, "enabled", item->is_enabled);
    if (!item->is_enabled) {
        doc_map_set_text(work->arena, map, "reason", item->reason);
        return map;
    }
    set_if(work, map, "mechanism", doc_get(item->rule, "mechanism"));
    set_if(work, map, "package", doc_get(item->rule, "package"));
    set_if(work, map, "reboot", doc_get(item->doc, "reboot"));
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
        set_if(work, map, reasons[i], doc_get(item->doc, reasons[i]));
    return map;
}

static const struct doc *used_mechanisms(struct tuning_work *work) {
    struct doc *list = doc_new_list(work->arena);
    DOC_FOREACH_ITEM(mechanism, doc_get(work->delivery, "mechanisms")) {
        bool is_used = false;
        for (size_t i = 0; i < work->item_count; i++)
            is_used =
                is_used || (work->items[i].is_enabled && str_eq(doc_get_text(mechanism, "name", ""),
                                                                doc_get_text(work->items[i].rule, "mechanism", NULL)));
        if (is_used)
            doc_list_add(work->arena, list, mechanism);
    }
    return list;
}

static const struct doc *section(struct tuning_work *work) {
    struct doc *map = doc_new_map(work->arena), *profiles = doc_new_list(work->arena),
               *choices = doc_new_list(work->arena), *settings = doc_new_list(work->arena);
    for (size_t i = 0; i < work->profile_count; i++)
        doc_list_add(work->arena, profiles, doc_new_string(work->arena, work->profiles[i].name));
    for (size_t i = 0; i < work->request->choice_count; i++)
        doc_list_add(work->arena, choices, doc_new_string(work->arena, work->request->choices[i]));
    for (size_t i = 0; i < work->item_count; i++)
        doc_list_add(work->arena, settings, setting_doc(work, &work->items[i]));
    doc_map_set(work->arena, map, "profiles", profiles);
    if (doc_count(choices))
        doc_map_set(work->arena, map, "choices", choices);
    set_if(work, map, "osRelease",
           doc_get(doc_get(work->delivery, "osRelease"), work->request->criteria->field[CRITERIA_OS]));
    const struct doc *mechanisms = used_mechanisms(work);
    if (doc_count(mechanisms))
        doc_map_set(work->arena, map, "mechanisms", mechanisms);
    doc_map_set(work->arena, map, "settings", settings);
    return map;
}

// --- whether there is any ---

// Why the recipe has none although it is for GPU nodes; NULL: it may have some.
static const char *why_none(const struct tuning_work *work) {
    const struct criteria *criteria = work->request->criteria;
    if (!criteria->field[CRITERIA_SERVICE])
        return "The service is not known, so nothing is set on the nodes; name it with --service.";
    DOC_FOREACH_ITEM(item, doc_get(work->delivery, "notFor")) {
        const struct doc *values = doc_get(item, "service");
        if (doc_list_has(values, criteria->field[CRITERIA_SERVICE]))
            return doc_get_text(item, "why", "");
    }
    if (!criteria->field[CRITERIA_OS])
        return "The operating system of the nodes is not known, so nothing is set on them; name it with --os.";
    return NULL;
}

static int refuse_choices(const struct tuning_work *work, const char *why, struct error **err) {
    if (!work->request->choice_count)
        return 0;
    return error_set(err, ERROR_INVALID, "--tuning %s: this recipe has no tuning: %s", work->request->choices[0], why);
}

static int nothing(struct tuning_work *work, const char *why, struct tuning_answer *ret, struct error **err) {
    int r = refuse_choices(work, why, err);
    if (r < 0)
        return r;
    struct doc *map = doc_new_map(work->arena);
    doc_map_set_text(work->arena, map, "note", why);
    *ret = (struct tuning_answer){.section = map};
    return 0;
}

static int open_delivery(struct tuning_work *work, struct error **err) {
    const struct doc *doc = NULL;
    int r = catalog_document(work->catalog, DELIVERY, &doc, err);
    if (r < 0)
        return r;
    if (!str_eq(doc_get_text(doc, "kind", NULL), "TuningDelivery"))
        return doc_error(err, ERROR_INVALID, doc->origin, "this file must have kind TuningDelivery");
    work->delivery = doc_get(doc, "spec");
    return 0;
}

static int resolve(struct tuning_work *work, struct tuning_answer *ret, struct error **err) {
    int r = tuning_merge_profiles(work, err);
    r = r < 0 ? r : tuning_switch(work, err);
    r = r < 0 ? r : tuning_deliver(work, err);
    if (r < 0)
        return r;
    struct tuning_answer answer = {.section = work->item_count ? section(work) : NULL};
    tuning_component_refs(work, &answer);
    *ret = answer;
    return 0;
}

int tuning_resolve(struct arena *arena, struct catalog *catalog, const struct tuning_request *request,
                   struct tuning_answer *ret, struct error **err) {
    struct tuning_work work = {.arena = arena, .catalog = catalog, .request = request};
    bool has_data = !catalog_is_predecessor(catalog) && catalog_find_file(catalog, DELIVERY);
    if (!has_data || !request->criteria->field[CRITERIA_ACCELERATOR]) {
        *ret = (struct tuning_answer){0};
        return refuse_choices(&work, has_data ? "no accelerator is named" : "the catalog has no tuning/delivery.yaml",
                              err);
    }
    int r = open_delivery(&work, err);
    if (r < 0)
        return r;
    const char *why = why_none(&work);
    return why ? nothing(&work, why, ret, err) : resolve(&work, ret, err);
}

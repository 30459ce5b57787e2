// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "doc/merge.h"
#include "recipe/tuning_parts.h"

static bool rule_fits(const struct tuning_work *work, const struct doc *rule, const struct tuning_item *item) {
    const struct doc *kinds = doc_get(rule, "kinds"), *values = doc_get(rule, "values");
    const char *package = doc_get_text(rule, "package", NULL), *component = doc_get_text(rule, "component", NULL);
    bool is_packaged = package && doc_list_has(doc_get(item->doc, "packages"), package);
    if (kinds && !doc_list_has(kinds, tuning_kind_names[item->kind]))
        return false;
    if (values && !doc_list_has(values, doc_get_text(item->doc, "value", "")))
        return false;
    if (!tuning_applies(doc_get(rule, "when"), work->request->criteria))
        return false;
    if (package && !is_packaged && !doc_get_bool(rule, "always", false))
        return false;
    if (!is_packaged && doc_get_bool(item->doc, "packagesOnly", false))
        return false;
    return !component || doc_get(work->request->components, component);
}

static const struct doc *find_rule(const struct tuning_work *work, const struct tuning_item *item) {
    DOC_FOREACH_ITEM(rule, doc_get(work->delivery, "rules"))
    if (rule_fits(work, rule, item))
        return rule;
    return NULL;
}

static bool rule_is_used(const struct tuning_work *work, const struct doc *rule) {
    for (size_t i = 0; i < work->item_count; i++)
        if (work->items[i].is_enabled && work->items[i].rule == rule)
            return true;
    return false;
}

static void deliver_item(struct tuning_work *work, struct tuning_item *item) {
    const struct criteria *criteria = work->request->criteria;
    item->rule = find_rule(work, item);
    if (item->rule || !item->is_enabled)
        return;
    item->is_enabled = false;
    item->reason = arena_printf(work->arena, "nothing in this recipe can apply it on %s with %s",
                                criteria->field[CRITERIA_SERVICE], criteria->field[CRITERIA_OS]);
}

// A package brings all that is in it: one part cannot be left out while another is wanted.
static int check_packages(const struct tuning_work *work, struct error **err) {
    for (size_t i = 0; i < work->item_count; i++) {
        const struct tuning_item *item = &work->items[i];
        bool is_parcel = doc_get(item->rule, "package") && !doc_get_bool(item->rule, "always", false);
        if (item->is_enabled || !item->was_chosen || !is_parcel || !rule_is_used(work, item->rule))
            continue;
        const char *package = doc_get_text(item->rule, "package", "");
        error_set(err, ERROR_INVALID,
                  "--tuning: '%s' comes with the package %s, which brings all of its settings or none", item->name,
                  package);
        return error_hint(err, "--tuning all=off leaves the package out");
    }
    return 0;
}

int tuning_deliver(struct tuning_work *work, struct error **err) {
    for (size_t i = 0; i < work->item_count; i++) {
        struct tuning_item *item = &work->items[i];
        deliver_item(work, item);
        if (item->was_chosen && !item->is_enabled && !item->rule && !str_eq(item->reason, "turned off by --tuning"))
            return error_set(err, ERROR_INVALID, "--tuning: '%s' cannot be turned on: %s", item->name, item->reason);
    }
    return check_packages(work, err);
}

// --- what the components must have for it ---

// True when merging would change nothing.
static bool is_there(struct arena *arena, const struct doc *component, const struct doc *ref) {
    static const char *const lists[] = {"manifestFiles", "preManifestFiles"};
    const struct doc *overrides = doc_get(component, "overrides"), *wanted = doc_get(ref, "overrides");
    if (wanted && (!overrides || !doc_equal(doc_merge(arena, overrides, wanted), overrides)))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        DOC_FOREACH_ITEM(item, doc_get(ref, lists[i]))
    if (!doc_list_has(doc_get(component, lists[i]), doc_text(item)))
        return false;
    return true;
}

static void add_ref(struct tuning_work *work, const struct doc *ref, struct tuning_answer *ret) {
    const struct doc *component = doc_get(work->request->components, doc_get_text(ref, "name", ""));
    if (!component || is_there(work->arena, component, ref))
        return;
    for (size_t i = 0; i < ret->component_ref_count; i++)
        if (ret->component_refs[i] == ref)
            return;
    ret->component_refs[ret->component_ref_count++] = ref;
}

static bool component_is_used(const struct tuning_work *work, const char *component) {
    DOC_FOREACH_ITEM(rule, doc_get(work->delivery, "rules"))
    if (str_eq(doc_get_text(rule, "component", NULL), component) && rule_is_used(work, rule))
        return true;
    return false;
}

void tuning_component_refs(struct tuning_work *work, struct tuning_answer *ret) {
    const struct doc *rules = doc_get(work->delivery, "rules");
    ret->component_refs = arena_new_array(work->arena, const struct doc *, doc_count(rules) + 1);
    DOC_FOREACH_ITEM(rule, rules) {
        const struct doc *needed = doc_get(rule, "componentRef"), *unused = doc_get(rule, "unused");
        if (needed && rule_is_used(work, rule))
            add_ref(work, needed, ret);
        else if (unused && work->request->choice_count &&
                 tuning_applies(doc_get(rule, "when"), work->request->criteria) &&
                 !component_is_used(work, doc_get_text(rule, "component", "")))
            add_ref(work, unused, ret);
    }
}

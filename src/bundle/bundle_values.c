// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "bundle/bundle.h"
#include "bundle/check.h"
#include "bundle/profile.h"

#define COMPONENT_LIMIT 1000

static bool has_name(const struct component *component, const char *name) {
    if (str_eq(component->name, name))
        return true;
    const struct doc *keys = component->registry ? doc_get(component->registry->doc, "valueOverrideKeys") : NULL;
    DOC_FOREACH_ITEM(key, keys)
    if (str_eq(doc_text(key), name))
        return true;
    return false;
}

static bool targets(const struct recipe *recipe, const struct override *override, const struct component *component) {
    if (recipe_component(recipe, override->name)) // a component's own name comes before another one's key
        return str_eq(override->name, component->name);
    return has_name(component, override->name);
}

static int unknown_component(const struct recipe *recipe, const struct override *override, struct error **err) {
    const char *names[256];
    size_t count = 0;
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        const struct doc *keys = component->registry ? doc_get(component->registry->doc, "valueOverrideKeys") : NULL;
        text_addf(&list, "%s%s", i ? ", " : "", component->name);
        if (count < ARRAY_SIZE(names))
            names[count++] = component->name;
        DOC_FOREACH_ITEM(key, keys)
        if (count < ARRAY_SIZE(names) && doc_text(key))
            names[count++] = doc_text(key);
    }
    error_set(err, ERROR_NOT_FOUND, "--%s %s: the recipe has no component '%s'", override_kind_names[override->kind],
              override->argument, override->name);
    const char *nearest = suggest_nearest(override->name, names, count);
    return nearest ? error_hint(err, "did you mean '%s'?", nearest) : error_hint(err, "it has %s", text_str(&list));
}

// Exactly one component must be meant: a key that two registry entries share would set both.
static int check_name(const struct recipe *recipe, const struct override *override, struct error **err) {
    const struct component *meant = NULL;
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        if (!targets(recipe, override, component))
            continue;
        if (meant) {
            error_set(err, ERROR_INVALID, "--%s %s: '%s' is a key of both '%s' and '%s'",
                      override_kind_names[override->kind], override->argument, override->name, meant->name,
                      component->name);
            return error_hint(err, "write the name of the one that is meant");
        }
        meant = component;
    }
    return meant ? 0 : unknown_component(recipe, override, err);
}

static int check_names(const struct bundle_request *request, struct error **err) {
    int r = 0;
    for (size_t i = 0; i < request->overrides->count && r >= 0; i++)
        r = check_name(request->recipe, &request->overrides->items[i], err);
    return r;
}

// overrides.enabled of the recipe, then the last NAME:enabled of the command line.
static int is_enabled(const struct bundle_request *request, const struct component *component, bool *ret,
                      struct error **err) {
    *ret = doc_get_bool(component->overrides, "enabled", true);
    for (size_t i = 0; i < request->overrides->count; i++) {
        const struct override *override = &request->overrides->items[i];
        if (!override_is_switch(override) || !targets(request->recipe, override, component))
            continue;
        bool is_wanted = *ret;
        int r = override_switch(override, &is_wanted, err);
        r = r < 0 || is_wanted == *ret ? r : profile_check_switch(request->recipe, component->name, override, err);
        if (r < 0)
            return r;
        *ret = is_wanted;
    }
    return 0;
}

static int apply_overrides(struct arena *arena, struct bundle *bundle, size_t index, const struct doc **values,
                           struct error **err) {
    const struct bundle_request *request = bundle->request;
    const struct component *component = &request->recipe->components[index];
    struct override_target_values target = {
        .known = request->known_values ? request->known_values[index] : NULL,
        .allows_unknown = request->allows_unknown,
    };
    for (size_t i = 0; i < request->overrides->count; i++) {
        const struct override *override = &request->overrides->items[i];
        if (override_is_switch(override) || !targets(request->recipe, override, component))
            continue;
        if (!target.schedulable)
            target.schedulable = schedule_paths(arena, component);
        target.values = *values;
        const char *note = NULL;
        int r = override_apply(arena, override, &target, values, &note, err);
        if (r >= 0)
            r = profile_check_override(arena, request->recipe, component->name, override, target.values, *values, err);
        if (r < 0)
            return r;
        if (note)
            note_add(arena, &bundle->notes, true, component->name, "%s.", note);
    }
    return 0;
}

static int add_component(struct arena *arena, struct bundle *bundle, size_t index, struct error **err) {
    const struct bundle_request *request = bundle->request;
    const struct component *component = &request->recipe->components[index];
    struct bundle_component *added = &bundle->components[bundle->count];
    int r = bundle_component_init(arena, component, added, err);
    if (r < 0)
        return r;
    const struct doc *values = component->values;
    if (values && values->kind != DOC_MAP && values->kind != DOC_NULL)
        return doc_error(err, ERROR_INVALID, values->origin, "the values of component '%s' are a %s, not a map",
                         component->name, doc_kind_name(values->kind));
    if (!doc_is(values, DOC_MAP))
        values = doc_new_map(arena);
    r = apply_overrides(arena, bundle, index, &values, err);
    if (r >= 0)
        r = schedule_apply(arena, request->schedule, component, values, &values, err);
    if (r >= 0)
        r = check_component(arena, &request->recipe->criteria, request->schedule, component, values, &bundle->notes,
                            err);
    added->values = values;
    bundle->count += r >= 0;
    return r;
}

// An option that changes nothing is told: the user believes that the pods are placed.
static void tell_untaken(struct arena *arena, struct bundle *bundle) {
    const struct component **components = arena_new_array(arena, const struct component *, bundle->count + 1);
    const char *options[SCHEDULE_OPTION_COUNT];
    for (size_t i = 0; i < bundle->count; i++)
        components[i] = bundle->components[i].component;
    size_t count = schedule_untaken(arena, bundle->request->schedule, components, bundle->count, options);
    for (size_t i = 0; i < count; i++)
        note_add(arena, &bundle->notes, true, NULL,
                 "--%s has no effect: no component of this bundle has a place for it in the registry.", options[i]);
}

int bundle_set_values(struct arena *arena, struct bundle *bundle, struct error **err) {
    const struct recipe *recipe = bundle->request->recipe;
    bundle->components = arena_new_array(arena, struct bundle_component, recipe->component_count + 1);
    bundle->removed = arena_new_array(arena, const char *, recipe->component_count + 1);
    if (recipe->component_count > COMPONENT_LIMIT)
        return error_set(err, ERROR_LIMIT, "the recipe has %zu components, more than %d", recipe->component_count,
                         COMPONENT_LIMIT);
    int r = check_names(bundle->request, err);
    for (size_t i = 0; i < recipe->component_count && r >= 0; i++) {
        bool enabled = true;
        r = is_enabled(bundle->request, &recipe->components[i], &enabled, err);
        if (r < 0)
            break;
        if (enabled)
            r = add_component(arena, bundle, i, err);
        else
            bundle->removed[bundle->removed_count++] = recipe->components[i].name;
    }
    if (r >= 0)
        tell_untaken(arena, bundle);
    return r;
}

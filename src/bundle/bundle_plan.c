// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/vec.h"
#include "bundle/bundle.h"

#include <stdlib.h>

enum state { STATE_NEW, STATE_ACTIVE, STATE_DONE };

struct planner {
    struct arena *arena;
    struct bundle *bundle;
    const struct recipe *recipe;
    enum state *states; // per component of the recipe
    unsigned *levels;   // the wave in which it would be; one that is switched off only hands its dependencies on
    size_t *trail;      // the way from where we started, for telling a cycle
    size_t depth;
};

static size_t index_of(const struct planner *planner, const char *name) {
    const struct component *component = recipe_component(planner->recipe, name);
    return component ? (size_t)(component - planner->recipe->components) : SIZE_MAX;
}

static struct bundle_component *find(const struct bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->count; i++)
        if (str_eq(bundle->components[i].name, name))
            return &bundle->components[i];
    return NULL;
}

static int cycle(const struct planner *planner, size_t index, struct error **err) {
    _cleanup_text_ struct text way = {0};
    size_t start = planner->depth;
    while (start > 0 && planner->trail[start - 1] != index)
        start--;
    for (size_t i = start ? start - 1 : 0; i < planner->depth; i++)
        text_addf(&way, "%s -> ", planner->recipe->components[planner->trail[i]].name);
    return error_set(err, ERROR_INVALID, "components depend on each other in a circle: %s%s", text_str(&way),
                     planner->recipe->components[index].name);
}

static void add_dependency(struct planner *planner, struct bundle_component *component, const char *name) {
    for (size_t i = 0; i < component->dependency_count; i++)
        if (str_eq(component->dependencies[i], name))
            return;
    if (!component->dependencies)
        component->dependencies = arena_new_array(planner->arena, const char *, planner->recipe->component_count + 1);
    component->dependencies[component->dependency_count++] = name;
}

// A component that is switched off is often there already; those that need it are told. What the recipe itself leaves
// out it has a reason for: the service brings it, or another component stands in.
static void tell_of_removed(struct planner *planner, const struct component *dependent,
                            const struct component *removed) {
    const char *why = doc_get_text(removed->doc, "why", NULL);
    bool is_left_out = why && !doc_get_bool(removed->overrides, "enabled", true);
    if (!find(planner->bundle, dependent->name))
        return;
    if (is_left_out)
        note_add(planner->arena, &planner->bundle->notes, false, dependent->name,
                 "needs '%s', which the recipe leaves out: %s", removed->name, why);
    else
        note_add(planner->arena, &planner->bundle->notes, true, dependent->name,
                 "depends on '%s', which is switched off in this bundle: it must be in the cluster already.",
                 removed->name);
}

static int visit(struct planner *planner, size_t index, struct error **err) {
    const struct component *component = &planner->recipe->components[index];
    if (planner->states[index] == STATE_DONE)
        return 0;
    if (planner->states[index] == STATE_ACTIVE)
        return cycle(planner, index, err);
    planner->states[index] = STATE_ACTIVE;
    planner->trail[planner->depth++] = index;
    struct bundle_component *planned = find(planner->bundle, component->name);
    unsigned level = 0;
    DOC_FOREACH_ITEM(reference, component->dependency_refs) {
        const char *name = doc_text(reference);
        size_t other = name ? index_of(planner, name) : SIZE_MAX;
        if (other == SIZE_MAX)
            return doc_error(err, ERROR_INVALID, reference->origin,
                             "component '%s' depends on '%s', which the recipe does not have", component->name,
                             name ? name : "(no text)");
        int r = visit(planner, other, err);
        if (r < 0)
            return r;
        level = MAX(level, planner->levels[other]);
        if (find(planner->bundle, name) && planned)
            add_dependency(planner, planned, planner->recipe->components[other].name);
        else if (planned)
            tell_of_removed(planner, component, &planner->recipe->components[other]);
    }
    planner->levels[index] = level + (planned != NULL);
    planner->states[index] = STATE_DONE;
    planner->depth--;
    if (planned) {
        planned->wave = level + 1;
        if (planned->dependency_count)
            qsort(planned->dependencies, planned->dependency_count, sizeof(char *), compare_strings);
        planner->bundle->wave_count = MAX(planner->bundle->wave_count, planned->wave);
    }
    return 0;
}

static int compare_components(const void *a, const void *b) {
    const struct bundle_component *left = a, *right = b;
    return left->wave != right->wave ? (left->wave < right->wave ? -1 : 1) : strcmp(left->name, right->name);
}

int bundle_plan(struct arena *arena, struct bundle *bundle, struct error **err) {
    const struct recipe *recipe = bundle->request->recipe;
    size_t count = recipe->component_count;
    struct planner planner = {
        .arena = arena,
        .bundle = bundle,
        .recipe = recipe,
        .states = arena_new_array(arena, enum state, count + 1),
        .levels = arena_new_array(arena, unsigned, count + 1),
        .trail = arena_new_array(arena, size_t, count + 1),
    };
    for (size_t i = 0; i < count; i++) {
        int r = visit(&planner, i, err);
        if (r < 0)
            return r;
    }
    if (bundle->count)
        qsort(bundle->components, bundle->count, sizeof *bundle->components, compare_components);
    return 0;
}

static const struct doc *component_doc(struct arena *arena, const struct bundle_component *component) {
    static const char *const methods[] = {
        [BUNDLE_HELM] = "helm", [BUNDLE_KUSTOMIZE] = "kustomize", [BUNDLE_MANIFESTS] = "manifests"};
    struct doc *map = doc_new_map(arena);
    doc_map_set_text(arena, map, "name", component->name);
    doc_map_set_text(arena, map, "namespace", *component->namespace_ ? component->namespace_ : NULL);
    doc_map_set_text(arena, map, "method", methods[component->method]);
    doc_map_set_text(arena, map, "chart", component->chart);
    doc_map_set_text(arena, map, "repository", component->repository);
    doc_map_set_text(arena, map, "version", component->version);
    struct doc *dependencies = doc_new_list(arena), *manifests = doc_new_list(arena);
    for (size_t i = 0; i < component->dependency_count; i++)
        doc_list_add(arena, dependencies, doc_new_string(arena, component->dependencies[i]));
    for (size_t i = 0; i < component->manifest_count; i++)
        doc_list_add(arena, manifests, doc_new_string(arena, component->manifests[i].path));
    if (doc_count(dependencies))
        doc_map_set(arena, map, "dependsOn", dependencies);
    if (doc_count(manifests))
        doc_map_set(arena, map, "manifests", manifests);
    return map;
}

static const struct doc *waves_doc(struct arena *arena, const struct bundle *bundle) {
    struct doc *waves = doc_new_list(arena), *components = NULL;
    for (size_t i = 0; i < bundle->count; i++) {
        if (i == 0 || bundle->components[i].wave != bundle->components[i - 1].wave) {
            struct doc *wave = doc_new_map(arena);
            components = doc_new_list(arena);
            doc_map_set_int(arena, wave, "wave", bundle->components[i].wave);
            doc_map_set(arena, wave, "components", components);
            doc_list_add(arena, waves, wave);
        }
        doc_list_add(arena, components, component_doc(arena, &bundle->components[i]));
    }
    return waves;
}

// What was set on the command line, without the values: those are in the values files.
static const struct doc *overrides_doc(struct arena *arena, const struct bundle *bundle) {
    struct doc *list = doc_new_list(arena);
    const struct override_list *overrides = bundle->request->overrides;
    for (size_t i = 0; i < overrides->count; i++) {
        struct doc *map = doc_new_map(arena);
        doc_map_set_text(arena, map, "option", override_kind_names[overrides->items[i].kind]);
        doc_map_set_text(arena, map, "target", override_target(arena, &overrides->items[i]));
        doc_list_add(arena, list, map);
    }
    return list;
}

static const struct doc *schedule_doc(struct arena *arena, const struct schedule *schedule) {
    const struct {
        const char *name;
        const struct doc *value;
    } parts[] = {
        {"systemNodeSelector", schedule->system_selector},
        {"systemNodeTolerations", schedule->system_tolerations},
        {"acceleratedNodeSelector", schedule->accelerated_selector},
        {"acceleratedNodeTolerations", schedule->accelerated_tolerations},
        {"workloadSelector", schedule->workload_selector},
        {"workloadGate", schedule->workload_gate},
        {"nodes", schedule->nodes > 0 ? doc_new_int(arena, schedule->nodes) : NULL},
        {"storageClass", schedule->storage_class},
        {"sharedStorageClass", schedule->shared_storage_class},
    };
    struct doc *map = doc_new_map(arena);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (parts[i].value)
            doc_map_set(arena, map, parts[i].name, parts[i].value);
    return map;
}

const struct doc *bundle_plan_doc(struct arena *arena, const struct bundle *bundle) {
    struct doc *plan = doc_new_map(arena), *removed = doc_new_list(arena);
    doc_map_set_text(arena, plan, "kind", "BundlePlan");
    doc_map_set_text(arena, plan, "apiVersion", "cns.nvidia.com/v1alpha1");
    struct doc *metadata = doc_new_map(arena);
    doc_map_set_text(arena, metadata, "version", bundle->request->program_version);
    doc_map_set_text(arena, metadata, "deployer", bundle->request->deployer);
    doc_map_set(arena, plan, "metadata", metadata);
    doc_map_set(arena, plan, "waves", waves_doc(arena, bundle));
    for (size_t i = 0; i < bundle->removed_count; i++)
        doc_list_add(arena, removed, doc_new_string(arena, bundle->removed[i]));
    if (doc_count(removed))
        doc_map_set(arena, plan, "removed", removed);
    const struct doc *overrides = overrides_doc(arena, bundle);
    if (doc_count(overrides))
        doc_map_set(arena, plan, "overrides", overrides);
    const struct doc *schedule = schedule_doc(arena, bundle->request->schedule);
    if (doc_count(schedule))
        doc_map_set(arena, plan, "scheduling", schedule);
    return plan;
}

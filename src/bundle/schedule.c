// SPDX-License-Identifier: Apache-2.0
#include "bundle/schedule.h"
#include "doc/path.h"

#include <ctype.h>

// --- syntax of labels and taints (Kubernetes: qualified names, label values) ---

static bool is_name_part(const char *text, size_t length) {
    if (length == 0 || length > 63 || !isalnum((unsigned char)text[0]) || !isalnum((unsigned char)text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

static bool is_dns_name(const char *text, size_t length) {
    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool at_edge = i == 0 || i + 1 == length || text[i - 1] == '.' || text[i + 1] == '.';
        bool is_word = islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]);
        if (!is_word && (at_edge || (text[i] != '-' && text[i] != '.')))
            return false;
    }
    return true;
}

static bool is_label_key(const char *text) {
    const char *slash = strchr(text, '/');
    if (slash && !is_dns_name(text, (size_t)(slash - text)))
        return false;
    const char *name = slash ? slash + 1 : text;
    return is_name_part(name, strlen(name));
}

static bool is_label_value(const char *text) {
    return !*text || is_name_part(text, strlen(text));
}

static int bad_word(struct error **err, const char *option, const char *word, const char *what, const char *hint) {
    error_set(err, ERROR_INVALID, "--%s %s: %s", option, word, what);
    return error_hint(err, "%s", hint);
}

static const char hint_selector[] = "write key=value, such as nodeGroup=system-pool";
static const char hint_taint[] = "write key=value:Effect or key:Effect, such as dedicated=gpu:NoSchedule";

static int parse_selectors(struct arena *arena, const struct strvec *words, const char *option, const struct doc **ret,
                           struct error **err) {
    struct doc *selector = NULL;
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i], *equals = strchr(word, '=');
        if (!equals)
            return bad_word(err, option, word, "there is no '='", hint_selector);
        const char *key = arena_strndup(arena, word, (size_t)(equals - word)), *value = equals + 1;
        if (!is_label_key(key))
            return bad_word(err, option, word, "the key is no label key of Kubernetes", hint_selector);
        if (!is_label_value(value))
            return bad_word(err, option, word, "the value is no label value of Kubernetes", hint_selector);
        if (!selector)
            selector = doc_new_map(arena);
        const char *other = doc_text(doc_get(selector, key));
        if (other && !str_eq(other, value))
            return bad_word(err, option, word, "the key was given before, with another value",
                            "a node has one value for a label, so no node would match both");
        doc_map_set(arena, selector, key, doc_new_string(arena, value));
    }
    *ret = selector;
    return 0;
}

struct taint {
    const char *key, *value, *effect; // value NULL: any
};

static int parse_taint(struct arena *arena, const char *option, const char *word, struct taint *ret,
                       struct error **err) {
    static const char *const effects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
    const char *colon = strchr(word, ':');
    if (!colon || strchr(colon + 1, ':'))
        return bad_word(err, option, word, "there must be exactly one ':', in front of the effect", hint_taint);
    struct taint taint = {.effect = colon + 1};
    bool is_effect = false;
    for (size_t i = 0; i < ARRAY_SIZE(effects); i++)
        is_effect = is_effect || str_eq(taint.effect, effects[i]);
    if (!is_effect)
        return bad_word(err, option, word, "the effect is none of NoSchedule, PreferNoSchedule, NoExecute", hint_taint);
    char *key = arena_strndup(arena, word, (size_t)(colon - word)), *equals = strchr(key, '=');
    if (equals) {
        *equals = '\0';
        taint.value = equals[1] ? equals + 1 : NULL;
    }
    taint.key = key;
    if (!is_label_key(key))
        return bad_word(err, option, word, "the key is no taint key of Kubernetes", hint_taint);
    if (taint.value && !is_label_value(taint.value))
        return bad_word(err, option, word, "the value is no taint value of Kubernetes", hint_taint);
    *ret = taint;
    return 0;
}

static int parse_tolerations(struct arena *arena, const struct strvec *words, const char *option,
                             const struct doc **ret, struct error **err) {
    struct doc *list = words->count ? doc_new_list(arena) : NULL;
    for (size_t i = 0; i < words->count; i++) {
        struct doc *toleration = doc_new_map(arena);
        if (str_eq(words->items[i], "*")) { // every taint, said aloud
            doc_map_set_text(arena, toleration, "operator", "Exists");
            doc_list_add(arena, list, toleration);
            continue;
        }
        struct taint taint;
        int r = parse_taint(arena, option, words->items[i], &taint, err);
        if (r < 0)
            return r;
        doc_map_set_text(arena, toleration, "key", taint.key);
        doc_map_set_text(arena, toleration, "operator", taint.value ? "Equal" : "Exists");
        doc_map_set_text(arena, toleration, "value", taint.value);
        doc_map_set_text(arena, toleration, "effect", taint.effect);
        doc_list_add(arena, list, toleration);
    }
    *ret = list;
    return 0;
}

static int parse_class(struct arena *arena, const char *name, const char *option, const struct doc **ret,
                       struct error **err) {
    if (name && !is_dns_name(name, strlen(name)))
        return bad_word(err, option, name, "that is no name of an object of Kubernetes",
                        "lower case letters, digits, '-' and '.'; kubectl get storageclass lists those of the cluster");
    *ret = name ? doc_new_string(arena, name) : NULL;
    return 0;
}

int schedule_parse(struct arena *arena, const struct schedule_words *words, struct schedule *ret, struct error **err) {
    struct schedule schedule = {.nodes = words->nodes};
    int r = parse_selectors(arena, &words->system_selectors, "system-node-selector", &schedule.system_selector, err);
    if (r >= 0)
        r = parse_tolerations(arena, &words->system_tolerations, "system-node-toleration", &schedule.system_tolerations,
                              err);
    if (r >= 0)
        r = parse_selectors(arena, &words->accelerated_selectors, "accelerated-node-selector",
                            &schedule.accelerated_selector, err);
    if (r >= 0)
        r = parse_tolerations(arena, &words->accelerated_tolerations, "accelerated-node-toleration",
                              &schedule.accelerated_tolerations, err);
    if (r >= 0)
        r = parse_selectors(arena, &words->workload_selectors, "workload-selector", &schedule.workload_selector, err);
    struct taint gate;
    if (r >= 0 && words->workload_gate) {
        r = parse_taint(arena, "workload-gate", words->workload_gate, &gate, err);
        schedule.workload_gate = doc_new_string(arena, words->workload_gate);
    }
    if (r >= 0 && words->nodes < 0)
        r = error_set(err, ERROR_INVALID, "--nodes %lld: a number of nodes is not negative", (long long)words->nodes);
    if (r >= 0)
        r = parse_class(arena, words->storage_class, "storage-class", &schedule.storage_class, err);
    if (r >= 0)
        r = parse_class(arena, words->shared_storage_class, "shared-storage-class", &schedule.shared_storage_class,
                        err);
    if (r >= 0)
        *ret = schedule;
    return r;
}

// --- writing at the registry's paths ---

const struct doc *schedule_path_list(const struct component *component, const char *group, const char *part,
                                     const char *list) {
    const struct doc *entry = component->registry ? component->registry->doc : NULL;
    const struct doc *scope = group ? doc_get(entry, group) : entry;
    return doc_get(part ? doc_get(scope, part) : scope, list);
}

// Sets the value, making maps on the way and putting them in the place of what is none.
static const struct doc *put(struct arena *arena, const struct doc *at, const struct doc_path *path, size_t step,
                             const struct doc *value) {
    if (step == path->count)
        return value;
    struct doc *map = doc_is(at, DOC_MAP) ? doc_copy(arena, at) : doc_new_map(arena);
    const char *key = path->steps[step].key;
    doc_map_set(arena, map, key, put(arena, doc_get(at, key), path, step + 1, value));
    return map;
}

static int parse_path(struct arena *arena, const struct component *component, const struct doc *item,
                      struct doc_path *ret, struct error **err) {
    if (!doc_is(item, DOC_STRING))
        return doc_error(err, ERROR_INVALID, item->origin, "registry entry '%s': a value path must be text",
                         component->name);
    int r = doc_path_parse(arena, item->text, ret, err);
    for (size_t i = 0; i < ret->count && r >= 0; i++)
        if (!ret->steps[i].key)
            r = doc_error(err, ERROR_INVALID, item->origin, "registry entry '%s': a value path has no list indexes",
                          component->name);
    return r;
}

struct placement {
    const char *group, *part, *list;
    const struct doc *value;
    bool is_added; // to a list that an earlier placement wrote
};

// Tolerations of both kinds at one path: pods that run on all nodes need them all.
static const struct doc *joined(struct arena *arena, const struct doc *first, const struct doc *second) {
    struct doc *list = doc_new_list(arena);
    DOC_FOREACH_ITEM(item, first)
    doc_list_add(arena, list, item);
    DOC_FOREACH_ITEM(item, second)
    doc_list_add(arena, list, item);
    return list;
}

static int place(struct arena *arena, const struct schedule *schedule, const struct component *component,
                 const struct placement *placement, const struct doc **values, struct error **err) {
    if (!placement->value)
        return 0;
    const struct doc *paths = schedule_path_list(component, placement->group, placement->part, placement->list);
    DOC_FOREACH_ITEM(item, paths) {
        struct doc_path path = {0};
        int r = parse_path(arena, component, item, &path, err);
        if (r < 0)
            return r;
        const struct doc *value = placement->value;
        if (placement->is_added && schedule->system_tolerations &&
            doc_list_has(schedule_path_list(component, "nodeScheduling", "system", "tolerationPaths"), item->text))
            value = joined(arena, schedule->system_tolerations, value);
        *values = put(arena, *values, &path, 0, value);
    }
    return 0;
}

static int check_required(const struct schedule *schedule, const struct component *component, struct error **err) {
    static const char *const parts[] = {"system", "accelerated"};
    const struct doc *const given[] = {schedule->system_selector, schedule->accelerated_selector};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        const struct doc *flag = schedule_path_list(component, "nodeScheduling", parts[i], "requireNodeSelector");
        if (doc_is(flag, DOC_BOOL) && flag->boolean && !given[i]) {
            error_set(err, ERROR_INVALID, "component '%s' must be told on which %s nodes it may run", component->name,
                      parts[i]);
            return error_hint(err, "give --%s-node-selector key=value", parts[i]);
        }
    }
    return 0;
}

static const struct {
    const char *option, *group, *part, *list;
} places[SCHEDULE_OPTION_COUNT] = {
    {"system-node-selector", "nodeScheduling", "system", "nodeSelectorPaths"},
    {"system-node-toleration", "nodeScheduling", "system", "tolerationPaths"},
    {"accelerated-node-selector", "nodeScheduling", "accelerated", "nodeSelectorPaths"},
    {"accelerated-node-toleration", "nodeScheduling", "accelerated", "tolerationPaths"},
    {"workload-selector", "podScheduling", "workload", "workloadSelectorPaths"},
    {"workload-gate", "nodeScheduling", "accelerated", "taintStrPaths"},
    {"nodes", "nodeScheduling", NULL, "nodeCountPaths"},
    {"storage-class", NULL, NULL, "storageClassPaths"},
    {"shared-storage-class", NULL, NULL, "sharedStorageClassPaths"},
};

// What was asked for, in the order of the places; NULL: nothing.
static void values_of(struct arena *arena, const struct schedule *schedule,
                      const struct doc *values[SCHEDULE_OPTION_COUNT]) {
    const struct doc *const all[SCHEDULE_OPTION_COUNT] = {
        schedule->system_selector,
        schedule->system_tolerations,
        schedule->accelerated_selector,
        schedule->accelerated_tolerations,
        schedule->workload_selector,
        schedule->workload_gate,
        schedule->nodes > 0 ? doc_new_int(arena, schedule->nodes) : NULL,
        schedule->storage_class,
        schedule->shared_storage_class,
    };
    memcpy(values, all, sizeof all);
}

int schedule_apply(struct arena *arena, const struct schedule *schedule, const struct component *component,
                   const struct doc *values, const struct doc **ret, struct error **err) {
    const struct doc *wanted[SCHEDULE_OPTION_COUNT];
    values_of(arena, schedule, wanted);
    int r = check_required(schedule, component, err);
    for (size_t i = 0; i < SCHEDULE_OPTION_COUNT && r >= 0; i++) {
        const struct placement placement = {places[i].group, places[i].part, places[i].list, wanted[i],
                                            wanted[i] && wanted[i] == schedule->accelerated_tolerations};
        r = place(arena, schedule, component, &placement, &values, err);
    }
    if (r >= 0)
        *ret = values;
    return r;
}

size_t schedule_untaken(struct arena *arena, const struct schedule *schedule, const struct component *const *components,
                        size_t count, const char *ret_options[SCHEDULE_OPTION_COUNT]) {
    const struct doc *wanted[SCHEDULE_OPTION_COUNT];
    size_t untaken = 0;
    values_of(arena, schedule, wanted);
    for (size_t i = 0; i < SCHEDULE_OPTION_COUNT; i++) {
        bool is_taken = !wanted[i];
        for (size_t j = 0; j < count && !is_taken; j++)
            is_taken = doc_count(schedule_path_list(components[j], places[i].group, places[i].part, places[i].list));
        if (!is_taken)
            ret_options[untaken++] = places[i].option;
    }
    return untaken;
}

const struct doc *schedule_paths(struct arena *arena, const struct component *component) {
    const struct doc *all = NULL, *null = doc_new_null(arena);
    for (size_t i = 0; i < SCHEDULE_OPTION_COUNT; i++) {
        DOC_FOREACH_ITEM(item, schedule_path_list(component, places[i].group, places[i].part, places[i].list)) {
            struct doc_path path = {0};
            _cleanup_error_ struct error *ignored = NULL; // told when it is written
            if (parse_path(arena, component, item, &path, &ignored) == 0)
                all = put(arena, all, &path, 0, null);
        }
    }
    return all;
}

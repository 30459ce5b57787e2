// SPDX-License-Identifier: Apache-2.0
#include "bundle/check.h"
#include "doc/path.h"

struct check_input {
    struct arena *arena;
    const struct schedule *schedule;
    const struct component *component;
    const struct doc *values;
    const struct doc *validation;
};

// Says what is wrong, NULL when nothing is.
struct check_function {
    const char *name;
    const char *(*find)(const struct check_input *input);
};

static bool has_value_at(const struct check_input *input, const struct doc *paths) {
    DOC_FOREACH_ITEM(item, paths) {
        struct doc_path path;
        _cleanup_error_ struct error *ignored = NULL;
        if (!doc_text(item) || doc_path_parse(input->arena, doc_text(item), &path, &ignored) < 0)
            continue;
        if (doc_count(doc_path_find(input->values, &path, NULL)))
            return true;
    }
    return false;
}

static const char *find_workload_selector(const struct check_input *input) {
    bool is_set =
        input->schedule->workload_selector ||
        has_value_at(input, schedule_path_list(input->component, "podScheduling", "workload", "workloadSelectorPaths"));
    return is_set ? NULL : "no workload selector is set.";
}

static const char *find_accelerated_selector(const struct check_input *input) {
    bool is_set =
        input->schedule->accelerated_selector ||
        has_value_at(input, schedule_path_list(input->component, "nodeScheduling", "accelerated", "nodeSelectorPaths"));
    return is_set ? NULL : "no selector for accelerated nodes is set.";
}

static const char *find_system_selector(const struct check_input *input) {
    bool is_set =
        input->schedule->system_selector ||
        has_value_at(input, schedule_path_list(input->component, "nodeScheduling", "system", "nodeSelectorPaths"));
    return is_set ? NULL : "no selector for system nodes is set.";
}

// Of the paths that the registry lists, those that the values have with nothing in them: what only the user can know. A
// path that the values do not have belongs to a part that the recipe does not use.
static const char *find_empty_value(const struct check_input *input) {
    _cleanup_text_ struct text list = {0};
    DOC_FOREACH_ITEM(item, doc_get(input->validation, "paths")) {
        struct doc_path path;
        _cleanup_error_ struct error *ignored = NULL;
        if (!doc_text(item) || doc_path_parse(input->arena, doc_text(item), &path, &ignored) < 0)
            continue;
        const struct doc *value = doc_path_find(input->values, &path, NULL);
        bool is_empty = value && (doc_is_scalar(value) ? !doc_text(value) || !*doc_text(value) : !doc_count(value));
        if (is_empty)
            text_addf(&list, "%s%s", list.length ? ", " : "", doc_text(item));
    }
    return list.length ? arena_printf(input->arena, "nothing is set at %s.", text_str(&list)) : NULL;
}

static const struct check_function functions[] = {
    {"CheckAcceleratedSelectorMissing", find_accelerated_selector},
    {"CheckSystemSelectorMissing", find_system_selector},
    {"CheckValueEmpty", find_empty_value},
    {"CheckWorkloadSelectorMissing", find_workload_selector},
};

static bool condition_holds(const struct doc *wanted, const char *actual) {
    if (doc_is_scalar(wanted))
        return str_eq(doc_text(wanted), "any") || str_eq(doc_text(wanted), actual);
    DOC_FOREACH_ITEM(item, wanted)
    if (str_eq(doc_text(item), "any") || (actual && str_eq(doc_text(item), actual)))
        return true;
    return doc_count(wanted) == 0;
}

// All conditions that name a criterion must hold; others are for newer programs and are ignored.
static bool applies(const struct doc *conditions, const struct criteria *criteria) {
    for (size_t i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const struct doc *wanted = doc_get(conditions, criteria_field_names[i]);
        if (wanted && !condition_holds(wanted, criteria->field[i]))
            return false;
    }
    return true;
}

static const struct check_function *find_function(const char *name) {
    for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
        if (str_eq(functions[i].name, name))
            return &functions[i];
    return NULL;
}

static int report(struct arena *arena, const struct component *component, const struct doc *validation,
                  const char *finding, struct notes *notes, struct error **err) {
    const char *message = doc_get_text(validation, "message", "");
    const char *severity = doc_get_text(validation, "severity", "warning");
    const char *space = *message ? " " : "";
    if (str_eq(severity, "error"))
        return error_set(err, ERROR_INVALID, "component '%s': %s%s%s", component->name, finding, space, message);
    note_add(arena, notes, !str_eq(severity, "info"), component->name, "%s%s%s", finding, space, message);
    return 0;
}

int check_component(struct arena *arena, const struct criteria *criteria, const struct schedule *schedule,
                    const struct component *component, const struct doc *values, struct notes *notes,
                    struct error **err) {
    const struct doc *entry = component->registry ? component->registry->doc : NULL;
    DOC_FOREACH_ITEM(validation, doc_get(entry, "validations")) {
        const char *name = doc_get_text(validation, "function", "");
        if (!applies(doc_get(validation, "conditions"), criteria))
            continue;
        const struct check_function *function = find_function(name);
        if (!function) {
            note_add(arena, notes, true, component->name,
                     "the registry asks for the check '%s', which this program does not know; it was not made.", name);
            continue;
        }
        const struct check_input input = {arena, schedule, component, values, validation};
        const char *finding = function->find(&input);
        int r = finding ? report(arena, component, validation, finding, notes, err) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "recipe/explain.h"
#include "base/suggest.h"
#include "base/text.h"
#include "catalog/facts.h"
#include "catalog/reasons.h"
#include "doc/emit.h"
#include "doc/path.h"
#include "recipe/hydrate.h"
#include "recipe/tuning.h"

struct explainer {
    struct arena *arena;
    struct catalog *catalog;
    struct recipe *recipe;
    struct explanations *result;
    struct reasons reasons;
    const struct doc *value_facts; // about the values that are being explained; NULL: none
    const char *values_path;       // where they stand: "components.gpu-operator.values"
};

static const char *const facts[] = {"type", "source",     "chart",          "version",       "namespace",       "tag",
                                    "path", "valuesFile", "dependencyRefs", "manifestFiles", "preManifestFiles"};

// --- steps ---

static const char *value_text(struct arena *arena, const struct doc *value) {
    if (value->kind == DOC_NULL)
        return "null";
    if (doc_is_scalar(value))
        return value->text;
    _cleanup_text_ struct text text = {0};
    doc_emit(value, EMIT_JSON_COMPACT, &text);
    return arena_strdup(arena, text_str(&text));
}

static struct explanation *add_explanation(struct explainer *explainer, const char *path) {
    struct explanations *result = explainer->result;
    if (result->count == result->capacity) {
        size_t old = result->capacity;
        result->capacity = old ? old * 2 : 32;
        result->items = arena_grow(explainer->arena, result->items, old * sizeof *result->items,
                                   result->capacity * sizeof *result->items);
    }
    struct explanation *item = &result->items[result->count++];
    *item = (struct explanation){.path = path};
    return item;
}

static void add_step(struct explainer *explainer, struct explanation *item, const struct explanation_step *step) {
    item->steps = arena_grow(explainer->arena, item->steps, item->count * sizeof *item->steps,
                             (item->count + 1) * sizeof *item->steps);
    item->steps[item->count++] = *step;
}

static void explain_by_fact(const struct explainer *explainer, const char *path, struct explanation_step *step) {
    if (!explainer->value_facts || !str_has_prefix(path, explainer->values_path) || step->why)
        return;
    const char *rest = path + strlen(explainer->values_path);
    struct fact fact = facts_find(explainer->value_facts, step->origin.source, *rest == '.' ? rest + 1 : rest);
    step->source = fact.source;
    step->why = fact.why;
}

// The chain of one value. `component` gives reasons and may be NULL.
static void explain_value(struct explainer *explainer, const char *path, const struct doc *value,
                          const struct component *component) {
    struct explanation *item = add_explanation(explainer, path);
    for (; value; value = value->previous) {
        struct explanation_step step = {.value = value_text(explainer->arena, value), .origin = value->origin};
        if (component) {
            struct reason reason = reason_of_value(&explainer->reasons, component, value);
            step.source = reason.source;
            step.why = reason.why;
        }
        explain_by_fact(explainer, path, &step);
        add_step(explainer, item, &step);
    }
}

static void explain_leaves(struct explainer *explainer, const char *path, const struct doc *value,
                           const struct component *component) {
    if (!doc_is(value, DOC_MAP) || doc_count(value) == 0) {
        explain_value(explainer, path, value, component);
        return;
    }
    DOC_FOREACH_MEMBER(member, value)
    explain_leaves(explainer,
                   arena_printf(explainer->arena, "%s.%s", path, doc_path_escape(explainer->arena, member->key)),
                   member->value, component);
}

static void explain_constraint(struct explainer *explainer, const struct constraint *constraint) {
    const char *path = arena_printf(explainer->arena, "constraints.%s", constraint->name);
    struct explanation *item = add_explanation(explainer, path);
    for (const struct doc *doc = constraint->doc; doc; doc = doc->previous) {
        const struct doc *value = doc_get(doc, "value");
        struct explanation_step step = {.value = value ? value_text(explainer->arena, value) : "",
                                        .origin = value && value->origin.line ? value->origin : doc->origin,
                                        .source = doc_get_text(doc, "source", NULL),
                                        .why = doc_get_text(doc, "relaxWhy", doc_get_text(doc, "why", NULL))};
        add_step(explainer, item, &step);
    }
}

// --- components ---

static const char *component_path(struct explainer *explainer, const struct component *component, const char *rest) {
    return arena_printf(explainer->arena, "components.%s.%s", doc_path_escape(explainer->arena, component->name), rest);
}

// A recipe that was read has one reason for each component, that of its last overlay: none for its version or chart.
static const struct component *reasons_of_facts(const struct explainer *explainer, const struct component *component) {
    return explainer->recipe->source ? NULL : component;
}

static void explain_facts(struct explainer *explainer, const struct component *component) {
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        const struct doc *value = doc_get(component->doc, facts[i]);
        if (value && !(doc_is(value, DOC_STRING) && value->length == 0))
            explain_value(explainer, component_path(explainer, component, facts[i]), value,
                          reasons_of_facts(explainer, component));
    }
}

static struct component *find_component(struct explainer *explainer, const char *name) {
    struct recipe *recipe = explainer->recipe;
    for (size_t i = 0; i < recipe->component_count; i++)
        if (str_eq(recipe->components[i].name, name))
            return &recipe->components[i];
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct registry_entry *entry = recipe->components[i].registry;
        if (entry && doc_list_has(doc_get(entry->doc, "valueOverrideKeys"), name))
            return &recipe->components[i];
    }
    return NULL;
}

static int explain_values(struct explainer *explainer, struct component *component, const char *path,
                          struct error **err) {
    int r = component_hydrate_values(explainer->arena, explainer->catalog, component, err);
    const struct doc *value = NULL;
    r = r < 0 ? r : doc_path_get(explainer->arena, component->values, path, &value, err);
    if (r < 0)
        return *path ? error_prefix(err, "values of '%s'", component->name) : r;
    r = facts_load(explainer->catalog, component->name, &explainer->value_facts, err);
    if (r < 0)
        return r;
    const char *where = component_path(explainer, component, "values");
    explainer->values_path = where;
    // Inlined values come from many files, and the recipe's reason is that of one of them.
    const struct component *reasons = doc_get(component->doc, "values") ? NULL : component;
    explain_leaves(explainer, *path ? arena_printf(explainer->arena, "%s.%s", where, path) : where, value, reasons);
    explainer->value_facts = NULL;
    return 0;
}

static int explain_fact(struct explainer *explainer, const struct component *component, const char *name,
                        struct error **err) {
    const struct doc *value = doc_get(component->doc, name);
    if (value) {
        explain_leaves(explainer, component_path(explainer, component, name), value,
                       reasons_of_facts(explainer, component));
        return 0;
    }
    error_set(err, ERROR_NOT_FOUND, "component '%s' has no '%s'", component->name, name);
    const char *nearest = suggest_nearest(name, facts, ARRAY_SIZE(facts));
    return nearest ? error_hint(err, "did you mean '%s'?", nearest)
                   : error_hint(err, "its values are explained as %s:PATH", component->name);
}

static int explain_component(struct explainer *explainer, struct component *component, const char *rest,
                             struct error **err) {
    if (str_is_empty(rest)) {
        explain_facts(explainer, component);
        return explain_values(explainer, component, "", err);
    }
    if (str_eq(rest, "values"))
        return explain_values(explainer, component, "", err);
    if (str_has_prefix(rest, "values."))
        return explain_values(explainer, component, rest + strlen("values."), err);
    return explain_fact(explainer, component, rest, err);
}

// --- profiles ---

static void explain_profile(struct explainer *explainer, const struct recipe_profile *profile) {
    struct explanation *item = add_explanation(explainer, arena_printf(explainer->arena, "profile.%s", profile->name));
    const struct explanation_step step = {
        .value = profile->value,
        .origin = profile->content ? profile->content->origin : profile->doc->origin,
        .source = doc_get_text(profile->content, "source", NULL),
        .why = doc_get_text(profile->content, "why", NULL),
    };
    item->choices = profile->values;
    add_step(explainer, item, &step);
}

static const struct recipe_profile *find_profile(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->profile_count; i++)
        if (str_eq(recipe->profiles[i].name, name))
            return &recipe->profiles[i];
    return NULL;
}

static int explain_profiles(struct explainer *explainer, const char *name, struct error **err) {
    const struct recipe *recipe = explainer->recipe;
    const struct recipe_profile *only = *name ? find_profile(recipe, name) : NULL;
    for (size_t i = 0; i < recipe->profile_count; i++)
        if (!*name || &recipe->profiles[i] == only)
            explain_profile(explainer, &recipe->profiles[i]);
    if (only || (!*name && recipe->profile_count))
        return 0;
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < recipe->profile_count; i++)
        text_addf(&list, "%s%s", i ? ", " : "; it has ", recipe->profiles[i].name);
    return error_set(err, ERROR_NOT_FOUND, "the recipe has no profile%s%s%s%s", *name ? " '" : "", name,
                     *name ? "'" : "", text_str(&list));
}

// --- selectors ---

static int nothing_found(struct explainer *explainer, const char *selector, struct error **err) {
    const struct recipe *recipe = explainer->recipe;
    const char **names =
        arena_new_array(explainer->arena, const char *, recipe->component_count + recipe->constraint_count);
    size_t count = 0;
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < recipe->component_count; i++) {
        text_addf(&list, "%s%s", count ? ", " : "", recipe->components[i].name);
        names[count++] = recipe->components[i].name;
    }
    for (size_t i = 0; i < recipe->constraint_count; i++) {
        text_addf(&list, "%s%s", count ? ", " : "", recipe->constraints[i].name);
        names[count++] = recipe->constraints[i].name;
    }
    error_set(err, ERROR_NOT_FOUND, "the recipe has no component or constraint '%s'; it has %s", selector,
              text_str(&list));
    const char *nearest = suggest_nearest(selector, names, count);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    return -ERROR_NOT_FOUND;
}

static const struct constraint *find_constraint(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->constraint_count; i++)
        if (str_eq(recipe->constraints[i].name, name))
            return &recipe->constraints[i];
    return NULL;
}

static int explain_all(struct explainer *explainer, struct error **err) {
    for (size_t i = 0; i < explainer->recipe->profile_count; i++)
        explain_profile(explainer, &explainer->recipe->profiles[i]);
    for (size_t i = 0; i < explainer->recipe->component_count; i++)
        explain_facts(explainer, &explainer->recipe->components[i]);
    for (size_t i = 0; i < explainer->recipe->constraint_count; i++)
        explain_constraint(explainer, &explainer->recipe->constraints[i]);
    return tuning_explain(explainer->arena, explainer->recipe, "tuning", explainer->result, err);
}

static int explain_validation(struct explainer *explainer, const char *selector, struct error **err) {
    struct doc *root = doc_new_map(explainer->arena);
    if (explainer->recipe->validation)
        doc_map_set(explainer->arena, root, "validation", explainer->recipe->validation);
    const struct doc *value = NULL;
    int r = doc_path_get(explainer->arena, root, selector, &value, err);
    if (r == 0)
        explain_leaves(explainer, selector, value, NULL);
    return r;
}

// "components.<name>.<rest>", where the name may be a step with escapes.
static int explain_by_path(struct explainer *explainer, const char *selector, struct error **err) {
    struct doc_path path = {0};
    int r = doc_path_parse(explainer->arena, selector, &path, err);
    if (r < 0)
        return r;
    struct component *component =
        path.count > 1 && path.steps[1].key ? find_component(explainer, path.steps[1].key) : NULL;
    if (!component)
        return nothing_found(explainer, selector, err);
    return explain_component(explainer, component, path.count > 2 ? selector + path.steps[2].offset : "", err);
}

static int explain_by_name(struct explainer *explainer, const char *selector, struct error **err) {
    const char *name = str_has_prefix(selector, "constraints.") ? selector + strlen("constraints.") : selector;
    const struct constraint *constraint = find_constraint(explainer->recipe, name);
    if (constraint) {
        explain_constraint(explainer, constraint);
        return 0;
    }
    struct component *component = find_component(explainer, selector);
    if (component)
        return explain_component(explainer, component, "", err);
    if (find_profile(explainer->recipe, selector))
        return explain_profiles(explainer, selector, err);
    const char *colon = strchr(selector, ':'), *dot = strchr(selector, '.');
    const char *cut = colon ? colon : dot;
    component =
        cut ? find_component(explainer, arena_strndup(explainer->arena, selector, (size_t)(cut - selector))) : NULL;
    if (!component)
        return nothing_found(explainer, selector, err);
    return colon ? explain_values(explainer, component, colon + 1, err)
                 : explain_component(explainer, component, dot + 1, err);
}

int recipe_explain(struct arena *arena, struct catalog *catalog, struct recipe *recipe, const char *selector,
                   struct explanations *ret, struct error **err) {
    struct explanations result = {0};
    struct explainer explainer = {.arena = arena,
                                  .catalog = catalog,
                                  .recipe = recipe,
                                  .result = &result,
                                  .reasons = {.arena = arena, .catalog = catalog}};
    if (*selector == '.')
        selector++;
    bool is_tuning = str_eq(selector, "tuning") || str_has_prefix(selector, "tuning.");
    int r = str_is_empty(selector)                    ? explain_all(&explainer, err)
            : is_tuning                               ? tuning_explain(arena, recipe, selector, &result, err)
            : str_has_prefix(selector, "components.") ? explain_by_path(&explainer, selector, err)
            : str_has_prefix(selector, "validation")  ? explain_validation(&explainer, selector, err)
            : str_eq(selector, "profile")             ? explain_profiles(&explainer, "", err)
            : str_has_prefix(selector, "profile.")    ? explain_profiles(&explainer, selector + strlen("profile."), err)
                                                      : explain_by_name(&explainer, selector, err);
    if (r == 0)
        *ret = result;
    return r;
}

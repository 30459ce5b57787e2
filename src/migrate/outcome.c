// SPDX-License-Identifier: Apache-2.0
#include "migrate/outcome.h"
#include "base/suggest.h"

#include <stdarg.h>

// --- what is available ---

struct availability availability_find(const struct migration_knowledge *knowledge, const char *component) {
    struct availability found = {.component = recipe_component(knowledge->recipe, component)};
    const struct recipe *before = knowledge->without_mixins ? knowledge->without_mixins : knowledge->recipe;
    for (size_t i = 0; i < knowledge->registry_count; i++)
        if (str_eq(knowledge->registry[i].name, component))
            found.registry = &knowledge->registry[i];
    if (knowledge->find_mixin && !recipe_component(before, component))
        found.mixin = knowledge->find_mixin(knowledge->context, NULL, component);
    return found;
}

const char *availability_version(const struct availability *availability) {
    const struct component *component = availability->component;
    if (component)
        return component->version ? component->version : component->tag;
    const struct doc *entry = availability->registry ? availability->registry->doc : NULL;
    return doc_get_text(doc_get(entry, "helm"), "defaultVersion",
                        doc_get_text(doc_get(entry, "kustomize"), "defaultTag", NULL));
}

// --- judgements ---

void judgement_worsen(struct judgement *judgement, enum verdict verdict) {
    judgement->verdict = MAX(judgement->verdict, verdict);
}

static _printf_(3, 0) void add_with(struct text *text, const char *separator, const char *format, va_list arguments) {
    _cleanup_arena_ struct arena *arena = arena_new();
    text_addf(text, "%s%s", text->length ? separator : "", arena_vprintf(arena, format, arguments));
}

void judgement_add_target(struct judgement *judgement, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_with(&judgement->to, ", ", format, arguments);
    va_end(arguments);
}

void judgement_add_reason(struct judgement *judgement, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_with(&judgement->why, " ", format, arguments);
    va_end(arguments);
}

void judgement_add_todo(struct judgement *judgement, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_with(&judgement->todo, " ", format, arguments);
    va_end(arguments);
}

// --- finding the outcome ---

const struct doc *outcome_find(const struct migration *migration, const struct given *given) {
    if (!given->entry || !migration_holds(migration, doc_get(given->entry, "needs")))
        return NULL;
    const struct doc *outcomes = doc_get(given->entry, "outcomes");
    if (!outcomes)
        return given->entry;
    DOC_FOREACH_ITEM(outcome, outcomes)
    if (migration_holds(migration, doc_get(outcome, "when")))
        return outcome;
    return NULL;
}

static enum verdict verdict_of(const struct doc *outcome) {
    const char *name = doc_get_text(outcome, "verdict", "carried");
    for (int i = 0; i < VERDICT_COUNT; i++)
        if (str_eq(verdict_names[i], name))
            return (enum verdict)i;
    return VERDICT_DECISION;
}

// --- the parts of an outcome ---

static void add_mixin(struct judgement *judgement, const char *name) {
    struct migration *migration = judgement->migration;
    judgement_add_target(judgement, "--mixin %s", name);
    DOC_FOREACH_ITEM(known, migration->mixins)
    if (str_eq(doc_text(known), name))
        return;
    doc_list_add(migration->arena, migration->mixins, doc_new_string(migration->arena, name));
}

// True when all of them can be had.
static bool judge_mixins(struct judgement *judgement, const struct doc *names, bool has_substitute) {
    const struct migration_knowledge *knowledge = judgement->knowledge;
    bool has_all = true;
    DOC_FOREACH_ITEM(name, names) {
        if (knowledge->find_mixin && knowledge->find_mixin(knowledge->context, doc_text(name), NULL)) {
            add_mixin(judgement, doc_text(name));
            continue;
        }
        has_all = false;
        if (has_substitute)
            continue;
        judgement_worsen(judgement, VERDICT_LOST);
        judgement_add_reason(judgement, "There is no mixin %s for these criteria.", doc_text(name));
    }
    return has_all;
}

// True when the recipe has the component, or gets it by a mixin, which is then asked for.
static bool take_component(struct judgement *judgement, const char *name) {
    struct availability available = availability_find(judgement->knowledge, name);
    if (available.mixin)
        add_mixin(judgement, available.mixin);
    if (available.component || available.mixin)
        return true;
    if (available.registry) {
        judgement_worsen(judgement, VERDICT_DECISION);
        judgement_add_reason(judgement, "%s is known, but this recipe does not have it.", name);
        judgement_add_todo(judgement, "Add %s by an overlay of your own (--data).", name);
    } else {
        judgement_worsen(judgement, VERDICT_LOST);
        judgement_add_reason(judgement, "There is no component %s.", name);
    }
    return false;
}

static void judge_wants(struct judgement *judgement, const struct doc *wants) {
    DOC_FOREACH_ITEM(item, wants) {
        const char *name = doc_text(item);
        const struct component *component = recipe_component(judgement->knowledge->recipe, name);
        if (take_component(judgement, name) && component)
            judgement_add_target(judgement, "%s %s", name, component->version ? component->version : "");
    }
}

static const struct doc *fill(const struct judgement *judgement, const struct doc *value) {
    struct arena *arena = judgement->migration->arena;
    if (value->kind == DOC_STRING)
        return doc_new_string(arena, migration_fill(judgement->migration, judgement->given, value->text));
    if (doc_is_scalar(value))
        return value;
    struct doc *copy = value->kind == DOC_LIST ? doc_new_list(arena) : doc_new_map(arena);
    DOC_FOREACH_ITEM(item, value) {
        const struct doc *filled = fill(judgement, item);
        // An item like {name, value} whose value is not given says nothing.
        if (str_is_empty(doc_get_text(item, "value", NULL)) || *doc_get_text(filled, "value", ""))
            doc_list_add(arena, copy, filled);
    }
    DOC_FOREACH_MEMBER(member, value)
    doc_map_set(arena, copy, member->key, fill(judgement, member->value));
    return copy;
}

static void add_setting(struct judgement *judgement, const char *component, const char *path, const struct doc *value) {
    struct migration *migration = judgement->migration;
    struct doc *setting = doc_new_map(migration->arena);
    doc_map_set_text(migration->arena, setting, "component", component);
    doc_map_set_text(migration->arena, setting, "path", path);
    doc_map_set(migration->arena, setting, "value", value);
    doc_map_set_text(migration->arena, setting, "from", judgement->given->written);
    doc_list_add(migration->arena, migration->settings, setting);
    if (doc_is_scalar(value))
        judgement_add_target(judgement, "%s:%s=%s", component, path, doc_text(value));
    else
        judgement_add_target(judgement, "%s:%s", component, path);
}

static void judge_settings(struct judgement *judgement, const struct doc *settings) {
    DOC_FOREACH_ITEM(item, settings) {
        const char *component = doc_get_text(item, "component", "");
        if (take_component(judgement, component))
            add_setting(judgement, component, doc_get_text(item, "path", ""), fill(judgement, doc_get(item, "value")));
    }
}

static void judge_without(struct judgement *judgement, const struct doc *names) {
    DOC_FOREACH_ITEM(item, names)
    if (recipe_component(judgement->knowledge->recipe, doc_text(item)))
        add_setting(judgement, doc_text(item), "enabled", doc_new_bool(judgement->migration->arena, false));
}

static void add_option(struct judgement *judgement, const struct doc *rule, const char *value) {
    struct migration *migration = judgement->migration;
    struct doc *option = doc_new_map(migration->arena);
    const char *name = doc_get_text(rule, "name", "");
    // A boolean option takes its value with an equals sign only.
    if (value && doc_get_bool(rule, "joined", false)) {
        name = arena_printf(migration->arena, "%s=%s", name, value);
        value = NULL;
    }
    doc_map_set_text(migration->arena, option, "command", doc_get_text(rule, "command", NULL));
    doc_map_set_text(migration->arena, option, "name", name);
    doc_map_set_text(migration->arena, option, "value", value);
    doc_map_set_text(migration->arena, option, "from", judgement->given->written);
    doc_list_add(migration->arena, migration->options, option);
    judgement_add_target(judgement, "cnsctl %s %s%s%s", doc_get_text(rule, "command", ""), name, value ? " " : "",
                         value ? value : "");
}

// A list gives the option once for each item, a map once for each `key=value`.
static void judge_option(struct judgement *judgement, const struct doc *rule) {
    struct arena *arena = judgement->migration->arena;
    const struct given *given = judgement->given;
    const char *fixed = doc_get_text(rule, "value", NULL);
    bool is_simple = true;
    if (fixed)
        add_option(judgement, rule, migration_fill(judgement->migration, given, fixed));
    else if (doc_is_scalar(given->value) && *given->text)
        add_option(judgement, rule, given->text);
    DOC_FOREACH_ITEM(item, given->value) {
        is_simple = is_simple && doc_is_scalar(item);
        if (doc_is_scalar(item))
            add_option(judgement, rule, doc_text(item));
    }
    DOC_FOREACH_MEMBER(member, given->value) {
        is_simple = is_simple && doc_is_scalar(member->value);
        if (doc_is_scalar(member->value))
            add_option(judgement, rule, arena_printf(arena, "%s=%s", member->key, doc_text(member->value)));
    }
    if (is_simple)
        return;
    judgement_worsen(judgement, VERDICT_DECISION);
    judgement_add_reason(judgement, "Not all of it is text, and only text can be an option.");
    judgement_add_todo(judgement, "Write cnsctl %s %s by hand.", doc_get_text(rule, "command", ""),
                       doc_get_text(rule, "name", ""));
}

static void judge_options(struct judgement *judgement, const struct doc *rules) {
    if (doc_is(rules, DOC_MAP))
        judge_option(judgement, rules);
    DOC_FOREACH_ITEM(rule, rules)
    judge_option(judgement, rule);
}

static bool judge_profile(struct judgement *judgement, const char *choice, bool has_substitute) {
    struct arena *arena = judgement->migration->arena;
    const struct migration_knowledge *knowledge = judgement->knowledge;
    if (!choice)
        return true;
    if (knowledge->has_profile && knowledge->has_profile(knowledge->context, choice)) {
        struct doc *rule = doc_new_map(arena);
        doc_map_set_text(arena, rule, "command", "recipe");
        doc_map_set_text(arena, rule, "name", "--profile");
        add_option(judgement, rule, choice);
        return true;
    }
    if (has_substitute)
        return false;
    judgement_worsen(judgement, VERDICT_DECISION);
    judgement_add_reason(judgement, "This recipe has no profile %s.", choice);
    judgement_add_todo(judgement, "See which profiles it has: metadata.selectedProfile, and cnsctl explain.");
    return false;
}

static void judge_criteria(struct judgement *judgement, const struct doc *criteria) {
    const struct migration *migration = judgement->migration;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *word =
            migration_fill(migration, judgement->given, doc_get_text(criteria, criteria_field_names[i], NULL));
        if (str_is_empty(word))
            continue;
        if (str_eq(word, migration->criteria[i])) {
            judgement_add_target(judgement, "--%s %s", criteria_field_names[i], word);
            continue;
        }
        judgement_worsen(judgement, VERDICT_DECISION);
        judgement_add_reason(judgement, "The %s is %s already, because of %s.", criteria_field_names[i],
                             migration->criteria[i], migration->criteria_from[i]);
    }
}

// --- the whole ---

static int judge(struct judgement *judgement, const struct doc *outcome, struct error **err) {
    judgement->verdict = verdict_of(outcome);
    const char *why = migration_fill(judgement->migration, judgement->given, doc_get_text(outcome, "why", NULL));
    const char *todo = migration_fill(judgement->migration, judgement->given, doc_get_text(outcome, "todo", NULL));
    if (why)
        judgement_add_reason(judgement, "%s", why);
    if (todo)
        judgement_add_todo(judgement, "%s", todo);
    judge_criteria(judgement, doc_get(outcome, "criteria"));
    judge_wants(judgement, doc_get(outcome, "wants"));
    const struct doc *mixins = doc_get(outcome, "mixins"), *settings = doc_get(outcome, "set");
    const char *profile =
        migration_fill(judgement->migration, judgement->given, doc_get_text(outcome, "profile", NULL));
    // Settings stand in for mixins and profiles that cannot be had.
    bool has_all =
        (mixins || profile) && judge_mixins(judgement, mixins, settings) && judge_profile(judgement, profile, settings);
    if (!has_all)
        judge_settings(judgement, settings);
    judge_without(judgement, doc_get(outcome, "without"));
    judge_options(judgement, doc_get(outcome, "option"));
    const struct doc *version = doc_get(outcome, "version");
    return version ? judge_version(judgement, version, err) : 0;
}

static void judge_unknown(struct judgement *judgement) {
    const struct map *entries = &judgement->migration->mapping->entries;
    const char **names = arena_new_array(judgement->migration->arena, const char *, entries->count + 1);
    for (size_t i = 0; i < entries->count; i++)
        names[i] = entries->entries[i].key;
    const char *nearest = suggest_nearest(judgement->given->written, names, entries->count);
    judgement->verdict = VERDICT_UNKNOWN;
    judgement_add_reason(judgement, "No release that is known here has this key.");
    if (nearest)
        judgement_add_todo(judgement, "Perhaps '%s' was meant.", nearest);
    else
        judgement_add_todo(judgement, "See what it was for, and whether something has to take its place.");
}

// The conditions of `needs` that do not hold, as "monitoring is false".
static void judge_unused(struct judgement *judgement, const struct doc *needs) {
    DOC_FOREACH_MEMBER(need, needs) {
        const struct given *other = given_find(&judgement->migration->given, need->key);
        if (!other)
            judgement_add_reason(judgement, "Not used: %s is not set.", need->key);
        else
            judgement_add_reason(judgement, "Not used: %s is %s.", need->key, *other->text ? other->text : "empty");
    }
    judgement->verdict = VERDICT_OFF;
}

// Not set, or switched off: then nothing is lost, whatever the map says.
static bool is_nothing(const struct given *given) {
    bool is_boolean = str_eq(doc_get_text(given->entry, "type", NULL), "boolean");
    return (!*given->text && doc_count(given->value) == 0) || (is_boolean && str_eq(given->text, "false"));
}

// What was not installed, but is part of the recipe.
static bool judge_surplus(struct judgement *judgement) {
    const char *name = doc_get_text(judgement->given->entry, "component", NULL);
    const struct component *component = name ? recipe_component(judgement->knowledge->recipe, name) : NULL;
    if (!component)
        return false;
    judgement_add_target(judgement, "%s %s", name, component->version ? component->version : "");
    judgement_add_reason(judgement, "It was switched off, but is part of what the recipe has proved together.");
    judgement_add_todo(judgement, "To leave it out: cnsctl bundle --set %s:enabled=false", name);
    return true;
}

static int judge_given(struct judgement *judgement, struct error **err) {
    const struct given *given = judgement->given;
    const struct doc *entry = given->entry, *outcome = outcome_find(judgement->migration, given);
    if (!entry) {
        judge_unknown(judgement);
    } else if (doc_get_bool(entry, "secret", false) && !*given->text) {
        judgement->verdict = VERDICT_OFF;
        judgement_add_reason(judgement, "Not set.");
    } else if (outcome && !(is_nothing(given) && verdict_of(outcome) == VERDICT_LOST)) {
        return judge(judgement, outcome, err);
    } else if (!migration_holds(judgement->migration, doc_get(entry, "needs"))) {
        judge_unused(judgement, doc_get(entry, "needs"));
    } else if (str_eq(given->text, "false") && judge_surplus(judgement)) {
        judgement->verdict = VERDICT_REPLACED;
    } else if (str_eq(given->text, "false") || !*given->text) {
        judgement->verdict = VERDICT_OFF;
        judgement_add_reason(judgement, *given->text ? "Switched off." : "Not set.");
    } else {
        judgement->verdict = VERDICT_DECISION;
        judgement_add_reason(judgement, "This value is not foreseen.");
        judgement_add_todo(judgement, "Decide what it stands for.");
    }
    return 0;
}

static const char *text_or_null(struct arena *arena, const struct text *text) {
    return text->length ? arena_strdup(arena, text_str(text)) : NULL;
}

int outcome_apply(struct migration *migration, const struct migration_knowledge *knowledge, const struct given *given,
                  struct error **err) {
    struct judgement judgement = {.migration = migration, .knowledge = knowledge, .given = given};
    struct arena *arena = migration->arena;
    int r = judge_given(&judgement, err);
    bool is_secret = judgement.verdict == VERDICT_SECRET;
    if (r == 0)
        verdict_add(&migration->report,
                    &(struct verdict_row){.id = given->written,
                                          .phase = "keys",
                                          .to = text_or_null(arena, &judgement.to),
                                          .value = is_secret ? "(not shown)" : given->text,
                                          .why = text_or_null(arena, &judgement.why),
                                          .todo = text_or_null(arena, &judgement.todo),
                                          .verdict = judgement.verdict,
                                          .where = given->origin,
                                          .source = given->entry ? given->entry->origin : (struct doc_origin){0}});
    text_done(&judgement.to);
    text_done(&judgement.why);
    text_done(&judgement.todo);
    return r;
}

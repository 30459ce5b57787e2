// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration.h"
#include "base/text.h"
#include "migrate/outcome.h"

// --- conditions ---

static const char *known_text(const struct migration *migration, const char *key) {
    const struct given *given = given_find(&migration->given, key);
    if (given)
        return given->text;
    // A key that the file leaves out has the default of the program that reads it.
    const struct doc *entry = map_get(&migration->mapping->entries, key);
    bool is_boolean = str_eq(doc_get_text(entry, "type", NULL), "boolean");
    return doc_get_text(entry, "default", is_boolean ? "false" : "");
}

const char *migration_shipped(const struct migration *migration, const struct given *given) {
    return doc_get_text(migration->shipped, given->key, doc_get_text(given->entry, "default", NULL));
}

static bool holds_word(const struct migration *migration, const char *key, const char *text,
                       const struct doc_member *word) {
    const char *operand = doc_text(word->value);
    if (str_eq(word->key, "not"))
        return !str_eq(operand, text);
    if (str_eq(word->key, "contains"))
        return operand && strstr(text, operand);
    if (str_eq(word->key, "empty"))
        return (*text == '\0') == str_eq(operand, "true");
    const struct given *given = given_find(&migration->given, key);
    const char *shipped = given ? migration_shipped(migration, given) : NULL;
    return str_eq(word->key, "shipped") && (!given || str_eq(shipped, text)) == str_eq(operand, "true");
}

static bool holds_one(const struct migration *migration, const struct doc_member *condition) {
    const char *text = known_text(migration, condition->key);
    const struct doc *want = condition->value;
    if (doc_is_scalar(want))
        return str_eq(doc_text(want), text);
    if (doc_list_has(want, text))
        return true;
    DOC_FOREACH_MEMBER(word, want)
    if (!holds_word(migration, condition->key, text, word))
        return false;
    return doc_is(want, DOC_MAP);
}

bool migration_holds(const struct migration *migration, const struct doc *conditions) {
    DOC_FOREACH_MEMBER(condition, conditions)
    if (!holds_one(migration, condition))
        return false;
    return true;
}

const char *migration_fill(const struct migration *migration, const struct given *given, const char *text) {
    if (!text || !strchr(text, '{'))
        return text;
    _cleanup_text_ struct text out = {0};
    for (const char *at = text; *at;) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        if (!end) {
            text_add_char(&out, *at++);
            continue;
        }
        const char *key = arena_strndup(migration->arena, at + 1, (size_t)(end - at - 1));
        text_add(&out, given && str_eq(key, "value") ? given->text : known_text(migration, key));
        at = end + 1;
    }
    return arena_strdup(migration->arena, text_str(&out));
}

// --- the first step: criteria ---

static void find_release(struct migration *migration, const struct migration_input *input) {
    const struct doc *spec = migration->mapping->spec;
    const char *key = doc_get_text(spec, "release", NULL);
    const struct given *given = key ? given_find(&migration->given, key) : NULL;
    migration->release = given && *given->text ? given->text : input->release;
    if (migration->release)
        migration->shipped = doc_get(doc_get(spec, "releases"), migration->release);
}

static void take_criteria(struct migration *migration, const struct doc *criteria, const struct given *given,
                          const char *from) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *word = migration_fill(migration, given, doc_get_text(criteria, criteria_field_names[i], NULL));
        if (!str_is_empty(word) && !migration->criteria[i]) {
            migration->criteria[i] = word;
            migration->criteria_from[i] = from;
        }
    }
}

static void find_criteria(struct migration *migration) {
    for (size_t i = 0; i < migration->given.count; i++) {
        const struct given *given = &migration->given.items[i];
        const struct doc *outcome = outcome_find(migration, given);
        take_criteria(migration, doc_get(outcome, "criteria"), given, given->written);
    }
    // What holds for every such file comes last: a key may know better.
    take_criteria(migration, doc_get(migration->mapping->spec, "criteria"), NULL, migration->mapping->name);
}

static void drop_given(void *migration) {
    given_list_done(&((struct migration *)migration)->given);
}

int migration_read(struct arena *arena, const struct mapping *mapping, const struct migration_input *input,
                   struct migration **ret, struct error **err) {
    struct migration *migration = arena_new_object(arena, struct migration);
    *migration = (struct migration){
        .arena = arena,
        .mapping = mapping,
        .source = input->file->origin.source,
        .inventory = input->inventory,
        .settings = doc_new_list(arena),
        .options = doc_new_list(arena),
        .mixins = doc_new_list(arena),
        .versions = doc_new_list(arena),
        .moves = doc_new_list(arena),
    };
    int r = mapping_read(mapping, input->file, &migration->given, err);
    if (r < 0)
        return r;
    arena_on_free(arena, drop_given, migration);
    report_init(&migration->report, arena, "MigrationReport");
    find_release(migration, input);
    find_criteria(migration);
    *ret = migration;
    return 0;
}

// --- the second step: every key ---

static void judge_inventory(struct migration *migration) {
    const struct inventory *inventory = migration->inventory;
    DOC_FOREACH_ITEM(rule, doc_get(migration->mapping->spec, "groups")) {
        const struct inventory_group *group = inventory_find(inventory, doc_get_text(rule, "group", ""));
        if (!group)
            continue;
        uint64_t count = inventory_count(inventory, group->name);
        bool is_accelerated = str_eq(doc_get_text(rule, "role", NULL), "accelerated");
        if (is_accelerated && count < INT64_MAX)
            migration->nodes = (int64_t)count;
        verdict_add(
            &migration->report,
            &(struct verdict_row){.id = arena_printf(migration->arena, "[%s]", group->name),
                                  .phase = "inventory",
                                  .verdict = count ? VERDICT_DECISION : VERDICT_OFF,
                                  .value = arena_printf(migration->arena, "%llu machines", (unsigned long long)count),
                                  .why = count ? doc_get_text(rule, "why", NULL) : "No machine stands in this group.",
                                  .todo = count ? doc_get_text(rule, "todo", NULL) : NULL,
                                  .where = {inventory->source, group->line, 1},
                                  .source = rule->origin});
    }
}

static bool is_ruled_group(const struct migration *migration, const char *name) {
    DOC_FOREACH_ITEM(rule, doc_get(migration->mapping->spec, "groups"))
    if (str_eq(doc_get_text(rule, "group", NULL), name))
        return true;
    return false;
}

static void judge_rest_of_inventory(struct migration *migration) {
    const struct inventory *inventory = migration->inventory;
    for (size_t i = 0; i < inventory->group_count; i++)
        if (!is_ruled_group(migration, inventory->groups[i].name))
            verdict_add(&migration->report,
                        &(struct verdict_row){.id = arena_printf(migration->arena, "[%s]", inventory->groups[i].name),
                                              .phase = "inventory",
                                              .verdict = VERDICT_UNKNOWN,
                                              .value = arena_printf(migration->arena, "%llu machines",
                                                                    (unsigned long long)inventory_count(
                                                                        inventory, inventory->groups[i].name)),
                                              .why = "Cloud Native Stack knows no group of this name.",
                                              .todo = "See what these machines are for.",
                                              .where = {inventory->source, inventory->groups[i].line, 1}});
    for (size_t i = 0; i < inventory->variable_count; i++) {
        const struct inventory_variable *variable = &inventory->variables[i];
        verdict_add(&migration->report,
                    &(struct verdict_row){
                        .id = variable->name,
                        .phase = "inventory",
                        .verdict = variable->is_secret ? VERDICT_SECRET : VERDICT_OUTSIDE,
                        .value = arena_printf(migration->arena, "set %zu times (not shown)", variable->count),
                        .why = variable->is_secret
                                   ? "Passwords of machines are not read: nothing here logs in to machines."
                                   : "How Ansible reaches the machines; nothing here logs in to machines.",
                        .todo = variable->is_secret ? "Delete the inventory, or keep it where secrets are kept." : NULL,
                        .where = {inventory->source, variable->line, 1}});
    }
}

int migration_judge(struct migration *migration, const struct migration_knowledge *knowledge, struct error **err) {
    for (size_t i = 0; i < migration->given.count; i++) {
        int r = outcome_apply(migration, knowledge, &migration->given.items[i], err);
        if (r < 0)
            return r;
    }
    if (migration->inventory) {
        judge_inventory(migration);
        judge_rest_of_inventory(migration);
    }
    outcome_moves(migration, knowledge);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration_write.h"
#include "doc/emit.h"
#include "model/report_format.h"

// --- commands ---

static bool is_plain_word(const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
    return *text && text[strspn(text, plain)] == '\0';
}

static void add_word(struct text *line, const char *word) {
    text_add_char(line, ' ');
    if (is_plain_word(word)) {
        text_add(line, word);
        return;
    }
    text_add_char(line, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            text_add(line, "'\\''");
        else
            text_add_char(line, *word);
    }
    text_add_char(line, '\'');
}

static void add_option(struct text *line, const char *name, const char *value) {
    if (!value)
        return;
    add_word(line, name);
    add_word(line, value);
}

static const char *find_option(const struct migration *migration, const char *command, const char *name) {
    DOC_FOREACH_ITEM(option, migration->options)
    if (str_eq(doc_get_text(option, "command", NULL), command) && str_eq(doc_get_text(option, "name", NULL), name))
        return doc_get_text(option, "value", "");
    return NULL;
}

static void add_options(struct text *line, const struct migration *migration, const char *command) {
    DOC_FOREACH_ITEM(option, migration->options) {
        if (!str_eq(doc_get_text(option, "command", NULL), command))
            continue;
        add_word(line, doc_get_text(option, "name", ""));
        if (doc_get(option, "value"))
            add_word(line, doc_get_text(option, "value", ""));
    }
}

// True values and numbers as words, for which the replaced value decides the kind; text as JSON, which keeps it text.
static void add_setting(struct text *line, const struct doc *setting) {
    const struct doc *value = doc_get(setting, "value");
    _cleanup_text_ struct text word = {0};
    text_addf(&word, "%s:%s=", doc_get_text(setting, "component", ""), doc_get_text(setting, "path", ""));
    bool is_word = doc_is(value, DOC_BOOL) || doc_is(value, DOC_INT);
    if (is_word)
        text_add(&word, doc_text(value));
    else
        doc_emit(value, EMIT_JSON_COMPACT, &word);
    add_option(line, is_word ? "--set" : "--set-json", text_str(&word));
}

static const char *recipe_file(const struct migration *migration) {
    const char *output = find_option(migration, "recipe", "--output");
    return str_is_empty(output) ? "recipe.yaml" : output;
}

static bool has_options(const struct migration *migration, const char *command) {
    DOC_FOREACH_ITEM(option, migration->options)
    if (str_eq(doc_get_text(option, "command", NULL), command))
        return true;
    return false;
}

static void add_knowledge(struct text *line, const struct migration *migration, const char *command,
                          const struct migration_context *context) {
    if (!find_option(migration, command, "--data"))
        add_option(line, "--data", context->data);
    add_option(line, "--catalog", context->catalog);
}

static void write_recipe(const struct migration *migration, const struct migration_context *context,
                         struct text *line) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        add_option(line, arena_printf(migration->arena, "--%s", criteria_field_names[i]), migration->criteria[i]);
    DOC_FOREACH_ITEM(mixin, migration->mixins)
    add_option(line, "--mixin", doc_text(mixin));
    if (!find_option(migration, "recipe", "--snapshot"))
        add_option(line, "--snapshot", context->snapshot);
    add_options(line, migration, "recipe");
    add_knowledge(line, migration, "recipe", context);
    if (!find_option(migration, "recipe", "--output"))
        add_option(line, "--output", recipe_file(migration));
}

static void write_bundle(const struct migration *migration, const struct migration_context *context,
                         struct text *line) {
    if (!find_option(migration, "bundle", "--recipe"))
        add_option(line, "--recipe", recipe_file(migration));
    DOC_FOREACH_ITEM(setting, migration->settings)
    add_setting(line, setting);
    add_options(line, migration, "bundle");
    add_knowledge(line, migration, "bundle", context);
    if (!find_option(migration, "bundle", "--output"))
        add_option(line, "--output", "bundle");
}

static void write_snapshot(const struct migration *migration, const struct migration_context *context _unused_,
                           struct text *line) {
    add_options(line, migration, "snapshot");
    if (!find_option(migration, "snapshot", "--output"))
        add_option(line, "--output", "snapshot.yaml");
}

static void write_validate(const struct migration *migration, const struct migration_context *context _unused_,
                           struct text *line) {
    if (!find_option(migration, "validate", "--recipe"))
        add_option(line, "--recipe", recipe_file(migration));
    if (!find_option(migration, "validate", "--snapshot"))
        add_option(line, "--snapshot", "snapshot.yaml");
    add_options(line, migration, "validate");
}

// Some maps lead to a command always, others only when there is something to tell it.
static bool is_wanted(const struct migration *migration, const char *command) {
    DOC_FOREACH_ITEM(always, doc_get(migration->mapping->spec, "commands"))
    if (str_eq(doc_text(always), command))
        return true;
    bool is_recipe = str_eq(command, "recipe");
    for (int i = 0; is_recipe && i < CRITERIA_FIELD_COUNT; i++)
        if (migration->criteria[i])
            return true;
    return has_options(migration, command) || (is_recipe && doc_count(migration->mixins)) ||
           (str_eq(command, "bundle") && doc_count(migration->settings));
}

static const struct doc *command_lines(const struct migration *migration, const struct migration_context *context) {
    static const struct {
        const char *command;
        void (*write)(const struct migration *migration, const struct migration_context *context, struct text *line);
    } commands[] = {
        {"snapshot", write_snapshot}, {"recipe", write_recipe}, {"validate", write_validate}, {"bundle", write_bundle}};
    struct doc *lines = doc_new_list(migration->arena);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        _cleanup_text_ struct text line = {0};
        if (!is_wanted(migration, commands[i].command))
            continue;
        text_addf(&line, "cnsctl %s", commands[i].command);
        commands[i].write(migration, context, &line);
        doc_list_add(migration->arena, lines, doc_new_string(migration->arena, text_str(&line)));
    }
    return lines;
}

static const char *title(const struct migration *migration) {
    const char *name = doc_get_text(doc_get(migration->mapping->doc, "metadata"), "title", migration->mapping->name);
    return migration->release ? arena_printf(migration->arena, "%s %s", name, migration->release) : name;
}

void migration_commands(const struct migration *migration, const struct migration_context *context, struct text *out) {
    _cleanup_text_ struct text head = {0};
    report_add_printable(&head, migration->source ? migration->source : "a file", SIZE_MAX);
    text_addf(out, "#!/bin/sh\n# What %s (", text_str(&head));
    report_add_printable(out, title(migration), SIZE_MAX);
    text_add(out, ") comes to. See its report for what is left to decide.\nset -eu\n");
    DOC_FOREACH_ITEM(line, command_lines(migration, context))
    text_addf(out, "%s\n", doc_text(line));
}

// --- the document ---

static const struct doc *summary(const struct migration *migration) {
    struct arena *arena = migration->arena;
    struct doc *map = doc_new_map(arena);
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        int64_t count = 0;
        for (size_t i = 0; i < migration->report.count; i++)
            count += str_eq(migration->report.checks[i].cause, verdict_names[verdict]);
        doc_map_set_int(arena, map, verdict_names[verdict], count);
    }
    return map;
}

static const struct doc *criteria(const struct migration *migration) {
    struct arena *arena = migration->arena;
    struct doc *map = doc_new_map(arena);
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        doc_map_set_text(arena, map, criteria_field_names[i], migration->criteria[i]);
    return map;
}

static const struct doc *keys(const struct migration *migration) {
    struct arena *arena = migration->arena;
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < migration->report.count; i++) {
        const struct check *check = &migration->report.checks[i];
        struct doc *row = doc_new_map(arena);
        doc_map_set_text(arena, row, "key", check->id);
        doc_map_set_text(arena, row, "part", check->phase);
        doc_map_set_text(arena, row, "verdict", check->cause);
        doc_map_set_text(arena, row, "value", check->actual);
        doc_map_set_text(arena, row, "to", check->expected);
        doc_map_set_text(arena, row, "why", check->reason);
        doc_map_set_text(arena, row, "todo", check->remediation);
        doc_map_set_text(arena, row, "where", check->where);
        doc_list_add(arena, list, row);
    }
    return list;
}

const struct doc *migration_document(const struct migration *migration, const struct migration_context *context) {
    struct arena *arena = migration->arena;
    struct doc *doc = doc_new_map(arena), *metadata = doc_new_map(arena);
    doc_map_set_text(arena, doc, "kind", "MigrationResult");
    doc_map_set_text(arena, doc, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set_text(arena, metadata, "version", CNS_VERSION);
    doc_map_set_text(arena, metadata, "map", migration->mapping->name);
    doc_map_set_text(arena, metadata, "title", title(migration));
    doc_map_set_text(arena, metadata, "source", migration->source);
    doc_map_set_text(arena, metadata, "inventory", migration->inventory ? migration->inventory->source : NULL);
    doc_map_set(arena, doc, "metadata", metadata);
    doc_map_set(arena, doc, "summary", summary(migration));
    doc_map_set(arena, doc, "criteria", criteria(migration));
    doc_map_set(arena, doc, "mixins", migration->mixins);
    doc_map_set(arena, doc, "settings", migration->settings);
    doc_map_set(arena, doc, "options", migration->options);
    doc_map_set(arena, doc, "commands", command_lines(migration, context));
    doc_map_set(arena, doc, "versions", migration->versions);
    doc_map_set(arena, doc, "moves", migration->moves);
    doc_map_set(arena, doc, "keys", keys(migration));
    return doc;
}

// --- the page ---

static void add_line(struct text *out, const char *indent, const char *text) {
    text_add(out, indent);
    report_add_printable(out, text, SIZE_MAX);
    text_add_char(out, '\n');
}

// What is carried, open or lost has lines of its own; of what needs nothing the keys are enough.
static void add_row(struct text *out, const struct check *check) {
    _cleanup_text_ struct text head = {0};
    text_addf(&head, "%s%s%s", check->id, check->actual && *check->actual ? " = " : "",
              check->actual ? check->actual : "");
    add_line(out, "  ", text_str(&head));
    if (check->expected)
        add_line(out, "    to   ", check->expected);
    if (check->reason)
        add_line(out, "    why  ", check->reason);
    if (check->remediation)
        add_line(out, "    do   ", check->remediation);
}

static void add_section(const struct migration *migration, struct text *out, const char *heading,
                        const enum verdict *verdicts, size_t count, bool is_brief) {
    bool is_first = true;
    for (size_t i = 0; i < migration->report.count; i++) {
        const struct check *check = &migration->report.checks[i];
        bool is_wanted = false;
        for (size_t j = 0; j < count; j++)
            is_wanted = is_wanted || str_eq(check->cause, verdict_names[verdicts[j]]);
        if (!is_wanted)
            continue;
        if (is_first)
            text_addf(out, "\n%s\n%s", heading, is_brief ? "  " : "");
        if (is_brief) {
            text_add(out, is_first ? "" : ", ");
            report_add_printable(out, check->id, SIZE_MAX);
        } else {
            add_row(out, check);
        }
        is_first = false;
    }
    if (is_brief && !is_first)
        text_add_char(out, '\n');
}

void migration_text(const struct migration *migration, const struct migration_context *context, struct text *out) {
    static const enum verdict open[] = {VERDICT_DECISION, VERDICT_SECRET, VERDICT_UNKNOWN};
    static const enum verdict lost[] = {VERDICT_LOST}, carried[] = {VERDICT_CARRIED}, replaced[] = {VERDICT_REPLACED};
    static const enum verdict off[] = {VERDICT_OFF}, outside[] = {VERDICT_OUTSIDE};
    add_line(out, "", title(migration));
    text_add(out, "\nCommands\n");
    DOC_FOREACH_ITEM(line, command_lines(migration, context))
    add_line(out, "  ", doc_text(line));
    add_section(migration, out, "Has no counterpart", lost, ARRAY_SIZE(lost), false);
    add_section(migration, out, "For you to decide", open, ARRAY_SIZE(open), false);
    add_section(migration, out, "Carried", carried, ARRAY_SIZE(carried), false);
    add_section(migration, out, "Replaced by what the recipe pins", replaced, ARRAY_SIZE(replaced), false);
    add_section(migration, out, "Switched off or not used: nothing to carry", off, ARRAY_SIZE(off), true);
    add_section(migration, out, "Of the machines and their installer: this program does not install them", outside,
                ARRAY_SIZE(outside), true);
}

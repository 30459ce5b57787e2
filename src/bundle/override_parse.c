// SPDX-License-Identifier: Apache-2.0
#include "bundle/override.h"
#include "doc/load.h"
#include "model/redact.h"

#include <ctype.h>
#include <stdlib.h>

#define INDEX_LIMIT 65535 // Helm's
#define STEP_LIMIT 100

const char *const override_kind_names[] = {[OVERRIDE_SET] = "set",
                                           [OVERRIDE_STRING] = "set-string",
                                           [OVERRIDE_JSON] = "set-json",
                                           [OVERRIDE_FILE] = "set-file"};

struct parser {
    struct arena *arena;
    enum override_kind kind;
    const char *argument;
    const char *shown; // the argument as messages may show it
    const char *at;
    const char *name; // the NAME that holds
    struct override_list *list;
};

static int fail(const struct parser *parser, struct error **err, const char *what) {
    return error_set(err, ERROR_INVALID, "--%s %s: at byte %zu: %s", override_kind_names[parser->kind], parser->shown,
                     (size_t)(parser->at - parser->argument) + 1, what);
}

// Reads up to one of the stop characters or the end; a backslash takes the next character literally.
static const char *read_until(struct parser *parser, const char *stops) {
    _cleanup_text_ struct text out = {0};
    while (*parser->at && !strchr(stops, *parser->at)) {
        if (*parser->at == '\\' && parser->at[1])
            parser->at++;
        text_add_char(&out, *parser->at++);
    }
    return arena_strndup(parser->arena, text_str(&out), out.length);
}

static int add_step(struct parser *parser, struct doc_path *path, struct doc_path_step step, struct error **err) {
    if (path->count == STEP_LIMIT)
        return fail(parser, err, "the path has too many steps");
    if ((path->count & (path->count - 1)) == 0) // a power of two, or 0: full
        path->steps = arena_grow(parser->arena, path->steps, path->count * sizeof *path->steps,
                                 MAX(path->count * 2, (size_t)1) * sizeof *path->steps);
    path->steps[path->count++] = step;
    return 0;
}

static int read_index(struct parser *parser, struct doc_path *path, struct error **err) {
    size_t offset = (size_t)(parser->at - parser->argument);
    char *rest = NULL;
    parser->at++;
    unsigned long index = isdigit((unsigned char)*parser->at) ? strtoul(parser->at, &rest, 10) : 0;
    if (!rest || *rest != ']')
        return fail(parser, err, "a list index in brackets was expected, such as [0]");
    if (index > INDEX_LIMIT)
        return fail(parser, err, "a list index ends at 65535");
    parser->at = rest + 1;
    return add_step(parser, path, (struct doc_path_step){.index = index, .offset = offset}, err);
}

// NAME: in front, when a colon stands before the first dot, bracket or equals sign.
static void read_name(struct parser *parser) {
    const char *end = parser->at + strcspn(parser->at, ".[=:\\,");
    if (*end != ':')
        return;
    parser->name = arena_strndup(parser->arena, parser->at, (size_t)(end - parser->at));
    parser->at = end + 1;
}

static int read_path(struct parser *parser, struct doc_path *path, struct error **err) {
    for (;;) {
        const char *start = parser->at;
        if (*parser->at == '[' && path->count)
            return fail(parser, err, "a key was expected after the dot");
        const char *key = read_until(parser, ".[=,");
        if (!*key)
            return fail(parser, err,
                        *start == '=' || !*start ? "the path is empty, or ends in a dot"
                                                 : "a key of the path is empty");
        int r = add_step(parser, path, (struct doc_path_step){.key = key, .offset = (size_t)(start - parser->argument)},
                         err);
        while (r >= 0 && *parser->at == '[')
            r = read_index(parser, path, err);
        if (r < 0)
            return r;
        if (*parser->at == '=') {
            parser->at++;
            return 0;
        }
        if (*parser->at != '.') {
            r = fail(parser, err, "'=' and a value are missing");
            return path->count == 1 ? error_hint(err, "a comma inside a value is written \\,") : r;
        }
        parser->at++;
    }
}

static int read_items(struct parser *parser, struct override *override, struct error **err) {
    size_t capacity = 0;
    parser->at++;
    override->items = arena_new_array(parser->arena, const char *, 1);
    bool is_empty = *parser->at == '}';
    while (!is_empty) {
        if (override->item_count >= capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            override->items =
                arena_grow(parser->arena, override->items, capacity * sizeof(char *), larger * sizeof(char *));
            capacity = larger;
        }
        override->items[override->item_count++] = read_until(parser, ",}");
        if (*parser->at != ',')
            break;
        parser->at++;
    }
    if (*parser->at != '}')
        return fail(parser, err, "the list is never closed by }");
    parser->at++;
    return 0;
}

// The end of the JSON value that starts here: where a comma or the end stands outside of brackets and strings.
static const char *json_end(const char *at) {
    size_t depth = 0;
    for (; *at; at++) {
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++)
                if (*at == '\\' && at[1])
                    at++;
            if (!*at)
                return at;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth -= depth > 0;
        } else if (*at == ',' && !depth) {
            return at;
        }
    }
    return at;
}

static int read_json(struct parser *parser, struct override *override, struct error **err) {
    const char *end = json_end(parser->at);
    while (parser->at < end && isspace((unsigned char)*parser->at))
        parser->at++;
    if (parser->at == end)
        return fail(parser, err, "a JSON value is missing");
    const char *name = arena_printf(parser->arena, "--set-json %s", override->argument);
    int r = doc_load_buffer(parser->arena, parser->at, (size_t)(end - parser->at), name, DOC_FORMAT_JSON, NULL,
                            &override->value, err);
    if (r < 0)
        return error_hint(err, "the value must be JSON: text in double quotes, true, 12, [\"a\"], {\"key\": 1}");
    parser->at = end;
    return 0;
}

static int read_value(struct parser *parser, struct override *override, struct error **err) {
    if (parser->kind == OVERRIDE_JSON)
        return read_json(parser, override, err);
    if (*parser->at == '{' && parser->kind != OVERRIDE_FILE)
        return read_items(parser, override, err);
    override->text = read_until(parser, ",");
    if (parser->kind == OVERRIDE_FILE && !*override->text)
        return fail(parser, err, "the name of a file is missing");
    return 0;
}

static int read_override(struct parser *parser, struct error **err) {
    struct override override = {.kind = parser->kind, .argument = parser->shown};
    read_name(parser);
    override.name = parser->name;
    if (!override.name || !*override.name) {
        fail(parser, err, "the component's name is missing");
        return error_hint(err, "write NAME:path=VALUE, such as gpu-operator:driver.version=570.10");
    }
    int r = read_path(parser, &override.path, err);
    if (r >= 0)
        r = read_value(parser, &override, err);
    if (r < 0)
        return r;
    struct override_list *list = parser->list;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        list->items = arena_grow(parser->arena, list->items, list->capacity * sizeof *list->items,
                                 capacity * sizeof *list->items);
        list->capacity = capacity;
    }
    list->items[list->count++] = override;
    return 0;
}

int override_parse(struct arena *arena, enum override_kind kind, const char *argument, struct override_list *list,
                   struct error **err) {
    struct parser parser = {.arena = arena, .kind = kind, .list = list};
    static const struct redact_policy secrets = {.mode = REDACT_DEFAULT};
    parser.argument = parser.at = arena_strdup(arena, argument);
    // A message ends in the log of a pipeline; a password on the command line does not belong there.
    parser.shown = redact_text(&secrets, arena, parser.argument).text;
    if (!utf8_is_valid(argument, strlen(argument), NULL))
        return error_set(err, ERROR_INVALID, "--%s: the argument is no valid UTF-8 text", override_kind_names[kind]);
    for (;;) {
        int r = read_override(&parser, err);
        if (r < 0)
            return r;
        if (!*parser.at)
            return 0;
        if (*parser.at != ',')
            return fail(&parser, err, "a comma or the end was expected");
        parser.at++;
        if (!*parser.at) // Helm allows a comma at the end
            return 0;
    }
}

const char *override_target(struct arena *arena, const struct override *override) {
    return arena_printf(arena, "%s:%s", override->name, doc_path_text(arena, &override->path, override->path.count));
}

bool override_is_switch(const struct override *override) {
    return override->path.count == 1 && str_eq(override->path.steps[0].key, "enabled");
}

int override_switch(const struct override *override, bool *ret, struct error **err) {
    const char *text = override->value ? doc_text(override->value) : override->text;
    bool is_true = text && str_eq(text, "true"), is_false = text && str_eq(text, "false");
    if (!is_true && !is_false)
        return error_set(err, ERROR_INVALID, "--%s %s: enabled is true or false", override_kind_names[override->kind],
                         override->argument);
    *ret = is_true;
    return 0;
}

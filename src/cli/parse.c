// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/describe.h"
#include "cli/usage_error.h"
#include "cli/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

// One table of options, the struct that it fills and which of them were given.
struct scope {
    const struct option *options;
    void *values;
    bool *given;
};

struct parser {
    const struct command *const *table;
    char *const *words;
    int count;
    int next;
    bool options_ended;
    struct scope scopes[2]; // the command's own first: they win over global ones
    struct command_line *line;
};

// An option as it was met: "--nodes=4" is the row of nodes, value "4".
struct match {
    const struct option *option;
    const struct scope *scope;
    bool is_negated;
    const char *value; // after '=' or glued to a short name; NULL: none
    char shown[64];    // "--nodes", "-r": for messages
};

static const struct option no_options[] = {{0}};

static size_t options_count(const struct option *options) {
    size_t count = 0;
    while (options[count].name)
        count++;
    return count;
}

static struct scope scope_new(const struct option *options, void *values) {
    return (struct scope){.options = options, .values = values, .given = xcalloc(options_count(options), sizeof(bool))};
}

static bool option_is_named(const struct option *option, const char *name, size_t length) {
    return str_eq_bytes(name, length, option->name) || (option->alias && str_eq_bytes(name, length, option->alias));
}

static bool match_long(const struct parser *parser, const char *name, size_t length, struct match *ret) {
    for (size_t i = 0; i < ARRAY_SIZE(parser->scopes); i++)
        for (const struct option *option = parser->scopes[i].options; option->name; option++)
            if (option_is_named(option, name, length)) {
                ret->option = option;
                ret->scope = &parser->scopes[i];
                return true;
            }
    return false;
}

static bool match_negated(const struct parser *parser, const char *name, size_t length, struct match *ret) {
    if (length <= 3 || memcmp(name, "no-", 3) != 0 || !match_long(parser, name + 3, length - 3, ret))
        return false;
    ret->is_negated = true;
    return ret->option->type == OPTION_BOOL;
}

static bool match_short(const struct parser *parser, char name, struct match *ret) {
    for (size_t i = 0; i < ARRAY_SIZE(parser->scopes); i++)
        for (const struct option *option = parser->scopes[i].options; option->name; option++)
            if (option->short_name == name) {
                ret->option = option;
                ret->scope = &parser->scopes[i];
                return true;
            }
    return false;
}

static void match_show(struct match *match, const char *dashes, const char *name, size_t length) {
    snprintf(match->shown, sizeof match->shown, "%s%.*s", dashes, (int)MIN(length, sizeof match->shown), name);
}

// Long names win over a short one with a glued value: "-output" is --output, not -o with the value "utput".
static bool match_word(const struct parser *parser, const char *word, struct match *ret) {
    const char *name = word + (word[1] == '-' ? 2 : 1);
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    *ret = (struct match){.value = equals ? equals + 1 : NULL};
    match_show(ret, "--", name, length);
    if (match_long(parser, name, length, ret) || match_negated(parser, name, length, ret))
        return true;
    *ret = (struct match){0};
    if (word[1] == '-' || !match_short(parser, word[1], ret))
        return false;
    match_show(ret, "-", name, 1);
    if (word[2])
        ret->value = word + (word[2] == '=' ? 3 : 2);
    // "-hx" would be a boolean with the value "x": more likely a typo than a value.
    return ret->option->type != OPTION_BOOL || !word[2] || word[2] == '=';
}

static bool looks_like_option(const char *word) {
    return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]) && word[1] != '.';
}

// A forgotten value shows as an option that we know in its place.
static int take_next_word(struct parser *parser, struct match *match, struct error **err) {
    const char *value_name = option_value_name(match->option);
    if (parser->next == parser->count) {
        error_set(err, ERROR_INVALID, "%s: the value is missing", match->shown);
        return error_hint(err, "write %s %s", match->shown, value_name);
    }
    const char *word = parser->words[parser->next];
    struct match ignored;
    if (looks_like_option(word) && match_word(parser, word, &ignored)) {
        error_set(err, ERROR_INVALID, "%s: the value is missing, the option %s follows", match->shown, word);
        return error_hint(err, "write %s %s, or %s=%s if that is the value", match->shown, value_name, match->shown,
                          word);
    }
    match->value = word;
    parser->next++;
    return 0;
}

static int find_value(struct parser *parser, struct match *match, struct error **err) {
    if (match->is_negated) {
        if (match->value)
            return error_set(err, ERROR_INVALID, "%s: takes no value", match->shown);
        match->value = "false";
    } else if (!match->value && match->option->type == OPTION_BOOL) {
        match->value = "true";
    } else if (!match->value) {
        return take_next_word(parser, match, err);
    }
    return 0;
}

static int parse_option(struct parser *parser, const char *word, struct error **err) {
    struct match match;
    if (!match_word(parser, word, &match))
        return usage_unknown_option(parser->table, parser->line->command, word, err);
    int r = find_value(parser, &match, err);
    if (r < 0)
        return r;
    bool *given = &match.scope->given[match.option - match.scope->options];
    if (*given && match.option->type != OPTION_LIST) {
        error_set(err, ERROR_INVALID, "%s: given twice", match.shown);
        return error_hint(err, "it takes one value; leave one of them out");
    }
    *given = true;
    return option_set(match.option, match.scope->values, match.value, match.shown, err);
}

int command_find(const struct command *const *table, const char *name, const struct command **ret, struct error **err) {
    for (const struct command *const *command = table; *command; command++)
        if (str_eq((*command)->name, name)) {
            *ret = *command;
            return 0;
        }
    return usage_unknown_command(table, name, err);
}

static int name_command(struct parser *parser, const char *word, struct error **err) {
    const struct command *command = NULL;
    int r = command_find(parser->table, word, &command, err);
    if (r < 0)
        return r;
    struct command_line *line = parser->line;
    line->command = command;
    line->invocation.options = xcalloc(1, command->options_size);
    free(parser->scopes[0].given);
    parser->scopes[0] = scope_new(command->options ? command->options : no_options, line->invocation.options);
    return 0;
}

static bool is_anything_given(const struct scope *scope) {
    for (size_t i = 0; i < options_count(scope->options); i++)
        if (scope->given[i])
            return true;
    return false;
}

// "recipe", then "lint": the command of two words, where there is one and nothing was said to the other yet.
static bool name_command_below(struct parser *parser, const char *word, int *ret, struct error **err) {
    struct command_line *line = parser->line;
    const char *name = NULL;
    for (const struct command *const *command = parser->table; *command && !name; command++)
        if (str_eq(command_below(*command, line->command), word))
            name = (*command)->name;
    if (!name || parser->options_ended || line->invocation.arguments.count || is_anything_given(&parser->scopes[0]))
        return false;
    free(line->invocation.options);
    *ret = name_command(parser, name, err);
    return true;
}

static int parse_word(struct parser *parser, const char *word, struct error **err) {
    if (!parser->options_ended && str_eq(word, "--")) {
        parser->options_ended = true;
        return 0;
    }
    if (!parser->options_ended && word[0] == '-' && word[1])
        return parse_option(parser, word, err);
    if (!parser->line->command)
        return name_command(parser, word, err);
    int r = 0;
    if (name_command_below(parser, word, &r, err))
        return r;
    strvec_add(&parser->line->invocation.arguments, word);
    return 0;
}

static const char *environment_value(const char *names, char *shown, size_t size) {
    for (const char *p = names; *p;) {
        size_t length = strcspn(p, " ");
        snprintf(shown, size, "environment variable %.*s", (int)length, p);
        const char *value = getenv(shown + strlen("environment variable "));
        if (!str_is_empty(value))
            return value;
        p += length + (p[length] == ' ');
    }
    return NULL;
}

static int fill_absent(const struct scope *scope, struct error **err) {
    for (const struct option *option = scope->options; option->name; option++) {
        bool *given = &scope->given[option - scope->options];
        if (*given)
            continue;
        char shown[96];
        const char *text = option->environment ? environment_value(option->environment, shown, sizeof shown) : NULL;
        if (text)
            *given = true;
        else
            text = option->default_text;
        if (!text)
            continue;
        if (!*given)
            snprintf(shown, sizeof shown, "default of --%s", option->name);
        int r = option_set(option, scope->values, text, shown, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_complete(const struct parser *parser, struct error **err) {
    const struct command *command = parser->line->command;
    const struct scope *scope = &parser->scopes[0];
    for (const struct option *option = scope->options; option->name; option++)
        if (option->is_required && !scope->given[option - scope->options])
            return usage_missing_option(command, option, err);
    return usage_check_arguments(command, &parser->line->invocation.arguments, err);
}

static int parse_all(struct parser *parser, struct error **err) {
    int r = 0;
    while (r == 0 && parser->next < parser->count)
        r = parse_word(parser, parser->words[parser->next++], err);
    const struct global_options *globals = &parser->line->globals;
    // Also after an error, so that it is reported in the form that the environment asks for.
    _cleanup_error_ struct error *second = NULL;
    int globals_r = fill_absent(&parser->scopes[1], r < 0 ? &second : err);
    r = r < 0 ? r : globals_r;
    if (r < 0 || globals->help || globals->version || !parser->line->command)
        return r;
    r = fill_absent(&parser->scopes[0], err);
    return r < 0 ? r : check_complete(parser, err);
}

int command_line_parse(const struct command *const *table, int count, char *const *words, struct command_line *ret,
                       struct error **err) {
    struct parser parser = {.table = table, .words = words, .count = count, .line = ret};
    parser.scopes[0] = scope_new(no_options, NULL);
    parser.scopes[1] = scope_new(global_options, &ret->globals);
    int r = parse_all(&parser, err);
    for (size_t i = 0; i < ARRAY_SIZE(parser.scopes); i++)
        free(parser.scopes[i].given);
    ret->invocation.debug = ret->globals.debug;
    ret->invocation.log_json = ret->globals.log_json;
    return r;
}

void command_line_done(struct command_line *line) {
    if (line->command && line->command->options)
        options_done(line->command->options, line->invocation.options);
    free(line->invocation.options);
    strvec_done(&line->invocation.arguments);
}

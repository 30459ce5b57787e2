// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "cli/describe.h"

#include <stdlib.h>

struct names {
    const char **items;
    size_t count, capacity;
};

static void names_cleanup(struct names *names) {
    free(names->items);
}

static void add_name(struct names *names, const char *name) {
    VEC_GROW(names->items, names->count, names->capacity);
    names->items[names->count++] = name;
}

static void add_option_names(struct names *names, const struct option *options) {
    for (const struct option *option = options; option && option->name; option++) {
        add_name(names, option->name);
        if (option->alias)
            add_name(names, option->alias);
    }
}

static bool has_option(const struct command *command, const char *name) {
    for (const struct option *option = command->options; option && option->name; option++)
        if (str_eq(option->name, name) || str_eq(option->alias, name) ||
            (name[0] && !name[1] && option->short_name == name[0]))
            return true;
    return false;
}

// "'cnsctl bundle', 'cnsctl validate'": the other commands that know the option; empty when none does.
static void list_owners(const struct command *const *table, const struct command *self, const char *name,
                        struct text *out) {
    for (; *table; table++)
        if (*table != self && !(*table)->is_hidden && has_option(*table, name))
            text_addf(out, "%s'cnsctl %s'", out->length ? ", " : "", (*table)->name);
}

static void add_command(const struct command *command, struct text *out) {
    text_add(out, "cnsctl");
    if (command)
        text_addf(out, " %s", command->name);
}

int usage_unknown_option(const struct command *const *table, const struct command *command, const char *word,
                         struct error **err) {
    size_t dashes = strspn(word, "-");
    size_t length = strcspn(word + dashes, "=");
    _cleanup_free_ char *name = xstrndup(word + dashes, length);
    _cleanup_text_ struct text program = {0};
    add_command(command, &program);
    error_set(err, ERROR_INVALID, "unknown option %.*s of '%s'", (int)(dashes + length), word, text_str(&program));
    _cleanup_text_ struct text owners = {0};
    list_owners(table, command, name, &owners);
    if (owners.length && !command)
        return error_hint(err, "it belongs to %s: write it after the command's name", text_str(&owners));
    if (owners.length)
        return error_hint(err, "it belongs to %s", text_str(&owners));
    _cleanup_(names_cleanup) struct names known = {0};
    add_option_names(&known, command ? command->options : NULL);
    add_option_names(&known, global_options);
    const char *nearest = suggest_nearest(name, known.items, known.count);
    if (nearest)
        return error_hint(err, "did you mean --%s?", nearest);
    return error_hint(err, "'%s --help' lists its options", text_str(&program));
}

int usage_missing_option(const struct command *command, const struct option *option, struct error **err) {
    error_set(err, ERROR_INVALID, "'cnsctl %s' needs --%s", command->name, option->name);
    return error_hint(err, "add --%s %s (%s); 'cnsctl %s --help' shows examples", option->name,
                      option_value_name(option), option->help, command->name);
}

static int check_choices(const struct command *command, const struct strvec *arguments, struct error **err) {
    _cleanup_(names_cleanup) struct names known = {0};
    for (const char *const *choice = command->argument_choices; choice && *choice; choice++)
        add_name(&known, *choice);
    for (size_t i = 0; known.count && i < arguments->count; i++) {
        const char *argument = arguments->items[i];
        if (strvec_has(&(struct strvec){.items = (char **)known.items, .count = known.count}, argument))
            continue;
        error_set(err, ERROR_INVALID, "'cnsctl %s': '%s' is none of %s", command->name, argument, command->arguments);
        const char *nearest = suggest_nearest(argument, known.items, known.count);
        return nearest ? error_hint(err, "did you mean '%s'?", nearest) : -ERROR_INVALID;
    }
    return 0;
}

// For "cnsctl recipe lst", and for "cnsctl recipe --strict list", where options stand before the second word.
static bool hint_command_below(const struct command *command, const char *word, struct error **err) {
    _cleanup_(names_cleanup) struct names known = {0};
    for (const struct command *const *other = commands; *other; other++)
        if (!(*other)->is_hidden && command_below(*other, command))
            add_name(&known, command_below(*other, command));
    const char *nearest = suggest_nearest(word, known.items, known.count);
    if (nearest && str_eq(nearest, word))
        error_hint(err, "write 'cnsctl %s %s' before its options", command->name, nearest);
    else if (nearest)
        error_hint(err, "did you mean 'cnsctl %s %s'?", command->name, nearest);
    return nearest != NULL;
}

int usage_check_arguments(const struct command *command, const struct strvec *arguments, struct error **err) {
    if (arguments->count < (size_t)command->minimum_arguments) {
        error_set(err, ERROR_INVALID, "'cnsctl %s' needs %s", command->name,
                  command->arguments ? command->arguments : "an argument");
        return error_hint(err, "'cnsctl %s --help' shows examples", command->name);
    }
    if (command->maximum_arguments < 0 || arguments->count <= (size_t)command->maximum_arguments)
        return check_choices(command, arguments, err);
    const char *extra = arguments->items[command->maximum_arguments];
    error_set(err, ERROR_INVALID, "unexpected argument '%s' of 'cnsctl %s'", extra, command->name);
    if (str_eq(extra, "true") || str_eq(extra, "false"))
        return error_hint(err, "the value of a yes-or-no option is joined by '=', as in --option=%s", extra);
    if (hint_command_below(command, extra, err))
        return -ERROR_INVALID;
    if (command->maximum_arguments == 0)
        return error_hint(err, "it takes options only; 'cnsctl %s --help' lists them", command->name);
    return error_hint(err, "usage: cnsctl %s [OPTIONS] %s", command->name, command->arguments);
}

int usage_unknown_command(const struct command *const *table, const char *name, struct error **err) {
    _cleanup_(names_cleanup) struct names known = {0};
    for (; *table; table++)
        if (!(*table)->is_hidden && !command_is_below_another(*table))
            add_name(&known, (*table)->name);
    error_set(err, ERROR_INVALID, "unknown command '%s'", name);
    const char *nearest = suggest_nearest(name, known.items, known.count);
    if (nearest)
        return error_hint(err, "did you mean 'cnsctl %s'?", nearest);
    return error_hint(err, "'cnsctl --help' lists the commands");
}

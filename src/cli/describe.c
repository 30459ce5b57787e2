// SPDX-License-Identifier: Apache-2.0
#include "cli/describe.h"

const char program_summary[] = "know what a machine is, what it should be, and make it so";

const char program_description[] =
    "Captures what a machine or a cluster is (snapshot), finds the configuration that is known to work on it (recipe), "
    "checks the one against the other (validate) and writes what deploys it (bundle).\n"
    "\n"
    "Documents are read from files, standard input (-) or http(s) addresses, as YAML or JSON, and written to standard "
    "output or a file. Messages go to standard error.";

const char exit_status_description[] =
    "0: all is well. 1: internal error. 2: bad input or usage. 3: not found. 4: permission denied. 5: time-out. "
    "6: something that is needed is not available. 7: a limit was exceeded. 8: a check failed. 9: the destination "
    "holds something else. 130, 143: interrupted. 141: standard output was closed by its reader.";

const struct example program_examples[] = {
    {"cnsctl snapshot --output snapshot.yaml", "what this machine is"},
    {"cnsctl recipe --snapshot snapshot.yaml --intent training --output recipe.yaml", "what is known to work on it"},
    {"cnsctl validate --recipe recipe.yaml --snapshot snapshot.yaml", "whether it is ready for that"},
    {"cnsctl bundle --recipe recipe.yaml --output bundle", "the files that deploy it"},
    {0}};

bool option_takes_value(const struct option *option) {
    return option->type != OPTION_BOOL;
}

const char *option_value_name(const struct option *option) {
    static const char *const by_type[] = {
        [OPTION_BOOL] = "BOOL", [OPTION_STRING] = "TEXT",       [OPTION_CHOICE] = "NAME",
        [OPTION_INT] = "N",     [OPTION_DURATION] = "DURATION", [OPTION_LIST] = "ITEM",
    };
    return option->value_name ? option->value_name : by_type[option->type];
}

static void add_note(struct text *out, const char *title, const char *text) {
    text_addf(out, "%s%s%s.", out->length ? " " : "", title, text ? text : "");
}

void option_add_notes(const struct option *option, struct text *out) {
    _cleanup_text_ struct text notes = {0};
    if (option->is_required)
        add_note(&notes, "Required", NULL);
    if (option->choices) {
        _cleanup_text_ struct text list = {0};
        for (const char *const *choice = option->choices; *choice; choice++)
            text_addf(&list, "%s%s", list.length ? ", " : "", *choice);
        add_note(&notes, "One of: ", text_str(&list));
    }
    if (option->type == OPTION_LIST)
        add_note(&notes, option->splits_commas ? "May be repeated, or a list with commas" : "May be repeated", NULL);
    if (option->alias)
        add_note(&notes, "Also: --", option->alias);
    if (option->default_text && !(option->type == OPTION_BOOL && str_eq(option->default_text, "false")))
        add_note(&notes, "Default: ", option->default_text);
    if (option->environment) {
        _cleanup_free_ char *names = xstrdup(option->environment);
        _cleanup_text_ struct text list = {0};
        char *rest = NULL;
        for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
            text_addf(&list, "%s%s", list.length ? ", " : "", name);
        add_note(&notes, "Environment: ", text_str(&list));
    }
    text_add(out, text_str(&notes));
}

static bool has_options(const struct command *command) {
    return command->options && command->options->name;
}

const char *command_below(const struct command *command, const struct command *parent) {
    size_t length = strlen(parent->name);
    bool is_below = strncmp(command->name, parent->name, length) == 0 && command->name[length] == ' ';
    return is_below ? command->name + length + 1 : NULL;
}

bool command_is_below_another(const struct command *command) {
    return strchr(command->name, ' ') != NULL;
}

char *command_page_name(const struct command *command) {
    char *name = xstrdup(command->name);
    for (char *space = strchr(name, ' '); space; space = strchr(space, ' '))
        *space = '-';
    return name;
}

void command_add_usage(const struct command *command, struct text *out) {
    text_addf(out, "cnsctl %s", command->name);
    for (const struct option *option = command->options; option && option->name; option++)
        if (option->is_required)
            text_addf(out, " --%s %s", option->name, option_value_name(option));
    if (has_options(command))
        text_add(out, " [OPTIONS]");
    if (command->arguments)
        text_addf(out, " %s", command->arguments);
}

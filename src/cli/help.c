// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"
#include "cli/describe.h"
#include "cli/wrap.h"

// Help starts at this column; longer labels get a line of their own.
#define HELP_COLUMN 30
// The same for the list of commands, where the longest name just fits.
#define COMMAND_COLUMN 24

struct page {
    struct text *out;
    unsigned width;
    bool has_color;
};

static void add_title(const struct page *page, const char *title) {
    text_addf(page->out, "\n%s%s:%s\n", page->has_color ? "\033[1m" : "", title, page->has_color ? "\033[0m" : "");
}

static void add_row(const struct page *page, const char *label, const char *help, size_t help_column) {
    text_add(page->out, label);
    size_t column = utf8_width(label);
    if (column + 2 > help_column) {
        text_add_char(page->out, '\n');
        column = 0;
    }
    text_add_wrapped(page->out, help, column, help_column, page->width);
}

static void add_option(const struct page *page, const struct option *option) {
    _cleanup_text_ struct text label = {0}, help = {0};
    if (option->short_name)
        text_addf(&label, "  -%c, --%s", option->short_name, option->name);
    else
        text_addf(&label, "      --%s", option->name);
    if (option_takes_value(option))
        text_addf(&label, " %s", option_value_name(option));
    text_add(&help, option->help);
    text_add_char(&help, ' ');
    option_add_notes(option, &help);
    while (help.length && help.bytes[help.length - 1] == ' ')
        text_truncate(&help, help.length - 1);
    add_row(page, text_str(&label), text_str(&help), HELP_COLUMN);
}

static void add_options(const struct page *page, const char *title, const struct option *options) {
    if (!options || !options->name)
        return;
    add_title(page, title);
    for (; options->name; options++)
        add_option(page, options);
}

static void add_examples(const struct page *page, const struct example *examples) {
    if (!examples || !examples->command)
        return;
    add_title(page, "Examples");
    for (; examples->command; examples++)
        text_addf(page->out, "  # %s\n  %s\n", examples->what, examples->command);
}

static void add_commands(const struct page *page) {
    add_title(page, "Commands");
    for (const struct command *const *command = commands; *command; command++)
        if (!(*command)->is_hidden) {
            _cleanup_text_ struct text label = {0};
            text_addf(&label, "  %s", (*command)->name);
            add_row(page, text_str(&label), (*command)->summary, COMMAND_COLUMN);
        }
}

static void add_commands_below(const struct page *page, const struct command *parent) {
    bool has_title = false;
    for (const struct command *const *command = commands; *command; command++) {
        if ((*command)->is_hidden || !command_below(*command, parent))
            continue;
        if (!has_title)
            add_title(page, "Commands");
        has_title = true;
        _cleanup_text_ struct text label = {0};
        text_addf(&label, "  %s", (*command)->name);
        add_row(page, text_str(&label), (*command)->summary, COMMAND_COLUMN);
    }
}

static void add_program(const struct page *page) {
    text_addf(page->out, "cnsctl: %s\n\n", program_summary);
    text_add_wrapped(page->out, program_description, 0, 0, page->width);
    add_title(page, "Usage");
    text_add(page->out, "  cnsctl COMMAND [OPTIONS]\n");
    add_commands(page);
    add_options(page, "Global options, before or after the command", global_options);
    add_examples(page, program_examples);
    text_add(page->out, "\n'cnsctl COMMAND --help' tells all about a command.\n");
}

void help_add(const struct command *command, unsigned width, bool has_color, struct text *out) {
    const struct page page = {.out = out, .width = width, .has_color = has_color};
    if (!command) {
        add_program(&page);
        return;
    }
    text_addf(out, "cnsctl %s: %s\n", command->name, command->summary);
    add_title(&page, "Usage");
    text_add(out, "  ");
    command_add_usage(command, out);
    text_add_char(out, '\n');
    if (command->description) {
        text_add_char(out, '\n');
        text_add_wrapped(out, command->description, 0, 0, width);
    }
    add_commands_below(&page, command);
    add_options(&page, "Options", command->options);
    add_options(&page, "Global options", global_options);
    add_examples(&page, command->examples);
}

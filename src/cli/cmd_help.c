// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/reference.h"

#include <unistd.h>

extern const struct command command_help;

struct help_options {
    bool man, markdown, names;
};

static void add_names(struct text *out) {
    for (const struct command *const *command = commands; *command; command++)
        if (!(*command)->is_hidden)
            text_addf(out, "%s\n", (*command)->name);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct help_options *options = invocation->options;
    const struct command *command = NULL;
    if (invocation->arguments.count) {
        _cleanup_free_ char *name = strvec_join(&invocation->arguments, " ");
        int r = command_find(commands, name, &command, err);
        if (r < 0)
            return r;
    }
    if (options->man + options->markdown + options->names > 1)
        return error_set(err, ERROR_INVALID, "--man, --markdown and --names exclude each other");
    _cleanup_text_ struct text text = {0};
    if (options->man)
        reference_add_man(command, &text);
    else if (options->markdown)
        reference_add_markdown(&text);
    else if (options->names)
        add_names(&text);
    else
        help_add(command, output_width(), terminal_has_color(STDOUT_FILENO), &text);
    return output_text(&text, err);
}

static const struct option options_table[] = {
    {.name = "man",
     .type = OPTION_BOOL,
     .offset = offsetof(struct help_options, man),
     .help = "Write the manual page of the command (or of the program) in man's format."},
    {.name = "markdown",
     .type = OPTION_BOOL,
     .offset = offsetof(struct help_options, markdown),
     .help = "Write the reference of all commands as Markdown (docs/cli.md)."},
    {.name = "names",
     .type = OPTION_BOOL,
     .offset = offsetof(struct help_options, names),
     .help = "Write the names of all commands, one a line."},
    {0}};
static const struct example examples[] = {{"cnsctl help recipe", "the same as cnsctl recipe --help"},
                                          {"cnsctl help --man recipe | man -l -", "its manual page"},
                                          {0}};

const struct command command_help = {
    .name = "help",
    .summary = "Show help on a command.",
    .description = "Shows the help of a command, or of the program when no command is named.",
    .options = options_table,
    .options_size = sizeof(struct help_options),
    .arguments = "[COMMAND]",
    .maximum_arguments = 3,
    .argument_kind = ARGUMENT_COMMAND,
    .examples = examples,
    .run = run,
};

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The parser of command lines, driven by the tables of command.h; it knows no command by name. A struct command_line
// owns its options struct and lists; words are borrowed from argv.

#include "cli/command.h"

struct global_options {
    bool debug, log_json, help, version;
};

struct command_line {
    struct global_options globals;
    const struct command *command; // NULL: no command was named
    struct invocation invocation;
};

void command_line_done(struct command_line *line);
#define _cleanup_command_line_ _cleanup_(command_line_done)

// Parses the words after the program's name. `table` is a list of commands as commands[] is. With --help among the
// words, nothing that is missing is an error. *ret must be {0}. Usage errors are ERROR_INVALID and name the way out.
int command_line_parse(const struct command *const *table, int count, char *const *words, struct command_line *ret,
                       struct error **err) _must_use_;
// The command of that name; the error has a suggestion.
int command_find(const struct command *const *table, const char *name, const struct command **ret,
                 struct error **err) _must_use_;

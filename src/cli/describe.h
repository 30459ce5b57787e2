// SPDX-License-Identifier: Apache-2.0
#pragma once

// How an option is told to people, in the words that help, man pages and docs/cli.md share.

#include "base/text.h"
#include "cli/command.h"

bool option_takes_value(const struct option *option);
// "FILE", "NAME"; never NULL for an option that takes a value.
const char *option_value_name(const struct option *option);
// Appends what follows the help sentence: "Required. One of: a, b. Default: a. Environment: CNS_A." or nothing.
void option_add_notes(const struct option *option, struct text *out);
// The second word of a command below `parent`: "lint" of "recipe lint"; NULL when it is none.
const char *command_below(const struct command *command, const struct command *parent);
// Whether the command's name has two words.
bool command_is_below_another(const struct command *command);
// The name with hyphens between its words, for pages and anchors; the caller frees it.
char *command_page_name(const struct command *command);
// "cnsctl recipe [OPTIONS] [FILE]"
void command_add_usage(const struct command *command, struct text *out);

// The program as a whole.
extern const char program_summary[];
extern const char program_description[];
extern const struct example program_examples[];
extern const char exit_status_description[];

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Messages for command lines that are wrong: what is wrong and what was probably meant. All are ERROR_INVALID.

#include "cli/command.h"

int usage_unknown_command(const struct command *const *table, const char *name, struct error **err) _must_use_;
// `word` as it stands on the command line; `command` is NULL before a command was named.
int usage_unknown_option(const struct command *const *table, const struct command *command, const char *word,
                         struct error **err) _must_use_;
int usage_missing_option(const struct command *command, const struct option *option, struct error **err) _must_use_;
// 0 when the number of arguments is what the command takes.
int usage_check_arguments(const struct command *command, const struct strvec *arguments, struct error **err) _must_use_;

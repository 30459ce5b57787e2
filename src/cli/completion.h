// SPDX-License-Identifier: Apache-2.0
#pragma once

// Completion scripts, generated whole from the tables: pressing the tabulator key runs nothing of ours. One file per
// shell; a new shell is a function and a row in shells[].

#include "base/text.h"
#include "cli/command.h"

struct shell {
    const char *name;
    void (*add_script)(struct text *out);
};

// Ended by a row whose name is NULL.
extern const struct shell shells[];

void completion_add_bash(struct text *out);
void completion_add_zsh(struct text *out);
void completion_add_fish(struct text *out);

// What can be said about the value that follows.
enum completion_kind { COMPLETION_NOTHING, COMPLETION_WORDS, COMPLETION_FILES, COMPLETION_DIRECTORIES };
// What it offers as words: the choices or the suggestions; NULL: none.
const char *const *option_words(const struct option *option);
enum completion_kind option_completion(const struct option *option);
enum completion_kind argument_completion(const struct command *command);
// Whether there are commands of two words that start with this one's.
bool command_has_below(const struct command *command);
// Appends what an argument can be, separated by spaces (COMPLETION_WORDS).
void argument_add_words(const struct command *command, struct text *out);
// Appends a NULL-ended list, separated by spaces.
void words_add(const char *const *words, struct text *out);
// The first sentence of a help text, without the full stop; the caller frees it.
char *help_first_sentence(const char *help);

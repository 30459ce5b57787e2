// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"
#include "base/alloc.h"
#include "cli/describe.h"

const struct shell shells[] = {
    {"bash", completion_add_bash}, {"zsh", completion_add_zsh}, {"fish", completion_add_fish}, {0}};

const char *const *option_words(const struct option *option) {
    const char *const *words = !option->choices && option->suggestions ? option->suggestions() : option->choices;
    return words && words[0] ? words : NULL;
}

enum completion_kind option_completion(const struct option *option) {
    if (option_words(option))
        return COMPLETION_WORDS;
    if (option->completes_directories)
        return COMPLETION_DIRECTORIES;
    return option->completes_files ? COMPLETION_FILES : COMPLETION_NOTHING;
}

bool command_has_below(const struct command *command) {
    for (const struct command *const *other = commands; *other; other++)
        if (!(*other)->is_hidden && command_below(*other, command))
            return true;
    return false;
}

enum completion_kind argument_completion(const struct command *command) {
    if (command->argument_choices || command_has_below(command))
        return COMPLETION_WORDS;
    static const enum completion_kind by_kind[] = {
        [ARGUMENT_TEXT] = COMPLETION_NOTHING,
        [ARGUMENT_FILE] = COMPLETION_FILES,
        [ARGUMENT_DIRECTORY] = COMPLETION_DIRECTORIES,
        [ARGUMENT_COMMAND] = COMPLETION_WORDS,
    };
    return by_kind[command->argument_kind];
}

void words_add(const char *const *words, struct text *out) {
    for (size_t i = 0; words[i]; i++)
        text_addf(out, "%s%s", i ? " " : "", words[i]);
}

void argument_add_words(const struct command *command, struct text *out) {
    if (command->argument_choices) {
        words_add(command->argument_choices, out);
        return;
    }
    const char *separator = "";
    bool is_parent = command_has_below(command);
    for (const struct command *const *other = commands; *other; other++) {
        const char *below = command_below(*other, command);
        // The next word alone: "catalog" below "recipe", not "catalog pack".
        if ((*other)->is_hidden || (is_parent ? !below || strchr(below, ' ') : command_is_below_another(*other)))
            continue;
        text_addf(out, "%s%s", separator, is_parent ? below : (*other)->name);
        separator = " ";
    }
}

char *help_first_sentence(const char *help) {
    const char *end = strstr(help, ". ");
    size_t length = end ? (size_t)(end - help) : strlen(help);
    if (length && help[length - 1] == '.')
        length--;
    return xstrndup(help, length);
}

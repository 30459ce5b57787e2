// SPDX-License-Identifier: Apache-2.0
#include "collect/cmdline.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

static bool is_separator(char c) {
    return !c || isspace((unsigned char)c);
}

static void add_word(struct arena *arena, struct cmdline *cmdline, const char *word, size_t length) {
    if (!length || *word == '#')
        return;
    if (cmdline->count == cmdline->capacity) {
        size_t capacity = cmdline->capacity ? cmdline->capacity * 2 : 32;
        size_t item = sizeof *cmdline->parameters;
        cmdline->parameters = arena_grow(arena, cmdline->parameters, cmdline->capacity * item, capacity * item);
        cmdline->capacity = capacity;
    }
    const char *sign = memchr(word, '=', length);
    size_t name_length = sign ? (size_t)(sign - word) : length;
    size_t value_length = sign ? length - name_length - 1 : 0;
    cmdline->parameters[cmdline->count++] = (struct parameter){
        .name = arena_strndup(arena, word, name_length),
        .value = sign ? arena_strndup(arena, sign + 1, value_length) : "",
    };
}

// Behind "--" stand the arguments of init. "--name VALUE" is one of them, not two: a value must not become a name,
// where nobody looks for a secret.
static void join_arguments(struct cmdline *cmdline) {
    size_t i = 0, kept;
    while (i < cmdline->count && !str_eq(cmdline->parameters[i].name, "--"))
        i++;
    for (kept = i; i < cmdline->count; i++) {
        struct parameter *parameter = &cmdline->parameters[i];
        struct parameter *before = kept ? &cmdline->parameters[kept - 1] : NULL;
        bool is_value = before && before->name[0] == '-' && !str_eq(before->name, "--") && !*before->value &&
                        parameter->name[0] != '-' && !*parameter->value;
        if (is_value)
            before->value = parameter->name;
        else
            cmdline->parameters[kept++] = *parameter;
    }
    cmdline->count = kept;
}

struct cmdline cmdline_parse(struct arena *arena, const char *bytes, size_t length) {
    struct cmdline cmdline = {0};
    _cleanup_text_ struct text word = {0};
    bool is_quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"') {
            is_quoted = !is_quoted;
        } else if (is_separator(bytes[i]) && !is_quoted) {
            add_word(arena, &cmdline, text_str(&word), word.length);
            text_truncate(&word, 0);
        } else {
            text_add_char(&word, bytes[i] ? bytes[i] : ' ');
        }
    }
    add_word(arena, &cmdline, text_str(&word), word.length);
    join_arguments(&cmdline);
    return cmdline;
}

const char *cmdline_get(const struct cmdline *cmdline, const char *name) {
    for (size_t i = cmdline->count; i > 0; i--)
        if (str_eq(cmdline->parameters[i - 1].name, name))
            return cmdline->parameters[i - 1].value;
    return NULL;
}

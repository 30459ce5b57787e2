// SPDX-License-Identifier: Apache-2.0
#include "bundle/shell.h"

#include <ctype.h>

extern const char shell_messages_sh[];

void shell_add_word(struct text *out, const char *word) {
    bool is_harmless = *word != '\0';
    for (const char *c = word; *c && is_harmless; c++)
        is_harmless = isascii((unsigned char)*c) && (isalnum((unsigned char)*c) || strchr("-_./:=+,@%", *c));
    if (is_harmless) {
        text_add(out, word);
        return;
    }
    text_add_char(out, '\'');
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            text_add(out, "'\\''");
        else
            text_add_char(out, *c);
    }
    text_add_char(out, '\'');
}

void shell_add_call(struct text *out, const char *function, const char *const *words, size_t count) {
    text_addf(out, "    %s", function);
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, ' ');
        shell_add_word(out, words[i] ? words[i] : "");
    }
    text_add_char(out, '\n');
}

void shell_add_part(const char *part, struct text *out) {
    while (str_has_prefix(part, "# SPDX-") || str_has_prefix(part, "# shellcheck "))
        part = strchr(part, '\n') + 1;
    text_add(out, part);
}

void shell_begin_script(const char *about, struct text *out) {
    text_addf(out, "#!/usr/bin/env bash\n# %s. Made by cnsctl bundle: make it anew rather than editing it.\n", about);
    text_add(out, "# shellcheck disable=SC2016,SC2034\nset -euo pipefail\n\n");
    shell_add_part(shell_messages_sh, out);
    text_add_char(out, '\n');
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writing the shell scripts of a bundle: fixed parts from files, and what comes from data quoted into function calls.

#include "base/text.h"

// One word for a POSIX shell: as it is when it is harmless, else in single quotes.
void shell_add_word(struct text *out, const char *word);
// A line that calls a function with words; one that is NULL is an empty word.
void shell_add_call(struct text *out, const char *function, const char *const *words, size_t count);
// The first lines of a script, and its functions say, warn and die; `about` says what it is for.
void shell_begin_script(const char *about, struct text *out);
// The fixed part without the comment lines at its top, which are about the file that it comes from.
void shell_add_part(const char *part, struct text *out);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The kernel command line, taken apart as the kernel does: words separated by white space, double quotes keep white
// space inside a word, the first '=' ends the name. Words that begin with '#' are no
// parameters. Behind "--", the arguments of init, "--name value" is one parameter.

#include "base/arena.h"

#include <stddef.h>

struct parameter {
    const char *name;
    const char *value; // "" when there is none
};

struct cmdline {
    struct parameter *parameters; // in order; a name may occur more than once
    size_t count, capacity;
};

// NUL bytes end words as white space does. Never fails.
struct cmdline cmdline_parse(struct arena *arena, const char *bytes, size_t length);
// The last value of a name; NULL when it does not occur.
const char *cmdline_get(const struct cmdline *cmdline, const char *name);

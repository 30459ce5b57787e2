// SPDX-License-Identifier: Apache-2.0
#pragma once

// Remarks made while a bundle is rendered, for standard error and the bundle's README. Texts live in the arena.

#include "base/arena.h"

#include <stdbool.h>

struct note {
    const char *component; // NULL: of the bundle as a whole
    const char *text;
    bool is_warning;
};

struct notes {
    struct note *items;
    size_t count, capacity;
};

void note_add(struct arena *arena, struct notes *notes, bool is_warning, const char *component, const char *format, ...)
    _printf_(5, 6);

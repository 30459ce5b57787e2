// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which of the reasons that a component's layers give (sources, why) belongs to one of its values: that of the
// componentRef in which the value stands, because a reason given elsewhere is none for what was set here.

#include "catalog/catalog.h"

struct reason {
    const char *source, *why; // NULL: not told
};

// Starts as {.arena, .catalog}; remembers the file that was looked at last.
struct reasons {
    struct arena *arena;
    struct catalog *catalog;
    const char *file;
    const struct doc *document; // of an overlay or a mixin; NULL: the file is neither
};

struct reason reason_of_value(struct reasons *reasons, const struct component *component, const struct doc *value);

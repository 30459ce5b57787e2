// SPDX-License-Identifier: Apache-2.0
#pragma once

// Beginning an overlay, or a component from its chart, as files to go on from. Nothing that is there is overwritten,
// but that a component's entry is added to the registry.yaml of the folder.

#include "usecase/knowledge.h"

struct scaffold_arguments {
    const char *field[CRITERIA_FIELD_COUNT]; // of the overlay, as the user wrote it; NULL: any
    int64_t nodes;
    struct knowledge_source knowledge; // on which the overlay builds
    const char *name;                  // of the overlay; NULL: by convention
    const char *component;             // a component instead of an overlay; NULL: an overlay
    const char *chart;                 // folder of its chart
    const char *repository, *version, *namespace_, *source, *why;
    const char *output; // overlay: a file, or a folder of data; NULL, "" or "-": standard output. Component: a folder
};

// Paths of the files that were written, in the arena; none when the overlay went to standard output.
struct scaffold_answer {
    const char **files;
    size_t count;
};

// ERROR_CONFLICT: a file is there already, or what scaffold_overlay and scaffold_component say.
int scaffold_run(struct arena *arena, const struct scaffold_arguments *arguments, struct scaffold_answer *ret,
                 struct error **err) _must_use_;

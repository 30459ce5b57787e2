// SPDX-License-Identifier: Apache-2.0
#pragma once

// What components/<name>/facts.yaml says about values: comments in values files are not data, so the source and the
// reason of a value stand beside the file. A fact about a path holds for all below it, and the longest path counts.

#include "catalog/catalog.h"

struct fact {
    const char *source, *why; // NULL: not told
};

// *ret is NULL when the component has no facts. ERROR_INVALID when the file is not a document of kind ComponentFacts.
int facts_load(struct catalog *catalog, const char *component, const struct doc **ret, struct error **err) _must_use_;
// The fact about a value that `file` set (its origin's source): facts speak of files in their own folder only, so a
// file laid over an embedded one is not explained by the embedded facts. All NULL when there is none.
struct fact facts_find(const struct doc *facts, const char *file, const char *path);

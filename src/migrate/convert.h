// SPDX-License-Identifier: Apache-2.0
#pragma once

// Converting a document from one format to another: keys that the target has are kept, under its names; what it cannot
// hold is left out and told, once for each path with the number of places; words that it does not know are kept and
// told. Pure.

#include "migrate/formats.h"
#include "migrate/verdict.h"

// Appends to the report, whose checks have `phase` (the file's name) as their phase. The path in a check's id leaves
// list indexes out: "componentRefs[].why". ERROR_INVALID when the document is none that can be converted.
int convert_document(struct report *report, const struct formats *formats, const struct doc *to, const char *phase,
                     const struct doc *doc, const struct doc **ret, struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Overlay documents: reading the head that matching needs, and checking that nothing in them is misspelt.

#include "catalog/catalog.h"

// True for the kinds of both predecessors and ours.
bool overlay_is_kind(const char *kind);
// Fills name, base, criteria, is_predecessor and doc from the document. ERROR_INVALID, with file and line, when kind,
// apiVersion or metadata.name is missing or wrong.
int overlay_from_doc(const struct doc *doc, struct overlay *ret, struct error **err) _must_use_;
// Unknown keys and wrong shapes are ERROR_INVALID; with is_tolerant, unknown keys become a note, written to *ret_note
// (NULL when there is nothing to say).
int overlay_check(struct arena *arena, const struct doc *doc, bool is_tolerant, const char **ret_note,
                  struct error **err) _must_use_;
// Calls for each unknown key, `where` being the path of the map that has it and `keys` what that may have (NULL-ended).
// Ends early where the document has a wrong shape.
void overlay_unknown_keys(struct arena *arena, const struct doc *doc,
                          void (*report)(void *context, const struct doc_member *member, const char *where,
                                         const char *const *keys),
                          void *context);

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Documents in recorded form: what a parsed tree holds, positions included, packed so that the tree can be made again
// without parsing. The build records the knowledge under recipes/, and a command that needs ten of its files pays for
// little more than their nodes. Only for documents of the same build: the form has no version and may change.
//
// A node is a byte (kind, and a bit for plain scalars), line and column, then: a scalar's length and text with a final
// NUL; a list's count and items; a map's count and, for each member, line, column, length and text of the key with a
// final NUL, and the value. Numbers are little-endian groups of seven bits, the highest bit telling that more follow.

#include "base/text.h"
#include "doc/doc.h"

// Appends the recorded form of a document.
void doc_record(const struct doc *doc, struct text *out);
// Makes the tree. Texts point into `bytes`, which must live as long as the arena; `source` is borrowed likewise and
// becomes the source of all origins. ERROR_INTERNAL when the bytes are no recorded document.
int doc_from_record(struct arena *arena, const char *bytes, size_t length, const char *source, const struct doc **ret,
                    struct error **err) _must_use_;

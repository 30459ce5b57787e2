// SPDX-License-Identifier: Apache-2.0
#pragma once

// The formats of documents that are known: ours and those of the predecessors, each with its kinds and the keys that
// they have (recipes/migrate/documents.yaml, kind DocumentFormats). Borrowed from that document.

#include "doc/doc.h"

struct formats {
    const struct doc *formats; // list
    const struct doc *shapes;  // map
};

// A document as one of the formats has it.
struct format_match {
    const struct doc *format;   // {name, id, documents}
    const struct doc *document; // {is, kind, apiVersion, reads?, instead?}
};

// Checks the shape of the data. ERROR_INVALID with the place.
int formats_open(const struct doc *doc, struct formats *ret, struct error **err) _must_use_;
// The format of that name or id. ERROR_INVALID lists the names.
int formats_find(const struct formats *formats, const char *name, const struct doc **ret,
                 struct error **err) _must_use_;
// False when no format has a document of this kind and apiVersion.
bool formats_identify(const struct formats *formats, const struct doc *doc, struct format_match *ret);
// Whether some format has this apiVersion: such a document is ours to convert, others are left as they are.
bool formats_has_version(const struct formats *formats, const char *api_version);
// Whether one format has this apiVersion.
bool formats_is_version_of(const struct doc *format, const char *api_version);
// What the format has for such a document ("recipe", "overlay"); NULL when it has none.
const struct doc *formats_document(const struct doc *format, const char *is);

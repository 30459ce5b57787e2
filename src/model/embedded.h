// SPDX-License-Identifier: Apache-2.0
#pragma once

// The knowledge under recipes/, embedded in the binary at build time (tools/embed.py makes the tables). Files are
// bytes here and, where they are documents, parsed and recorded; whoever wants a document gets the one that is needed.
// The index says of each overlay what matching needs, so that only overlays that match are ever parsed; a unit test
// compares it with the files.

#include "doc/doc.h"
#include "model/criteria.h"

#include <stddef.h>

struct embedded_file {
    const char *path; // relative to recipes/: "overlays/eks.yaml"
    const char *bytes;
    size_t length;
    const char *recorded; // the parsed document (doc/record.h); NULL for what is none, such as manifests
    size_t recorded_length;
    const char *name;   // for messages: "recipes/overlays/eks.yaml"; NULL: made when it is asked for
    const char *digest; // SHA-256 of the bytes in hexadecimal; NULL: not computed
};

struct embedded_overlay {
    const char *path;
    const char *name;
    const char *base; // NULL: the base
    struct criteria criteria;
    bool has_criteria;
};

struct embedded_knowledge {
    const struct embedded_file *files; // sorted by path
    size_t file_count;
    const struct embedded_overlay *overlays; // sorted by name
    size_t overlay_count;
    const char *name, *version, *released; // of catalog.yaml; NULL: it does not say
    const char *digest;                    // of all files ("sha256:..."); NULL: not computed
};

extern const struct embedded_knowledge embedded_knowledge;

// NULL when there is no such file.
const struct embedded_file *embedded_find(const struct embedded_knowledge *knowledge, const char *path);
// The index of the first file whose path starts with `prefix`, or would; those that do stand together.
size_t embedded_first(const struct embedded_knowledge *knowledge, const char *prefix) _pure_;
// The file as a document, its origins naming `source` (borrowed for the arena's life).
int embedded_document(struct arena *arena, const struct embedded_file *file, const char *source, const struct doc **ret,
                      struct error **err) _must_use_;

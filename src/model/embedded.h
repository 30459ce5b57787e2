// SPDX-License-Identifier: Apache-2.0
#pragma once

// The knowledge under recipes/, embedded in the binary at build time (tools/embed.py makes the table). Files are
// bytes here; whoever wants a document parses the one file that is needed.

#include <stddef.h>

struct embedded_file {
    const char *path; // relative to recipes/: "overlays/eks.yaml"
    const char *bytes;
    size_t length;
};

extern const struct embedded_file embedded_files[]; // sorted by path
extern const size_t embedded_file_count;
// NULL when there is no such file.
const struct embedded_file *embedded_find(const char *path);

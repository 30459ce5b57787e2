// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where documents are read from: a path, "-" (standard input), http:// or https:// (libcurl, loaded when first used;
// TLS verified, 30 s, size limit). One table of schemes, so that cm://, oci:// and s3:// become a row each.

#include "doc/load.h"

// Reads one document as a tree.
int source_load(struct arena *arena, const char *location, const struct doc_limits *limits, const struct doc **ret,
                struct error **err) _must_use_;
// Opens the location as a stream of bytes, for readers that never build a tree. source_close() ends it.
struct source;
int source_open(const char *location, struct source **ret, struct error **err) _must_use_;
const struct doc_input *source_input(const struct source *source);
void source_close(struct source *source);
DEFINE_CLEANUP(struct source *, source, source_close)
#define _cleanup_source_ _cleanup_(source_cleanup)

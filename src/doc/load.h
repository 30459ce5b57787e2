// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one loader: bytes to a tree. Errors carry file, line and column.

#include "doc/event.h"

// Reads one document into the arena. The name is copied into the arena.
int doc_load(struct arena *arena, const struct doc_input *input, enum doc_format format,
             const struct doc_limits *limits, const struct doc **ret, struct error **err) _must_use_;
int doc_load_buffer(struct arena *arena, const char *bytes, size_t length, const char *name, enum doc_format format,
                    const struct doc_limits *limits, const struct doc **ret, struct error **err) _must_use_;
// Reads a stream of any number of YAML documents (manifests, Kubernetes lists); *ret is a DOC_LIST of them.
// Empty documents are dropped.
int doc_load_all_buffer(struct arena *arena, const char *bytes, size_t length, const char *name,
                        const struct doc_limits *limits, const struct doc **ret, struct error **err) _must_use_;

// A sink that builds a tree: start, feed events, finish. For parts of a stream that are wanted as a value.
struct doc_builder;
struct doc_builder *doc_builder_new(struct arena *arena);
int doc_builder_event(void *builder, const struct doc_event *event, struct error **err) _must_use_;
// The finished value; NULL while it is incomplete.
const struct doc *doc_builder_result(const struct doc_builder *builder);

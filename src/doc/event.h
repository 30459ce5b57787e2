// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading as a stream: both readers (YAML through libyaml, JSON of ours) turn bytes into the same events, so that a
// large input never has to become a tree. Aliases are resolved before a sink sees them (bounded, see doc_limits).
// Readers check: UTF-8, NUL bytes, depth, size, one document only, trailing garbage, unknown anchors. Duplicate keys
// are found by the sink (the tree builder and the snapshot model both do), which knows the keys of its maps.

#include "doc/doc.h"

#include <sys/types.h>

enum doc_event_kind {
    DOC_EVENT_MAP_START,
    DOC_EVENT_MAP_END,
    DOC_EVENT_LIST_START,
    DOC_EVENT_LIST_END,
    DOC_EVENT_KEY, // a map's key, always text; the value's event follows
    DOC_EVENT_SCALAR,
};

struct doc_event {
    enum doc_event_kind kind;
    enum doc_kind scalar; // of DOC_EVENT_SCALAR
    bool is_plain;        // scalar or key written without quotes
    const char *text;     // key or scalar; terminated; valid during the call only
    size_t length;
    struct doc_origin origin; // origin.source lives as long as the reader's name
};

// Returns 0, or a negative error code with *err set, which ends the reading with that error.
struct doc_sink {
    int (*event)(void *context, const struct doc_event *event, struct error **err);
    void *context;
};

// Where bytes come from: fills up to `size` bytes, returns their number, 0 at the end, or a negative error code.
struct doc_input {
    ssize_t (*read)(void *context, char *buffer, size_t size, struct error **err);
    void *context;
    const char *name; // for origins and messages
};

enum doc_format { DOC_FORMAT_AUTO, DOC_FORMAT_YAML, DOC_FORMAT_JSON };

struct doc_limits {
    size_t size;         // bytes of input; 0 = DOC_DEFAULT_SIZE_LIMIT
    unsigned depth;      // nesting; 0 = DOC_DEFAULT_DEPTH_LIMIT
    size_t alias_events; // events that aliases may replay in all; 0 = DOC_DEFAULT_ALIAS_LIMIT
};
#define DOC_DEFAULT_SIZE_LIMIT ((size_t)256 * 1024 * 1024)
#define DOC_DEFAULT_DEPTH_LIMIT 128
#define DOC_DEFAULT_ALIAS_LIMIT 100000

// Reads exactly one document. DOC_FORMAT_AUTO looks at the content: what begins with '{', '[' or '"' and goes on as
// JSON does, as far as the first 64 KiB, is JSON, all else is YAML. An empty input (or only comments) is ERROR_INVALID.
// limits may be NULL. Memory does not grow with the input, but for anchored values (see alias_events) and long tokens.
int doc_read_events(const struct doc_input *input, enum doc_format format, const struct doc_limits *limits,
                    const struct doc_sink *sink, struct error **err) _must_use_;
// The same from memory.
int doc_read_events_buffer(const char *bytes, size_t length, const char *name, enum doc_format format,
                           const struct doc_limits *limits, const struct doc_sink *sink, struct error **err) _must_use_;

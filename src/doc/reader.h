// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the two readers share, private to this folder: the bytes that were read ahead to find the format, the source
// that gives the rest and counts them, and the limits. The window is owned by doc_read_events() and its kin in read.c.

#include "doc/event.h"

#define READ_WINDOW_SIZE ((size_t)64 * 1024)

struct read_request {
    const struct doc_input *input;
    const char *name;
    size_t size_limit;
    unsigned depth_limit;
    size_t alias_limit;
    const struct doc_sink *sink; // NULL: only look whether the bytes are JSON
    // Called after each document when any number of them is wanted; NULL = exactly one.
    int (*document)(void *context, struct error **err);
    void *document_context;

    char *window; // heap; bytes start to end are not consumed yet
    size_t start, end, capacity;
    size_t total;   // bytes taken from the input
    bool is_at_end; // the input has no more
    bool has_sink_failed;
};

// Reads up to `size` bytes past the window; 0 at the end, negative on failure.
ssize_t read_more(struct read_request *request, char *buffer, size_t size, struct error **err);
// Makes *err with the request's name and a position in front.
int read_error(const struct read_request *request, struct error **err, enum error_code code, size_t line, size_t column,
               const char *format, ...) _printf_(6, 7);

int yaml_read(struct read_request *request, struct error **err) _must_use_;
int json_read(struct read_request *request, struct error **err) _must_use_;

// Where JSON ended in a text that is none, and whether it rather is broken JSON than YAML.
struct json_fault {
    struct error *why;
    bool is_likely_json;
};
// Whether the window, as far as it goes, is JSON. The window stays as it is. fault->why must be freed.
bool json_probe(const struct read_request *request, struct json_fault *fault);

// Any number of documents, from memory: events to the sink, end() after each document.
struct doc_documents {
    const struct doc_sink *sink;
    int (*end)(void *context, struct error **err);
    void *context;
};
int doc_read_all_events(const struct doc_documents *documents, const char *bytes, size_t length, const char *name,
                        const struct doc_limits *limits, struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state of reading one JSON document, private to read_json.c (structure, numbers, words) and json_string.c.

#include "doc/reader.h"

struct json_reader {
    struct read_request *request;
    const struct doc_sink *sink;
    bool is_probe; // the window is all there is, and must not be changed
    char *buffer;
    size_t position, end;
    size_t keep;     // start of the token being scanned; == position between tokens
    size_t consumed; // bytes of input before buffer[0]
    size_t line;
    size_t line_start; // in bytes of input
    size_t wide;       // continuation bytes of UTF-8 since line_start
    unsigned depth;
    unsigned char *is_map; // one per level
};

static inline size_t json_column(const struct json_reader *reader, size_t position) {
    return reader->consumed + position - reader->line_start - reader->wide + 1;
}

#define JSON_ERROR(reader, position, err, ...) \
    read_error((reader)->request, err, ERROR_INVALID, (reader)->line, json_column(reader, position), __VA_ARGS__)

static inline int json_send(struct json_reader *reader, const struct doc_event *event, struct error **err) {
    return reader->sink ? reader->sink->event(reader->sink->context, event, err) : 0;
}

static inline struct doc_origin json_origin(const struct json_reader *reader, size_t position) {
    return (struct doc_origin){reader->request->name, (uint32_t)reader->line, (uint32_t)json_column(reader, position)};
}

// Gets more bytes behind `end`, keeping everything from `keep` on. 1: there are more; 0: end of input.
int json_refill(struct json_reader *reader, struct error **err);
// The string that begins at the position, as an event of this kind.
int json_read_string(struct json_reader *reader, enum doc_event_kind kind, struct error **err);

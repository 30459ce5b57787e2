// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state of reading one stream of YAML, private to read_yaml.c and to yaml_error.c, which explains what libyaml does
// not like.

#include "doc/reader.h"

#include <yaml.h>

struct level {
    bool is_map;
    bool expects_key;   // of a map: what comes next is a key
    bool is_merge;      // of a map: the key was a plain <<
    bool is_merge_list; // the list is the value of a merge key
    size_t anchor;
};

struct yaml_reader {
    yaml_parser_t parser;
    struct read_request *request;
    struct level *levels;
    unsigned depth;
    struct alias_log *log; // NULL until the first anchor
    size_t replayed;
    struct error *input_error;
    size_t tag_directives;
    bool is_after_newline;
    // The bytes that libyaml got last, for the position of a byte it does not like.
    const char *chunk;
    size_t chunk_length, chunk_offset;
    size_t chunk_line, chunk_column; // of its first byte
};

// Moves a position over bytes; columns count characters, as libyaml's do.
void yaml_advance(const char *bytes, size_t length, size_t *line, size_t *column);
// Makes the error of a call to libyaml that failed.
int yaml_parser_failed(struct yaml_reader *reader, struct error **err);

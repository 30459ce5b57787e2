// SPDX-License-Identifier: Apache-2.0
#pragma once

// Paths into documents. Dotted: `a.b[2].c`, an optional leading dot, `\` before a dot, bracket, comma, equals sign or
// backslash takes it literally; `["any key"]` takes a key in quotes; "" is the whole document; `a.2` is a key "2" on a
// map and an index on a list. Pointers: RFC 6901.

#include "doc/doc.h"

struct doc_path_step {
    const char *key; // terminated; NULL: an index in brackets
    size_t index;
    size_t offset; // byte in the source of the path, for messages
};

struct doc_path {
    struct doc_path_step *steps;
    size_t count;
};

// Parses into the arena. ERROR_INVALID names the path and the byte.
int doc_path_parse(struct arena *arena, const char *text, struct doc_path *ret, struct error **err) _must_use_;
int doc_pointer_parse(struct arena *arena, const char *text, struct doc_path *ret, struct error **err) _must_use_;
// The value, or NULL. *ret_depth, if wanted, is how many steps could be followed.
const struct doc *doc_path_find(const struct doc *doc, const struct doc_path *path, size_t *ret_depth);
// The value of a dotted path; ERROR_NOT_FOUND says which step failed and what there is (with a suggestion).
int doc_path_get(struct arena *arena, const struct doc *doc, const char *path, const struct doc **ret,
                 struct error **err) _must_use_;
// A copy of `doc` with the value at the path set; missing maps are made; the old value becomes value->previous.
// ERROR_INVALID when a step goes through a scalar, or an index leaves a gap.
int doc_path_set(struct arena *arena, const struct doc *doc, const struct doc_path *path, const struct doc *value,
                 const struct doc **ret, struct error **err) _must_use_;
// The path of `count` steps as text, escaped.
const char *doc_path_text(struct arena *arena, const struct doc_path *path, size_t count);
// One key, escaped so that it is a single step of a dotted path.
const char *doc_path_escape(struct arena *arena, const char *key);

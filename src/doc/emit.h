// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writing: one interface, two backends. YAML is block style, two spaces, and means the same to Go's YAML readers (a
// string that any of them would take for something else is quoted; multi-line text is a literal block where that is
// exact). JSON is two-space indented with a final newline, or compact on one line. Same input, same bytes.
// A number's source text is kept when it is a number in the target format too.

#include "base/text.h"
#include "doc/doc.h"
#include "doc/event.h"

enum emit_format { EMIT_YAML, EMIT_JSON, EMIT_JSON_COMPACT };

// --- whole trees ---
// Appends the document to *out, ending in a newline (none for EMIT_JSON_COMPACT).
void doc_emit(const struct doc *doc, enum emit_format format, struct text *out);
// One scalar as it would stand in block YAML as a value, without newline.
void doc_emit_yaml_scalar(const struct doc *scalar, struct text *out);
// A JSON string with its quotes.
void doc_emit_json_string(const char *bytes, size_t length, struct text *out);
// FIELD / VALUE rows: sorted dotted paths of all leaves, two columns, a dash row below the header.
void doc_emit_table(const struct doc *doc, struct text *out);

// --- streams, for what never is a tree ---
// Events in, text out; `flush`, if given, is called whenever a few dozen KiB are ready and at the end.
struct emitter;
struct emitter *emitter_new(enum emit_format format,
                            int (*flush)(void *context, const char *bytes, size_t length, struct error **err),
                            void *context);
void emitter_free(struct emitter *emitter);
DEFINE_CLEANUP(struct emitter *, emitter, emitter_free)
#define _cleanup_emitter_ _cleanup_(emitter_cleanup)
int emitter_event(struct emitter *emitter, const struct doc_event *event, struct error **err) _must_use_;
int emitter_map_start(struct emitter *emitter, struct error **err) _must_use_;
int emitter_map_end(struct emitter *emitter, struct error **err) _must_use_;
int emitter_list_start(struct emitter *emitter, struct error **err) _must_use_;
int emitter_list_end(struct emitter *emitter, struct error **err) _must_use_;
int emitter_key(struct emitter *emitter, const char *key, struct error **err) _must_use_;
int emitter_string(struct emitter *emitter, const char *text, struct error **err) _must_use_;
// A scalar of a known kind whose source text is given.
int emitter_scalar(struct emitter *emitter, enum doc_kind kind, const char *text, size_t length,
                   struct error **err) _must_use_;
int emitter_doc(struct emitter *emitter, const struct doc *doc, struct error **err) _must_use_;
int emitter_finish(struct emitter *emitter, struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// A snapshot: readings by measurement type and subtype. A compact model, not a document tree: a reading costs its text
// and about 40 bytes, a million of them fit in under 120 MiB. Read from events (snapshot_read), so that a large file
// never becomes a tree, or filled by collectors. Everything is owned by the snapshot's arena: texts lie in it, growing
// arrays on the heap until the arena is freed. A struct reading * or struct measurement * is good until the next
// change.
//
// Document (docs/snapshot.md): kind Snapshot; apiVersion; metadata {timestamp, version, source-node, redaction?};
// measurements[] {type, subtypes[] {subtype, data {key: scalar}, context {key: text}}}; collectors[] {name, status,
// reason?}; redacted[] {path, rule}. Both predecessors' documents are read.

#include "doc/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reading {
    const char *key;
    const char *text; // source text of the scalar
    uint32_t key_length;
    uint32_t text_length;
    uint32_t line; // in the snapshot's source; 0 = collected here
    uint8_t kind;  // enum doc_kind, a scalar kind
    bool is_plain;
};

struct subtype {
    const char *name;
    struct reading *readings; // in source order; sorted by key when collected here
    size_t count, capacity;
    uint32_t *slots; // hash index over keys
    size_t slot_count;
    struct reading *context;
    size_t context_count;
    uint32_t line;
    struct subtype *next_owned; // the snapshot's list of all that it must free
};

struct measurement {
    const char *type; // "K8s", "SystemD", "OS", "GPU", "NodeTopology", "Fabric", ...
    struct subtype **subtypes;
    size_t count, capacity;
    struct map by_name; // name -> struct subtype
};

enum collector_status { COLLECTOR_COLLECTED, COLLECTOR_ABSENT, COLLECTOR_FAILED, COLLECTOR_EXCLUDED };

struct collector_outcome {
    const char *name; // "GPU", "OS.sysctl": type or type.subtype
    enum collector_status status;
    const char *reason;   // why absent or failed
    uint64_t duration_ns; // not in the document: equal machines give equal documents
};

struct redacted_reading {
    const char *path; // "OS.grub.token": where a value was replaced
    const char *rule; // why: "secret-key", "machine-id", ...
};

struct snapshot {
    struct arena *arena;
    const char *source; // where it was read from; NULL: collected here
    const char *api_version, *timestamp, *version, *source_node;
    const char *redaction; // "default", "off", "strict"; NULL: not said
    struct measurement *measurements;
    size_t count, capacity;
    struct collector_outcome *outcomes;
    size_t outcome_count, outcome_capacity;
    struct redacted_reading *redacted;
    size_t redacted_count, redacted_capacity;
    const char **notes; // what reading it passed over, one sentence each
    size_t note_count, note_capacity;
    struct map by_type; // type -> index into measurements, plus 1
    struct subtype *owned;
};

struct snapshot *snapshot_new(struct arena *arena);
// The measurement or subtype of that name; made when absent.
struct measurement *snapshot_measurement(struct snapshot *snapshot, const char *type);
struct subtype *snapshot_subtype(struct snapshot *snapshot, const char *type, const char *name);
// Adds or replaces. The texts are copied into the arena.
void snapshot_set(struct snapshot *snapshot, struct subtype *subtype, const char *key, enum doc_kind kind,
                  const char *text);
void snapshot_set_string(struct snapshot *snapshot, struct subtype *subtype, const char *key, const char *text);
void snapshot_set_int(struct snapshot *snapshot, struct subtype *subtype, const char *key, int64_t value);
void snapshot_set_uint(struct snapshot *snapshot, struct subtype *subtype, const char *key, uint64_t value);
void snapshot_set_bool(struct snapshot *snapshot, struct subtype *subtype, const char *key, bool value);
void snapshot_add_outcome(struct snapshot *snapshot, const char *name, enum collector_status status, const char *reason,
                          uint64_t duration_ns);
void snapshot_add_redacted(struct snapshot *snapshot, const char *path, const char *rule);
void snapshot_add_note(struct snapshot *snapshot, const char *note);
// Fixes the order of everything: types, subtypes, readings, outcomes, redacted.
void snapshot_sort(struct snapshot *snapshot);

// Lookup; NULL when absent. Type and subtype are case-sensitive.
const struct measurement *snapshot_find_measurement(const struct snapshot *snapshot, const char *type);
const struct subtype *snapshot_find_subtype(const struct snapshot *snapshot, const char *type, const char *name);
const struct reading *subtype_find(const struct subtype *subtype, const char *key);
const struct reading *subtype_find_bytes(const struct subtype *subtype, const char *key, size_t length);
const struct reading *snapshot_find(const struct snapshot *snapshot, const char *type, const char *subtype,
                                    const char *key);

// For readers, which learn a subtype's name late: one that stands alone, an addition that refuses what is there (false,
// nothing changed) and whose texts already live in the arena, and the attaching (false when the type has one of that
// name). subtype_trim() gives back what growing left over.
struct subtype *subtype_new(struct snapshot *snapshot);
bool subtype_add(struct subtype *subtype, const struct reading *reading);
void subtype_trim(struct subtype *subtype);
bool snapshot_attach(struct snapshot *snapshot, const char *type, struct subtype *subtype);

// Reads a snapshot document. A document of another kind is ERROR_INVALID and the message names what it is.
int snapshot_read(struct arena *arena, const struct doc_input *input, struct snapshot **ret,
                  struct error **err) _must_use_;

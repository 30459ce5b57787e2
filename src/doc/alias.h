// SPDX-License-Identifier: Apache-2.0
#pragma once

// Anchors of one YAML document, private to this folder: events of anchored nodes are recorded once, and an alias names
// a range of the record. The log owns copies of all it holds. What is too large ever to be replayed is not kept.

#include "doc/event.h"

struct alias_log;

struct alias_range {
    size_t start, end;
    bool is_open;      // its node is not complete yet
    bool is_too_large; // dropped
};

struct alias_log *alias_log_new(size_t limit);
void alias_log_free(struct alias_log *log);
// A node with this anchor begins with the next event; returns the anchor's number, for alias_log_close().
size_t alias_log_open(struct alias_log *log, const char *anchor);
// Whether events must be given to alias_log_add().
bool alias_log_is_recording(const struct alias_log *log);
void alias_log_add(struct alias_log *log, const struct doc_event *event);
void alias_log_close(struct alias_log *log, size_t number);
// NULL when there is no such anchor.
const struct alias_range *alias_log_find(const struct alias_log *log, const char *anchor);
// A known anchor with a name like that, or NULL.
const char *alias_log_suggest(const struct alias_log *log, const char *anchor);
struct doc_event alias_log_event(const struct alias_log *log, size_t index);

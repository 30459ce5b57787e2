// SPDX-License-Identifier: Apache-2.0
#pragma once

// Values that the user sets on the command line: NAME:dotted.path=VALUE, in the syntax of Helm's --set family
// (docs/overrides.md). Parsing gives a list in the order of the command line, across all four kinds; applying one puts
// its value into a component's values, where the kind of the value that is replaced decides the kind of the new one.

#include "base/text.h"
#include "doc/path.h"

enum override_kind {
    OVERRIDE_SET,    // kind by what is replaced, else inferred
    OVERRIDE_STRING, // always text
    OVERRIDE_JSON,   // a JSON value
    OVERRIDE_FILE,   // the text of a file
};

struct override {
    enum override_kind kind;
    const char *argument; // as given, but for what looks like a secret; for messages
    const char *name;     // of a component, or one of its override keys
    struct doc_path path;
    const char *text;        // OVERRIDE_SET, _STRING: the value, unless items are given; OVERRIDE_FILE: the file's name
    const char **items;      // of {a,b}; NULL: no list
    size_t item_count;       //
    const struct doc *value; // OVERRIDE_JSON; OVERRIDE_FILE: for the caller to fill in
};

struct override_list {
    struct override *items;
    size_t count, capacity;
};

// "set", "set-string", "set-json", "set-file".
extern const char *const override_kind_names[];

// Appends what one argument says: several settings are separated by commas, and a NAME: holds until the next one.
int override_parse(struct arena *arena, enum override_kind kind, const char *argument, struct override_list *list,
                   struct error **err) _must_use_;
// "NAME:path" for messages and records.
const char *override_target(struct arena *arena, const struct override *override);
// NAME:enabled=true|false, which decides whether the component is part of the bundle and sets no value.
bool override_is_switch(const struct override *override);
int override_switch(const struct override *override, bool *ret, struct error **err) _must_use_;

struct override_target_values {
    const struct doc *values;      // the component's values so far
    const struct doc *known;       // further paths that are known to exist, such as a chart's own values; may be NULL
    const struct doc *schedulable; // a map whose paths are those that scheduling options write; may be NULL
    bool allows_unknown;
};

// *ret are the values with the override in them. A remark for the user, if any, goes to *ret_note (in the arena).
int override_apply(struct arena *arena, const struct override *override, const struct override_target_values *target,
                   const struct doc **ret, const char **ret_note, struct error **err) _must_use_;

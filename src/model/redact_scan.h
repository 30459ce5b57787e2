// SPDX-License-Identifier: Apache-2.0
#pragma once

// A text that is being redacted: each finder adds the spans that must go, and redact.c replaces them. Private to the
// redact_*.c files. The spans are on the heap and belong to redact_text.

#include "model/redact.h"

#define RULE_KEY "secret-key"
#define RULE_VALUE "secret-value"

// A part of the text that is to be replaced.
struct span {
    size_t start, end;
    const char *rule;
    const char *replacement;
};

struct scan {
    const struct redact_policy *policy;
    struct arena *arena;
    const char *text;
    size_t length;
    struct span *spans;
    size_t count, capacity;
};

// replacement NULL: REDACTED_TEXT.
void scan_add_span(struct scan *scan, size_t start, size_t end, const char *rule, const char *replacement);
// What looks like a secret inside text.
void scan_find_secrets(struct scan *scan);
// Host names, addresses and identifiers, for strict redaction.
void scan_find_names(struct scan *scan);

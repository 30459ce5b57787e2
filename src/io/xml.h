// SPDX-License-Identifier: Apache-2.0
#pragma once

// XML as a stream, through expat, which is loaded when first used. For documents that carry data: elements and text.
// Entities that a document declares are refused (they are how small inputs grow without end), and nothing outside the
// input is ever read.

#include "base/error.h"

#include <stddef.h>

struct xml_sink {
    // All may be NULL. `name` is valid during the call only.
    int (*start)(void *context, const char *name, const char *const *attributes, struct error **err);
    // Text inside the innermost element, white space at its ends cut away; only where that leaves something.
    int (*text)(void *context, const char *text, size_t length, struct error **err);
    int (*end)(void *context, const char *name, struct error **err);
    void *context;
};

struct xml_limits {
    size_t size;     // bytes of input; 0 = 64 MiB
    unsigned depth;  // nesting; 0 = 64
    size_t elements; // in all; 0 = 1,000,000
};

// Errors carry the name, line and column. ERROR_UNAVAILABLE when expat cannot be loaded. limits may be NULL.
int xml_parse(const char *bytes, size_t length, const char *name, const struct xml_limits *limits,
              const struct xml_sink *sink, struct error **err) _must_use_;

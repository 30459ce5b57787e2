// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one table of what may stand before "://" in a location. A new kind of place is a row: how it is opened for
// reading, how it is written to; a row with neither is known, but not in this build.

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Bytes on their way in. read() fills up to `size` bytes and returns their number, 0 at the end, or a negative error
// code; close() frees the context and may be NULL.
struct byte_stream {
    ssize_t (*read)(void *context, char *buffer, size_t size, struct error **err);
    void (*close)(void *context);
    void *context;
};

struct scheme {
    const char *name;
    const char *what; // "a Kubernetes ConfigMap": for messages
    // The location as the user wrote it.
    int (*open)(const char *location, struct byte_stream *ret, struct error **err);
    int (*write)(const char *location, const char *bytes, size_t length, struct error **err);
    int (*check)(const char *location, struct error **err); // whether write() has a chance; NULL: not known before
};

// The row of a location; paths and "-" have one too. An unknown scheme is ERROR_INVALID.
int scheme_find(const char *location, const struct scheme **ret, struct error **err) _must_use_;
// True for NULL, "", blanks and "-".
bool location_is_standard(const char *location);
// The location without what may be secret (user and password, query): for messages and origins. The caller frees it.
char *location_shown(const char *location);

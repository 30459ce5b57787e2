// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where documents are written to: NULL, "" or "-" is standard output; else a path (whole or absent). One table of
// schemes; one that is known but not built yet is ERROR_UNAVAILABLE and says so, an unknown one is ERROR_INVALID.

#include "base/error.h"

#include <stddef.h>

int destination_write(const char *location, const char *bytes, size_t length, struct error **err) _must_use_;
// Checks before a long computation that the location can be written at all (its directory exists and is writable).
int destination_check(const char *location, struct error **err) _must_use_;
// The same for a folder of files, which only a path can be. What stands there is not looked at.
int destination_check_folder(const char *location, struct error **err) _must_use_;

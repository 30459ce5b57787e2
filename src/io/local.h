// SPDX-License-Identifier: Apache-2.0
#pragma once

// Places on this machine, as rows of the table of schemes: files ("file://" in front is dropped) and the standard
// streams. Standard input can be read once.

#include "io/scheme.h"

int file_open(const char *location, struct byte_stream *ret, struct error **err) _must_use_;
int file_location_write(const char *location, const char *bytes, size_t length, struct error **err) _must_use_;
int file_location_check(const char *location, struct error **err) _must_use_;
int standard_input_open(const char *location, struct byte_stream *ret, struct error **err) _must_use_;
int standard_output_write(const char *location, const char *bytes, size_t length, struct error **err) _must_use_;

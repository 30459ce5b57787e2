// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a document goes that a use case has made: the doors know locations only through this.

#include "base/text.h"
#include "doc/emit.h"

// NULL, "" or "-" is standard output; else see io/destination.h.
int deliver_text(const char *location, const struct text *text, struct error **err) _must_use_;
int deliver_document(const char *location, enum emit_format format, const struct doc *doc,
                     struct error **err) _must_use_;
// Before long work: whether the location can be written at all.
int deliver_check(const char *location, struct error **err) _must_use_;

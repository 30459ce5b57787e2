// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON Patch (RFC 6902).

#include "doc/doc.h"

// Applies all operations or none. ERROR_INVALID: malformed patch; ERROR_NOT_FOUND: a path does not exist;
// ERROR_CONFLICT: a test operation failed. The message names the operation's index.
int doc_patch_apply(struct arena *arena, const struct doc *doc, const struct doc *patch, const struct doc **ret,
                    struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Canonical form (RFC 8785, JCS) and the identity that follows from it.

#include "base/sha256.h"
#include "base/text.h"
#include "doc/doc.h"

// ERROR_INVALID for what JCS cannot carry (NaN, infinities).
int doc_canonical(const struct doc *doc, struct text *out, struct error **err) _must_use_;
int doc_canonical_sha256(const struct doc *doc, char hex[SHA256_HEX_SIZE], struct error **err) _must_use_;

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Deep merge: maps member by member, everything else replaced whole. Neither input changes; the result shares what did
// not change. A replaced value is kept as `previous` of its successor, so that the chain of origins of every value can
// be told: value, value->previous, and so on.

#include "doc/doc.h"

// Either may be NULL. A null in `over` replaces like any value (Helm's "remove this default" stays visible).
const struct doc *doc_merge(struct arena *arena, const struct doc *under, const struct doc *over);
// The value, remembering that it took the place of `old` (NULL: of nothing). The value itself does not change.
const struct doc *doc_replacing(struct arena *arena, const struct doc *value, const struct doc *old);

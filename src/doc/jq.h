// SPDX-License-Identifier: Apache-2.0
#pragma once

// jq expressions over documents, by libjq, which is loaded when first used.

#include "doc/doc.h"

// Runs the program; *ret is a DOC_LIST of its outputs. ERROR_INVALID: does not compile, or fails at run time;
// ERROR_UNAVAILABLE: libjq is not installed (the hint says which package).
int doc_jq(struct arena *arena, const struct doc *input, const char *program, const struct doc **ret,
           struct error **err) _must_use_;
